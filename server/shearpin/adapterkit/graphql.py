"""Shared by the adapters of GraphQL servers: where a schema is served, and which operations it has."""

from __future__ import annotations

from collections.abc import Iterator

from shearpin.adapterkit.build import Basis, basis, made
from shearpin.adapterkit.routes import NO_PREFIX, application, route
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Route
from shearpin.facts.site import FunctionId
from shearpin.facts.value import ClassRef, Const, Value

ROOTS = ("query", "mutation", "subscription")


def served(call: ResolvedCall, library: str, path: Value = NO_PREFIX) -> Iterator[Fact]:
    """An application or router that answers GraphQL, and nothing else, at one path."""
    place, app = basis(call, library), made(call)
    yield application(place, app, is_router=True)
    yield route(place, app, path, methods=("GET", "POST"), handler=None, runs="loop")


def roots(call: ResolvedCall, library: str) -> Iterator[Fact]:
    """The root types that are given to a schema as classes."""
    for position, name in enumerate(ROOTS):
        cls = call.value(name, position, Const(None))
        if isinstance(cls, ClassRef):
            handler = FunctionId(cls.path, cls.name)
            yield _operation(basis(call, library), name.capitalize(), handler, "graphql", made(call))


def operation(place: Basis, name: str, handler: FunctionId | None) -> Route:
    """One operation: "Query.orders"."""
    return _operation(place, name, handler, "graphql", NO_PREFIX)


def resolver(place: Basis, name: str, handler: FunctionId | None) -> Route:
    """A field of a class; an operation where the class is a root type."""
    return _operation(place, name, handler, "resolver", NO_PREFIX)


def _operation(place: Basis, name: str, handler: FunctionId | None, kind: str, app: Value) -> Route:
    return route(place, app, Const(name), methods=(), handler=handler, runs="loop", kind=kind)


def camel(name: str) -> str:
    """`by_customer` is called `byCustomer` in a schema."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)
