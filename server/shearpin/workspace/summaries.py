"""Bytes of Python files to summaries: through the cache, by worker processes when there is much to read."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import msgspec

from shearpin.syntax.ir import ModuleSummary
from shearpin.syntax.python import summarise
from shearpin.workspace.cache import Cache, content_key
from shearpin.workspace.workers import Workers

#: bytes of source; below it starting workers takes longer than reading (about 15,000 lines)
_WORTH_WORKERS = 600_000
#: what is read between two chances to do something else
_BATCH_BYTES = 800_000
_DECODER = msgspec.msgpack.Decoder(ModuleSummary)


@dataclass(slots=True)
class _Batch:
    """Files that are being read: summaries that are `known` by content, and the packed ones of the `missing`."""

    files: list[tuple[str, bytes]]
    by_key: dict[bytes, bytes]
    known: dict[bytes, ModuleSummary]
    missing: list[bytes]
    packed: Callable[[], list[bytes]]


class Summaries:
    """Reads many files. `jobs` is the number of worker processes, None: as many as there are cores."""

    def __init__(self, cache: Cache, jobs: int | None = None) -> None:
        self.cache = cache
        self.jobs = jobs if jobs is not None else _cores()

    def close(self) -> None:
        """Release what is open on disk."""
        self.cache.close()

    def read_all(
        self, sources: Iterable[tuple[str, bytes]], total_bytes: int, tell: Callable[[str], None]
    ) -> Iterator[tuple[str, ModuleSummary]]:
        """Summaries in the order of the sources; `tell` is called with each path when it is done."""
        jobs = self.jobs if total_bytes >= _WORTH_WORKERS else 1
        with Workers(jobs) as workers, _without_collection(), ThreadPoolExecutor(1) as ahead:
            begun: _Batch | None = None
            for batch in _batches(sources):
                # The workers have the next files already while these are unpacked here.
                following = self._begin(batch, workers, ahead if jobs > 1 else None)
                if begun is not None:
                    yield from self._finish(begun, tell)
                begun = following
            if begun is not None:
                yield from self._finish(begun, tell)

    def _begin(self, files: list[tuple[str, bytes]], workers: Workers, ahead: ThreadPoolExecutor | None) -> _Batch:
        by_key = {content_key(source): source for _, source in files}
        known = {
            key: summary for key, packed in self.cache.get(by_key).items() if (summary := _decoded(packed)) is not None
        }
        missing = [key for key in by_key if key not in known]
        run = partial(workers.run, [by_key[key] for key in missing])
        packed = run if ahead is None or not missing else ahead.submit(run).result
        return _Batch(files, by_key, known, missing, packed)

    def _finish(self, batch: _Batch, tell: Callable[[str], None]) -> Iterator[tuple[str, ModuleSummary]]:
        fresh: dict[bytes, bytes] = {}
        for key, packed in zip(batch.missing, batch.packed(), strict=True):
            summary = _decoded(packed)
            batch.known[key] = summary if summary is not None else summarise(batch.by_key[key])
            fresh[key] = packed
        self.cache.put(fresh)
        for path, source in batch.files:
            tell(path)
            yield path, batch.known[content_key(source)]


def _decoded(packed: bytes) -> ModuleSummary | None:
    try:
        return _DECODER.decode(packed)
    except (msgspec.DecodeError, RecursionError):
        return None


def _batches(sources: Iterable[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    batch: list[tuple[str, bytes]] = []
    size = 0
    for item in sources:
        batch.append(item)
        size += len(item[1])
        if size >= _BATCH_BYTES:
            yield batch
            batch = batch[:0]
            size = 0
    if batch:
        yield batch


def _cores() -> int:
    return min(8, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


@contextmanager
def _without_collection() -> Generator[None]:
    """Millions of new objects, none of them garbage: the collector would only walk them again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
