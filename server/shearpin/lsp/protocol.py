"""JSON-RPC as the specification has it, where pygls differs.

Faults of a client are answered with an error where an id is known and logged otherwise; the user never sees a popup
for them. Documents and folders are ours: pygls' own handlers, which keep a second copy, are taken out.
"""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import RPCMessage

if TYPE_CHECKING:
    from collections.abc import Generator
    from concurrent.futures import Future

    from cattrs import Converter
    from pygls.protocol.json_rpc import MessageCallback, MessageHandler

    from shearpin.lsp.state import Server

_LOG = logging.getLogger(__name__)
_OURS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
)
_FIELDS = ("jsonrpc", "id", "method", "params")

MessageId = int | str | None


class Protocol(LanguageServerProtocol):
    """One connection."""

    _server: Server  # pyrefly: ignore[bad-override-mutable-attribute]

    def __init__(self, server: Server, converter: Converter) -> None:
        super().__init__(server, converter)
        for method in _OURS:
            self.fm.builtin_features.pop(method, None)
        self._is_initialized = False
        self._is_shutting_down = False
        self._is_ending = False

    def receive(self, body: bytes) -> None:
        """Handle one message."""
        try:
            data: object = json.loads(body)
        except (ValueError, RecursionError):
            self._refuse(None, types.ErrorCodes.ParseError, "the message is not JSON")
            return
        if not isinstance(data, dict) or data.get("jsonrpc") != self.VERSION:
            self._refuse(None, types.ErrorCodes.InvalidRequest, "the message is no JSON-RPC 2.0 object")
        elif isinstance(data.get("method"), str):
            self._receive_call(data)
        elif "id" in data and ("result" in data or "error" in data):
            self._receive_answer(data)
        else:
            self._refuse(_id_of(data), types.ErrorCodes.InvalidRequest, "the message has no method")

    @lsp_method(types.EXIT)
    # pyrefly: ignore[bad-override, missing-override-decorator]
    def lsp_exit(self, *_none: object) -> None:
        """End with 0 after a shutdown request and with 1 otherwise."""
        self.end()

    @lsp_method(types.SHUTDOWN)
    # pyrefly: ignore[missing-override-decorator]
    def lsp_shutdown(self, *args: object) -> Generator[object, object, None]:
        """Close everything before the answer: some clients kill the process right after it."""
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            yield handler, args, None
        current = self.msg_id
        for message_id, future in list(self._request_futures.items()):
            if message_id != current and not future.done():
                future.cancel()
        self._shutdown = True
        if self._is_ending:
            self._server.finish(0)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    # pyrefly: ignore[missing-override-decorator]
    def lsp_workspace__execute_command(
        self, params: types.ExecuteCommandParams
    ) -> Generator[tuple[object, tuple[object, ...], None], object, object]:
        """Run a command; what its arguments may be, it says itself."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams(f"there is no command {params.command}")
        return (yield handler, tuple(params.arguments or ()), None)

    def end(self) -> None:
        """Nothing more will come. A shutdown that has begun is completed and answered first."""
        self._is_ending = True
        if self._shutdown or not self._is_shutting_down:
            self._server.finish(0 if self._shutdown else 1)

    # pyrefly: ignore[missing-override-decorator]
    def _execute_handler(
        self,
        msg_id: int | str,
        handler: MessageHandler,
        callback: MessageCallback,
        args: tuple[object, ...] | None = None,
        kwargs: dict[str, object] | None = None,
    ) -> None:
        """Forget what is done: pygls keeps the result of a handler that another one called, and of notifications."""
        super()._execute_handler(msg_id, handler, callback, args, kwargs)
        if (future := self._request_futures.get(msg_id)) is not None:
            future.add_done_callback(partial(self._forget, msg_id))

    def _forget(self, msg_id: int | str, future: Future[object]) -> None:
        if self._request_futures.get(msg_id) is future:
            del self._request_futures[msg_id]

    def _receive_call(self, data: dict[str, object]) -> None:
        message_id, method, is_request = _id_of(data), data["method"], "id" in data
        if method == types.INITIALIZE and is_request and not self._is_initialized:
            self._is_initialized = True
        elif (refusal := self._refusal(str(method))) is not None:
            if is_request:
                self._refuse(message_id, *refusal)
            return
        if method == types.TEXT_DOCUMENT_DID_CHANGE:
            _count_for(data.get("params"))
        self._is_shutting_down |= method == types.SHUTDOWN and is_request
        message = self._structured({name: data.get(name) for name in _FIELDS if name in data or name == "params"})
        if message is not None:
            self.handle_message(message)
        elif is_request:
            if method == types.INITIALIZE:
                self._is_initialized = False
            self._refuse(message_id, types.ErrorCodes.InvalidParams, f"wrong parameters of {method}")

    def _receive_answer(self, data: dict[str, object]) -> None:
        message = self._structured(data)
        if message is not None:
            self.handle_message(message)
        elif (message_id := _id_of(data)) is not None and message_id in self._request_futures:
            self._request_futures.pop(message_id).set_exception(JsonRpcException("the client's answer cannot be read"))

    def _structured(self, data: dict[str, object]) -> RPCMessage | None:
        try:
            return cast(RPCMessage, self.structure_message(data))
        except (JsonRpcException, RecursionError):
            return None

    def _refusal(self, method: str) -> tuple[types.ErrorCodes, str] | None:
        if method == types.EXIT:
            return None
        if self._is_shutting_down:
            return types.ErrorCodes.InvalidRequest, "the server is shut down"
        if not self._is_initialized:
            return types.ErrorCodes.ServerNotInitialized, "the server is not initialized"
        if method == types.INITIALIZE:
            return types.ErrorCodes.InvalidRequest, "the server is initialized already"
        return None

    def _refuse(self, message_id: MessageId, code: types.ErrorCodes, text: str) -> None:
        _LOG.warning("%s", text)
        # As plain data: the typed message leaves out an id that is null, which JSON-RPC demands.
        error = {"code": code.value, "message": text}
        self._send_data({"jsonrpc": self.VERSION, "id": message_id, "error": error})

    # pyrefly: ignore[missing-override-decorator]
    def _send_response(
        self, msg_id: int | str, result: object = None, error: types.ResponseError | None = None
    ) -> None:
        if error is not None:
            # pygls puts the traceback there, with the paths of this machine.
            data = error.data if isinstance(error.data, types.DiagnosticServerCancellationData) else None
            error = types.ResponseError(code=error.code, message=error.message, data=data)
        super()._send_response(msg_id, result, error)


def _count_for(params: object) -> None:
    """A client that does not count versions counts as one whose version never grows."""
    document = params.get("textDocument") if isinstance(params, dict) else None
    if isinstance(document, dict) and document.get("version") is None:
        document["version"] = 0


def _id_of(data: dict[str, object]) -> MessageId:
    found = data.get("id")
    return found if isinstance(found, (int, str)) else None
