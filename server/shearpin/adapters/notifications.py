"""Messages to people: Twilio, SendGrid and Slack's SDK.

A request to Twilio waits for ever unless its HTTP client is given a limit; SendGrid's client takes one only as an
attribute that is set later. Slack's clients wait 30 s; the web client raises when Slack says that something went wrong,
a webhook does not.

## Requests
```python
from sendgrid import SendGridAPIClient
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient
from twilio.rest import Client

twilio = Client("sid", "token")
slack = WebClient(token="t", timeout=5)

def tell():
    twilio.messages.create(to="+49", from_="+1", body="x")
    SendGridAPIClient("key").send({})
    slack.chat_postMessage(channel="#shop", text="x")
    WebhookClient("https://hooks.slack.com/x").send(text="x")
```
```facts
6: ClientCreated http target=https://api.twilio.com timeout=None(default) costly
10: RemoteCall sms messages.create api.twilio.com timeout=None(client) blocking
11: HttpCall POST https://api.sendgrid.com/v3/mail/send timeout=?(unknown) raises blocking
12: HttpCall POST https://slack.com/api/chat.postMessage timeout=5(client) raises blocking
13: HttpCall POST https://hooks.slack.com/x timeout=30(default) blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import Limit, to_thread
from shearpin.adapterkit.chains import chain, client_of, path_of
from shearpin.adapterkit.effects import client_created, remote
from shearpin.adapterkit.http import Client, Response
from shearpin.adapterkit.store import argument_of, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Remedy, Timeout
from shearpin.facts.model import ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Instance, Value

ADAPTER = Adapter("notifications", version="twilio 9.13.0", distributions=("twilio", "sendgrid", "slack-sdk"))

_TWILIO, _HTTP = "twilio.rest.Client", "twilio.http.http_client.TwilioHttpClient"
_SENDGRID = "sendgrid.SendGridAPIClient"
_WEB = ("slack_sdk.WebClient", "slack_sdk.web.async_client.AsyncWebClient")
_HOOKS = ("slack_sdk.webhook.WebhookClient", "slack_sdk.webhook.async_client.AsyncWebhookClient")
_SLACK = words(
    "chat_postMessage chat_postEphemeral chat_update chat_delete chat_scheduleMessage files_upload files_upload_v2",
    "conversations_create conversations_history conversations_info conversations_invite conversations_join",
    "conversations_list conversations_members conversations_open conversations_replies reactions_add users_info",
    "users_list users_lookupByEmail views_open views_publish views_update auth_test pins_add",
)
_RAISING = Response(checks=(), raising_checks=(), bodies=())
_ANSWERING = Response(checks=("status_code",), raising_checks=(), bodies=("body",))
_SECONDS = Limit(Const(30), client_position=2)

ADAPTER.alias("slack_sdk.web.WebClient", _WEB[0])
ADAPTER.alias("slack_sdk.web.client.WebClient", _WEB[0])
ADAPTER.alias("slack_sdk.webhook.client.WebhookClient", _HOOKS[0])
ADAPTER.alias("sendgrid.sendgrid.SendGridAPIClient", _SENDGRID)
ADAPTER.models(*(ClassModel(name) for name in (_SENDGRID, _HTTP, *_WEB, *_HOOKS)))


# ------------------------------------------------------------------------------------------------------------- Twilio


def _twilio_limit(client: Value | None) -> Timeout:
    """The limit of the client's own HTTP client, else none."""
    if not isinstance(client, Instance) or client.site is None:
        return UNKNOWN_TIMEOUT
    http = argument_of(client, "http_client", 4, NONE)
    if http == NONE:
        return Timeout(NONE, "client", site=client.site)
    given = argument_of(http, "timeout", 2, NONE)
    return UNKNOWN_TIMEOUT if given == UNKNOWN else Timeout(given, "client", site=client.site)


def _twilio(call: ResolvedCall) -> Iterable[Fact]:
    path = path_of(call)
    if "." not in path:
        # `client.messages("id")` only names what is meant.
        return
    remedy = Remedy("set-client-timeout", "argument", "http_client=TwilioHttpClient(timeout={read})", (_HTTP,))
    where = ("sms", Const("api.twilio.com"), Const(path))
    limit = _twilio_limit(client_of(call, _TWILIO))
    is_async = path.endswith("_async")
    remedies = (remedy,) if is_async else (remedy, to_thread("safe"))
    yield remote(call, "twilio", where, limit, *remedies, is_blocking=not is_async)


chain(ADAPTER, _TWILIO, _twilio)


@ADAPTER.calls(_TWILIO)
def _twilio_client(call: ResolvedCall) -> Iterable[Fact]:
    given = call.argument("http_client", 4)
    limit = Timeout(NONE, "default", site=call.site) if given is None else UNKNOWN_TIMEOUT
    yield client_created(call, "twilio", Const("https://api.twilio.com"), limit)


# ----------------------------------------------------------------------------------------------------- SendGrid, Slack


@ADAPTER.methods(_SENDGRID, "send")
def _mail(call: ResolvedCall) -> Iterable[Fact]:
    yield Client("sendgrid", _RAISING).request(
        call,
        Const("POST"),
        Const("https://api.sendgrid.com/v3/mail/send"),
        # `client.client.timeout = 5` may stand anywhere.
        UNKNOWN_TIMEOUT,
        is_blocking=True,
        raises_on_status=True,
        remedies=(to_thread("safe"),),
    )


@ADAPTER.calls(*(f"{cls}.{name}" for cls in _WEB for name in _SLACK))
def _slack(call: ResolvedCall) -> Iterable[Fact]:
    is_blocking = call.name.startswith(_WEB[0])
    method = call.name.rpartition(".")[2].replace("_", ".", 1)
    yield Client("slack_sdk", _RAISING).request(
        call,
        Const("POST"),
        Const(f"https://slack.com/api/{method}"),
        UNKNOWN_TIMEOUT if call.receiver is None else _SECONDS.of_client(call.receiver),
        is_blocking=is_blocking,
        raises_on_status=True,
        remedies=(to_thread("safe"),) if is_blocking else (),
    )


@ADAPTER.calls(*(f"{cls}.{name}" for cls in _HOOKS for name in ("send", "send_dict")))
def _hook(call: ResolvedCall) -> Iterable[Fact]:
    is_blocking = call.name.startswith(_HOOKS[0])
    yield Client("slack_sdk", _ANSWERING).request(
        call,
        Const("POST"),
        argument_of(call.receiver, "url", 0),
        UNKNOWN_TIMEOUT if call.receiver is None else Limit(Const(30), client_position=1).of_client(call.receiver),
        is_blocking=is_blocking,
        remedies=(to_thread("safe"),) if is_blocking else (),
    )
