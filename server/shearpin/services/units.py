"""One definition of a service or of infrastructure, before definitions are merged."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

from shearpin.facts.manifest import EnvEntry, GatewayRoute, ImageBuild, Workload
from shearpin.facts.site import Site
from shearpin.manifests import folder_of, join
from shearpin.query import Database
from shearpin.services.commands import Start, starts
from shearpin.services.conventions import default_starts
from shearpin.services.evidence import Evidence
from shearpin.services.images import image_name, infrastructure_kind, is_gateway, is_web_server
from shearpin.services.naming import is_inside, is_production, is_secondary, normalised
from shearpin.services.roots import Roots, entry_file, files_in, locate

_TIERS = {"compose": 0, "kubernetes": 1, "helm": 2, "procfile": 3, "supervisor": 3}


@dataclass(slots=True)
class Unit:
    """One definition. `infra` is set for infrastructure, `role` is "service", "gateway", "web" or "infra"."""

    name: str
    tier: int
    site: Site
    manifest: str
    roots: Roots
    workload: Workload | None = None
    image: ImageBuild | None = None
    starts: tuple[Start, ...] = ()
    role: str = "service"
    infra: str | None = None
    routes: tuple[GatewayRoute, ...] = ()
    is_secondary: bool = False
    hosts: tuple[str, ...] = ()
    env_folder: str | None = field(default=None)

    @property
    def image_key(self) -> str:
        """The name under which manifests of the same service know its image, "" when none is given."""
        return image_name(self.workload.image) if self.workload and self.workload.image else ""


def units(db: Database, evidence: Evidence) -> list[Unit]:
    """Return all definitions by manifests, the strongest first."""
    found = [_from_workload(db, evidence, facts.kind, facts.path, workload) for facts, workload in evidence.workloads]
    # Of what a supervisor keeps running, servers that come with the system are none of ours.
    found = [unit for unit in found if not _is_foreign(unit)]
    found.sort(key=_strength)
    taken = {unit.image.path for unit in found if unit.image is not None}
    folders = {unit.roots.folder for unit in found}
    for path, image in sorted(evidence.images.items()):
        if path not in taken and folder_of(path) not in folders and not is_secondary(path):
            unit = _from_image(db, evidence, image)
            if unit is not None:
                found.append(unit)
    return found


def _is_foreign(unit: Unit) -> bool:
    is_supervised = unit.workload is not None and unit.workload.kind == "supervisor"
    return is_supervised and not any(start.kind or start.entry for start in unit.starts)


def _strength(unit: Unit) -> tuple[bool, int, bool, int, int]:
    # Of the layers of one tool those for production come first; compose files build on the plain one.
    is_variant = unit.tier > 0 and unit.workload is not None and not is_production(unit.workload.deployment)
    return unit.is_secondary, unit.tier, is_variant, unit.manifest.count("/"), len(unit.manifest)


def _from_workload(db: Database, evidence: Evidence, kind: str, path: str, workload: Workload) -> Unit:
    context, dockerfile = _context(evidence, workload)
    image = evidence.images.get(dockerfile or "")
    base = (workload.image or "") if context is None else image.base_image if image else ""
    begun = _starts(workload, image) or _default_starts(db, workload, image, context)
    roots = _installed(db, evidence, workload, locate(db, workload, image, context, begun), begun)
    routes = _routes(evidence, workload, roots)
    unit = Unit(
        name=workload.name,
        tier=_TIERS.get(kind, 1),
        site=workload.site,
        manifest=path,
        roots=roots,
        workload=workload,
        image=image,
        starts=begun,
        routes=routes,
        is_secondary=is_secondary(path),
        hosts=workload.hosts,
    )
    _classify(db, unit, base)
    return unit


def _from_image(db: Database, evidence: Evidence, image: ImageBuild) -> Unit | None:
    """A Dockerfile that no other manifest uses is a service when it starts something that stands beside it."""
    folder = folder_of(image.path)
    begun = _starts(None, image) or _default_starts(db, None, image, folder)
    if not begun or infrastructure_kind(image.base_image) or is_web_server(image.base_image):
        return None
    roots = _installed(db, evidence, None, locate(db, None, image, folder, begun), begun)
    if not roots.folder and not any(start.entry for start in begun):
        return None
    entries = [start.entry for start in begun if start.entry]
    if not _holds_code(db, roots.folder or "") and not _is_found(db, _places(roots), entries):
        return None
    name = (roots.folder or "").rpartition("/")[2] or "app"
    unit = Unit(name, 4, image.site, image.path, roots, image=image, starts=begun)
    _classify(db, unit, image.base_image)
    return unit


def _installed(
    db: Database, evidence: Evidence, workload: Workload | None, roots: Roots, begun: Sequence[Start]
) -> Roots:
    """The code of an image that installs a package of the workspace, e.g. as a wheel: that of the package.

    It counts when the image copies no file that it starts, and one project alone has it.
    """
    entries = [start.entry for start in begun if start.entry]
    if roots.folder is None or not entries or _is_found(db, _places(roots), entries):
        return roots
    installable = (found for found in evidence.projects if found.name or found.site.path.endswith("pyproject.toml"))
    folders = dict.fromkeys(project.folder for project in installable)
    found = [folder for folder in folders if _is_found(db, (folder, join(folder, "src")), entries)]
    return locate(db, workload, None, found[0], begun) if len(found) == 1 else roots


def _is_found(db: Database, places: Sequence[str], entries: Sequence[str]) -> bool:
    return any(entry_file(db, place, entry) for place, entry in product(places, entries))


def _places(roots: Roots) -> tuple[str, ...]:
    return (*roots.source_roots, *((roots.folder,) if roots.folder is not None else ()))


def _holds_code(db: Database, folder: str) -> bool:
    markers = {"package.json", "pom.xml", "build.gradle", "go.mod", "composer.json", "Cargo.toml", "Gemfile"}
    names = files_in(db, folder)
    return any(name in markers or name.endswith((".py", ".csproj", "src/", "app/")) for name in names)


def _context(evidence: Evidence, workload: Workload) -> tuple[str | None, str | None]:
    """Return the build folder and the Dockerfile of a workload, as far as the workspace says."""
    if workload.build is not None:
        return workload.build, workload.dockerfile
    if not workload.image:
        folder = evidence.folder_named(workload.name)
        return folder, f"{folder}/Dockerfile" if folder else None
    name = image_name(workload.image)
    known = evidence.contexts.get(name)
    if known is not None:
        folder, file = known
        return folder, file or (f"{folder}/Dockerfile" if folder else "Dockerfile")
    if infrastructure_kind(workload.image) or is_gateway(workload.image) or is_web_server(workload.image):
        return None, None
    names = _names(name, workload.name)
    for candidate in names:
        folder = evidence.folder_named(candidate)
        if folder is not None:
            return folder, _dockerfile_in(evidence, folder, names)
    return _context_of_variant(evidence, name)


def _context_of_variant(evidence: Evidence, name: str) -> tuple[str | None, str | None]:
    """The image `users-worker` is built from the folder `users` when a Dockerfile in it is named "worker"."""
    parts = normalised(name).split("-")
    for count in range(len(parts) - 1, 0, -1):
        folder, variant = evidence.folder_named("-".join(parts[:count])), "-".join(parts[count:])
        inside = [path for path in evidence.images if folder is not None and is_inside(path, folder)]
        named = [path for path in inside if variant in _dockerfile_names(path)]
        if len(named) == 1:
            return folder, named[0]
    return None, None


def _names(image: str, workload: str) -> tuple[str, ...]:
    """Names of the folder that may hold the source of an image: its own, then what follows a prefix."""
    parts = normalised(image).split("-")
    tails = ["-".join(parts[start:]) for start in range(1, len(parts))]
    return tuple(dict.fromkeys((normalised(image), normalised(workload), *tails)))


def _dockerfile_in(evidence: Evidence, folder: str, names: tuple[str, ...]) -> str | None:
    """Return the Dockerfile that builds the image of these names, None when several may and none says so."""
    inside = [path for path in evidence.images if is_inside(path, folder)]
    if not inside:
        return f"{folder}/Dockerfile"
    for name in names:
        named = [path for path in inside if name in _dockerfile_names(path)]
        if len(named) == 1:
            return named[0]
    nearest = min(path.count("/") for path in inside)
    beside = [path for path in inside if path.count("/") == nearest]
    for chosen in (
        [path for path in beside if path.rpartition("/")[2].lower() in {"dockerfile", "containerfile"}],
        [path for path in beside if is_production(path.rpartition("/")[2])],
        beside,
    ):
        if len(chosen) == 1:
            return chosen[0]
    return None


def _dockerfile_names(path: str) -> tuple[str, str]:
    """`worker.dockerfile` and `Dockerfile.worker` are named "worker"."""
    name = path.rpartition("/")[2].lower()
    stem, ending = posixpath.splitext(name)
    return normalised(stem if ending in {".dockerfile", ".containerfile"} else ""), normalised(ending)


def _starts(workload: Workload | None, image: ImageBuild | None) -> tuple[Start, ...]:
    variables = _variables(workload, image)
    command = workload.command if workload else None
    if command is None:
        return starts(image.command if image else None, variables)
    own = starts(command, variables)
    if image is not None and image.entrypoint and not any(start.kind or start.entry for start in own):
        joined = starts((*image.entrypoint, *command), variables)
        if any(start.kind or start.entry for start in joined):
            return joined
    return own


def _default_starts(
    db: Database, workload: Workload | None, image: ImageBuild | None, context: str | None
) -> tuple[Start, ...]:
    if image is None or (workload is not None and workload.command is not None):
        return ()
    return default_starts(db, image, workload, context, _variables(workload, image))


def _variables(workload: Workload | None, image: ImageBuild | None) -> dict[str, str]:
    return {entry.name: entry.value or "" for entry in (*(image.env if image else ()), *_env(workload))}


def _env(workload: Workload | None) -> tuple[EnvEntry, ...]:
    return workload.env if workload else ()


def _routes(evidence: Evidence, workload: Workload, roots: Roots) -> tuple[GatewayRoute, ...]:
    """Return the routes of the configuration that the workload mounts or that stands in its folder."""
    places = [source for source, _ in workload.mounts]
    if roots.folder:
        places.append(roots.folder)
    return tuple(
        route
        for path, routes in sorted(evidence.routes.items())
        if any(place and is_inside(path, place) for place in places)
        for route in routes
    )


def _classify(db: Database, unit: Unit, base: str) -> None:
    kind = infrastructure_kind(base)
    has_python_start = any(start.kind or start.entry for start in unit.starts)
    if has_python_start:
        return
    if is_gateway(base):
        unit.role = "gateway"
    elif is_web_server(base):
        unit.role = "gateway" if unit.routes else "web" if _is_frontend(db, unit) else "infra"
        unit.infra = "web-server" if unit.role == "infra" else None
    elif kind is not None and (kind != "utility" or unit.image is None):
        # An own image on top of a bare system is an application; on top of a database it is that database.
        unit.role, unit.infra = "infra", kind


def _is_frontend(db: Database, unit: Unit) -> bool:
    # A web server that only hands out files is a frontend when they are built here, else plain infrastructure.
    return unit.roots.folder is not None and "package.json" in files_in(db, unit.roots.folder)
