"""Which layers make up each service of a compose file: extended services, included files, the base of an override."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from shearpin.manifests import Files, folder_of, join
from shearpin.syntax.envfile import read_envfile
from shearpin.syntax.interpolation import Interpolated, interpolate
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence, read_yaml

BASE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
#: a sample of the real file, which is usually kept out of version control
EXAMPLE_SUFFIXES = (".example", ".sample", ".template", ".dist")
_OVERRIDE = re.compile(r"[._-]override\.ya?ml$")
_MAX_DEPTH = 8
_MAX_INCLUDED = 256


@dataclass(frozen=True, slots=True)
class Layer:
    """One definition of a service in one file; `folder` is what its relative paths refer to."""

    path: str
    folder: str
    key: YamlScalar
    body: YamlMapping


@dataclass(slots=True)
class Project:
    """A compose file with everything that its services are made of; layers stand weakest first."""

    path: str
    folder: str
    files: Files
    variables: dict[str, str]
    services: dict[str, list[Layer]] = field(default_factory=dict)
    parsed: dict[str, tuple[YamlNode, ...]] = field(default_factory=dict)
    #: how many files were included so far: a circle of several would double at each step
    included: list[str] = field(default_factory=list)

    def beside(self) -> Project:
        """Return an empty project that shares all but the services."""
        return Project(self.path, self.folder, self.files, self.variables, {}, self.parsed, self.included)

    def documents(self, path: str) -> tuple[YamlNode, ...]:
        """Return the documents of another file, which is read once."""
        if path not in self.parsed:
            content = self.files.read(path)
            self.parsed[path] = read_yaml(content).documents if content is not None else ()
        return self.parsed[path]

    def resolve(self, text: str) -> Interpolated:
        """Substitute variables as compose does."""
        return interpolate(text, self.variables.get)

    def text(self, node: YamlNode | None) -> str | None:
        """Return the substituted text of a scalar, None for another node, null, or when nothing of it is known."""
        if not isinstance(node, YamlScalar) or node.is_null:
            return None
        return self.resolve(node.value).value


def load_project(path: str, documents: tuple[YamlNode, ...], files: Files) -> Project:
    """Collect the services of a compose file that is already parsed."""
    folder = folder_of(path)
    project = Project(path, folder, files, _variables(folder, files))
    for document in documents:
        if isinstance(document, YamlMapping):
            _add_services(project, path, document, 0)
    if posixpath.basename(path) not in BASE_NAMES:
        _put_on_base(project)
    return project


def env_file(path: str, files: Files) -> tuple[str, bytes] | None:
    """Return path and content of an env file, or of the sample that stands beside a missing one."""
    for candidate in (path, *(path + suffix for suffix in EXAMPLE_SUFFIXES)):
        content = files.read(candidate)
        if content is not None:
            return candidate, content
    return None


def texts(node: YamlNode | None) -> Iterator[YamlScalar]:
    """Yield the scalars of a value that may be one scalar or a list of them."""
    if isinstance(node, YamlScalar):
        yield node
    elif isinstance(node, YamlSequence):
        yield from (item for item in node.items if isinstance(item, YamlScalar))


def _variables(folder: str, files: Files) -> dict[str, str]:
    found = env_file(join(folder, ".env"), files)
    variables: dict[str, str] = {}
    for line in read_envfile(found[1]) if found else ():
        value = line.value if line.literal or line.value is None else interpolate(line.value, variables.get).value
        if value is not None:
            variables[line.name] = value
    return variables


def _add_services(project: Project, path: str, document: YamlMapping, depth: int) -> None:
    for included in _includes(project, path, document):
        own: dict[str, list[Layer]] = {}
        for name in included if depth < _MAX_DEPTH else ():
            if len(project.included) >= _MAX_INCLUDED:
                break
            project.included.append(name)
            for other in project.documents(name):
                if isinstance(other, YamlMapping):
                    part = project.beside()
                    _add_services(part, name, other, depth + 1)
                    # Of several files of one entry each is laid over the ones before it.
                    for service, layers in part.services.items():
                        own[service] = [*own.get(service, ()), *layers]
        project.services.update(own)
    services = document.get("services")
    if not isinstance(services, YamlMapping):
        return
    for key, body in services.entries:
        if isinstance(body, YamlMapping):
            layer = Layer(path, folder_of(path), key, body)
            project.services[key.value] = [*_extended(project, layer, document, 0), layer]


def _includes(project: Project, path: str, document: YamlMapping) -> Iterator[tuple[str, ...]]:
    """Yield the files of each entry."""
    include = document.get("include")
    for item in include.items if isinstance(include, YamlSequence) else ():
        names = texts(item.get("path") if isinstance(item, YamlMapping) else item)
        yield tuple(join(folder_of(path), text) for name in names if (text := project.text(name)))


def _extended(project: Project, layer: Layer, document: YamlMapping, depth: int) -> list[Layer]:
    extends = layer.body.get("extends")
    name, path = project.text(extends), layer.path
    if isinstance(extends, YamlMapping):
        name = project.text(extends.get("service"))
        file = project.text(extends.get("file"))
        path = join(layer.folder, file) if file else path
    if not name or depth > _MAX_DEPTH or (name == layer.key.value and path == layer.path):
        return []
    other: YamlNode | None = document
    if path != layer.path:
        other = next(iter(project.documents(path)), None)
    found = _service(other, name)
    if found is None or not isinstance(other, YamlMapping):
        return []
    base = Layer(path, folder_of(path), *found)
    return [*_extended(project, base, other, depth + 1), base]


def _service(document: YamlNode | None, name: str) -> tuple[YamlScalar, YamlMapping] | None:
    services = document.get("services") if isinstance(document, YamlMapping) else None
    for key, body in services.entries if isinstance(services, YamlMapping) else ():
        if key.value == name and isinstance(body, YamlMapping):
            return key, body
    return None


def _put_on_base(project: Project) -> None:
    """Lay the services of an override, or those that say neither image nor build, over the base file's."""
    is_override = bool(_OVERRIDE.search(project.path))
    partial = [
        name
        for name, layers in project.services.items()
        if is_override or not any(layer.body.get("image") or layer.body.get("build") for layer in layers)
    ]
    if not partial:
        return
    for base_path in (join(project.folder, name) for name in BASE_NAMES):
        if project.files.read(base_path) is None:
            continue
        base = project.beside()
        for document in project.documents(base_path):
            if isinstance(document, YamlMapping):
                _add_services(base, base_path, document, 0)
        for name in partial:
            project.services[name] = [*base.services.get(name, ()), *project.services[name]]
        return
