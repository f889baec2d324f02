from __future__ import annotations

import pytest

from shearpin.report.gaps import gaps
from shearpin.report.places import Places, Sources
from shearpin.session import Session


def gaps_of(root):
    session = Session.open(root, use_cache=False, jobs=1)
    try:
        return gaps(session, Places(Sources(session.source, session.locate)), (("huge.py", "is too large"),))
    finally:
        session.close()


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("a.py", b"x = '\xff'\n", "is not UTF-8; read as Latin-1"),
        ("a.py", b"x = 1\n\ndef f(:\n    pass\n", "line 3: does not parse: invalid syntax; the rest is read"),
        ("a.py", b"x = 1\n" + b"\x00" * 9, "does not parse"),
        ("compose.yaml", b"services:\n  a: [\n", "line 3: "),
    ],
)
def test_what_is_read_in_part_is_named_with_its_line(tmp_path, path, content, reason):
    (tmp_path / path).write_bytes(content)
    first, second = gaps_of(tmp_path)
    assert first[0] == path
    assert reason in first[1]
    assert second == ("huge.py", "is too large")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.py", b"# -*- coding: latin-1 -*-\nx = '\xe9'\n"),
        ("a.py", b"import re\nre.compile('\\d')\n"),
        ("a.py", "x = 'é'\n".encode("utf-8-sig")),
        # broken on purpose, to test something else
        ("tests/test_a.py", b"def f(:\n"),
    ],
)
def test_what_is_right_is_not_named(tmp_path, path, content):
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_bytes(content)
    assert gaps_of(tmp_path) == (("huge.py", "is too large"),)
