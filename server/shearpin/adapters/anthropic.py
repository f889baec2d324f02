"""anthropic: requests to models of Anthropic.

A request waits 5 s for a connection and 600 s for each read; it is sent up to 3 times, also after a read that took too
long, with no key by which the other side would know it again. Error statuses raise.

## Requests
```python
from anthropic import Anthropic, AsyncAnthropic

client = Anthropic(base_url="http://m", timeout=30)

def ask():
    client.messages.create(model="m", max_tokens=9, messages=[])

async def ask_here():
    theirs = AsyncAnthropic()
    async with AsyncAnthropic(base_url="http://m", max_retries=5).messages.stream(model="m", max_tokens=9) as stream:
        print(stream)
```
```facts
3: ClientCreated http target=http://m timeout=30(client) costly
6: HttpCall POST http://m/v1/messages timeout=30(client) raises attempts=3 resends asks blocking
9: ClientCreated http target=$ANTHROPIC_BASE_URL|https://api.anthropic.com timeout=(5, 600)(default) costly
10: ClientCreated http target=http://m timeout=(5, 600)(default) costly
10: HttpCall POST http://m/v1/messages timeout=(5, 600)(default) raises attempts=6 resends asks
```
"""

from __future__ import annotations

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.sdk import Operation, Sdk
from shearpin.facts.model import FailureModel
from shearpin.facts.value import Const, Env, SequenceValue

ADAPTER = Adapter("anthropic", version="2.13.0")

_MESSAGES = {name: Operation("POST", "/v1/messages", asks=True) for name in ("create", "stream", "parse")}
_COUNT = {"count_tokens": Operation("POST", "/v1/messages/count_tokens", asks=True)}
_OPERATIONS = {
    "messages": {**_MESSAGES, **_COUNT},
    "beta.messages": {**_MESSAGES, **_COUNT},
    "completions": {"create": Operation("POST", "/v1/complete", asks=True)},
    "models": {"list": Operation("GET", "/v1/models")},
}
_BASE = Env("ANTHROPIC_BASE_URL", Const("https://api.anthropic.com"))
_SDK = Sdk("anthropic", _BASE, SequenceValue((Const(5), Const(600))), 3, _OPERATIONS)

_SDK.teach(ADAPTER, "anthropic.Anthropic", is_blocking=True)
_SDK.teach(ADAPTER, "anthropic.AsyncAnthropic", is_blocking=False)
ADAPTER.alias("anthropic.Client", "anthropic.Anthropic")
ADAPTER.alias("anthropic.AsyncClient", "anthropic.AsyncAnthropic")
ADAPTER.failures(
    FailureModel("anthropic.AnthropicError", (), ("Exception",)),
    FailureModel("anthropic.APIError", (), ("anthropic.AnthropicError",)),
    FailureModel("anthropic.APIConnectionError", ("not-sent", "unknown"), ("anthropic.APIError",)),
    FailureModel("anthropic.APITimeoutError", ("not-sent", "unknown"), ("anthropic.APIConnectionError",)),
    FailureModel("anthropic.APIStatusError", ("answered",), ("anthropic.APIError",)),
    FailureModel("anthropic.RateLimitError", ("answered",), ("anthropic.APIStatusError",)),
    FailureModel("anthropic.InternalServerError", ("answered",), ("anthropic.APIStatusError",)),
)
