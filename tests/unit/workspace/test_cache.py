"""The cache never fails: whatever is wrong with it, it is made anew or done without."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from shearpin.syntax.python import summarise
from shearpin.workspace.cache import Cache, cache_path, content_key
from shearpin.workspace.summaries import Summaries

ENTRY = {b"k": b"v"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "summaries.sqlite"


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test leaves a connection open: newer Pythons say so when they collect it."""
    made: list[Cache] = []
    open_one = Cache.__init__

    def remembering(cache: Cache, path: Path | None) -> None:
        made.append(cache)
        open_one(cache, path)

    monkeypatch.setattr(Cache, "__init__", remembering)
    yield
    for cache in made:
        cache.close()


def filled(place: Path) -> None:
    cache = Cache(place)
    cache.put(ENTRY)
    cache.close()


def read(place: Path) -> dict[bytes, bytes]:
    cache = Cache(place)
    found = cache.get([b"k", b"other"])
    cache.close()
    return found


def test_entries_survive(place: Path):
    filled(place)
    assert read(place) == ENTRY


def test_many_keys_at_once(place: Path):
    cache = Cache(place)
    entries = {str(number).encode(): b"x" for number in range(1200)}
    cache.put(entries)
    assert cache.get(entries) == entries
    cache.close()


@pytest.mark.parametrize("content", [b"", b"no database" * 100, b"SQLite format 3\0" + b"\0" * 4000])
def test_a_damaged_file_is_made_anew(place: Path, content: bytes):
    place.parent.mkdir()
    place.write_bytes(content)
    filled(place)
    assert read(place) == ENTRY


def test_damage_within_is_noticed_later(place: Path):
    filled(place)
    body = place.read_bytes()
    place.write_bytes(body[:4096] + b"\xff" * (len(body) - 4096))
    assert read(place) == {}
    filled(place)
    assert read(place) == ENTRY


def test_another_version_is_thrown_away(place: Path):
    filled(place)
    connection = sqlite3.connect(place)
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    assert read(place) == {}


def test_a_place_that_cannot_be_written_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    blocker = tmp_path / "file"
    blocker.write_text("")
    with caplog.at_level(logging.INFO):
        cache = Cache(blocker / "summaries.sqlite")
        cache.put(ENTRY)
        assert cache.get([b"k"]) == {}
    assert len(caplog.records) == 1


def test_no_place_is_no_cache():
    cache = Cache(None)
    cache.put(ENTRY)
    assert cache.get([b"k"]) == {}


def test_every_workspace_has_its_own_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    places = {cache_path(Path("/one")), cache_path(Path("/two")), cache_path(Path("/one"))}
    assert len(places) == 2
    assert all(place is not None and place.is_relative_to(tmp_path / "shearpin") for place in places)


# ------------------------------------------------------------ summaries through it

SOURCES = [("a.py", b"import os\n"), ("b.py", b"def f(): ...\n"), ("c.py", b"import os\n")]


def test_summaries_come_out_of_the_cache(place: Path, monkeypatch: pytest.MonkeyPatch):
    told: list[str] = []
    first = dict(Summaries(Cache(place), 1).read_all(SOURCES, 0, told.append))
    assert told == ["a.py", "b.py", "c.py"]
    monkeypatch.setattr("shearpin.workspace.workers.summarise", lambda _: pytest.fail("summarised again"))
    assert dict(Summaries(Cache(place), 1).read_all(SOURCES, 0, told.append)) == first
    assert first == {path: summarise(source) for path, source in SOURCES}


def test_an_entry_that_is_no_summary_is_read_again(place: Path):
    cache = Cache(place)
    cache.put({content_key(b"import os\n"): b"\xc1 nonsense"})
    found = dict(Summaries(cache, 1).read_all(SOURCES[:1], 0, lambda _: None))
    assert found["a.py"] == summarise(b"import os\n")
    cache.close()


def test_workers_give_the_same(tmp_path: Path):
    sources = [(f"m{number}.py", f"def f{number}(x):\n    return x\n".encode() * 500) for number in range(60)]
    total = sum(len(source) for _, source in sources)
    assert total > 600_000
    found = dict(Summaries(Cache(tmp_path / "c.sqlite"), 2).read_all(sources, total, lambda _: None))
    assert found == {path: summarise(source) for path, source in sources}


def test_workers_that_cannot_start_are_done_without(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    sources = [(f"m{number}.py", f"x{number} = 1\n".encode() * 4000) for number in range(20)]
    found = dict(Summaries(Cache(None), 2).read_all(sources, 1_000_000, lambda _: None))
    assert len(found) == 20
