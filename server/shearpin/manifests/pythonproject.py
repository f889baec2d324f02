"""What a folder installs: scripts, package folders and local dependencies of pyproject.toml and requirements files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from shearpin.facts.manifest import ManifestFacts, Problem, PythonProject
from shearpin.facts.site import Site
from shearpin.manifests import Files, Reader, folder_of, join

_REQUIREMENTS = re.compile(r"(^|/)requirements[^/]*\.(txt|in)$|(^|/)requirements/[^/]+\.(txt|in)$")
_SETUP = re.compile(r"(^|/)setup\.(py|cfg)$")
_LOCAL = re.compile(
    rb"^[ \t]*(?:-e[ \t]+|--editable[ \t=]+)?(?:[\w.\[\],-]+[ \t]*@[ \t]*)?(?:file:(?://)?)?(\.{1,2}(?:/[^\s#;\[]*)?)"
    rb"(?=[ \t\[;#\r\n]|$)",
    re.MULTILINE,
)
_SETUP_NAME = re.compile(rb"\bname[ \t]*=[ \t]*[\"']?([\w.-]+)")


def _matches(path: str) -> bool:
    return path.rpartition("/")[2] == "pyproject.toml" or bool(_REQUIREMENTS.search(path) or _SETUP.search(path))


def _read(path: str, source: bytes, _files: Files) -> ManifestFacts:
    if path.endswith("pyproject.toml"):
        try:
            document = tomllib.loads(source.decode("utf-8", "replace"))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            return ManifestFacts("pyproject", path, problems=(Problem(Site(path, "", 0, 0), str(error)),))
        return ManifestFacts("pyproject", path, projects=(_project(path, source, document),))
    if _SETUP.search(path):
        match = _SETUP_NAME.search(source)
        name = match.group(1).decode() if match else ""
        project = PythonProject(folder_of(path), name, (), (), (), Site(path, "", 0, 0))
        return ManifestFacts("setup", path, projects=(project,) if name else ())
    folders = tuple(
        join(folder_of(path), match.group(1).decode("utf-8", "replace")) for match in _LOCAL.finditer(source)
    )
    folders = tuple(folder for folder in folders if not folder.startswith("..") and folder != folder_of(path))
    if not folders:
        return ManifestFacts("", path)
    folder = folder_of(path)
    return ManifestFacts(
        "requirements", path, projects=(PythonProject(folder, "", (), (), folders, Site(path, "", 0, 0)),)
    )


def _project(path: str, source: bytes, document: dict[str, object]) -> PythonProject:
    folder = folder_of(path)
    project, tool = _table(document, "project"), _table(document, "tool")
    poetry = _table(tool, "poetry")
    scripts = {**_table(poetry, "scripts"), **_table(project, "scripts")}
    name = project.get("name") or poetry.get("name")
    at = source.find(b"[project]") if "project" in document else 0
    paths = dict.fromkeys((*_poetry_paths(poetry), *_uv_paths(tool), *_url_paths(project)))
    depends_on = (join(folder, found) for found in paths)
    return PythonProject(
        folder=folder,
        name=name if isinstance(name, str) else "",
        scripts=tuple((key, value) for key, value in scripts.items() if isinstance(value, str)),
        package_dirs=tuple(dict.fromkeys(join(folder, found) for found in _package_dirs(tool, poetry))),
        depends_on=tuple(found for found in depends_on if not found.startswith(("..", "/")) and found != folder),
        site=Site(path, "", max(at, 0), max(at, 0)),
    )


def _package_dirs(tool: dict[str, object], poetry: dict[str, object]) -> Iterator[str]:
    setuptools = _table(tool, "setuptools")
    packages = setuptools.get("packages")
    where = _table(packages, "find").get("where") if isinstance(packages, dict) else None
    yield from _strings(where)
    root = _table(setuptools, "package-dir").get("")
    if isinstance(root, str):
        yield root
    listed = poetry.get("packages")
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, dict) and isinstance(item.get("from"), str):
            yield item["from"]
    wheel = _table(_table(_table(_table(tool, "hatch"), "build"), "targets"), "wheel")
    for package in _strings(wheel.get("packages")):
        yield folder_of(package)


def _poetry_paths(poetry: dict[str, object]) -> Iterator[str]:
    groups = [_table(poetry, "dependencies")]
    groups += [_table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, dict)]
    yield from _paths(groups)


def _uv_paths(tool: dict[str, object]) -> Iterator[str]:
    yield from _paths([_table(_table(tool, "uv"), "sources")])


def _paths(tables: list[dict[str, object]]) -> Iterator[str]:
    for table in tables:
        for value in table.values():
            for item in value if isinstance(value, list) else (value,):
                if isinstance(item, dict) and isinstance(item.get("path"), str):
                    yield item["path"]


def _url_paths(project: dict[str, object]) -> Iterator[str]:
    for dependency in _strings(project.get("dependencies")):
        match = re.search(
            r"@\s*file:(?://)?(?:\$\{[A-Z_]+\}/|\{root:uri\}/)?(\.{1,2}/[^\s;]+|[^\s;/][^\s;]*)", dependency
        )
        if match:
            yield match.group(1)


def _table(table: object, key: str) -> dict[str, object]:
    value = table.get(key) if isinstance(table, dict) else None
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))


READER = Reader("pythonproject", _matches, _read)
