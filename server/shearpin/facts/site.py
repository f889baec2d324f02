"""Where something stands: file, part of the file, offset inside that part. Lines are computed on output only."""

from __future__ import annotations

import msgspec


class Site(msgspec.Struct, frozen=True, gc=False, order=True):
    """A place in the workspace.

    `path` is relative to the workspace root with forward slashes. For Python `part` is a part id of the file's
    summary and `start`/`end` are byte offsets relative to that part; for other files `part` is "" and offsets
    are absolute bytes.
    """

    path: str
    part: str
    start: int
    end: int


class FunctionId(msgspec.Struct, frozen=True, gc=False, order=True):
    """A function of the workspace: the part that holds it and its name chain inside the part.

    `inner` is "" for the part's own function, "outer_local.name" for functions nested in it, "<lambda@START>" for a
    lambda. Code that stands at module or class level has the FunctionId of its part with inner "".
    """

    path: str
    part: str
    inner: str = ""


class Hop(msgspec.Struct, frozen=True, gc=False):
    """One step of an explanation: a place and a short sentence about it."""

    site: Site
    note: str
