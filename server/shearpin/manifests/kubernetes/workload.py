"""Workloads (Deployment, StatefulSet, DaemonSet, Job, CronJob, Pod, Knative Service) and Services that select them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from shearpin.facts.manifest import EnvEntry, EnvReference, PortEntry, ServiceSelector, Workload
from shearpin.facts.site import Site
from shearpin.manifests.kubernetes.objects import Reading, mappings, number, walk
from shearpin.syntax.command import expand_command
from shearpin.syntax.yaml import YamlMapping, YamlNode, YamlScalar, YamlSequence

_TEMPLATES = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "Rollout": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
}
_SIDECAR = re.compile(
    r"(^|/)(istio|proxyv2|envoy|linkerd|cloud-?sql-proxy|gce-proxy|vault|fluent-?bit|daprd)", re.IGNORECASE
)
_REFERENCE = re.compile(r"\$\(([A-Za-z_][\w.-]*)\)")


def template_keys(kind: str, version: str) -> tuple[str, ...] | None:
    """Return the keys that lead to the pod template in an object of a kind and API version; None: it has none."""
    if kind == "Service":
        return ("spec", "template") if version.startswith("serving.knative.") else None
    return _TEMPLATES.get(kind)


def workload_of(reading: Reading, document: YamlMapping) -> Workload | None:
    """Return the workload that an object declares, or None."""
    kind = reading.text(document.get("kind")) or ""
    keys = template_keys(kind, reading.text(document.get("apiVersion")) or "")
    is_knative = kind == "Service" and keys is not None
    name_node = walk(document, "metadata", "name")
    if keys is None or name_node is None:
        return None
    name = reading.object_name(name_node)
    template = walk(document, *keys)
    containers = list(mappings(walk(template, "spec", "containers")))
    if not name or (not containers and kind == "Pod"):
        return None
    main = _main_container(reading, name, containers)
    image = reading.text(main.get("image")) if main else None
    entries, references = _environment(reading, main)
    return Workload(
        kind="knative" if is_knative else kind.lower(),
        name=name,
        site=reading.site(name_node),
        deployment=reading.deployment,
        image=image or None,
        command=_command(reading, main),
        working_dir=reading.text(main.get("workingDir")) if main else None,
        hosts=(name,) if is_knative else (),
        env=entries,
        ports=tuple(port for container in containers for port in _ports(reading, container)),
        labels=tuple(_labels(reading, walk(template, "metadata", "labels"))),
        replicas=number(reading.text(walk(document, "spec", "replicas"))),
        env_from=references,
        is_partial=main is None or main.get("image") is None,
    )


def selector_of(reading: Reading, document: YamlMapping) -> ServiceSelector | None:
    """Return the Kubernetes Service that an object declares, or None."""
    if reading.text(document.get("kind")) != "Service":
        return None
    if (reading.text(document.get("apiVersion")) or "v1") != "v1":
        return None
    name_node = walk(document, "metadata", "name")
    name = reading.object_name(name_node)
    if not name or name_node is None:
        return None
    ports: list[tuple[int, int | None]] = []
    for item in mappings(walk(document, "spec", "ports")):
        port = number(reading.text(item.get("port")))
        if port is not None:
            ports.append((port, number(reading.text(item.get("targetPort")))))
    return ServiceSelector(
        name=name,
        namespace=reading.text(walk(document, "metadata", "namespace")) or "",
        selector=tuple(_labels(reading, walk(document, "spec", "selector"))),
        ports=tuple(ports),
        site=reading.site(name_node),
        deployment=reading.deployment,
    )


def _main_container(reading: Reading, name: str, containers: list[YamlMapping]) -> YamlMapping | None:
    own = [item for item in containers if not _SIDECAR.search(reading.text(item.get("image")) or "")]
    named = [item for item in own if reading.text(item.get("name")) == name]
    return next(iter((*named, *own, *containers)), None)


def _labels(reading: Reading, node: YamlNode | None) -> Iterator[tuple[str, str]]:
    for key, value in node.entries if isinstance(node, YamlMapping) else ():
        text = reading.text(value)
        if text is not None:
            yield key.value, text


def _environment(
    reading: Reading, container: YamlMapping | None
) -> tuple[tuple[EnvEntry, ...], tuple[EnvReference, ...]]:
    entries: dict[str, EnvEntry] = {}
    references: list[EnvReference] = []
    for item in mappings(container.get("envFrom")) if container else ():
        for key, kind in (("configMapRef", "configmap"), ("secretRef", "secret")):
            name_node = walk(item, key, "name")
            source = reading.text(name_node)
            if source and name_node is not None:
                prefix = reading.text(item.get("prefix")) or ""
                references.append(EnvReference(kind, source, reading.site(name_node), prefix=prefix))
    for item in mappings(container.get("env")) if container else ():
        name = reading.text(item.get("name"))
        if name:
            entry, reference = _variable(reading, name, item, entries)
            entries[name] = entry
            references += [reference] if reference else []
    return tuple(entries.values()), tuple(references)


def _variable(
    reading: Reading, name: str, item: YamlMapping, known: dict[str, EnvEntry]
) -> tuple[EnvEntry, EnvReference | None]:
    value = item.get("value")
    if value is not None:
        text = reading.text(value) if not (isinstance(value, YamlScalar) and value.is_null) else ""
        return EnvEntry(name, _with_references(text, known), reading.site(value)), None
    for key, kind in (("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")):
        target = walk(item, "valueFrom", key)
        source, entry = reading.text(walk(target, "name")), reading.text(walk(target, "key"))
        if target is not None and source and entry:
            site = reading.site(target)
            return EnvEntry(name, None, site), EnvReference(kind, source, site, name, entry)
    return EnvEntry(name, None, _name_site(reading, item)), None


def _name_site(reading: Reading, item: YamlMapping) -> Site:
    return reading.site(item.get("name") or item)


def _with_references(text: str | None, known: dict[str, EnvEntry]) -> str | None:
    """Expand `$(NAME)` of variables defined before; others stay as written."""

    def value(match: re.Match[str]) -> str:
        entry = known.get(match.group(1))
        return match.group() if entry is None or entry.value is None else entry.value

    return None if text is None else _REFERENCE.sub(value, text)


def _command(reading: Reading, container: YamlMapping | None) -> tuple[str, ...] | None:
    words: list[str] = []
    for key in ("command", "args"):
        node = container.get(key) if container else None
        words += [reading.text(item) or "" for item in (node.items if isinstance(node, YamlSequence) else ())]
    return expand_command(tuple(words), lambda _path: None) or None if words else None


def _ports(reading: Reading, container: YamlMapping) -> Iterator[PortEntry]:
    for item in mappings(container.get("ports")):
        port = number(reading.text(item.get("containerPort")))
        if port is not None:
            yield PortEntry(port, number(reading.text(item.get("hostPort"))), reading.site(item))
