"""A client that speaks the wire protocol itself, so that tests can also say what no library would say."""

from __future__ import annotations

import asyncio
import json

PATIENCE = 20.0


class RawClient:
    """One server process. Messages that are not asked for are kept in `seen`."""

    def __init__(self, process, root):
        self.process = process
        self.root = root
        self.seen = []
        #: results for requests of the server, by method; without one a request stays unanswered
        self.answers = {}
        self._number = 0

    def uri(self, path):
        return f"{self.root.as_uri()}/{path}"

    def send_bytes(self, body, header=b"Content-Length"):
        self.process.stdin.write(header + b": %d\r\n\r\n" % len(body) + body)

    def send(self, method, params=None, **more):
        self.send_bytes(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode())

    async def receive(self):
        size = 0
        while line := (await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                size = int(value)
        assert size, "the server closed its output"
        message = json.loads(await self.process.stdout.readexactly(size))
        self.seen.append(message)
        if "id" in message and message.get("method") in self.answers:
            result = self.answers[message["method"]]
            self.send_bytes(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode())
        return message

    async def until(self, fits):
        while True:
            message = await self.receive()
            if fits(message):
                return message

    async def request(self, method, params=None):
        """The whole response."""
        self._number += 1
        number = self._number
        self.send(method, params, id=number)
        return await self.until(lambda message: message.get("id") == number and "method" not in message)

    async def initialize(self, capabilities=None, **more):
        params = {"processId": None, "rootUri": self.root.as_uri(), "capabilities": capabilities or {}, **more}
        response = await self.request("initialize", params)
        self.send("initialized", {})
        return response["result"]

    def open(self, path, text, version=1):
        item = {"uri": self.uri(path), "languageId": "python", "version": version, "text": text}
        self.send("textDocument/didOpen", {"textDocument": item})

    def change(self, path, version, *changes):
        identifier = {"uri": self.uri(path), "version": version}
        self.send("textDocument/didChange", {"textDocument": identifier, "contentChanges": list(changes)})

    async def diagnostics(self, path, version=None):
        """The next diagnostics of a file, of a version if that is given."""
        message = await self.until(
            lambda message: (
                message.get("method") == "textDocument/publishDiagnostics"
                and message["params"]["uri"] == self.uri(path)
                and (version is None or message["params"].get("version") == version)
            )
        )
        return message["params"]["diagnostics"]

    def popups(self):
        return [message for message in self.seen if message.get("method") == "window/showMessage"]

    async def leave(self):
        """Shut down in order; the exit code."""
        await self.request("shutdown")
        self.send("exit")
        return await asyncio.wait_for(self.process.wait(), PATIENCE)
