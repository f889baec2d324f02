"""The files that matter as a tree of names: what stands in a folder, and where Python is."""

from __future__ import annotations

from bisect import bisect_left, insort

from shearpin.query import keys
from shearpin.query.kernel import Key


class Tree:
    """Keeps `folder-files`, `folder`, `python-file` and `python-paths` from added and removed paths."""

    def __init__(self) -> None:
        #: folder -> name -> how many files that matter stand under it
        self._names: dict[str, dict[str, int]] = {}
        #: folder -> how many Python files stand under it
        self._python: dict[str, int] = {}
        self._paths: list[str] = []
        self._touched: set[str] = set()
        self._new_paths: list[str] = []
        self._python_touched = False

    def add(self, path: str, *, is_python: bool) -> None:
        """A file appeared."""
        self._count(path, 1)
        if is_python:
            self._new_paths.append(path)
            self._count_python(path, 1)

    def remove(self, path: str, *, is_python: bool) -> None:
        """A file disappeared."""
        self._count(path, -1)
        if is_python:
            self._merge_new()
            del self._paths[bisect_left(self._paths, path)]
            self._count_python(path, -1)

    def has_folder(self, path: str) -> bool:
        """Whether a file that matters stands under a folder."""
        return path in self._names

    def files_under(self, folder: str) -> list[str]:
        """All files that matter under a folder, at any depth."""
        found: list[str] = []
        for name in self._names.get(folder, ()):
            path = f"{folder}/{name}" if folder else name
            found.extend(self.files_under(path[:-1]) if name.endswith("/") else [path])
        return found

    def flush(self, changes: dict[Key, object]) -> None:
        """Write the new value of every folder that changed."""
        self._merge_new()
        for folder in self._touched:
            names = self._names.get(folder)
            changes[keys.folder_files(folder)] = tuple(sorted(names)) if names else None
            changes[keys.folder(folder)] = True if folder in self._python else None
        if self._python_touched:
            changes[keys.python_paths()] = tuple(self._paths)
        self._touched.clear()
        self._python_touched = False

    def _merge_new(self) -> None:
        if len(self._new_paths) == 1:
            insort(self._paths, self._new_paths[0])
        elif self._new_paths:
            self._paths = sorted([*self._paths, *self._new_paths])
        self._new_paths = []

    def _count(self, path: str, step: int) -> None:
        folder, _, name = path.rpartition("/")
        while True:
            names = self._names.setdefault(folder, {})
            names[name] = names.get(name, 0) + step
            self._touched.add(folder)
            if not names[name]:
                del names[name]
            if not names:
                del self._names[folder]
            if not folder:
                return
            folder, _, last = folder.rpartition("/")
            name = f"{last}/"

    def _count_python(self, path: str, step: int) -> None:
        self._python_touched = True
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            count = self._python.get(folder, 0) + step
            self._python[folder] = count
            if not count:
                del self._python[folder]
