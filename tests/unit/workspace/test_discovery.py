"""Which files matter, and which are left out for what reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from shearpin.workspace.discovery import SIZE_LIMIT, Kind, discover, kind_of
from shearpin.workspace.files import DiskFiles, MemoryFiles, OverlaidFiles
from shearpin.workspace.ignoring import Ignoring


def discovered(files: dict[str, str], *exclude: str) -> list[str]:
    tree = OverlaidFiles(MemoryFiles({path: text.encode() for path, text in files.items()}))
    ignoring = Ignoring(tree.read_if_any, exclude)
    found = sorted(discover(tree, ignoring).files)
    # A single file is judged as the walk over the tree judges it.
    assert found == sorted(path for path in files if kind_of(path) and ignoring.admits(path))
    return found


def empty(*paths: str) -> dict[str, str]:
    return dict.fromkeys(paths, "")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a/b.py", Kind.PYTHON),
        ("a/b.pyi", Kind.NONE),
        ("compose.yaml", Kind.MANIFEST),
        ("a/.env", Kind.MANIFEST),
        ("a/Dockerfile", Kind.MANIFEST),
        ("web/package.json", Kind.MARKER),
        ("README.md", Kind.NONE),
    ],
)
def test_kind(path: str, kind: Kind):
    assert kind_of(path) == kind


@pytest.mark.parametrize("path", ["requirements.txt", "requirements-dev.txt", "requirements/base.txt", "uv.lock"])
def test_dependency_files(path: str):
    assert Kind.DEPENDENCIES in kind_of(path)


def test_pruned_folders():
    files = empty(
        "app.py", ".venv/x.py", "a/node_modules/b/x.py", "a/__pycache__/x.py", "x.egg-info/x.py", "build/x.py"
    )
    assert discovered(files) == ["app.py"]


def test_a_virtual_environment_of_any_name():
    assert discovered(empty("app.py", "env311/pyvenv.cfg", "env311/lib/x.py")) == ["app.py"]


def test_nested_gitignore():
    files = empty("a/x.py", "a/keep.py", "a/b/x.py", "a/b/gen/y.py", "c/x.py", "c/only.py")
    files |= {".gitignore": "x.py\n# only.py\n\n", "a/.gitignore": "!x.py\n", "a/b/.gitignore": "gen/\n"}
    assert discovered(files) == ["a/b/x.py", "a/keep.py", "a/x.py", "c/only.py"]


def test_an_ignored_folder_cannot_bring_a_file_back():
    assert discovered(empty("a/x.py") | {".gitignore": "a/\n", "a/.gitignore": "!x.py\n"}) == []


def test_exclude_of_the_settings():
    assert discovered(empty("a/x.py", "b/x.py", "b/y_pb2.py"), "a/", "*_pb2.py") == ["b/x.py"]


def test_a_pattern_that_makes_no_sense_is_left_out():
    assert discovered(empty("a.py", "b.py") | {".gitignore": "!\n/\nb.py\n"}) == ["a.py"]


def test_a_large_file_is_skipped_with_its_reason():
    tree = MemoryFiles({"a.py": b"x" * (SIZE_LIMIT + 1), "b.py": b""})
    found = discover(tree, Ignoring(lambda _: None, ()))
    assert list(found.files) == ["b.py"]
    assert found.skipped == {"a.py": "larger than 5 MB (5.0 MB)"}


# -------------------------------------------------------------------- on disk


def on_disk(root: Path) -> tuple[list[str], dict[str, str]]:
    found = discover(DiskFiles(root), Ignoring(lambda _: None, ()))
    return sorted(found.files), found.skipped


def test_links(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.py").write_text("")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "y.py").symlink_to(tmp_path / "a" / "x.py")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    assert on_disk(tmp_path) == (["a/x.py", "y.py"], {})
    files = DiskFiles(tmp_path)
    assert files.entry("a/loop") is None
    assert files.entry("a/loop/a/x.py") is None
    assert files.entry("gone.py") is None
    entry = files.entry("y.py")
    assert entry is not None
    assert entry.name == "y.py"


def test_a_root_behind_a_link(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "x.py").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert on_disk(tmp_path / "link") == (["x.py"], {})
    assert DiskFiles(tmp_path / "link").entry("x.py") is not None


def test_a_name_that_is_not_utf8(tmp_path: Path):
    try:
        Path(f"{tmp_path}/\udcff.py").write_text("")
    except OSError:
        pytest.skip("this file system takes no such names")
    assert on_disk(tmp_path) == ([], {"\\udcff.py": "its name is not UTF-8"})


def test_a_path_with_a_nul_is_not_there(tmp_path: Path):
    files = DiskFiles(tmp_path)
    assert files.entry("a\0b") is None
    with pytest.raises(OSError, match="null"):
        files.read("a\0b")
