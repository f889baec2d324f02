from __future__ import annotations

from shearpin.facts.manifest import PythonProject

from .reading import read_text


def project(text: str, path: str = "services/orders/pyproject.toml") -> PythonProject:
    (found,) = read_text(path, text).projects
    return found


def test_scripts_and_name() -> None:
    found = project('[project]\nname = "orders"\n[project.scripts]\norders-worker = "orders.worker:main"\n')
    assert (found.folder, found.name) == ("services/orders", "orders")
    assert found.scripts == (("orders-worker", "orders.worker:main"),)


def test_package_folders() -> None:
    assert project('[tool.setuptools.packages.find]\nwhere = ["lib"]\n').package_dirs == ("services/orders/lib",)
    assert project('[tool.setuptools.package-dir]\n"" = "src"\n').package_dirs == ("services/orders/src",)
    assert project('[tool.poetry]\npackages = [{include = "x", from = "src"}]\n').package_dirs == (
        "services/orders/src",
    )
    assert project('[tool.hatch.build.targets.wheel]\npackages = ["src/x"]\n').package_dirs == ("services/orders/src",)


def test_local_dependencies() -> None:
    assert project('[tool.poetry.dependencies]\nc = {path = "../../libs/c", develop = true}\n').depends_on == (
        "libs/c",
    )
    assert project('[tool.poetry.group.x.dependencies]\nc = {path = "../c"}\n').depends_on == ("services/c",)
    assert project('[tool.uv.sources]\nc = {path = "../../libs/c"}\n').depends_on == ("libs/c",)
    assert project('[project]\ndependencies = ["c @ file:../c", "requests>=2"]\n').depends_on == ("services/c",)
    assert project('[tool.uv.sources]\nc = {path = "../../../far"}\n').depends_on == ()


def test_requirements_with_local_folders() -> None:
    text = (
        "requests==2\n-e ../../libs/common\n./vendored\nc @ file:../c\n-r other.txt\n# -e ../no\n"
        "--find-links ./wheels\n"
    )
    found = project(text, "services/orders/requirements.txt")
    assert found.depends_on == ("libs/common", "services/orders/vendored", "services/c")


def test_ordinary_requirements_are_no_manifest() -> None:
    assert read_text("requirements.txt", "requests==2\n").kind == ""


def test_a_broken_file_is_a_problem() -> None:
    facts = read_text("pyproject.toml", "[project\n")
    assert facts.projects == ()
    assert len(facts.problems) == 1


def test_tables_of_other_types_are_ignored() -> None:
    found = project('[project]\nname = 1\ndependencies = "x"\nscripts = [1]\n[tool]\npoetry = 3\nuv = {sources = []}\n')
    assert (found.name, found.scripts, found.depends_on) == ("", (), ())
