"""Graphs in one line an edge, and small systems to draw them of."""

from __future__ import annotations

from collections.abc import Mapping

from shearpin.graph.model import Edge, Endpoint
from shearpin.session import Session

from ...support import open_session

DOCKERFILE = 'FROM python\nWORKDIR /srv\nCOPY . /srv\nCMD ["uvicorn", "main:app", "--port", "8000"]\n'
FASTAPI = "from fastapi import APIRouter, FastAPI\napp = FastAPI()\n"
FLASK = "from flask import Blueprint, Flask\napp = Flask(__name__)\n"


def system(files: Mapping[str, str], *, environment: str = "", names: str = "a b") -> Session:
    """A compose project whose services are folders with a `main.py`; `environment` is that of `a`."""
    compose = "services:\n"
    whole: dict[str, str] = {}
    for name in names.split():
        given = f"\n    environment: {{{environment}}}" if name == "a" and environment else ""
        compose += f"  {name}:\n    build: {name}{given}\n"
        whole |= {f"{name}/Dockerfile": DOCKERFILE, f"{name}/main.py": ""}
    return open_session({"compose.yaml": compose, **whole, **files}, rules=())


def edges(session: Session) -> list[str]:
    """All edges of the graph."""
    return [drawn(edge) for edge in session.graph().edges]


def drawn(edge: Edge) -> str:
    """`source -> target operation`; `?` before a target that is not known, and why."""
    why = f" ({edge.unknown_reason})" if edge.unknown_reason else ""
    return f"{edge.source} -> {edge.target} {edge.op}{why}"


def endpoints(session: Session, service: str = "a") -> list[str]:
    """Endpoints of a service in order of operation; unregistered ones in parentheses."""
    return sorted(map(listed, (point for point in session.graph().endpoints if point.service == service)))


def listed(point: Endpoint) -> str:
    """`METHOD /path`."""
    return point.op if point.registered else f"({point.op})"
