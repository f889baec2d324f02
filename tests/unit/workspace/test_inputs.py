"""What the database is told, and how much of it changes with an edit."""

from __future__ import annotations

import pytest

from shearpin.facts.manifest import ManifestFacts
from shearpin.query import Database, keys
from shearpin.query.kernel import Key
from shearpin.workspace.cache import Cache
from shearpin.workspace.files import MemoryFiles
from shearpin.workspace.summaries import Summaries
from shearpin.workspace.workspace import Change, Workspace

FILES = {
    "orders/app.py": "import httpx\n\ndef pay(order):\n    order.paid = True\n    return httpx.post(order)\n",
    "orders/models.py": "class Base: ...\n\nclass Order(Base):\n    def save(self): ...\n",
    "compose.yaml": "services:\n  orders:\n    build: orders\n    env_file: vars/orders.txt\n",
    "orders/requirements.txt": "httpx==0.27.0\n",
}


class World:
    """A workspace in memory, its database, and short questions to it."""

    def __init__(self) -> None:
        self.tree = MemoryFiles({path: text.encode() for path, text in FILES.items()})
        self.db = Database()
        self.workspace = Workspace(self.tree, self.db, Summaries(Cache(None), 1))
        self.workspace.load(())

    def write(self, path: str, text: str) -> Change:
        self.tree.files[path] = text.encode()
        return self.workspace.refresh([path])

    def delete(self, path: str) -> Change:
        del self.tree.files[path]
        return self.workspace.refresh([path])

    def get(self, key: Key) -> object:
        return self.db.get(key)


@pytest.fixture
def world() -> World:
    return World()


def test_files_and_folders(world: World):
    assert world.get(keys.python_paths()) == ("orders/app.py", "orders/models.py")
    assert world.get(keys.python_file("orders/app.py")) is True
    assert world.get(keys.python_file("orders/__init__.py")) is None
    assert world.get(keys.folder("orders")) is True
    assert world.get(keys.folder("payments")) is None
    assert world.get(keys.folder_files("")) == ("compose.yaml", "orders/")
    assert world.get(keys.folder_files("orders")) == ("app.py", "models.py", "requirements.txt")


def test_reverse_indexes(world: World):
    assert world.get(keys.mentions("httpx")) == (("orders/app.py", "pay"), ("orders/app.py", "~imports"))
    assert world.get(keys.attribute_writes("paid")) == (("orders/app.py", "pay"),)
    assert world.get(keys.subclasses("Base")) == (("orders/models.py", "Order"),)
    assert world.get(keys.mentions("nobody")) is None


def test_a_line_at_the_top_changes_no_key(world: World):
    change = world.write("orders/app.py", "\n\n" + FILES["orders/app.py"])
    assert change == Change(("orders/app.py",), 0, 0)


def test_an_edit_changes_its_part_and_what_it_newly_mentions(world: World):
    change = world.write("orders/app.py", FILES["orders/app.py"].replace("order.paid = True", "order.done = True"))
    # the part; mentions and writes of `paid` and of `done`
    assert change == Change(("orders/app.py",), 1, 5)
    assert world.get(keys.attribute_writes("paid")) is None
    assert world.get(keys.attribute_writes("done")) == (("orders/app.py", "pay"),)


def test_the_same_bytes_are_not_read_again(world: World):
    assert world.workspace.refresh(FILES) == Change()


def test_a_file_comes_and_goes(world: World):
    before = {key: world.get(key) for key in (keys.python_paths(), keys.mentions("httpx"), keys.folder_files(""))}
    world.write("pay/app.py", "import httpx\n")
    assert world.get(keys.folder("pay")) is True
    assert ("pay/app.py", "~imports") in (world.get(keys.mentions("httpx")) or ())
    world.delete("pay/app.py")
    assert {key: world.get(key) for key in before} == before
    assert world.get(keys.folder("pay")) is None
    assert world.get(keys.part_ids("pay/app.py")) is None
    assert world.get(keys.part("pay/app.py", "~imports")) is None


def test_a_deleted_folder(world: World):
    for path in ("orders/app.py", "orders/models.py", "orders/requirements.txt"):
        del world.tree.files[path]
    world.workspace.refresh(["orders"])
    assert world.get(keys.python_paths()) == ()
    assert world.get(keys.folder_files("orders")) is None
    assert world.get(keys.dependency_file("orders/requirements.txt")) is None


def test_a_new_folder(world: World):
    world.tree.files["new/deep/a.py"] = b""
    world.workspace.refresh(["new"])
    assert world.get(keys.python_file("new/deep/a.py")) is True


def test_manifests_and_dependencies(world: World):
    assert world.get(keys.manifest_paths()) == ("compose.yaml",)
    assert world.get(keys.dependency_file("orders/requirements.txt")) == (("httpx", "0.27.0"),)
    world.write("orders/requirements.txt", "httpx==0.28.0\n")
    assert world.get(keys.dependency_file("orders/requirements.txt")) == (("httpx", "0.28.0"),)


def variables(world: World) -> dict[str, str | None]:
    facts = world.get(keys.manifest("compose.yaml"))
    assert isinstance(facts, ManifestFacts)
    return {entry.name: entry.value for workload in facts.workloads for entry in workload.env}


def test_a_manifest_is_read_again_when_a_file_that_it_reads_changes(world: World):
    assert variables(world) == {}
    world.write("vars/orders.txt", "A=1\n")
    assert variables(world) == {"A": "1"}
    world.workspace.set_overlay("vars/orders.txt", b"A=2\n")
    assert variables(world) == {"A": "2"}
    world.workspace.set_overlay("vars/orders.txt", None)
    assert variables(world) == {"A": "1"}
    world.delete("vars/orders.txt")
    assert variables(world) == {}


def test_an_overlay_of_a_new_file(world: World):
    world.workspace.set_overlay("pay/new.py", b"x = 1\n")
    assert world.get(keys.part_ids("pay/new.py")) == ("x",)
    assert world.get(keys.folder_files("")) == ("compose.yaml", "orders/", "pay/")
    world.workspace.set_overlay("pay/new.py", None)
    assert world.get(keys.python_file("pay/new.py")) is None


def test_a_new_gitignore_takes_files_away_and_gives_them_back(world: World):
    world.write(".gitignore", "models.py\n")
    assert world.get(keys.python_paths()) == ("orders/app.py",)
    world.delete(".gitignore")
    assert world.get(keys.python_paths()) == ("orders/app.py", "orders/models.py")
    assert world.get(keys.subclasses("Base")) == (("orders/models.py", "Order"),)


def test_a_file_that_grows_too_large_is_dropped(world: World):
    world.write("orders/app.py", "#" * 5_000_001)
    assert world.get(keys.python_file("orders/app.py")) is None
    assert world.workspace.skipped == {"orders/app.py": "larger than 5 MB (5.0 MB)"}
    world.write("orders/app.py", "")
    assert world.get(keys.python_file("orders/app.py")) is True
    assert world.workspace.skipped == {}


def test_the_text_of_other_encodings(world: World):
    world.tree.files["a.py"] = b"\xef\xbb\xbfx = 1\n"
    world.tree.files["b.py"] = "# coding: latin-1\nx = '\xe4'\n".encode("latin-1")
    world.workspace.refresh(["a.py", "b.py"])
    assert world.workspace.source("a.py") == b"x = 1\n"
    assert world.workspace.source("b.py") == "# coding: latin-1\nx = '\xe4'\n".encode()
    assert world.workspace.source("none.py") is None
