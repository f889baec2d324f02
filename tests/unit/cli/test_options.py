from __future__ import annotations

import pytest

from shearpin.cli.exits import RefusedError
from shearpin.cli.options import folder, names, shown_prefix, targets


@pytest.fixture
def here(tmp_path, monkeypatch):
    root = tmp_path / "shop"
    (root / "orders").mkdir(parents=True)
    (root / "orders" / "main.py").write_text("")
    monkeypatch.chdir(root)
    return root


def test_the_current_folder_is_the_workspace(here):
    assert targets(()) == (here, None)


def test_one_folder_is_the_workspace(here):
    assert targets(("orders",)) == (here / "orders", None)
    assert targets(("../shop",)) == (here, None)


def test_files_restrict_what_is_shown(here):
    assert targets(("orders/main.py",)) == (here, ("orders/main.py",))
    assert targets(("orders", "./orders/main.py")) == (here, ("orders", "orders/main.py"))


def test_files_elsewhere_are_refused(here):
    (here.parent / "x.py").write_text("")
    with pytest.raises(RefusedError, match="outside the current folder"):
        targets(("../x.py",))


@pytest.mark.usefixtures("here")
def test_a_file_is_no_system():
    with pytest.raises(RefusedError, match="is a file"):
        folder("orders/main.py")


def test_lists_may_be_separated_by_commas():
    assert names(("a,b", " c ,", "")) == ("a", "b", "c")


def test_paths_are_shown_from_the_current_folder(here, tmp_path):
    assert shown_prefix(here) == ""
    assert shown_prefix(here / "orders") == "orders/"
    assert shown_prefix(tmp_path) == tmp_path.as_posix() + "/"
