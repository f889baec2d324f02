"""Services and infrastructure from merged definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.facts.manifest import PortEntry, ServiceSelector, Workload
from shearpin.facts.service import Infra, Service
from shearpin.manifests import folder_of
from shearpin.query import Database, keys
from shearpin.services.evidence import Evidence
from shearpin.services.images import default_ports, image_name, language_of
from shearpin.services.merging import Group
from shearpin.services.naming import normalised, words
from shearpin.services.roots import files_in
from shearpin.services.units import Unit
from shearpin.services.variables import deployments

_MARKERS = (
    ("package.json", "javascript"),
    ("pom.xml", "java"),
    ("build.gradle", "java"),
    ("build.gradle.kts", "java"),
    ("go.mod", "go"),
    ("composer.json", "php"),
    ("Cargo.toml", "rust"),
    ("Gemfile", "ruby"),
    ("mix.exs", "elixir"),
)
_SUFFIXES = ((".csproj", "csharp"), (".go", "go"), (".php", "php"), (".js", "javascript"), (".ts", "javascript"))
_LOAD_WORDS = {"loadgen", "loadgenerator", "load-generator", "load-gen", "locust", "load-test", "loadtest"}
_FRONTEND_WORDS = {"frontend", "front", "ui", "webapp", "web", "client", "spa", "www", "dashboard", "storefront"}
_FRONTEND_FILES = (
    "next.config",
    "vite.config",
    "angular.json",
    "vue.config",
    "nuxt.config",
    "svelte.config",
    "index.html",
)


def build_service(db: Database, evidence: Evidence, group: Group, identifier: str) -> Service:
    """Turn the definitions of one service into the service."""
    main = group.units[0]
    rooted = next((unit for unit in group.units if unit.roots.folder is not None), main)
    selectors = list(_selectors(evidence, group))
    folder = group.folder
    if folder is None and main.routes:
        folder = folder_of(main.routes[0].site.path)
    language = _language(db, group, folder)
    ports = dict.fromkeys(
        [*_ports(group), *(port for found in selectors for pair in found.ports for port in pair if port)]
    )
    names = [name for unit in group.units for name in _aliases(unit)]
    return Service(
        id=identifier,
        root=folder or "",
        language=language,
        kind=_kind(db, group, language, folder, has_ports=bool(ports)),
        framework=None,
        source_roots=tuple(dict.fromkeys(root for unit in (rooted, *group.units) for root in unit.roots.source_roots)),
        entries=_entries(evidence, group),
        hosts=_hosts(group, selectors),
        ports=tuple(ports),
        manifests=tuple(dict.fromkeys(unit.manifest for unit in group.units if unit.manifest)),
        aliases=tuple(name for name in dict.fromkeys((*names, *_catalogued(evidence, folder))) if name != identifier),
        deployments=deployments(evidence, group),
        site=main.site,
        published=_published(group.units),
        shared=tuple(dict.fromkeys(found for unit in group.units for found in unit.roots.shared)),
    )


def build_infra(evidence: Evidence, group: Group) -> Infra:
    """Turn the definitions of one piece of infrastructure into it."""
    selectors = list(_selectors(evidence, group))
    kind = group.units[0].infra or "unknown"
    ports = dict.fromkeys(
        [*_ports(group), *(port for found in selectors for port, _ in found.ports), *default_ports(kind)]
    )
    return Infra(
        id=group.name,
        kind=kind,
        hosts=_hosts(group, selectors),
        ports=tuple(ports),
        site=group.units[0].site,
        manifests=tuple(dict.fromkeys(unit.manifest for unit in group.units)),
        published=_published(group.units),
        deployments=deployments(evidence, group),
    )


def identifiers(groups: Iterable[Group]) -> Iterator[tuple[Group, str]]:
    """Give every group an id: its name, made unique by its folder."""
    taken: set[str] = set()
    for group in groups:
        name = _name(group)
        candidates = [name]
        if group.folder:
            candidates += [f"{group.folder.rpartition('/')[2]}-{name}", f"{group.folder}/{name}"]
        candidates += [f"{name}-{number}" for number in range(2, 1000)]
        identifier = next(candidate for candidate in candidates if candidate.lower() not in taken)
        taken.add(identifier.lower())
        yield group, identifier


def _name(group: Group) -> str:
    unit = group.units[0]
    if unit.workload is None or unit.workload.kind != "procfile":
        return group.name
    folder = (group.folder or "").rpartition("/")[2]
    if not folder:
        return group.name
    return folder if group.name == "web" else f"{folder}-{group.name}"


def _selectors(evidence: Evidence, group: Group) -> Iterator[ServiceSelector]:
    for selector in evidence.selectors:
        chosen = set(selector.selector)
        for unit in group.units:
            workload = unit.workload
            if workload is None or not chosen or not chosen <= set(workload.labels):
                continue
            # Overlays keep Services apart from workloads; labels alone decide only where the names agree as well.
            if workload.deployment == selector.deployment or normalised(selector.name) == normalised(workload.name):
                yield selector
                break


def _hosts(group: Group, selectors: list[ServiceSelector]) -> tuple[str, ...]:
    hosts = [name for unit in group.units for name in (unit.name, *unit.hosts)]
    return tuple(dict.fromkeys(host.lower() for host in (*hosts, *(found.name for found in selectors))))


def _aliases(unit: Unit) -> Iterator[str]:
    yield unit.name
    yield from unit.hosts
    if unit.image_key and unit.role != "infra":
        yield unit.image_key


def _catalogued(evidence: Evidence, folder: str | None) -> list[str]:
    """The name that a catalogue in the folder of a service gives it; one that lists several does not say which."""
    found = evidence.components.get(folder, []) if folder else []
    return found if len(found) == 1 else []


def _ports(group: Group) -> Iterator[int]:
    for unit in group.units:
        yield from (port.container for port in _declared(unit.workload))
        # Of several processes of one image only the one that the image itself starts has its ports.
        is_default = unit.workload is None or unit.workload.command is None
        yield from (unit.image.ports if unit.image and is_default else ())
        yield from (start.port for start in unit.starts if start.port is not None)


def _declared(workload: Workload | None) -> tuple[PortEntry, ...]:
    return workload.ports if workload else ()


def _published(units: list[Unit]) -> tuple[tuple[int, int], ...]:
    pairs = ((port.published, port.container) for unit in units for port in _declared(unit.workload))
    return tuple(dict.fromkeys((published, container) for published, container in pairs if published is not None))


def _entries(evidence: Evidence, group: Group) -> tuple[str, ...]:
    scripts = {name: target for project in evidence.projects for name, target in project.scripts}
    begun = [start for unit in group.units for start in unit.starts]
    found = [entry for start in begun for entry in (start.entry or scripts.get(start.script, ""), *start.modules)]
    return tuple(dict.fromkeys(entry for entry in found if entry))


def _kind(db: Database, group: Group, language: str, folder: str | None, *, has_ports: bool) -> str:
    roles = {unit.role for unit in group.units}
    if "gateway" in roles:
        return "gateway"
    kinds = [start.kind for unit in group.units for start in unit.starts if start.kind]
    if "loadgen" in kinds or normalised(group.name) in _LOAD_WORDS:
        return "loadgen"
    if "web" in roles:
        return "frontend"
    for kind in ("http", "frontend", "rpc", "worker"):
        if kind in kinds:
            return kind
    if any(unit.workload is not None and unit.workload.kind in {"job", "cronjob"} for unit in group.units):
        return "job"
    if language == "javascript" and folder is not None:
        named = words(group.name) | words(folder.rpartition("/")[2])
        if named & _FRONTEND_WORDS or _is_browser_code(db, folder):
            return "frontend"
    return "http" if has_ports else "worker"


def _is_browser_code(db: Database, folder: str) -> bool:
    names = files_in(db, folder)
    public = files_in(db, f"{folder}/public" if folder else "public")
    return any(name.startswith(_FRONTEND_FILES) for name in names) or "index.html" in public


def _language(db: Database, group: Group, folder: str | None) -> str:
    if any(start.kind or start.entry for unit in group.units for start in unit.starts):
        return "python"
    if all(unit.role in {"gateway", "web"} for unit in group.units):
        return "config"
    for unit in group.units:
        for base in unit.image.bases if unit.image else ():
            if (language := language_of(base)) is not None:
                return language
    if folder is None:
        images = (unit.workload.image for unit in group.units if unit.workload and unit.workload.image)
        return next((language for image in images if (language := language_of(image_name(image)))), "unknown")
    names = files_in(db, folder)
    for marker, language in _MARKERS:
        if marker in names:
            return language
    if db.get(keys.folder(folder)):
        return "python"
    return next((language for suffix, language in _SUFFIXES if any(name.endswith(suffix) for name in names)), "unknown")
