"""From the abstract value of an address to concrete alternatives in the environment of one service."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from shearpin.facts.site import Hop, Site
from shearpin.facts.value import (
    Bound,
    Choice,
    Const,
    Env,
    Field,
    Instance,
    Item,
    MappingValue,
    Param,
    Result,
    SequenceValue,
    Template,
    Unknown,
    Value,
)
from shearpin.meaning.values import children, template
from shearpin.query import Database
from shearpin.services.addresses import environment

#: how many tables an address looks up, one in the other
_TABLES = 4
_MAX_ALTERNATIVES = 64
HOLE = "\x00"
# Drivers of databases and brokers take all up to "@" for the password, also what a URL would have to escape.
_URL = re.compile(
    r"^(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://(?:[^@/?#]*@|(?<!http://)(?<!https://)[^:@/?#]*:(?!\d+[/?#])[^@]*@)?"
    r"(?P<host>[^:/?#]*)(?::(?P<port>[^/?#]*))?(?P<rest>.*)$",
    re.DOTALL,
)


class Text(msgspec.Struct, frozen=True):
    """One alternative: text with holes (`HOLE`), how it came about, and the first reason for not knowing a hole.

    `entry` is the place of the table entry when a literal mapping was split.
    """

    text: str
    via: tuple[str, ...] = ()
    evidence: tuple[Hop, ...] = ()
    reason: str = ""
    entry: Site | None = None


class Address(msgspec.Struct, frozen=True):
    """A parsed URL; `host` None when it is not known. `path` keeps holes as `{}`, `query` is dropped."""

    scheme: str
    host: str | None
    port: int | None
    path: str
    text: Text


def texts(db: Database, value: Value, service_id: str) -> list[Text]:
    """The alternatives of a value as text, at most 64."""
    found: list[Text] = []
    for alternative, entry in _split(value):
        for text in _text(db, alternative, service_id):
            found.append(msgspec.structs.replace(text, entry=entry) if entry is not None else text)
            if len(found) >= _MAX_ALTERNATIVES:
                return found
    return found


def addresses(db: Database, url: Value, service_id: str) -> list[Address]:
    """The URLs that a value can be."""
    return [parse(text) for text in texts(db, url, service_id)]


def parse(text: Text) -> Address:
    """Split a URL with holes."""
    match = _URL.match(text.text)
    if match is None:
        return Address("", None, None, normal_path(text.text), text)
    host, port = match["host"], match["port"]
    known = HOLE not in host and bool(host)
    number = int(port) if port and port.isdigit() else None
    return Address(match["scheme"].lower(), host.lower() if known else None, number, normal_path(match["rest"]), text)


def normal_path(rest: str) -> str:
    """Path of a URL: no query or fragment, holes as `{}`, one leading slash."""
    path = re.split(r"[?#]", rest, maxsplit=1)[0]
    path = re.sub(f"{HOLE}+", "{}", path)
    path = re.sub(r"/{2,}", "/", path)
    # A hole that only continues a literal segment is part of that segment's value.
    return path if path.startswith("/") else f"/{path}" if path else "/"


# ------------------------------------------------------------------ splitting


def _split(value: Value, depth: int = 0) -> Iterator[tuple[Value, Site | None]]:
    """One alternative for each entry of a literal table that the value looks up by an unknown key.

    An entry may hold the look-up itself (a loop that assigns what it reads), so the depth is bounded.
    """
    table = _first_table(value) if depth < _TABLES else None
    if table is None:
        yield value, None
        return
    base = table.base
    if isinstance(base, MappingValue):
        for key, item, site in base.entries:
            replaced = _replace(value, table, item)
            if table.key is not None:
                replaced = _replace(replaced, table.key, key)
                origin = _first_piece_of(table.key)
                if origin is not None:
                    replaced = _replace(replaced, origin, template((key, Const("/"), Unknown("rest of the path"))))
            for inner, nested in _split(replaced, depth + 1):
                yield inner, nested or site
    elif isinstance(base, SequenceValue):
        for item in base.items:
            for inner, nested in _split(_replace(value, table, item), depth + 1):
                yield inner, nested


def _first_table(value: Value) -> Item | None:
    if (
        isinstance(value, Item)
        and isinstance(value.base, (MappingValue, SequenceValue))
        and not isinstance(value.key, Const)
    ):
        return value
    for child in children(value):
        found = _first_table(child)
        if found is not None:
            return found
    return None


def _first_piece_of(key: Value) -> Value | None:
    """`x` when the key is the first segment of `x.split("/")`."""
    if not (isinstance(key, Item) and key.key == Const(0) and isinstance(key.base, Result)):
        return None
    if key.base.name in ("builtins.str.split", "builtins.str.partition") or _is_split(key.base):
        return _split_receiver(key.base)
    return None


def _is_split(result: Result) -> bool:
    receiver = result.receiver
    return isinstance(receiver, Field) and receiver.name in ("split", "partition")


def _split_receiver(result: Result) -> Value | None:
    receiver = result.receiver
    return receiver.base if isinstance(receiver, Field) else receiver


def _replace(value: Value, old: Value, new: Value) -> Value:
    if value == old:
        return new
    match value:
        case Template(parts=parts):
            return template(_replace(part, old, new) for part in parts)
        case Choice(options=options):
            return Choice(tuple(_replace(option, old, new) for option in options))
        case Item(base=base, key=key):
            return Item(_replace(base, old, new), None if key is None else _replace(key, old, new))
        case Field(base=base, name=name, cls=cls):
            return Field(_replace(base, old, new), name, cls)
        case Instance(cls=cls, args=args, site=site):
            return Instance(cls, tuple(Bound(a.name, _replace(a.value, old, new)) for a in args), site)
        case _:
            return value


# ----------------------------------------------------------------------- text


def _text(db: Database, value: Value, service_id: str) -> list[Text]:
    match value:
        case Const(value=None):
            return [Text(HOLE, reason="None")]
        case Const(value=constant):
            return [Text(str(constant), ("literal",))]
        case Template(parts=parts):
            found = [Text("")]
            for part in parts:
                pieces = _text(db, part, service_id)
                found = [_joined(left, right) for left in found for right in pieces][:_MAX_ALTERNATIVES]
            return found
        case Choice(options=options):
            return [text for option in options for text in _text(db, option, service_id)]
        case Env():
            return _environment(db, value, service_id)
        case Param(name=name):
            return [Text(HOLE, reason=f"parameter {name} is not known here")]
        case Unknown(reason=reason):
            return [Text(HOLE, reason=reason or "value is computed")]
        case Result(name=name):
            return [Text(HOLE, reason=f"comes from {name}()" if name else "value is computed")]
        case _:
            return [Text(HOLE, reason="value is computed")]


def _joined(left: Text, right: Text) -> Text:
    via = tuple(dict.fromkeys((*left.via, *right.via)))
    return Text(left.text + right.text, via, (*left.evidence, *right.evidence), left.reason or right.reason)


def _environment(db: Database, value: Env, service_id: str) -> list[Text]:
    entries = [answer.entry for answer in environment(db, service_id, value.name) if answer.entry is not None]
    read = () if value.site is None else (Hop(value.site, f"reads {value.name}"),)
    found = [
        Text(entry.value, ("env-manifest",), (*read, Hop(entry.site, f"{value.name}={entry.value}")))
        for entry in entries
        if entry.value is not None
    ]
    if found:
        # The first deployment is the strongest; others with another value are alternatives of other deployments.
        return found[:1]
    if any(entry.value is None for entry in entries):
        return [Text(HOLE, ("env-manifest",), read, f"{value.name} is a secret")]
    if value.default is not None:
        default = _text(db, value.default, service_id)
        return [
            Text(t.text, tuple(dict.fromkeys(("env-default", *t.via))), (*read, *t.evidence), t.reason) for t in default
        ]
    return [Text(HOLE, (), read, f"environment variable {value.name} is not set in any manifest")]
