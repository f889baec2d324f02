"""Paths that a service may serve although none of its routes says so."""

from __future__ import annotations

from shearpin.facts.fact import Application
from shearpin.facts.site import Site
from shearpin.facts.value import (
    UNKNOWN,
    Bound,
    ClassRef,
    Extern,
    ExternMethod,
    Field,
    FuncRef,
    Instance,
    Param,
    Result,
    Value,
)
from shearpin.flow.protections import known_libraries
from shearpin.flow.ways import ways
from shearpin.graph.addresses import HOLE, texts
from shearpin.graph.reach import files_of
from shearpin.graph.routing import file_routing
from shearpin.meaning.callers import mentioning_parts
from shearpin.meaning.calls import calls
from shearpin.meaning.scopes import get_part, part_ids
from shearpin.meaning.values import options_of
from shearpin.query import Database, keys, query
from shearpin.syntax import ir
from shearpin.syntax.walk import walk

#: names that a middleware or a hook before each request mentions
_HOOKS = ("call_next", "before_request", "__call__")
#: libraries that get an application and add no route to it
_WITHOUT_ROUTES = frozenset((
    *("ddtrace", "elasticapm", "newrelic", "opentelemetry", "prometheus_client", "sentry_sdk", "structlog"),
    *("flask_bcrypt", "flask_caching", "flask_compress", "flask_cors", "flask_jwt_extended", "flask_limiter"),
    *("flask_login", "flask_mail", "flask_marshmallow", "flask_migrate", "flask_sqlalchemy", "flask_talisman"),
    *("gunicorn", "hypercorn", "mangum", "slowapi", "uvicorn", "waitress", "werkzeug"),
))  # fmt: skip


def served_otherwise(db: Database, service_id: str, path: str) -> str:
    """Why a service may serve a path without a route for it; "" when nothing says so."""
    if any(path.startswith(start) for start in shortcuts(db, service_id)):
        return "a middleware looks at this path"
    if any(path == root or path.startswith(f"{root}/") for root in _root_paths(db, service_id)):
        return "the application's root path stands in front"
    return _adders(db, service_id)


@query()
def shortcuts(db: Database, service_id: str) -> tuple[str, ...]:
    """Literal paths (or their beginnings) with which middleware of a service compares the path of a request."""
    owned = frozenset(files_of(db, service_id))
    found: dict[str, None] = {}
    for name in _HOOKS:
        for path, part_id in mentioning_parts(db, name):
            part = get_part(db, path, part_id) if path in owned else None
            for stmt in part.body if part is not None else ():
                found.update(dict.fromkeys(_compared(stmt)))
    return tuple(found)


def _compared(stmt: ir.Stmt) -> list[str]:
    tests = [node.test for node in walk(stmt) if isinstance(node, ir.If) and _mentions_path(node.test)]
    return [
        node.value
        for test in tests
        for node in walk(test)
        if isinstance(node, ir.Literal) and isinstance(node.value, str) and node.value.startswith("/")
    ]


def _mentions_path(test: ir.Expr) -> bool:
    return any(isinstance(node, ir.Attribute) and node.attr == "path" for node in walk(test))


@query()
def _applications(db: Database, service_id: str) -> tuple[Application, ...]:
    return tuple(found for path in files_of(db, service_id) for found in file_routing(db, path).applications)


@query()
def _root_paths(db: Database, service_id: str) -> tuple[str, ...]:
    """Prefixes that a proxy may leave on the path: the application takes them away."""
    found: dict[str, None] = {}
    for application in _applications(db, service_id):
        args = application.app.args if isinstance(application.app, Instance) else ()
        for value in (arg.value for arg in args if isinstance(arg, Bound) and arg.name == "root_path"):
            written = (text.text.rstrip("/") for text in texts(db, value, service_id))
            found.update(dict.fromkeys(text for text in written if text and HOLE not in text))
    return tuple(found)


@query()
def _adders(db: Database, service_id: str) -> str:
    """What may add routes that cannot be read: a router of our own class, a library that gets the application."""
    known = {found.app.site for found in _applications(db, service_id) if isinstance(found.app, Instance)}
    for path in files_of(db, service_id):
        for mount in file_routing(db, path).mounts:
            for child in options_of(mount.child):
                if isinstance(child, Instance) and isinstance(child.cls, ClassRef) and child.site not in known:
                    return f"a router of class {child.cls.name} is mounted"
    whole = frozenset(site for site in known if site is not None)
    for path in files_of(db, service_id):
        library = _handed_by_file(db, path, whole)
        if library:
            return f"{library} gets the application"
    dispatchers = db.get(keys.mentions("DispatcherMiddleware"))
    owned = frozenset(files_of(db, service_id))
    if any(path in owned for path, _ in (dispatchers if isinstance(dispatchers, tuple) else ())):
        return "a dispatcher stands in front of the application"
    return ""


@query()
def _handed_by_file(db: Database, path: str, applications: frozenset[Site]) -> str:
    """The library to which a file hands an application, where it may add routes; an answer that most edits leave."""
    return next((library for part in part_ids(db, path) if (library := _handed_to(db, path, part, applications))), "")


def _handed_to(db: Database, path: str, part: str, applications: frozenset[Site]) -> str:
    for call in calls(db, path, part):
        if not any(_is_application(db, arg.value, applications) for arg in call.args):
            continue
        for option in options_of(call.callee) or (UNKNOWN,):
            library = _library_of(option)
            if library not in known_libraries(db) and library not in _WITHOUT_ROUTES:
                return library or "something that is not known"
    return ""


def _is_application(db: Database, value: Value, applications: frozenset[Site]) -> bool:
    for option in options_of(value):
        if isinstance(option, Instance) and option.site in applications:
            return True
        if isinstance(option, Param):
            bound = (way.mapping(option.function).get(option, UNKNOWN) for way in ways(db, option.function))
            if any(isinstance(value, Instance) and value.site in applications for value in bound):
                return True
    return False


def _library_of(callee: Value) -> str:
    """Top-level module of what is called; "builtins" for our own code, which is followed; "" when not known."""
    match callee:
        case FuncRef() | ClassRef():
            return "builtins"
        case Extern(name=name) | ExternMethod(name=name) | Result(name=name) if name:
            return name.partition(".")[0]
        case Field(base=base):
            return _library_of(base)
        case Instance(cls=cls):
            return _library_of(cls)
        case _:
            return ""
