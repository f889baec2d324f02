"""Puts routes under the prefixes of the routers, lists and applications that mount them."""

from __future__ import annotations

import re

import msgspec

from shearpin.facts.fact import Application, ContractServed, Mount, Route
from shearpin.facts.site import FunctionId, Site
from shearpin.facts.value import ClassRef, Const, Extern, FuncRef, Instance, ModuleRef, Value
from shearpin.graph.addresses import HOLE, texts
from shearpin.graph.contracts import contract_named, handler_named
from shearpin.graph.members import methods_served
from shearpin.graph.model import Endpoint
from shearpin.graph.mounting import rounds
from shearpin.graph.serving import Endpoints, Served, joined, operation_served, path_pattern
from shearpin.meaning.lineage import linearise
from shearpin.meaning.modules import resolve_module
from shearpin.meaning.objects import stored
from shearpin.meaning.queries import Meaning
from shearpin.meaning.values import options_of, template
from shearpin.query import Database

_MAX_DEPTH = 16
#: parts of the sites that stand for a module, a class and a function
_MODULE = ""
_CLASS = "class "
_FUNCTION = "function "


class Linker:
    """The routes of one service, linked."""

    def __init__(
        self,
        db: Database,
        service_id: str,
        applications: list[Application],
        mounts: list[Mount],
        accepts: dict[FunctionId, tuple[str, ...]],
    ) -> None:
        self.db = db
        self.service_id = service_id
        self.accepts = accepts
        self.applications = {key: app for app in applications for key in [_key(app.app)] if key is not None}
        self.parents: dict[Site, list[Mount]] = {}
        self.gaps: list[str] = []
        #: mounts of what only running tells (`app.include_router(module.router)`): any router that nothing else mounts
        self.unknown: list[Mount] = []
        #: mounts of what a library brings along
        self.foreign: list[Mount] = []
        for mount in mounts:
            for one in rounds(Meaning(db), mount):
                for option in options_of(one.child):
                    self._note(one, option)
        for key, found in self.parents.items():
            self.parents[key] = [mount for mount in found if not mount.is_default] or found

    def _note(self, mount: Mount, child: Value) -> None:
        if isinstance(child, Const) and isinstance(child.value, str):
            child = resolve_module(self.db, mount.site.path, child.value)
        if isinstance(child, Extern):
            self.foreign.append(mount)
            return
        classes: tuple[Value, ...] = (child,)
        if isinstance(child, ClassRef):
            world = Meaning(self.db)
            classes = linearise(world, child)
            own = stored(world, child, mount.prefix_attribute) if mount.prefix_attribute else None
            if own is not None:
                mount = msgspec.structs.replace(mount, prefix=template((mount.prefix, Const("/"), own)))
        for key in [_key(cls) for cls in classes if not isinstance(cls, Extern)]:
            if key is None:
                self.unknown.append(mount)
            if key is None and self._prefix_text(mount.prefix):
                self.foreign.append(mount)
            elif key is None:
                self.gaps.append(f"a router mounted in {mount.site.path} is not known")
            elif mount not in self.parents.setdefault(key, []):
                self.parents[key].append(mount)

    def _find_foreign(self, routes: list[tuple[Route, bool]]) -> None:
        """What is mounted and has neither routes nor mounts of its own is not known either."""
        mounted = [*self.foreign, *(mount for mounts in self.parents.values() for mount in mounts)]
        holders = [*(route.app for route, _ in routes), *(mount.parent for mount in mounted)]
        known = {_key(option) for holder in holders for option in options_of(holder)} | self.applications.keys()
        for key, mounts in self.parents.items():
            if key not in known and not _is_listing(key):
                self.foreign.extend(mounts)

    def link(self, routes: list[tuple[Route, bool]], described: list[ContractServed]) -> Endpoints:
        """All endpoints; each route says whether its file runs."""
        self._find_foreign(routes)
        served: list[Served] = []
        for route, runs in routes:
            served.extend(self._route(route, runs=runs))
        for application in self.applications.values():
            served.extend(self._extras(application))
        for given in described:
            served.extend(self._of_contract(given))
        has_application = any(not app.is_router for app in self.applications.values())
        unique = {(s.endpoint.op, s.endpoint.site): s for s in served}
        opened = tuple(prefix for mount in self.foreign for prefix in self._mounted_at(mount))
        return Endpoints(
            tuple(unique.values()), not self.gaps, tuple(dict.fromkeys(self.gaps)), has_application, opened
        )

    def _of_contract(self, given: ContractServed) -> list[Served]:
        names = texts(self.db, given.contract, self.service_id)
        contract = contract_named(self.db, self.service_id, names[0].text) if len(names) == 1 else None
        if contract is None:
            self.gaps.append(f"a description that {given.site.path} serves is not known")
            return []
        base = contract.base if given.base == Const(None) else self._prefix_text(given.base)
        owners = [key for key in map(_key, options_of(given.app)) if key is not None]
        return [
            operation_served(
                self.service_id,
                operation,
                joined(outer + base, operation.path),
                handler_named(self.db, given.site.path, operation.handler),
            )
            for owner in owners
            for outer in self._prefixes(owner)
            for operation in contract.operations
        ]

    def _mounted_at(self, mount: Mount) -> list[str]:
        parents = [key for key in map(_key, options_of(mount.parent)) if key is not None]
        given = self._prefix_text(mount.prefix)
        return [outer + given for parent in parents for outer in self._prefixes(parent)]

    def _route(self, route: Route, *, runs: bool) -> list[Served]:
        owners = [key for key in map(_key, options_of(route.app)) if key is not None]
        if not owners:
            if runs:
                self.gaps.append(f"a route in {route.site.path} belongs to an application that is not known")
            return self._served(route, "", registered=runs, slash="redirect")
        found: list[Served] = []
        for owner in owners:
            prefixes = self._prefixes(owner) if runs else None
            slash = route.slash or self._slash(owner, 0)
            for prefix in prefixes or ():
                found.extend(self._served(route, prefix, registered=True, slash=slash))
            if not prefixes and not owner.part.startswith(_CLASS):
                own = self._own_prefix(owner)
                found.extend(self._served(route, own, registered=False, slash=slash))
        return found

    def _slash(self, owner: Site, depth: int) -> str:
        if owner in self.applications:
            return self.applications[owner].slash
        for mount in self.parents.get(owner, ()) if depth < _MAX_DEPTH else ():
            for parent in map(_key, options_of(mount.parent)):
                if parent is not None:
                    return self._slash(parent, depth + 1)
        return "redirect"

    def _own_prefix(self, owner: Site) -> str:
        application = self.applications.get(owner)
        return "" if application is None else self._prefix_text(application.prefix)

    def _prefixes(self, owner: Site, inside: frozenset[Site] = frozenset()) -> list[str]:
        """The prefixes under which a router is served; empty when nothing mounts it."""
        application = self.applications.get(owner)
        if application is not None and not application.is_router and not self.parents.get(owner):
            return [self._prefix_text(application.prefix)]
        if owner in inside or len(inside) >= _MAX_DEPTH:
            return []
        found: list[str] = []
        own = self._own_prefix(owner)
        is_free = application is not None and application.is_router
        for mount in self.parents.get(owner) or (self.unknown if is_free else ()):
            given = self._prefix_text(mount.prefix)
            inner = (given or own) if mount.replaces else given + own
            for parent in map(_key, options_of(mount.parent)):
                if parent is None:
                    found.append(inner)
                    continue
                if parent not in self.applications and parent not in self.parents:
                    # A list of routes in a module that nothing includes is not served.
                    found.extend([] if _is_listing(parent) else [inner])
                    continue
                found.extend(outer + inner for outer in self._prefixes(parent, inside | {owner}))
        return list(dict.fromkeys(found))

    def _prefix_text(self, value: Value) -> str:
        if value == Const(None):
            return ""
        found = texts(self.db, value, self.service_id)
        if len(found) != 1 or HOLE in found[0].text:
            self.gaps.append("a prefix is computed")
            return ""
        return re.sub("/{2,}", "/", found[0].text).rstrip("/")

    def _served(self, route: Route, prefix: str, *, registered: bool, slash: str) -> list[Served]:
        found: list[Served] = []
        for text in texts(self.db, route.path, self.service_id):
            if HOLE in text.text:
                if registered:
                    self.gaps.append(f"the path of a route in {route.site.path} is computed")
                continue
            path = joined(prefix, text.text)
            methods = ["ANY" if method == "*" else method for method in self._methods(route)]
            found.extend(self._entry(route, method, path, registered=registered, slash=slash) for method in methods)
        return found

    def _methods(self, route: Route) -> tuple[str, ...]:
        if route.methods != ("*",) or route.handler is None:
            return route.methods or ("*",)
        if route.kind == "class":
            return methods_served(self.db, route.handler, route.members, route.limit)
        return self.accepts.get(route.handler, route.methods)

    def _entry(self, route: Route, method: str, path: str, *, registered: bool, slash: str) -> Served:
        pattern = path_pattern(path)
        norm = f"{method} {pattern.replace('{*}', '{}')}"
        site = route.site
        kind = "http" if route.kind == "class" else route.kind
        endpoint = Endpoint(self.service_id, kind, f"{method} {path}", norm, site, registered)
        return Served(endpoint, method, pattern, route.handler, slash)

    def _extras(self, application: Application) -> list[Served]:
        key = _key(application.app)
        if application.is_router or key is None:
            return []
        found: list[Served] = []
        for prefix in self._prefixes(key):
            for extra in application.extras:
                method, _, path = extra.partition(" ")
                full = joined(prefix, path)
                endpoint = Endpoint(
                    self.service_id,
                    "extra",
                    f"{method} {full}",
                    f"{method} {path_pattern(full)}",
                    application.site,
                    registered=True,
                )
                found.append(Served(endpoint, method, path_pattern(full), None, application.slash))
        return found


def _key(value: Value) -> Site | None:
    """What stands for an application, a router or another list of routes."""
    match value:
        case Instance(site=site):
            return site
        case ModuleRef(path=path):
            return Site(path, _MODULE, 0, 0)
        case ClassRef(path=path, name=name):
            return Site(path, f"{_CLASS}{name}", 0, 0)
        case FuncRef(function=function):
            return Site(function.path, f"{_FUNCTION}{function.part} {function.inner}", 0, 0)
        case _:
            return None


def _is_listing(key: Site) -> bool:
    return key.part == _MODULE or key.part.startswith((_CLASS, _FUNCTION))
