from __future__ import annotations

import hashlib
import stat

import pytest

from shearpin.cli.changes import Change, changes_of, write
from shearpin.session import FileEdit

TEXT = b"a = 1\r\nb = 2\r\n"
HASH = hashlib.sha256(TEXT).hexdigest()


def edit(path, start, end, text, sha256=HASH):
    return FileEdit(path, start, end, text, sha256)


def test_edits_become_changed_files_in_order():
    files = {"b.py": TEXT, "a.py": TEXT}
    changes = changes_of([edit("b.py", 4, 5, "9"), edit("a.py", 0, 1, "x"), edit("b.py", 0, 1, "y")], files.get)
    assert changes == (
        Change("a.py", TEXT, b"x = 1\r\nb = 2\r\n"),
        Change("b.py", TEXT, b"y = 9\r\nb = 2\r\n"),
    )


@pytest.mark.parametrize(
    "stale", [edit("a.py", 0, 1, "x", "0" * 64), edit("gone.py", 0, 1, "x"), edit("a.py", 0, 1, "a")]
)
def test_edits_of_another_text_or_of_nothing_change_nothing(stale):
    assert changes_of([stale], {"a.py": TEXT}.get) == ()


def test_writing_keeps_mode_and_leaves_nothing_behind(tmp_path):
    target = tmp_path / "a.py"
    target.write_bytes(TEXT)
    target.chmod(0o755)
    assert write(tmp_path, Change("a.py", TEXT, b"new")) == ""
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path):
    (tmp_path / "a.py").write_bytes(b"other")
    assert write(tmp_path, Change("a.py", TEXT, b"new")).startswith("changed meanwhile")
    assert (tmp_path / "a.py").read_bytes() == b"other"
    assert write(tmp_path, Change("gone.py", TEXT, b"new")) != ""


def test_a_link_is_written_through_but_not_out_of_the_workspace(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    for folder in (root, tmp_path):
        (folder / "real.py").write_bytes(TEXT)
    (root / "inside.py").symlink_to(root / "real.py")
    (root / "outside.py").symlink_to(tmp_path / "real.py")
    assert write(root, Change("inside.py", TEXT, b"new")) == ""
    assert (root / "inside.py").is_symlink()
    assert (root / "real.py").read_bytes() == b"new"
    assert "leaves the workspace" in write(root, Change("outside.py", TEXT, b"new"))
    assert (tmp_path / "real.py").read_bytes() == TEXT


@pytest.mark.parametrize(
    ("raw", "before", "after", "written"),
    [
        (b"\xef\xbb\xbfa\r\n", "a\r\n", "b\r\n", b"\xef\xbb\xbfb\r\n"),
        (
            b"# coding: latin-1\n'\xe9'\n",
            "# coding: latin-1\n'é'\n",
            "# coding: latin-1\n'è'\n",
            b"# coding: latin-1\n'\xe8'\n",
        ),
    ],
)
def test_a_file_keeps_its_encoding(tmp_path, raw, before, after, written):
    (tmp_path / "a.py").write_bytes(raw)
    assert write(tmp_path, Change("a.py", before.encode(), after.encode())) == ""
    assert (tmp_path / "a.py").read_bytes() == written


def test_what_an_encoding_cannot_hold_is_not_written(tmp_path):
    raw = b"# coding: latin-1\n'x'\n"
    (tmp_path / "a.py").write_bytes(raw)
    assert "cannot be written" in write(tmp_path, Change("a.py", raw, raw.replace(b"x", "漢".encode())))
    assert (tmp_path / "a.py").read_bytes() == raw
