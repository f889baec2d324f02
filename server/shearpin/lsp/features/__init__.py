"""One file per method of the protocol. Each has one public function, which `lsp.registration` binds to the server."""
