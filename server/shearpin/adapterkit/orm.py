"""What the libraries built on SQLAlchemy share: the address of a handle, and what a statement says.

A statement is an object (`select(User)`, `text("...")`, `table.insert()`); its class says whether it reads or writes,
its arguments name the model class or the table.
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit.sql import read_sql, shared
from shearpin.adapterkit.store import Store, addresses, argument_of, class_of, joined
from shearpin.facts.value import (
    NONE,
    UNKNOWN,
    Choice,
    ClassRef,
    Const,
    Field,
    Instance,
    Item,
    MappingValue,
    SequenceValue,
    Template,
    Unknown,
    Value,
)
from shearpin.meaning.values import class_of as object_class

TABLE = "sqlalchemy.Table"
TEXT_CLAUSE = "sqlalchemy.TextClause"
STATEMENT_KINDS = {
    "sqlalchemy.Select": "read",
    "sqlalchemy.Insert": "write",
    "sqlalchemy.Update": "write",
    "sqlalchemy.Delete": "write",
}
#: objects that hold the address; the last one takes it from the application's settings
_ENGINES = ("sqlalchemy.Engine", "sqlalchemy.ext.asyncio.AsyncEngine", "flask_sqlalchemy.SQLAlchemy")


def orm_store(library: str) -> Store:
    """Facts of `library`, whose handles lead to an engine."""
    holders = dict.fromkeys(_ENGINES, _engine_url)
    return Store(library, "sql", lambda handle: addresses(handle, holders))


def engine_address(value: Value) -> Value:
    """A URL given as text, as `URL.create(...)` or in a configuration mapping with the usual prefix."""
    if isinstance(value, MappingValue):
        found = [item for key, item, _ in value.entries if key in {Const("sqlalchemy.url"), Const("url")}]
        return found[0] if found else UNKNOWN
    if class_of(value) not in {"sqlalchemy.URL", "sqlalchemy.URL.create"}:
        return value
    driver = argument_of(value, "drivername", 0, UNKNOWN)
    host = argument_of(value, "host", 3, Const("localhost"))
    port = argument_of(value, "port", 4, NONE)
    database = argument_of(value, "database", 5, NONE)
    address: list[Value | str] = [driver, "://", host]
    if port != NONE:
        address += [":", port]
    if database != NONE:
        address += ["/", database]
    return joined(*address)


def _engine_url(value: Value) -> Value:
    return engine_address(argument_of(value, "url", -1 if class_of(value).startswith("flask") else 0, UNKNOWN))


def _entity(value: Value) -> Value:
    """The model class or table name that a value belongs to: `User`, `User.id`, `User(...)`, `table.c.id`."""
    cls = value if isinstance(value, ClassRef) else object_class(value)
    if isinstance(cls, ClassRef):
        return cls
    base = value
    while isinstance(base, (Field, Item)):
        base = base.base
    if isinstance(base, ClassRef):
        return base
    return argument_of(base, "name", 0, UNKNOWN) if class_of(base) == TABLE else UNKNOWN


def first_entity(values: Iterable[Value]) -> Value:
    """What the first of some values that belongs to a model or table belongs to."""
    for value in values:
        found = _entity(value)
        if not isinstance(found, Unknown):
            return found
    return UNKNOWN


def statement(value: Value) -> tuple[str, Value]:
    """Kind and table or model of a statement given to `execute`."""
    if isinstance(value, Choice):
        return shared([statement(option) for option in value.options])
    if isinstance(value, (Const, Template)):
        return read_sql(value)
    name = class_of(value)
    if name == TEXT_CLAUSE:
        return read_sql(argument_of(value, "text", 0, UNKNOWN))
    if name in STATEMENT_KINDS and isinstance(value, Instance):
        return STATEMENT_KINDS[name], first_entity(arg.value for arg in value.args)
    return "unknown", UNKNOWN


def model_of(value: Value) -> Value:
    """The model of an object, or the one that all objects of a literal list have."""
    if isinstance(value, SequenceValue) and value.items:
        models = [_entity(item) for item in value.items]
        return models[0] if all(model == models[0] for model in models) else UNKNOWN
    return _entity(value)
