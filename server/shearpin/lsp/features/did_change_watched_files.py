"""`workspace/didChangeWatchedFiles`."""

from __future__ import annotations

from lsprotocol.types import DidChangeWatchedFilesParams

from shearpin.lsp.roots import place_of
from shearpin.lsp.state import Server
from shearpin.lsp.uris import path_of
from shearpin.lsp.watching import matters

#: seconds; a checkout of another branch sends thousands of events, some twice, some of files that are gone again
_CALM = 0.2


def did_change_watched_files(server: Server, params: DidChangeWatchedFilesParams) -> None:
    """Read the files again, once, when the events calm down."""
    places = {
        place: None
        for change in params.changes
        if (path := path_of(change.uri)) is not None
        and (place := place_of(server.roots, path)) is not None
        and matters(place[1], change.type)
    }
    server.take_disk_changes(places, _CALM)
