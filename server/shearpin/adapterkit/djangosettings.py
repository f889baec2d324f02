"""Addresses of databases and caches as Django's settings write them."""

from __future__ import annotations

from shearpin.adapterkit.build import text
from shearpin.adapterkit.store import joined
from shearpin.facts.site import Site
from shearpin.facts.value import (
    NONE,
    UNKNOWN,
    Choice,
    Const,
    Env,
    MappingValue,
    SequenceValue,
    Template,
    Value,
)
from shearpin.meaning.values import join

SETTINGS = "django.conf.settings"
_SCHEMES = {"postgis": "postgresql", "postgresql": "postgresql", "mysql": "mysql", "oracle": "oracle", "mssql": "mssql"}


def database_address(value: Value) -> Value:
    """Address of the default database of `DATABASES`; UNKNOWN when it is not known."""
    found = [address for address, _ in databases(value)]
    return join(found[:1] if len(found) == 1 or not isinstance(value, Choice) else found) if found else UNKNOWN


def databases(value: Value) -> list[tuple[Value, Site | None]]:
    """Addresses of all databases with the places where they are given, the default one first."""
    if isinstance(value, Choice):
        return [pair for option in value.options for pair in databases(option)]
    found: list[tuple[Value, Site | None]] = []
    for name, entry, site in value.entries if isinstance(value, MappingValue) else ():
        address = _database(entry)
        if address != UNKNOWN:
            found.insert(0 if name == Const("default") else len(found), (address, site))
    return found


def cache_address(value: Value) -> Value:
    """Address of the default cache of `CACHES`; UNKNOWN for one in memory or not known."""
    if isinstance(value, Choice):
        found = [address for option in value.options if (address := cache_address(option)) != UNKNOWN]
        return join(found) if found else UNKNOWN
    entry = _entry(value, "default")
    backend = text(_entry(entry, "BACKEND")) or ""
    location = _entry(entry, "LOCATION")
    first = location.items[0] if isinstance(location, SequenceValue) and location.items else location
    if "redis" in backend.lower():
        return first
    if "memcached" in backend.lower() and first != NONE:
        return joined("memcached://", first)
    return UNKNOWN


def _database(entry: Value) -> Value:
    """One database: a mapping, or an address that a library reads from the environment."""
    if isinstance(entry, (Env, Template)) or (isinstance(entry, Const) and isinstance(entry.value, str)):
        return entry
    if isinstance(entry, Choice):
        return join(map(_database, entry.options))
    engine = text(_entry(entry, "ENGINE")) or ""
    if engine.endswith("sqlite3"):
        return Const("sqlite://")
    if engine.startswith("djongo"):
        client = _entry(entry, "CLIENT")
        return _mongo(_entry(client, "host"), _entry(client, "port"))
    kind = next((scheme for word, scheme in _SCHEMES.items() if word in engine), "")
    if not kind:
        return UNKNOWN
    host, port, name = (_entry(entry, key) for key in ("HOST", "PORT", "NAME"))
    if host in (NONE, Const("")):
        host = Const("localhost")
    address = joined(f"{kind}://", host) if port in (NONE, Const("")) else joined(f"{kind}://", host, ":", port)
    return address if name == NONE else joined(address, "/", name)


def _mongo(host: Value, port: Value) -> Value:
    if (text(host) or "").startswith("mongodb"):
        return host
    if host == NONE:
        host = Const("localhost")
    return joined("mongodb://", host) if port == NONE else joined("mongodb://", host, ":", port)


def _entry(value: Value, name: str) -> Value:
    """Entry of a literal mapping; None when it is not there."""
    if not isinstance(value, MappingValue):
        return NONE
    return next((item for key, item, _ in value.entries if key == Const(name)), NONE)
