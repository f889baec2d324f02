"""The repository itself: nothing of one machine in it, and its pages name what exists."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from .sources import ENGINE, ROOT, tracked

#: Put together here so that this file does not hold what it forbids.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.$}-])/(?:work|root|tmp/(?:sys|brief|bash_jobs))(?:/|\b)")
#: Files whose meaning is a path inside a container.
CONTAINER_PATHS = ("tests/unit/manifests/", "tests/unit/syntax/", "tests/unit/services/")


def _texts():
    for path in tracked():
        try:
            yield path.as_posix(), (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def test_no_file_names_a_registry():
    found = [f"{path}: {host}" for path, text in _texts() for host in REGISTRIES if host in text]
    assert found == []


def test_no_file_names_a_path_of_one_machine():
    found = [
        f"{path}:{number}: {line.strip()}"
        for path, text in _texts()
        if not path.startswith(CONTAINER_PATHS) and path != "tests/house/test_repository.py"
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE_PATHS.search(line)
    ]
    assert found == []


def test_we_say_false_alarm():
    wrong = re.compile("false" + "[ _-]positive", re.IGNORECASE)
    assert [path for path, text in _texts() if wrong.search(text)] == []


@pytest.mark.parametrize(
    "name",
    ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "AGENTS.md", "CHANGELOG.md", "LICENSE", "pyproject.toml"],
)
def test_a_page_of_the_house_exists(name):
    assert len((ROOT / name).read_text(encoding="utf-8")) > 200


def test_agents_have_one_page():
    assert (ROOT / "CLAUDE.md").read_text(encoding="utf-8").strip() == "@AGENTS.md"


def test_links_between_pages_lead_somewhere():
    pages = [path for path in tracked() if path.suffix == ".md" and "workspaces" not in path.parts]
    broken = [
        f"{path}: {target}"
        for path in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", (ROOT / path).read_text(encoding="utf-8"))
        if "://" not in target and not ((ROOT / path).parent / target).exists()
    ]
    assert broken == []


def test_architecture_describes_every_layer():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    layers = {path.name for path in ENGINE.iterdir() if (path / "__init__.py").is_file()}
    assert sorted(layer for layer in layers if f"`{layer}`" not in text) == []


def test_the_changelog_knows_the_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_python_and_the_extension_have_one_version():
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert json.loads((ROOT / "client-vscode" / "package.json").read_text(encoding="utf-8"))["version"] == ours


def test_the_lock_file_holds_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list(project["project"]["dependencies"])
    for group in project["dependency-groups"].values():
        wanted += [item for item in group if isinstance(item, str)]
    names = {re.split(r"[^A-Za-z0-9_.-]", item)[0].lower().replace("_", "-") for item in wanted}
    locked = {item["name"] for item in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]}
    assert sorted(names - locked) == [], "run nox -s lock"


def test_the_lock_file_says_what_pyproject_says():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    entry = next(item for item in locked if item["name"] == "shearpin")
    said = {item["name"]: item.get("specifier", "") for item in entry["metadata"]["requires-dist"]}
    for dependency in project["project"]["dependencies"]:
        name = re.split(r"[^A-Za-z0-9_.-]", dependency)[0]
        assert said[name.lower()] == dependency.removeprefix(name), "run nox -s lock"


def test_ci_runs_the_command_of_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"<!-- tests -->\n```\w*\n(.+)\n```", text)
    assert block is not None
    assert "pytest" in block[1]
    assert "\n" not in block[1]
