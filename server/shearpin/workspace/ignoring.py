"""Which paths do not count: fixed names, nested .gitignore files, virtual environments, the settings' excludes."""

from __future__ import annotations

import posixpath
import re
import warnings
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import TypeAlias

#: names of folders that never hold code of the workspace itself
PRUNED = frozenset(
    {
        ".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", "__pypackages__", ".tox", ".nox", "dist",
        "build", "site-packages", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".idea",
        ".vscode", ".terraform",
    }
)  # fmt: skip
_PRUNED_PATTERNS = ("*.egg-info", "*.dist-info")
#: names of files whose appearance changes what counts around them
RULE_FILES = frozenset({".gitignore", "pyvenv.cfg"})


#: says of a path whether it is ignored; None when no pattern speaks about it
Patterns: TypeAlias = Callable[[str], bool | None]


class Ignoring:
    """Decides whether a path counts. Remembers what it read: make a new one when a rule file changed.

    `read` gives a file's bytes or None.
    """

    def __init__(self, read: Callable[[str], bytes | None], exclude: tuple[str, ...]) -> None:
        self._read = read
        self._exclude = patterns(exclude)
        self._specs: dict[str, Patterns | None] = {}
        self._folders: dict[str, bool] = {"": True}

    def admits_folder(self, path: str) -> bool:
        """Whether a folder counts and all folders around it do."""
        known = self._folders.get(path)
        if known is None:
            parent, _, name = path.rpartition("/")
            known = (
                self.admits_folder(parent)
                and name not in PRUNED
                and not any(fnmatchcase(name, pattern) for pattern in _PRUNED_PATTERNS)
                and not self._is_ignored(f"{path}/", parent)
                and self._read(f"{path}/pyvenv.cfg") is None
            )
            self._folders[path] = known
        return known

    def admits(self, path: str) -> bool:
        """Whether a file counts."""
        folder = posixpath.dirname(path)
        return self.admits_folder(folder) and not self._is_ignored(path, folder)

    def _is_ignored(self, path: str, folder: str) -> bool:
        if self._exclude is not None and self._exclude(path):
            return True
        while True:
            spec = self._spec(folder)
            if spec is not None:
                decision = spec(path[len(folder) + 1 :] if folder else path)
                if decision is not None:
                    return decision
            if not folder:
                return False
            folder = posixpath.dirname(folder)

    def _spec(self, folder: str) -> Patterns | None:
        if folder not in self._specs:
            source = self._read(f"{folder}/.gitignore" if folder else ".gitignore")
            self._specs[folder] = patterns(source.decode("utf-8", "replace").splitlines()) if source else None
        return self._specs[folder]


def patterns(lines: Iterable[str]) -> Patterns | None:
    """Patterns as in .gitignore, None for none; a pattern that makes no sense is left out."""
    usable = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not usable:
        return None
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - only workspaces with patterns pay for the import

    with warnings.catch_warnings():
        # Brackets in brackets, of which `re` warns, are what somebody wrote into a file, not our regular expression.
        warnings.simplefilter("ignore", FutureWarning)
        try:
            spec = GitIgnoreSpec.from_lines(usable)
        except (ValueError, re.error):
            spec = GitIgnoreSpec.from_lines(line for line in usable if _makes_sense(line))
    return lambda path: spec.check_file(path).include


def matcher(lines: Iterable[str]) -> Callable[[str], bool]:
    """Whether a path matches patterns as in .gitignore."""
    found = patterns(lines)
    return lambda path: found is not None and found(path) is True


def _makes_sense(line: str) -> bool:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - see `patterns`

    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True
