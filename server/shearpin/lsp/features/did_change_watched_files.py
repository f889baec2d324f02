"""`workspace/didChangeWatchedFiles`."""

from __future__ import annotations

from lsprotocol.types import DidChangeWatchedFilesParams

from shearpin.lsp.state import Server
from shearpin.lsp.uris import path_of

#: seconds; a checkout of another branch sends thousands of events, some twice, some of files that are gone again
_CALM = 0.2


def did_change_watched_files(server: Server, params: DidChangeWatchedFilesParams) -> None:
    """Read the files again, once, when the events calm down."""
    paths = {path_of(change.uri) for change in params.changes}
    places = [place for path in paths if path is not None and (place := server.place(path))]
    server.take_disk_changes(places, _CALM)
