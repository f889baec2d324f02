"""The result of a whole check, kept until anything that it was read from looks different.

Nothing is taken apart: one byte in one file, another setting or another version of a rule, and everything is examined
again. Then the kept summaries still spare the reading of all other files.
"""

from __future__ import annotations

import hashlib
import importlib.util
import platform
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import msgspec

from shearpin.engine.finding import Finding
from shearpin.engine.findings import Counts
from shearpin.facts.site import Site
from shearpin.settings import Settings
from shearpin.workspace.cache import Cache
from shearpin.workspace.files import FileSystem
from shearpin.workspace.trace import Trace

_GROUP = "shearpin.rules"


class KeptCheck(msgspec.Struct, frozen=True):
    """What a check shows; `places` are the absolute byte ranges of the sites in it."""

    findings: tuple[Finding, ...]
    files: int
    skipped: tuple[tuple[str, str], ...]
    suppressed: int
    practices: dict[str, Counts]
    places: tuple[tuple[Site, int, int], ...]


class _Kept(msgspec.Struct, frozen=True):
    trace: Trace
    check: KeptCheck


_DECODER = msgspec.msgpack.Decoder(_Kept)
_ENCODER = msgspec.msgpack.Encoder()


def sites_of(findings: Iterable[Finding]) -> Iterator[Site]:
    """All sites that are shown of findings."""
    for finding in findings:
        yield finding.site
        yield from (hop.site for hop in finding.related)


def check_key(settings: Settings, within: tuple[str, ...] | None) -> bytes:
    """What a check is asked for, and by which code."""
    state = hashlib.blake2b(_code_version(), digest_size=16)
    state.update(_ENCODER.encode(settings))
    state.update(_ENCODER.encode(within))
    return state.digest()


def recall(cache: Cache, key: bytes, files: FileSystem) -> KeptCheck | None:
    """The kept check, when everything looks as it did."""
    packed = cache.kept(key)
    if packed is None:
        return None
    try:
        found = _DECODER.decode(packed)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found.check if found.trace.holds(files) else None


def keep(cache: Cache, key: bytes, trace: Trace, check: KeptCheck) -> None:
    """Keep a check for the next time."""
    cache.keep(key, _ENCODER.encode(_Kept(trace, check)))


def _code_version() -> bytes:
    """Differs whenever code that decides what is found does: ours, and that of all installed rules."""
    state = hashlib.blake2b(platform.python_version().encode(), digest_size=16)
    for package in ("msgspec", "tree-sitter", "tree-sitter-python"):
        state.update(metadata.version(package).encode())
    points = sorted(metadata.entry_points(group=_GROUP), key=lambda point: point.name)
    for name in ("shearpin", *(point.module for point in points)):
        spec = importlib.util.find_spec(name)
        for folder in (spec.submodule_search_locations if spec is not None else None) or ():
            for file in sorted(Path(folder).rglob("*.py")):
                state.update(file.as_posix().encode())
                state.update(file.read_bytes())
    return state.digest()
