"""openai: requests to models of OpenAI, of Azure, or of whoever speaks the same protocol under `base_url`.

A request waits 5 s for a connection and 600 s for each read; it is sent up to 3 times, also after a read that took too
long, with no key by which the other side would know it again. Error statuses raise.

## Requests
```python
from openai import AsyncOpenAI, OpenAI

theirs, client = OpenAI(), OpenAI(base_url="http://m")
local = AsyncOpenAI(base_url="http://llm:8000/v1", timeout=20, max_retries=0)

def ask():
    client.chat.completions.create(model="m", messages=[])
    client.with_options(timeout=5).responses.create(model="m", input="x", timeout=3)
    client.with_options(timeout=5).embeddings.create(model="m", input="x")

async def ask_here():
    await local.chat.completions.create(model="m", messages=[])
```
```facts
3: ClientCreated http target=$OPENAI_BASE_URL|https://api.openai.com/v1 timeout=(5, 600)(default) costly
3: ClientCreated http target=http://m timeout=(5, 600)(default) costly
4: ClientCreated http target=http://llm:8000/v1 timeout=20(client) costly
7: HttpCall POST http://m/chat/completions timeout=(5, 600)(default) raises attempts=3 resends asks blocking
8: HttpCall POST http://m/responses timeout=3(call) raises attempts=3 resends asks blocking
9: HttpCall POST http://m/embeddings timeout=5(client) raises attempts=3 resends asks blocking
12: HttpCall POST http://llm:8000/v1/chat/completions timeout=20(client) raises asks awaited
```
"""

from __future__ import annotations

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.sdk import Operation, Sdk
from shearpin.facts.model import FailureModel
from shearpin.facts.value import UNKNOWN, Const, Env, SequenceValue

ADAPTER = Adapter("openai", version="3.57.0")


def _asks(path: str) -> Operation:
    return Operation("POST", path, asks=True)


_OPERATIONS = {
    "chat.completions": {name: _asks("/chat/completions") for name in ("create", "parse", "stream")},
    "beta.chat.completions": {name: _asks("/chat/completions") for name in ("parse", "stream")},
    "completions": {"create": _asks("/completions")},
    "responses": {name: _asks("/responses") for name in ("create", "parse", "stream")},
    "embeddings": {"create": _asks("/embeddings")},
    "moderations": {"create": _asks("/moderations")},
    "images": {"generate": _asks("/images/generations"), "edit": _asks("/images/edits")},
    "audio.transcriptions": {"create": _asks("/audio/transcriptions")},
    "audio.translations": {"create": _asks("/audio/translations")},
    "audio.speech": {"create": _asks("/audio/speech")},
    "models": {"list": Operation("GET", "/models"), "retrieve": Operation("GET", "/models/{}")},
    "files": {"create": Operation("POST", "/files"), "list": Operation("GET", "/files")},
    "batches": {"create": Operation("POST", "/batches"), "retrieve": Operation("GET", "/batches/{}")},
}
_LIMIT = SequenceValue((Const(5), Const(600)))
_BASE = Env("OPENAI_BASE_URL", Const("https://api.openai.com/v1"))
_PLAIN = Sdk("openai", _BASE, _LIMIT, 3, _OPERATIONS)
# The address of a model of Azure has the name of its deployment in it.
_AZURE = Sdk("openai", UNKNOWN, _LIMIT, 3, _OPERATIONS, base_name="azure_endpoint")

for _sdk, _prefix in ((_PLAIN, ""), (_AZURE, "Azure")):
    _sdk.teach(ADAPTER, f"openai.{_prefix}OpenAI", is_blocking=True)
    _sdk.teach(ADAPTER, f"openai.Async{_prefix}OpenAI", is_blocking=False)
ADAPTER.alias("openai.Client", "openai.OpenAI")
ADAPTER.alias("openai.AsyncClient", "openai.AsyncOpenAI")
ADAPTER.failures(
    FailureModel("openai.OpenAIError", (), ("Exception",)),
    FailureModel("openai.APIError", (), ("openai.OpenAIError",)),
    FailureModel("openai.APIConnectionError", ("not-sent", "unknown"), ("openai.APIError",)),
    FailureModel("openai.APITimeoutError", ("not-sent", "unknown"), ("openai.APIConnectionError",)),
    FailureModel("openai.APIStatusError", ("answered",), ("openai.APIError",)),
    FailureModel("openai.RateLimitError", ("answered",), ("openai.APIStatusError",)),
    FailureModel("openai.InternalServerError", ("answered",), ("openai.APIStatusError",)),
)
