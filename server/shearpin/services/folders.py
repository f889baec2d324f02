"""Services that no manifest declares: folders whose code makes an application or runs a server or consumer."""

from __future__ import annotations

import posixpath

import msgspec

from shearpin.facts.site import Site
from shearpin.manifests import folder_of, join
from shearpin.query import Database, keys, query
from shearpin.services.naming import is_inside, may_hold_service, parents
from shearpin.services.roots import files_in
from shearpin.syntax import ir
from shearpin.syntax.walk import walk

#: classes whose instance at module level, or made by a factory, is the application that a server is given
_HTTP_APPLICATIONS = (
    *("FastAPI", "Flask", "Starlette", "Quart", "Sanic", "Litestar", "APIFlask", "Blacksheep"),
    *("get_wsgi_application", "get_asgi_application"),
)
_WORKER_APPLICATIONS = ("Celery", "FastStream", "Huey", "RedisHuey")
_SERVES = {
    "run", "serve", "run_app", "run_forever", "serve_forever", "start_consuming", "wait_for_termination", "consume",
    "run_until_complete", "start_polling", "add_insecure_port", "add_secure_port", "create_server", "start_server",
    "run_server", "listen", "poll", "loop_forever", "work",
}  # fmt: skip
_HTTP_SERVERS = {"uvicorn", "hypercorn", "app", "web", "waitress", "application", "api", "server"}
_FACTORIES = ("create", "make", "get", "build", "init", "setup")
_MARKERS = {"pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Pipfile", "Dockerfile", "Procfile"}
_INNER_FOLDERS = {"src", "app", "lib"}


class CodeEntry(msgspec.Struct, frozen=True, gc=False):
    """A file that a process can start from; `kind` is "http" or "worker".

    `attribute` is the application object or factory in it, "" for a script with a main block.
    """

    path: str
    kind: str
    attribute: str
    site: Site
    #: the port that the main block gives to the server
    port: int | None = None


@query()
def code_entries(db: Database, known: tuple[str, ...]) -> tuple[CodeEntry, ...]:
    """All files outside the known folders that a process can start from, by path."""
    found: dict[str, CodeEntry] = {}
    for name in (*_HTTP_APPLICATIONS, *_WORKER_APPLICATIONS, "__name__"):
        places = db.get(keys.mentions(name))
        for path, part_id in places if isinstance(places, tuple) else ():
            if may_hold_service(path) and not any(is_inside(path, folder) for folder in known):
                entry = code_entry(db, path, part_id)
                if entry is not None:
                    found[path] = _together(found.get(path), entry)
    return tuple(found[path] for path in sorted(found))


@query()
def code_entry(db: Database, path: str, part_id: str) -> CodeEntry | None:
    """The entry that one part of a file is, None when it is none."""
    part = db.get(keys.part(path, part_id))
    if not isinstance(part, ir.Part):
        return None
    site = Site(path, part_id, 0, 0)
    if part.kind == "statement":
        for node in part.body:
            if isinstance(node, ir.Assign) and (kind := _application(node.value)):
                names = [target.id for target in node.targets if isinstance(target, ir.Name)]
                return CodeEntry(path, kind, names[0], site) if names else None
            if isinstance(node, ir.If) and _is_main_guard(node.test):
                kind, port = _served(db, path, node.body, 0)
                return CodeEntry(path, kind, "", site, port) if kind else None
    if part.kind == "function" and part_id.split("_", maxsplit=1)[0] in _FACTORIES:
        kind = next((kind for node in walk(part) if isinstance(node, ir.Call) and (kind := _application(node))), "")
        return CodeEntry(path, kind, part_id, site) if kind else None
    return None


def service_folder(db: Database, path: str) -> str:
    """Return the folder of the service that a file starts: up to project files, else out of packages and `src`."""
    for folder in parents(path):
        if folder and not _MARKERS.isdisjoint(files_in(db, folder)):
            return folder
    folder = folder_of(path)
    while folder and (
        db.get(keys.python_file(join(folder, "__init__.py"))) or posixpath.basename(folder) in _INNER_FOLDERS
    ):
        folder = folder_of(folder)
    return folder


def _application(value: msgspec.Struct | None) -> str:
    if not isinstance(value, ir.Call):
        return ""
    name = _last_name(value.func)
    return "http" if name in _HTTP_APPLICATIONS else "worker" if name in _WORKER_APPLICATIONS else ""


def _is_main_guard(test: ir.Expr) -> bool:
    if not isinstance(test, ir.Compare) or test.ops != ("==",):
        return False
    sides = (test.left, *test.rights)
    names = any(isinstance(side, ir.Name) and side.id == "__name__" for side in sides)
    return names and any(isinstance(side, ir.Literal) and side.value == "__main__" for side in sides)


def _together(first: CodeEntry | None, second: CodeEntry) -> CodeEntry:
    """The application of a file wins over its main block, which knows the port."""
    if first is None:
        return second
    return msgspec.structs.replace(first, port=first.port or second.port)


def _served(db: Database, path: str, body: tuple[ir.Stmt, ...], depth: int) -> tuple[str, int | None]:
    """Return the kind of process that a main block runs and its port; the loop may be up to two calls away."""
    called: list[str] = []
    for node in (node for statement in body for node in walk(statement)):
        if isinstance(node, ir.While) and isinstance(node.test, ir.Literal) and node.test.value:
            return "worker", None
        if not isinstance(node, ir.Call):
            continue
        name = _last_name(node.func)
        if isinstance(node.func, ir.Attribute) and name in _SERVES:
            receiver = _last_name(node.func.value)
            if receiver == "asyncio":
                called += [_last_name(inner.func) for inner in node.args if isinstance(inner, ir.Call)]
                continue
            return ("http", _port(node)) if receiver in _HTTP_SERVERS else ("worker", None)
        if isinstance(node.func, ir.Name):
            called.append(name)
    for name in called if depth < 2 else ():
        part = db.get(keys.part(path, name))
        if isinstance(part, ir.Part) and (served := _served(db, path, part.body, depth + 1))[0]:
            return served
    return "", None


def _port(call: ir.Call) -> int | None:
    """`port=8001`, also as the default of `int(os.getenv("PORT", "8001"))`."""
    for keyword in call.keywords:
        for node in walk(keyword.value) if keyword.name == "port" else ():
            if isinstance(node, ir.Literal) and str(node.value).isdecimal() and len(str(node.value)) < 6:
                return int(str(node.value))
    return None


def _last_name(node: ir.Expr) -> str:
    if isinstance(node, ir.Attribute):
        return node.attr
    return node.id if isinstance(node, ir.Name) else ""
