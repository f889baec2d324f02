"""Summaries kept on disk between runs, by content. A cache that is damaged, foreign or unwritable is done without."""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib import metadata, resources
from pathlib import Path

_LOG = logging.getLogger(__name__)
#: one sqlite statement takes fewer parameters than this
_BATCH = 500
_SCHEMA = "CREATE TABLE IF NOT EXISTS summary (content BLOB PRIMARY KEY, packed BLOB NOT NULL) WITHOUT ROWID"
_KEPT_SCHEMA = "CREATE TABLE IF NOT EXISTS kept (number INTEGER PRIMARY KEY, key BLOB UNIQUE, packed BLOB NOT NULL)"
_LIMIT = 400_000
#: whole results that are kept, the newest ones
_MOST_KEPT = 6


def content_key(source: bytes) -> bytes:
    """Key of a file's content."""
    return hashlib.blake2b(source, digest_size=16).digest()


class Cache:
    """Packed summaries by content key. Never raises: the first failure ends its use for this process."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        if path is not None:
            self._open(path)

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """What is known of the keys."""
        found: dict[bytes, bytes] = {}
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            marks = ",".join("?" * len(batch))
            if self._connection is None:
                break
            try:
                rows = self._connection.execute(
                    f"SELECT content, packed FROM summary WHERE content IN ({marks})",  # noqa: S608 - only marks
                    batch,
                )
                found.update(rows)
            except (sqlite3.Error, OSError) as error:
                self._give_up(error)
        return found

    def put(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep entries."""
        if self._connection is None or not entries:
            return
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO summary VALUES (?, ?)", entries.items())
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    def kept(self, key: bytes) -> bytes | None:
        """A whole result that was kept under a key."""
        if self._connection is None:
            return None
        try:
            row = self._connection.execute("SELECT packed FROM kept WHERE key = ?", (key,)).fetchone()
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)
            return None
        return row[0] if row is not None and isinstance(row[0], bytes) else None

    def keep(self, key: bytes, packed: bytes) -> None:
        """Keep a whole result, and forget the oldest ones."""
        if self._connection is None:
            return
        try:
            with self._connection:
                self._connection.execute("INSERT OR REPLACE INTO kept (key, packed) VALUES (?, ?)", (key, packed))
                self._connection.execute(
                    "DELETE FROM kept WHERE number NOT IN (SELECT number FROM kept ORDER BY number DESC LIMIT ?)",
                    (_MOST_KEPT,),
                )
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    def close(self) -> None:
        """Release the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._connection = _connected(path)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                _LOG.info("cache %s is damaged and made anew: %s", path, error)
                _remove(path)
                self._connection = _connected(path)
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        _LOG.info("working without the cache %s: %s", self._path, error)
        self.close()
        is_damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        if is_damaged and self._path is not None:
            with suppress(OSError):
                _remove(self._path)


def cache_path(root: Path) -> Path | None:
    """Where the cache of a workspace stands; None when the user has no home."""
    folder = _user_folder()
    if folder is None:
        return None
    name = hashlib.blake2b(os.fsencode(root.absolute()), digest_size=8).hexdigest()
    return folder / "shearpin" / name / "summaries.sqlite"


@cache
def extractor_version() -> str:
    """Changes whenever the code that makes summaries does, so nobody has to remember a number."""
    state = hashlib.blake2b(digest_size=8)
    for package in ("msgspec", "tree-sitter", "tree-sitter-python"):
        state.update(metadata.version(package).encode())
    for item in sorted(resources.files("shearpin.syntax").iterdir(), key=lambda entry: entry.name):
        if item.name.endswith(".py"):
            state.update(item.read_bytes())
    return state.hexdigest()


def _connected(path: Path) -> sqlite3.Connection:
    # One thread at a time uses a session, but not always the same.
    connection = sqlite3.connect(path, timeout=0.5, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        version = int(extractor_version()[:7], 16)
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(_SCHEMA)
        connection.execute(_KEPT_SCHEMA)
        (count,) = connection.execute("SELECT count(*) FROM summary").fetchone()
        if found != version or count > _LIMIT:
            with connection:
                connection.execute("DROP TABLE summary")
                connection.execute("DROP TABLE kept")
                connection.execute(_SCHEMA)
                connection.execute(_KEPT_SCHEMA)
                connection.execute(f"PRAGMA user_version = {version}")
    except BaseException:
        connection.close()
        raise
    return connection


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _user_folder() -> Path | None:
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
