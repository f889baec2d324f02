"""A client that speaks the wire protocol: one server process, its answers, its log, what it shows, its memory."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, cast

COMMAND = (sys.executable, "-m", "shearpin", "serve")
#: seconds; a busy machine is no failure
PATIENCE = 240.0
#: what a client has to expect that cancels, types on, or asks for a fix that turns out to mend nothing
EXPECTED = {"codeAction/resolve": (-32801, -32803)}
ALWAYS_EXPECTED = (-32800, -32801)

Message = dict[str, object]


class Wire:
    """Notes every exception, popup, error and doubled answer in `faults`."""

    def __init__(self, log: Path | None = None) -> None:
        self.process = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.faults: list[str] = []
        self.diagnostics: dict[str, list[Message]] = {}
        self.requests: dict[int, str] = {}
        self.answers: dict[int, Message] = {}
        self.answered = 0
        self._log = None if log is None else log.open("w", encoding="utf-8")
        self._number = 0
        self._news = threading.Condition()
        for work in (self._read, self._read_log):
            threading.Thread(target=work, daemon=True).start()

    def notify(self, method: str, params: object) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def request(self, method: str, params: object) -> int:
        """Send a request; its number."""
        with self._news:
            self._number += 1
            number = self._number
            self.requests[number] = method
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return number

    def cancel(self, number: int) -> None:
        """Take a request back; it is answered all the same."""
        self.notify("$/cancelRequest", {"id": number})

    def result(self, number: int) -> object:
        """Wait for an answer; None when it is an error."""
        self.wait_for([number])
        with self._news:
            return self.answers.pop(number, {}).get("result")

    def ask(self, method: str, params: object) -> object:
        """Send a request and wait for its answer."""
        return self.result(self.request(method, params))

    def wait_for(self, numbers: Iterable[int]) -> None:
        """Wait until these requests are answered."""
        numbers = list(numbers)
        if not self.until(lambda: not any(number in self.requests for number in numbers)):
            self.faults.append(f"no answer: {[self.requests.get(number) for number in numbers]}")
            raise SystemExit("\n".join(self.faults))

    def until(self, fits: Callable[[], bool], patience: float = PATIENCE) -> bool:
        """Wait until something is so; False when it never is."""
        end = time.monotonic() + patience
        with self._news:
            while not fits():
                if self.process.poll() is not None:
                    self.faults.append(f"the server ended with code {self.process.returncode}")
                    raise SystemExit("\n".join(self.faults))
                if not self._news.wait(min(1.0, max(0.0, end - time.monotonic()))) and time.monotonic() > end:
                    return False
        return True

    def shown(self) -> dict[str, list[Message]]:
        """Diagnostics by URI, files without any left out."""
        with self._news:
            return {uri: found for uri, found in self.diagnostics.items() if found}

    def memory(self) -> float:
        """Resident memory of the server in megabytes; 0.0 where the system does not tell."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        except OSError:
            return 0.0
        return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS"))

    def leave(self) -> None:
        """Shut down in order."""
        self.ask("shutdown", None)
        self.notify("exit", None)
        if (code := self.process.wait(60)) != 0:
            self.faults.append(f"exit code {code}")

    def _send(self, message: Message) -> None:
        body = json.dumps(message).encode()
        if self._log is not None:
            self._log.write(body.decode() + "\n")
            self._log.flush()
        pipe = cast("IO[bytes]", self.process.stdin)
        pipe.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        pipe.flush()

    def _read(self) -> None:
        pipe = cast("IO[bytes]", self.process.stdout)
        while True:
            size = 0
            while header := pipe.readline().strip():
                name, _, value = header.partition(b":")
                size = int(value) if name == b"Content-Length" else size
            if not size:
                return
            message = cast("Message", json.loads(pipe.read(size)))
            with self._news:
                self._take(message)
                self._news.notify_all()

    def _take(self, message: Message) -> None:
        method, number = message.get("method"), message.get("id")
        if method is None:
            self._take_answer(message)
        elif number is not None:
            self._send({"jsonrpc": "2.0", "id": number, "result": None})
        elif method == "textDocument/publishDiagnostics":
            params = cast("dict[str, object]", message["params"])
            found = cast("list[Message]", params["diagnostics"])
            self.diagnostics[cast("str", params["uri"])] = [_without_history(one) for one in found]
        elif method in {"window/showMessage", "window/logMessage"}:
            self.faults.append(f"{method}: {message['params']}")

    def _take_answer(self, message: Message) -> None:
        method = self.requests.pop(cast("int", message["id"]), None)
        if method is None:
            self.faults.append(f"answered twice or never asked: {message}")
            return
        self.answered += 1
        error = cast("dict[str, object]", message.get("error") or {})
        if error and error["code"] not in EXPECTED.get(method, ALWAYS_EXPECTED):
            self.faults.append(f"{method}: {error}")
        self.answers[cast("int", message["id"])] = message

    def _read_log(self) -> None:
        for line in cast("IO[bytes]", self.process.stderr):
            with self._news:
                self.faults.append(line.decode(errors="replace").rstrip())


def _without_history(diagnostic: Message) -> Message:
    """That code was inserted at once is what a fresh start cannot know."""
    data = cast("dict[str, object]", diagnostic.get("data") or {})
    rest = {name: value for name, value in data.items() if name != "block"}
    message = cast("str", diagnostic["message"]).removesuffix(" [in the inserted block]")
    return {**diagnostic, "message": message, "data": rest}
