"""`workspace/didChangeWorkspaceFolders`."""

from __future__ import annotations

from lsprotocol.types import DidChangeWorkspaceFoldersParams

from shearpin.lsp.state import Server
from shearpin.lsp.uris import root_of


def did_change_workspace_folders(server: Server, params: DidChangeWorkspaceFoldersParams) -> None:
    """Open and close sessions; open files move to the folder that now holds them."""
    server.remove_roots(tuple(root for folder in params.event.removed if (root := root_of(folder.uri))))
    server.add_roots(tuple(root for folder in params.event.added if (root := root_of(folder.uri))))
    for document in server.documents.values():
        server.take_text(document)
    server.show()
