"""Whom a call that is not HTTP reaches: a service by its host or by its name, else somebody outside."""

from __future__ import annotations

import re

from shearpin.graph.addresses import HOLE, Address, Text, parse
from shearpin.graph.rpc import named_services, qualified
from shearpin.query import Database
from shearpin.services.addresses import host_owner

#: `dns:///orders:50051`, `dns://8.8.8.8/orders`, `orders:50051`
_GRPC = re.compile(r"(?:(?:dns|ipv4|passthrough|xds):(?://[^/]*/)?)?(?P<host>[\w.-]+)(?::(?P<port>\d+))?$")


def remote_target(db: Database, target: Text, protocol: str, service_id: str) -> tuple[str, str, str]:
    """(kind as in `Edge.target_kind`, id, reason for not knowing) of one alternative of a call's target."""
    if protocol == "grpc":
        return _by_host(db, target, service_id)
    if HOLE in target.text:
        return "unknown", "unknown", target.reason or "the target is computed"
    if protocol == "nameko-rpc":
        found = named_services(db).get(target.text, ())
        if len(found) == 1:
            return "service", found[0], ""
        return "unknown", f"unknown:{target.text}", f"{len(found) or 'no'} services answer to {target.text}"
    if protocol == "lambda":
        kind, found = host_owner(db, target.text, None, service_id)
        return ("service", found, "") if kind == "service" else ("external", f"external:lambda/{target.text}", "")
    if "://" in target.text:
        return _by_address(db, parse(target), service_id)
    return "external", f"external:{target.text}", ""


def _by_address(db: Database, address: Address, service_id: str) -> tuple[str, str, str]:
    if address.host is None:
        return "unknown", "unknown", address.text.reason or "the address is computed"
    return _owned(db, address.host, address.port, service_id)


def operation_name(db: Database, protocol: str, operation: str, path: str) -> str:
    """How an edge names what is called; endpoints are named the same."""
    if protocol == "grpc":
        return f"rpc {qualified(db, operation, path)}"
    return f"rpc {operation}" if protocol == "nameko-rpc" else operation


def _by_host(db: Database, target: Text, service_id: str) -> tuple[str, str, str]:
    match = _GRPC.match(target.text)
    if match is None or HOLE in match["host"]:
        return "unknown", "unknown", target.reason or "the address is computed"
    return _owned(db, match["host"].lower(), int(match["port"]) if match["port"] else None, service_id)


def _owned(db: Database, host: str, port: int | None, service_id: str) -> tuple[str, str, str]:
    kind, found = host_owner(db, host, port, service_id)
    if kind == "infra":
        return "datastore", found, ""
    if kind == "external":
        return "external", f"external:{host}", ""
    if kind == "unknown":
        return "unknown", f"unknown:{host}", f"nobody is called {host}"
    return "service", found, ""
