from __future__ import annotations

from pathlib import Path

import pytest

from shearpin.lsp.roots import place_of, root_for_lone_file
from shearpin.lsp.uris import Root, path_of, root_of, uri_within


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///w/a.py", "/w/a.py"),
        ("file:///w/%61.py", "/w/a.py"),
        ("file:///w/x%20%23%C3%BC.py", "/w/x #ü.py"),
        ("file://localhost/w/a.py", "/w/a.py"),
        ("FILE:///w/./b/../a.py", "/w/a.py"),
        ("untitled:Untitled-1", None),
        ("git:/w/a.py?HEAD", None),
        ("vscode-notebook-cell:/w/a.ipynb#W0", None),
        ("file://server/share/a.py", None),
        ("file:///w/a%00.py", None),
        ("file:///w/a%ff.py", None),
        ("", None),
    ],
)
def test_only_files_have_a_path(uri, path):
    assert path_of(uri) == (None if path is None else Path(path))


def test_uris_of_a_root_are_spelled_like_the_root():
    root = root_of("file:///w/my%2Dfolder/")
    assert root == Root("file:///w/my%2Dfolder", Path("/w/my-folder"))
    assert uri_within(root, "a b/ü.py") == "file:///w/my%2Dfolder/a%20b/%C3%BC.py"


def test_a_file_belongs_to_the_deepest_root():
    outer, inner = root_of("file:///w"), root_of("file:///w/in")
    assert place_of((outer, inner), Path("/w/in/a.py")) == (inner, "a.py")
    assert place_of((inner, outer), Path("/w/in2/a.py")) == (outer, "in2/a.py")
    assert place_of((inner,), Path("/elsewhere/a.py")) is None


def test_a_lone_file_belongs_to_the_project_around_it(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    service = tmp_path / "code" / "shop" / "orders"
    service.mkdir(parents=True)
    assert root_for_lone_file(service / "app.py") == root_of(service.as_uri())
    (service / "pyproject.toml").touch()
    (service.parent / "compose.yaml").touch()
    assert root_for_lone_file(service / "app.py") == root_of(service.parent.as_uri())
    assert root_for_lone_file(tmp_path / "app.py") is None
