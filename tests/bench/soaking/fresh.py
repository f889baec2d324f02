"""What a server that has just started would show for the same files and buffers."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import cast

from lsprotocol.types import InitializeParams
from pygls.protocol import default_converter

from shearpin.lsp.client import client_of
from shearpin.lsp.diagnostics import diagnostic_of
from shearpin.lsp.uris import Root
from shearpin.lsp.view import Opened, View
from shearpin.lsp.watching import counts
from shearpin.report.graph_json import graph_json
from shearpin.report.places import Places, Sources
from shearpin.session import Session
from shearpin.workspace.files import DiskFiles

_CONVERTER = default_converter()


def fresh(root: Path, params: dict[str, object], buffers: dict[str, str]) -> tuple[object, object]:
    """Diagnostics by URI and the graph, as plain data."""
    session = Session(DiskFiles(root), root=root)
    opened: dict[str, Opened] = {}
    for path, text in buffers.items():
        if counts(path):
            session.set_overlay(path, text.encode())
            opened[path] = Opened(f"{root.as_uri()}/{path}", 0)
    session.read_all()
    client = client_of(_CONVERTER.structure(params, InitializeParams))
    view = View(session, Root(root.as_uri(), root), client, opened)
    shown: defaultdict[str, list[object]] = defaultdict(list)
    for finding in session.report().findings:
        shown[view.uri(finding.site.path)].append(_CONVERTER.unstructure(diagnostic_of(view, finding)))
    places = Places(Sources(session.source, session.locate))
    graph = json.loads(graph_json(session.graph(), places, str(root)))
    session.close()
    return cast("object", json.loads(json.dumps(shown))), graph
