"""Inlay hints: how long a call waits and how often it is made, behind the call. Runs in the worker's thread."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol.types import InlayHint, Range

from shearpin.lsp.limits import limits_text, short_text
from shearpin.lsp.view import View


def hints(view: View, path: str, span: Range) -> Iterator[InlayHint]:
    """Hints for the calls that end in a range, each once."""
    first, last = view.offset(path, span.start), view.offset(path, span.end)
    for limits in view.session.limits(path):
        start, end = view.session.locate(limits.site)
        text = short_text(limits)
        if text and first <= end <= last:
            place = view.range(path, end, end).start
            yield InlayHint(place, text, padding_left=True, tooltip=limits_text(view, path, start))
