"""Where the code of a service stands: its folder, the roots of its imports, the folders that it shares."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from shearpin.facts.manifest import ImageBuild, Workload
from shearpin.manifests import folder_of, join
from shearpin.query import Database, keys
from shearpin.services.commands import Start
from shearpin.services.naming import is_inside

_BUILD_FOLDERS = {"docker", "deploy", "build", "dockerfiles", "ci", "infra", "images", "containers", "deployment"}
_CODE_FOLDERS = {"src", "app", "lib"}
_PROJECT_FILES = {
    *("package.json", "pom.xml", "build.gradle", "build.gradle.kts", "go.mod", "composer.json", "Cargo.toml"),
    *("Gemfile", "mix.exs", "CMakeLists.txt", "pubspec.yaml"),
}


class Roots(NamedTuple):
    """`folder` is None when nothing in the workspace is the source of the service."""

    folder: str | None
    source_roots: tuple[str, ...]
    shared: tuple[str, ...]


def locate(
    db: Database,
    workload: Workload | None,
    image: ImageBuild | None,
    context: str | None,
    starts: Sequence[Start],
) -> Roots:
    """Find the code of one workload.

    `context` is the build context or the folder that is known by other means; None when neither is known.
    """
    if context is None:
        return Roots(None, (), ())
    context = _real_context(db, image, context)
    copies = list(_copies(db, workload, image, context))
    image_roots = _image_roots(workload, image, starts)
    code = _code_roots(image_roots, copies)
    entries = [start.entry for start in starts if start.entry]
    with_entry = [root for root in code if any(_starts_in(db, root, entry) for entry in entries)]
    with_python = [root for root in code if db.get(keys.folder(root))]
    primary = next(iter((*with_entry, *with_python)), None)
    is_template = workload is not None and workload.kind == "function"
    folder = context if is_template else _folder(db, image, context, primary, code, entries)
    own = [root for root in code if is_inside(root, folder)]
    other = [root for root in code if not is_inside(root, folder)]
    conventional = list(_conventional(db, folder, entries))
    ordered = dict.fromkeys([*([primary] if primary is not None else []), *conventional, *own, folder, *other])
    shared = dict.fromkeys(
        source for source, _ in copies if source and not is_inside(source, folder) and db.get(keys.folder(source))
    )
    return Roots(folder, tuple(ordered), tuple(found for found in shared if not is_inside(folder, found)))


def entry_file(db: Database, root: str, entry: str) -> str | None:
    """Return the Python file that an entry of a start command denotes below a root, or None."""
    if entry.startswith("celery"):
        entry = re.sub(r"^celery(?:-\w+)?:", "", entry)
    if entry.endswith(".py"):
        path = join(root, entry)
        return path if db.get(keys.python_file(path)) else None
    module = entry.partition(":")[0].replace(".", "/")
    if not module:
        return None
    for candidate in (f"{module}.py", f"{module}/__init__.py", f"{module}/__main__.py"):
        path = join(root, candidate)
        if db.get(keys.python_file(path)):
            return path
    # `celery -A project` and `celery -A project.app` name a module or an attribute of its package.
    parent = module.rpartition("/")[0]
    path = join(root, f"{parent}/__init__.py") if parent else ""
    return path if path and db.get(keys.python_file(path)) else None


def files_in(db: Database, folder: str) -> tuple[str, ...]:
    """Return the names directly in a folder; folders end with a slash."""
    found = db.get(keys.folder_files(folder))
    return found if isinstance(found, tuple) else ()


def _real_context(db: Database, image: ImageBuild | None, context: str) -> str:
    """Correct a guessed context: when its sources do not exist there but do at the workspace root, it is the root."""
    sources = [source for source, _ in image.copies if source not in {".", ""}] if image else []
    if not sources or not context:
        return context
    here = sum(_exists(db, join(context, source)) for source in sources)
    return "" if not here and any(_exists(db, source) for source in sources) else context


def _exists(db: Database, path: str) -> bool:
    name = posixpath.basename(path)
    names = files_in(db, folder_of(path))
    return name in names or f"{name}/" in names


def _copies(
    db: Database, workload: Workload | None, image: ImageBuild | None, context: str
) -> Iterator[tuple[str, str]]:
    """Yield (workspace folder, folder in the image); later ones hide earlier ones."""
    for source, target in image.copies if image else ():
        path = join(context, source)
        if path == ".." or path.startswith(("../", "/")):
            continue
        name = posixpath.basename(path)
        if path and name in files_in(db, folder_of(path)):  # a file: its folder stands for it
            if name.endswith(".py"):
                yield folder_of(path), posixpath.dirname(target) if posixpath.basename(target) == name else target
        else:
            yield path, target
    yield from workload.mounts if workload else ()


def _image_roots(workload: Workload | None, image: ImageBuild | None, starts: Sequence[Start]) -> tuple[str, ...]:
    workdir = (workload.working_dir if workload else None) or (image.workdir if image else "") or "/"
    roots = [posixpath.normpath(posixpath.join(workdir, start.folder)) for start in starts if start.folder]
    roots += [
        posixpath.dirname(posixpath.normpath(posixpath.join(workdir, start.entry)))
        for start in starts
        if start.entry.endswith(".py")
    ]
    variables = [entry.value or "" for entry in (workload.env if workload else ()) if entry.name == "PYTHONPATH"]
    paths = [part for value in variables for part in value.split(":") if part.startswith("/")]
    return tuple(dict.fromkeys((*roots, workdir, *paths, *(image.python_path if image else ()))))


def _code_roots(image_roots: Sequence[str], copies: Sequence[tuple[str, str]]) -> list[str]:
    exact: list[str] = []
    around: list[str] = []
    for root in image_roots:
        for source, target in reversed(copies):
            if target == root:
                exact.append(source)
            elif is_inside(root, target.rstrip("/")):
                # COPY . /srv with WORKDIR /srv/app
                exact.append(join(source, root[len(target.rstrip("/")) :].lstrip("/") or "."))
            elif is_inside(target, root.rstrip("/")):
                below = target[len(root.rstrip("/")) :].strip("/").split("/")
                parts = source.split("/") if source else []
                if parts[-len(below) :] == below:  # COPY ./app ./app
                    around.append("/".join(parts[: -len(below)]))
    return list(dict.fromkeys((*exact, *around)))


def _folder(
    db: Database,
    image: ImageBuild | None,
    context: str,
    primary: str | None,
    code: Sequence[str],
    entries: Sequence[str],
) -> str:
    home = folder_of(image.path) if image else context
    names = [name for name in files_in(db, home) if not name.lower().startswith(("dockerfile", ".docker"))]
    if (
        home != context
        and is_inside(home, context)
        and names
        and posixpath.basename(home) not in _BUILD_FOLDERS
        and not _is_code_elsewhere(db, home, code, entries)
    ):
        return home
    is_own = primary is not None and primary != context and is_inside(primary, context)
    if not is_own or primary is None:
        return context
    plain = image is not None and posixpath.basename(image.path).lower() == "dockerfile"
    if plain and context:  # an ordinary build folder: all of it is the service
        return context
    folder = primary
    while posixpath.basename(folder) in _CODE_FOLDERS and folder != context:
        folder = folder_of(folder)
    return folder


def _is_code_elsewhere(db: Database, home: str, code: Sequence[str], entries: Sequence[str]) -> bool:
    """`docker/web/Dockerfile` copies the whole project: beside it stand scripts, but not what they start."""
    begun = [path for root in code for entry in entries if (path := entry_file(db, root, entry)) is not None]
    if begun:
        return not any(is_inside(path, home) for path in begun)
    names = files_in(db, home)
    holds_code = db.get(keys.folder(home)) or any(name in _PROJECT_FILES for name in names)
    return not holds_code and any(db.get(keys.folder(root)) and not is_inside(root, home) for root in code)


def _conventional(db: Database, folder: str, entries: Sequence[str]) -> Iterator[str]:
    """Yield the folder and its `src`: the one that holds an entry first, else `src` when it is no package."""
    scripts = [join(folder, posixpath.dirname(entry)) for entry in entries if entry.endswith(".py")]
    yield from (root for root in scripts if db.get(keys.folder(root)))
    source = join(folder, "src")
    candidates = [folder]
    if db.get(keys.folder(source)):
        is_package = db.get(keys.python_file(f"{source}/__init__.py"))
        candidates = [folder, source] if is_package else [source, folder]
    found = [root for root in candidates if any(entry_file(db, root, entry) for entry in entries)]
    yield from (*found, *candidates)


def _starts_in(db: Database, root: str, entry: str) -> bool:
    """Say whether Python, started with this entry, puts the folder on its path: a script's own folder counts."""
    if not entry.endswith(".py"):
        return entry_file(db, root, entry) is not None
    folder = posixpath.dirname(entry.lstrip("/"))
    is_here = not folder or root == folder or root.endswith(f"/{folder}")
    return is_here and bool(db.get(keys.python_file(join(root, posixpath.basename(entry)))))
