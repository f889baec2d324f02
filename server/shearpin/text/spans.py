"""A span packed into one integer, so that twenty thousand summaries stay small.

Offsets are bytes of UTF-8, relative to whatever the owner of the span says (usually the start of a part).
"""

from __future__ import annotations

LENGTH_BITS = 24
_MASK = (1 << LENGTH_BITS) - 1


def pack(start: int, end: int) -> int:
    """Pack a half-open byte range; lengths over 16 MiB are cut."""
    return (start << LENGTH_BITS) | min(end - start, _MASK)


def start_of(span: int) -> int:
    """First byte of a packed span."""
    return span >> LENGTH_BITS


def end_of(span: int) -> int:
    """First byte after a packed span."""
    return (span >> LENGTH_BITS) + (span & _MASK)
