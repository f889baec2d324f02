"""One compose service as a workload."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

import msgspec

from shearpin.facts.manifest import EnvEntry, PortEntry, Workload
from shearpin.facts.site import Site
from shearpin.manifests import join
from shearpin.manifests.compose.project import Layer, Project, env_file, texts
from shearpin.syntax.command import expand_command
from shearpin.syntax.envfile import read_envfile
from shearpin.syntax.interpolation import interpolate
from shearpin.syntax.shell import split_commands
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence

_PORT = re.compile(r"(?:(?:\d+(?:\.\d+){3}|\[[^\]]*\]):)?(?:(\d+)?(?:-\d+)?:)?(\d+)(?:-\d+)?(?:/\w+)?$")
#: variables that by convention say where a process listens
_LISTENING = frozenset(("PORT", "APP_PORT", "API_PORT", "HTTP_PORT", "SERVER_PORT", "SERVICE_PORT"))
_REMOTE = re.compile(r"^(https?|git|ssh|oci|docker-image)://|^git@|^github\.com/")


def workload(project: Project, name: str) -> Workload:
    """Merge the layers of a service into one workload."""
    layers = project.services[name]
    build, dockerfile = _build(project, layers)
    mounts = tuple(_mounts(project, layers))
    key = layers[-1].key
    return Workload(
        kind="compose",
        name=name,
        site=Site(layers[-1].path, "", key.start, key.end),
        deployment=project.path,
        image=_last_text(project, layers, "image"),
        build=build,
        dockerfile=dockerfile,
        command=_command(project, layers, build, mounts),
        working_dir=_last_text(project, layers, "working_dir"),
        hosts=tuple(dict.fromkeys(_hosts(project, name, layers))),
        env=_environment(project, layers),
        ports=tuple(_ports(project, layers)),
        mounts=mounts,
        depends_on=tuple(dict.fromkeys(_depends_on(layers))),
        replicas=_replicas(project, layers),
        profiles=tuple(text for scalar in texts(_last(layers, "profiles")) if (text := project.text(scalar))),
    )


def with_links(project: Project, workloads: tuple[Workload, ...]) -> tuple[Workload, ...]:
    """Add the aliases that `links: ["service:alias"]` of other services give to a service."""
    aliases: dict[str, list[str]] = {}
    for layers in project.services.values():
        for scalar in texts(_last(layers, "links")):
            target, _, alias = (project.text(scalar) or "").partition(":")
            if alias:
                aliases.setdefault(target, []).append(alias)
    return tuple(
        msgspec.structs.replace(found, hosts=tuple(dict.fromkeys((*found.hosts, *aliases[found.name]))))
        if found.name in aliases
        else found
        for found in workloads
    )


def _last(layers: list[Layer], key: str) -> YamlNode | None:
    return next((node for layer in reversed(layers) if (node := layer.body.get(key)) is not None), None)


def _last_text(project: Project, layers: list[Layer], key: str) -> str | None:
    return project.text(_last(layers, key)) or None


def _build(project: Project, layers: list[Layer]) -> tuple[str | None, str | None]:
    build: str | None = None
    dockerfile: str | None = None
    for layer in layers:
        node = layer.body.get("build")
        context = project.text(node.get("context") if isinstance(node, YamlMapping) else node)
        file = project.text(node.get("dockerfile")) if isinstance(node, YamlMapping) else None
        if node is not None and (context or file or build is None):
            if _REMOTE.search(context or ""):
                return None, None
            build = join(layer.folder, context or ".") if context or build is None else build
            dockerfile = join(build, file or "Dockerfile")
    if (build is not None and build.startswith(("../", "/"))) or build == "..":
        return None, None
    return build, dockerfile


def _command(
    project: Project, layers: list[Layer], build: str | None, mounts: tuple[tuple[str, str], ...]
) -> tuple[str, ...] | None:
    entrypoint = _words(project, _last(layers, "entrypoint"))
    command = _words(project, _last(layers, "command"))
    if entrypoint is None and command is None:
        return None
    words = (*(entrypoint or ()), *(command or ()))

    def open_file(path: str) -> bytes | None:
        for source, target in mounts:
            if path == target or path.startswith(target.rstrip("/") + "/"):
                return project.files.read(join(source, path[len(target) :].lstrip("/") or "."))
        parts = [part for part in path.split("/") if part not in {"", "."}]
        for start in range(len(parts)) if build is not None else ():
            content = project.files.read(join(build or "", "/".join(parts[start:])))
            if content is not None:
                return content
        return None

    return expand_command(words, open_file) or None


def _words(project: Project, node: YamlNode | None) -> tuple[str, ...] | None:
    if isinstance(node, YamlSequence):
        return tuple(project.resolve(item.value).value or "" for item in node.items if isinstance(item, YamlScalar))
    text = project.text(node)
    if text is None:
        return None
    commands = split_commands(text.replace("\n", " "))
    # Compose runs no shell: an operator is an argument like any other, and only `sh -c` makes sense of it.
    return commands[0] if len(commands) == 1 else tuple(text.split())


def _hosts(project: Project, name: str, layers: list[Layer]) -> Iterator[str]:
    yield name
    for key in ("container_name", "hostname"):
        if text := _last_text(project, layers, key):
            yield text
    for layer in layers:
        networks = layer.body.get("networks")
        for _, network in networks.entries if isinstance(networks, YamlMapping) else ():
            for alias in texts(network.get("aliases") if isinstance(network, YamlMapping) else None):
                if text := project.text(alias):
                    yield text


def _environment(project: Project, layers: list[Layer]) -> tuple[EnvEntry, ...]:
    entries: dict[str, EnvEntry] = {}
    for layer in layers:
        for entry in _env_files(project, layer):
            entries[entry.name] = entry
    for layer in layers:
        for entry in _own_environment(project, layer):
            entries[entry.name] = entry
    return tuple(entries.values())


def _env_files(project: Project, layer: Layer) -> Iterator[EnvEntry]:
    node = layer.body.get("env_file")
    items = node.items if isinstance(node, YamlSequence) else (node,)
    for item in items:
        name = project.text(item.get("path") if isinstance(item, YamlMapping) else item)
        found = env_file(join(layer.folder, name), project.files) if name else None
        if found is None:
            continue
        values: dict[str, str] = {}
        is_raw = isinstance(item, YamlMapping) and project.text(item.get("format")) == "raw"
        for line in read_envfile(found[1]):
            value = line.value
            if value is None:
                value = project.variables.get(line.name)
            elif not (line.literal or is_raw):
                value = interpolate(value, lambda key: values.get(key, project.variables.get(key))).value  # noqa: B023
            if value is not None:
                values[line.name] = value
            yield EnvEntry(line.name, value, Site(found[0], "", line.start, line.end))


def _own_environment(project: Project, layer: Layer) -> Iterator[EnvEntry]:
    node = layer.body.get("environment")
    if isinstance(node, YamlMapping):
        for key, value in node.entries:
            at = value if isinstance(value, YamlScalar) and value.end > value.start else key
            text = project.variables.get(key.value)
            if isinstance(value, YamlScalar) and not value.is_null:
                text = project.resolve(value.value).value
            yield EnvEntry(key.value, text, Site(layer.path, "", at.start, at.end))
        return
    for item in texts(node):
        name, equals, raw = item.value.partition("=")
        text = project.resolve(raw).value if equals else project.variables.get(name)
        yield EnvEntry(name.strip(), text, _value_site(layer.path, item, len((name + equals).encode()), bool(equals)))


def _value_site(path: str, item: YamlScalar, prefix: int, has_value: bool) -> Site:  # noqa: FBT001
    quote = 1 if item.style in {"single", "double"} else 0
    start, end = item.start + quote + prefix, item.end - quote
    if not has_value or start >= end:
        return Site(path, "", item.start, item.end)
    return Site(path, "", start, end)


def _ports(project: Project, layers: list[Layer]) -> Iterator[PortEntry]:
    for layer in layers:
        for key in ("ports", "expose"):
            node = layer.body.get(key)
            for item in node.items if isinstance(node, YamlSequence) else ():
                site = Site(layer.path, "", item.start, item.end)
                if isinstance(item, YamlMapping):
                    target, published = project.text(item.get("target")), project.text(item.get("published"))
                    if target and target.isdecimal():
                        yield PortEntry(int(target), _number(published), site)
                elif match := _PORT.match(project.text(item) or ""):
                    yield PortEntry(int(match.group(2)), _number(match.group(1)), site)
    if _last_text(project, layers, "network_mode") == "host":
        yield from _host_ports(project, layers)


def _host_ports(project: Project, layers: list[Layer]) -> Iterator[PortEntry]:
    """In the network of the host a process publishes what it listens on, as its command or environment says."""
    words = [word for key in ("entrypoint", "command") for word in _words(project, _last(layers, key)) or ()]
    told = [(option, words[i + 1]) for i, option in enumerate(words[:-1]) if option in {"--port", "-p"}]
    told += [(entry.name, entry.value or "") for entry in _environment(project, layers) if entry.name in _LISTENING]
    site = Site(layers[-1].path, "", layers[-1].key.start, layers[-1].key.end)
    for number in dict.fromkeys(number for _, text in told if (number := _number(text)) is not None):
        yield PortEntry(number, number, site)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def _mounts(project: Project, layers: list[Layer]) -> Iterator[tuple[str, str]]:
    for layer in layers:
        node = layer.body.get("volumes")
        for item in node.items if isinstance(node, YamlSequence) else ():
            if isinstance(item, YamlMapping):
                source, target = project.text(item.get("source")), project.text(item.get("target"))
            else:
                source, _, rest = (project.text(item) or "").partition(":")
                target = rest.split(":")[0]
            if source and target and source.startswith("."):
                folder = join(layer.folder, source)
                if not folder.startswith("../") and folder != "..":
                    yield folder, posixpath.normpath(target)


def _depends_on(layers: list[Layer]) -> Iterator[str]:
    for layer in layers:
        node = layer.body.get("depends_on")
        if isinstance(node, YamlMapping):
            yield from (key.value for key, _ in node.entries)
        else:
            yield from (item.value for item in texts(node))


def _replicas(project: Project, layers: list[Layer]) -> int | None:
    deploy = _last(layers, "deploy")
    text = project.text(deploy.get("replicas")) if isinstance(deploy, YamlMapping) else None
    return _number(text or _last_text(project, layers, "scale"))
