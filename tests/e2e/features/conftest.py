"""The real server on a small system, with a client that can do what a recorded editor declares, or all of it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from ...wire import RawClient

PROFILES = sorted(Path(__file__).parents[2].joinpath("unit", "lsp", "clients").glob("*.json"))
ANSWERS = {
    "client/registerCapability": None,
    "workspace/codeLens/refresh": None,
    "workspace/inlayHint/refresh": None,
    "workspace/diagnostic/refresh": None,
    "window/showDocument": {"success": True},
    "window/workDoneProgress/create": None,
}
COMPOSE = """\
services:
  orders:
    build: ./orders
    environment:
      PAYMENTS_URL: http://payments:8000
  payments:
    build: ./payments
  rabbitmq:
    image: rabbitmq:3
"""
ORDERS = """\
import os

import pika
import requests
from fastapi import FastAPI

app = FastAPI()


@app.post("/orders")
def create(order: dict):
    response = requests.post(os.environ["PAYMENTS_URL"] + "/charge", json=order, timeout=5)
    response.raise_for_status()
    return response.json()


def announce(order: dict):
    connection = pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
    channel = connection.channel()
    channel.basic_publish(exchange="", routing_key="paid", body=b"1")
"""
PAYMENTS = """\
import requests
from fastapi import FastAPI

app = FastAPI()
session = requests.Session()


@app.post("/charge")
def charge(order: dict):
    for _ in range(3):
        try:
            return session.post("https://bank.example.com/charges", json=order, timeout=4).json()
        except requests.Timeout:
            continue
    raise RuntimeError("the bank does not answer")
"""
SETTINGS = 'select = ["blocking-call-in-async", "call-without-timeout"]\n'
SYSTEM = {
    "shearpin.toml": SETTINGS,
    "compose.yaml": COMPOSE,
    "orders/main.py": ORDERS,
    "orders/requirements.txt": "fastapi\nrequests\npika\n",
    "payments/main.py": PAYMENTS,
    "payments/requirements.txt": "fastapi\nrequests\n",
}


class Desk(RawClient):
    """An editor at work on the system. `texts` are its open buffers."""

    def __init__(self, process, root):
        super().__init__(process, root)
        self.answers = dict(ANSWERS)
        self.texts = {}
        self.versions = {}

    def write(self, files):
        for path, text in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)

    async def start(self, profile="vscode-languageclient-11.0.0", **options):
        """Initialize as a recorded client; the server's capabilities. `options` are its initializationOptions."""
        recording = next(path for path in PROFILES if path.stem == profile)
        params = json.loads(recording.read_text())["initialize"]
        folders = [{"uri": self.root.as_uri(), "name": "system"}]
        self.capabilities = params["capabilities"]
        self.answers["workspace/configuration"] = [options]
        more = {"workspaceFolders": folders, "initializationOptions": options}
        return (await self.initialize(self.capabilities, **more))["capabilities"]

    def load(self, path, text=None, version=1):
        self.texts[path] = (self.root / path).read_text() if text is None else text
        self.versions[path] = version
        self.open(path, self.texts[path], version)

    def become(self, path, text):
        """Send the whole text."""
        self.texts[path] = text
        self.versions[path] += 1
        self.change(path, self.versions[path], {"text": text})

    def append(self, path, text):
        """Paste at the end, as one change."""
        end = {"line": self.texts[path].count("\n"), "character": 0}
        self.texts[path] += text
        self.versions[path] += 1
        self.change(path, self.versions[path], {"range": {"start": end, "end": end}, "text": text})

    def place(self, path, text, at=0):
        """Position of the only occurrence of a text, or of a byte in it."""
        assert self.texts[path].count(text) == 1
        before = self.texts[path][: self.texts[path].index(text) + at]
        return {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}

    def of(self, path, **more):
        return {"textDocument": {"uri": self.uri(path)}, **more}

    async def ask(self, method, params):
        """The result of a request."""
        response = await self.request(method, params)
        assert "error" not in response, response
        return response["result"]

    async def command(self, name, *arguments):
        return await self.ask("workspace/executeCommand", {"command": name, "arguments": list(arguments)})

    async def until_asked(self, method, params, fits):
        """Ask again until the answer fits; the server answers from what it knows and never makes a client wait."""
        for _ in range(300):
            result = await self.ask(method, params)
            if fits(result):
                return result
            await asyncio.sleep(0.05)
        raise AssertionError(result)

    async def shown(self, path, *codes):
        """The diagnostics of the newest text of a file as soon as they are of these rules."""
        found = None
        try:
            while found is None or sorted(item["code"] for item in found) != sorted(codes):
                found = await self.diagnostics(path, self.versions.get(path))
        except TimeoutError as error:
            raise AssertionError(f"last shown: {found}") from error
        return found

    async def actions(self, path, span, only=None):
        context = {"diagnostics": [], **({} if only is None else {"only": [only]})}
        return await self.ask("textDocument/codeAction", self.of(path, range=span, context=context))

    async def action(self, path, span, title):
        found = {action["title"]: action for action in await self.actions(path, span)}
        assert title in found, list(found)
        return found[title]

    async def edit_of(self, action):
        """The edit of an action, however this client gets it."""
        if "edit" in action:
            return action["edit"]
        if "data" in action:
            return (await self.ask("codeAction/resolve", action))["edit"]
        self.answers["workspace/applyEdit"] = {"applied": True}
        await self.command(action["command"]["command"], *action["command"].get("arguments", ()))
        return self.requests("workspace/applyEdit")[-1]["edit"]

    def requests(self, method):
        """Parameters of what the server sent."""
        return [message["params"] for message in self.seen if message.get("method") == method]

    async def sent(self, method):
        """The same, as soon as there is something."""
        while not self.requests(method):
            await self.receive()
        return self.requests(method)

    def apply(self, edit):
        """Texts after an edit, by path; buffers and files stay as they are."""
        changes = edit.get("changes") or {
            change["textDocument"]["uri"]: change["edits"] for change in edit["documentChanges"]
        }
        found = {}
        for uri, edits in changes.items():
            path = uri.removeprefix(f"{self.root.as_uri()}/")
            text = self.texts.get(path) or (self.root / path).read_text()
            rows = text.splitlines(keepends=True)
            starts = [sum(map(len, rows[:number])) for number in range(len(rows) + 1)]
            for one in sorted(edits, key=lambda one: tuple(one["range"]["start"].values()), reverse=True):
                first, last = (
                    starts[one["range"][end]["line"]] + one["range"][end]["character"] for end in ("start", "end")
                )
                text = text[:first] + one["newText"] + text[last:]
            found[path] = text
        return found


@pytest.fixture
async def desk(tmp_path):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shearpin", "serve", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    root = tmp_path.resolve() / "system"
    root.mkdir()
    desk = Desk(process, root)
    desk.write(SYSTEM)
    yield desk
    if process.returncode is None:
        process.kill()
    await process.wait()
    process._transport.close()


@pytest.fixture(params=PROFILES, ids=lambda path: path.stem)
def profile(request):
    """The name of a recorded client."""
    return request.param.stem


@pytest.fixture(params=["eglot-1.9", "helix-25.07.1", "neovim-0.12.4", "vscode-languageclient-11.0.0"])
def various(request):
    """The name of a recorded client; these four differ most."""
    return request.param
