"""stripe: payments, as functions of classes (`stripe.Refund.create`) or of a `StripeClient`.

A request waits 80 s. The functions send a request up to 3 times, a `StripeClient` once unless `max_network_retries` is
given. The SDK makes a key for each call of its own, by which Stripe knows what the SDK repeats; what the caller repeats
is known again only by an `idempotency_key` that the caller gives. Error statuses raise.

## Requests
```python
import stripe

client = stripe.StripeClient("key")

def pay(order):
    stripe.PaymentIntent.create(amount=1, currency="eur", idempotency_key=order.id)
    stripe.Invoice.pay("in")
    stripe.Charge.retrieve("ch")
    stripe.checkout.Session.create(mode="payment")
    client.v1.refunds.create(params={"charge": "ch"})

async def refund():
    await stripe.Refund.create_async(charge="ch")
```
```facts
3: ClientCreated http target=https://api.stripe.com timeout=80(default) costly
6: HttpCall POST https://api.stripe.com/v1/payment_intents timeout=80(default) raises attempts=3 resends blocking
7: HttpCall POST https://api.stripe.com/v1/invoices/{}/pay timeout=80(default) raises attempts=3 resends blocking
8: HttpCall GET https://api.stripe.com/v1/charges/{} timeout=80(default) raises attempts=3 resends blocking
9: HttpCall POST https://api.stripe.com/v1/checkout/sessions timeout=80(default) raises attempts=3 resends blocking
10: HttpCall POST https://api.stripe.com/v1/refunds timeout=80(default) raises blocking
13: HttpCall POST https://api.stripe.com/v1/refunds timeout=80(default) raises attempts=3 resends awaited
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.adapter import Handler
from shearpin.adapterkit.build import number, to_thread
from shearpin.adapterkit.effects import client_created
from shearpin.adapterkit.http import Client, Response, template
from shearpin.adapterkit.store import argument_of, class_of, made_from
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact, Timeout
from shearpin.facts.model import ClassModel, FailureModel
from shearpin.facts.value import UNKNOWN, Const, Unknown, Value

ADAPTER = Adapter("stripe", version="16.1.0")

_CLIENT = "stripe.StripeClient"
_RESOURCES = {
    "Account": "accounts",
    "Charge": "charges",
    "Customer": "customers",
    "Invoice": "invoices",
    "InvoiceItem": "invoiceitems",
    "PaymentIntent": "payment_intents",
    "PaymentMethod": "payment_methods",
    "Payout": "payouts",
    "Price": "prices",
    "Product": "products",
    "Refund": "refunds",
    "SetupIntent": "setup_intents",
    "Subscription": "subscriptions",
    "Transfer": "transfers",
    "checkout.Session": "checkout/sessions",
    "billing_portal.Session": "billing_portal/sessions",
}
#: (HTTP method, what stands behind the resource in the path)
_VERBS = {
    "create": ("POST", ""),
    "list": ("GET", ""),
    "search": ("GET", "/search"),
    "retrieve": ("GET", "/{}"),
    "modify": ("POST", "/{}"),
    "update": ("POST", "/{}"),
    "delete": ("DELETE", "/{}"),
    **{verb: ("POST", f"/{{}}/{verb}") for verb in ("cancel", "capture", "confirm", "pay", "attach", "detach")},
}
_SDK = Client("stripe", Response(checks=(), raising_checks=(), bodies=()))
_URL = "https://api.stripe.com"

ADAPTER.failures(
    FailureModel("stripe.StripeError", (), ("Exception",)),
    FailureModel("stripe.APIConnectionError", ("not-sent", "unknown"), ("stripe.StripeError",)),
    FailureModel("stripe.APIError", ("answered",), ("stripe.StripeError",)),
    FailureModel("stripe.CardError", ("answered",), ("stripe.StripeError",)),
    FailureModel("stripe.InvalidRequestError", ("answered",), ("stripe.StripeError",)),
    FailureModel("stripe.RateLimitError", ("answered",), ("stripe.StripeError",)),
)
ADAPTER.alias("stripe.error", "stripe")


def _attempts(call: ResolvedCall) -> int | None:
    """A client tries once unless it is told otherwise; the functions try 3 times."""
    if call.receiver is None:
        return 3
    client = next((item for item in made_from(call.receiver) if class_of(item) == _CLIENT), None)
    given = argument_of(client, "max_network_retries", -1, Const(0))
    more = number(given)
    return None if more is None else int(more) + 1


def _path(resource: str, behind: str) -> Value:
    before, hole, after = f"{_URL}/v1/{resource}{behind}".partition("{}")
    return template((Const(before), Unknown(), Const(after))) if hole else Const(before)


def _handler(resource: str, verb: str, *, is_blocking: bool) -> Handler:
    method, behind = _VERBS[verb]

    def handle(call: ResolvedCall) -> Iterator[Fact]:
        attempts = _attempts(call)
        yield _SDK.request(
            call,
            Const(method),
            _path(resource, behind),
            Timeout(Const(80), "default", bounds="phase"),
            is_blocking=is_blocking,
            raises_on_status=True,
            transport_attempts=attempts,
            transport_resends=attempts != 1,
            remedies=(to_thread("safe"),) if is_blocking else (),
        )

    return handle


_V1 = f"{_CLIENT}:v1"
_HELD: dict[str, list[tuple[str, str]]] = {"": []}
for _resource in _RESOURCES.values():
    _group, _, _last = _resource.rpartition("/")
    _HELD.setdefault(_group, []).append((_last, f"{_V1}.{_resource}"))
    ADAPTER.models(ClassModel(f"{_V1}.{_resource}"))
_GROUPS = tuple((group, f"{_V1}.{group}") for group in _HELD if group)
ADAPTER.models(
    *(ClassModel(cls, attributes=tuple(_HELD[group])) for group, cls in _GROUPS),
    ClassModel(_V1, attributes=(*_HELD[""], *_GROUPS)),
    ClassModel(_CLIENT, attributes=(("v1", _V1), *_HELD[""], *_GROUPS)),
)
for _name, _resource in _RESOURCES.items():
    for _verb in _VERBS:
        for _owner in (f"stripe.{_name}", f"{_V1}.{_resource}"):
            ADAPTER.calls(f"{_owner}.{_verb}")(_handler(_resource, _verb, is_blocking=True))
            ADAPTER.calls(f"{_owner}.{_verb}_async")(_handler(_resource, _verb, is_blocking=False))


@ADAPTER.calls(_CLIENT)
def _created(call: ResolvedCall) -> Iterable[Fact]:
    limit = Timeout(Const(80), "default", site=call.site, bounds="phase")
    yield client_created(call, "stripe", Const(_URL) if call.argument("base_addresses") is None else UNKNOWN, limit)
