"""Warnings of the engine (a rule that fails is silent in one file) gathered to one line each at the end."""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager

from shearpin.cli.terminal import complain

_LOGGER = logging.getLogger("shearpin")


@contextmanager
def failures_told() -> Generator[None]:
    """Collect warnings and say each kind once, with the first file and how many more there are."""
    records: list[logging.LogRecord] = []
    # collected by a filter that lets nothing through to be written
    handler = logging.Handler(logging.WARNING)
    handler.addFilter(lambda record: records.append(record) is not None)
    _LOGGER.addHandler(handler)
    try:
        yield
    finally:
        _LOGGER.removeHandler(handler)
        for text in _summarised(records):
            complain(text)


def _summarised(records: list[logging.LogRecord]) -> list[str]:
    """Records that differ in their first argument only, the file, become one line."""
    kinds: dict[tuple[str, object], list[str]] = {}
    for record in records:
        rest = record.args[1:] if isinstance(record.args, tuple) else record.args
        kinds.setdefault((str(record.msg), str(rest)), []).append(record.getMessage())
    return [
        f"warning: {messages[0]}" + (f" (and in {len(messages) - 1} more files)" if len(messages) > 1 else "")
        for messages in kinds.values()
    ]
