"""What the protocol keeps."""

from __future__ import annotations

import asyncio
import json

import pytest

from shearpin.lsp.registration import register
from shearpin.lsp.state import Server


class Sink:
    """Counts the answers."""

    def __init__(self):
        self.answers = 0

    def write(self, _data):
        self.answers += 1


@pytest.fixture
async def protocol():
    server = Server()
    register(server)
    server.protocol.set_writer(Sink())
    send(server.protocol, "initialize", {"processId": None, "rootUri": None, "capabilities": {}}, id=0)
    yield server.protocol
    server.worker.stop(1)


def send(protocol, method, params, **more):
    protocol.receive(json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode())


async def test_answers_are_not_kept(protocol):
    explain = {"command": "shearpin.explain", "arguments": ["call-without-timeout"]}
    place = {"textDocument": {"uri": "u"}, "position": {"line": 0, "character": 0}}
    for number in range(1, 51):
        send(protocol, "workspace/executeCommand", explain, id=number)
        send(protocol, "textDocument/hover", place, id=-number)
        send(protocol, "workspace/didChangeConfiguration", {"settings": {}})
    for _ in range(20):
        await asyncio.sleep(0)
    assert protocol.writer.answers == 101
    assert protocol._request_futures == {}
