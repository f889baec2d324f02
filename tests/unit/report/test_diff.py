from __future__ import annotations

import subprocess

import pytest

from shearpin.report.diff import unified


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\nb", "a\nb\nc"),
        ("a\nb", "a\nb\n"),
        ("a\r\nb\r\n", "a\r\nB\r\n"),
        ("a\fb\nc\n", "a\fb\nC\n"),
        ("é\n", "è\n"),
    ],
)
def test_a_diff_is_taken_by_git(tmp_path, before, after):
    target = tmp_path / "a.py"
    target.write_bytes(before.encode())
    diff = unified("a.py", before.encode(), after.encode())
    subprocess.run(["git", "apply", "-"], input=diff.encode(), cwd=tmp_path, check=True)
    assert target.read_bytes() == after.encode()


def test_no_change_is_no_diff():
    assert unified("a.py", b"a\n", b"a\n") == ""
