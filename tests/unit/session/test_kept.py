"""A kept check is shown again only while everything that it was read from looks the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from shearpin.cli.checking import Asked, checked
from shearpin.cli.opening import Overrides
from shearpin.report.checked import Checked
from shearpin.report.findings_json import findings_json
from shearpin.session import Session
from shearpin.workspace.files import MemoryFiles
from shearpin.workspace.trace import TracedFiles

SHOP = Path(__file__).parents[2] / "workspaces" / "shop"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Path(shutil.copytree(SHOP, tmp_path / "shop"))


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were really examined, one entry each time."""
    opened: list[Path] = []
    original = Session.examine_all

    def examine_all(self: Session, progress: Callable[[int, int, str], None] | None = None) -> None:
        opened.append(self.root)
        original(self, progress)

    monkeypatch.setattr(Session, "examine_all", examine_all)
    return opened


def _asked(root: Path, select: tuple[str, ...] = ()) -> Asked:
    return Asked(root, None, Overrides(select=select), fixes=False, jobs=1, use_cache=True)


def _shown(asked: Asked) -> bytes:
    with checked(asked) as found:
        assert isinstance(found, Checked)
        return findings_json(found)


def test_the_second_time_nothing_is_examined(shop: Path, sessions: list[Path]) -> None:
    first = _shown(_asked(shop))
    assert b'"rule"' in first
    assert _shown(_asked(shop)) == first
    assert len(sessions) == 1


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a byte of code": lambda root: _append(min(root.rglob("*.py")), "\n"),
    "a new file": lambda root: (root / "new.py").write_text("import requests\nrequests.get('http://x')\n"),
    "a file that is gone": lambda root: max(root.rglob("*.py")).unlink(),
    "a manifest": lambda root: _append(next(root.rglob("compose.y*ml")), "# more\n"),
    "what is ignored": lambda root: (root / ".gitignore").write_text("orders\n"),
    "the settings": lambda root: (root / "shearpin.toml").write_text('ignore = ["call-without-timeout"]\n'),
}


@pytest.mark.parametrize("what", CHANGES)
def test_any_difference_is_examined(shop: Path, sessions: list[Path], what: str) -> None:
    _shown(_asked(shop))
    CHANGES[what](shop)
    again = _shown(_asked(shop))
    assert len(sessions) == 2
    with closing(Session.open(shop, use_cache=False)) as fresh:
        assert len(fresh.report().findings) == again.count(b'"fingerprint"')


def test_other_rules_are_another_question(shop: Path, sessions: list[Path]) -> None:
    _shown(_asked(shop))
    _shown(_asked(shop, ("call-without-timeout",)))
    assert len(sessions) == 2


def test_a_damaged_cache_is_examined_again(shop: Path, sessions: list[Path], tmp_path: Path) -> None:
    first = _shown(_asked(shop))
    (file,) = (tmp_path / "cache").rglob("summaries.sqlite")
    file.write_bytes(b"damaged" * 1000)
    assert _shown(_asked(shop)) == first
    assert len(sessions) == 2


def test_a_trace_notices_what_was_not_there() -> None:
    files = MemoryFiles({"a/one.py": b"1"})
    traced = TracedFiles(files)
    assert [entry.name for entry in traced.entries("a")] == ["one.py"]
    assert traced.entry("b") is None
    assert traced.read("a/one.py") == b"1"
    with pytest.raises(OSError, match="env"):
        traced.read("env")
    assert traced.trace.holds(files)
    for path, source in {"b": b"", "env": b"", "a/two.py": b"", "a/one.py": b"2"}.items():
        assert not traced.trace.holds(MemoryFiles({**files.files, path: source})), path
