"""boto3: requests to AWS services, all blocking.

A request waits 60 s for a connection and 60 s for each read unless `botocore.config.Config` says otherwise; the client
tries again by itself (3 tries in all in the newest versions). `client("sqs")` and `client("sns")` carry messages: an
SQS message that is received comes back unless it is deleted. A resource's capitalised names (`Table`, `Bucket`) only
make objects.

## Requests
```python
import boto3
from botocore.config import Config

s3 = boto3.client("s3", config=Config(read_timeout=5))
orders = boto3.resource("dynamodb").Table("orders")

def store(order):
    s3.put_object(Bucket="orders", Key=order.id, Body=b"")
    orders.put_item(Item={"id": order.id})
    s3.get_paginator("list_objects_v2")
```
```facts
4: ClientCreated sdk target=s3 timeout=5(client) costly
5: ClientCreated sdk target=dynamodb timeout=60(default) costly
8: RemoteCall sdk put_object s3 timeout=5(client) blocking
9: RemoteCall sdk put_item dynamodb timeout=60(default) blocking
```

## Messages
```python
import boto3

sqs = boto3.client("sqs", endpoint_url="http://localstack:4566")
sns = boto3.client("sns")

def relay(url):
    sqs.send_message(QueueUrl="https://sqs.eu-west-1.amazonaws.com/1/orders", MessageBody="x")
    sqs.receive_message(QueueUrl=url)
    sqs.delete_message(QueueUrl=url, ReceiptHandle="r")
    sns.publish(TopicArn="arn:aws:sns:eu-west-1:1:events", Message="x")
```
```facts
3: ClientCreated sdk target=http://localstack:4566 timeout=60(default) costly
4: ClientCreated sdk target=sns timeout=60(default) costly
7: Publish sqs topic=orders key='' target=http://localstack:4566 confirmed=yes durable=yes blocking
8: Subscribe sqs topic={url} key='' target=http://localstack:4566 auto_ack=no blocking
9: Ack ack blocking
10: Publish sns topic=events key='' target=sns confirmed=yes blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.build import to_thread
from shearpin.adapterkit.effects import remote
from shearpin.adapterkit.messaging import NO_KEY, ack, subscribe
from shearpin.adapterkit.store import Store, argument_of, blocks, class_of, made, made_from, owner_of, publish, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Timeout
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Instance, SequenceValue, Value

ADAPTER = Adapter("boto3", version="1.44.8", distributions=("boto3", "botocore"))

_SESSION = "boto3.Session"
_CLIENT, _RESOURCE = "botocore.client.BaseClient", "boto3.resources.base.ServiceResource"
#: what an attribute of a client or resource is until it is called
_OPERATION, _MEMBER = f"{_CLIENT}:operation", f"{_RESOURCE}:member"
_CONFIG = "botocore.config.Config"
#: these make no request
_LOCAL = frozenset(
    words("get_paginator get_waiter can_paginate close generate_presigned_url generate_presigned_post"),
)

ADAPTER.alias("boto3.session.Session", _SESSION)
ADAPTER.alias("botocore.client.Config", _CONFIG)
ADAPTER.models(
    ClassModel(_SESSION),
    ClassModel(_CONFIG),
    ClassModel(_CLIENT, item=_OPERATION),
    ClassModel(_RESOURCE, item=_MEMBER, attributes=(("meta", f"{_RESOURCE}:meta"),)),
    ClassModel(f"{_RESOURCE}:meta", attributes=(("client", _CLIENT),)),
    ClassModel(_OPERATION),
    ClassModel(_MEMBER),
    *(CallModel(f"{module}.client", returns=_CLIENT) for module in ("boto3", _SESSION)),
    *(CallModel(f"{module}.resource", returns=_RESOURCE) for module in ("boto3", _SESSION)),
    CallModel(f"{_MEMBER}.__call__", returns=_RESOURCE),
)


def _root(value: Value | None) -> Instance | None:
    """The client or resource that `boto3.client(...)` or `boto3.resource(...)` made."""
    for item in made_from(value):
        if class_of(item) in {_CLIENT, _RESOURCE} and isinstance(item, Instance):
            owner = owner_of(item)
            if owner is None or class_of(owner) == _SESSION:
                return item
    return None


def _service(call: ResolvedCall) -> Value:
    return argument_of(_root(call.receiver), "service_name", 0)


def _target(call: ResolvedCall) -> Value:
    return _address(_root(call.receiver))


def _address(root: Value | None) -> Value:
    """The endpoint that was given, else the name of the service."""
    endpoint = argument_of(root, "endpoint_url", 5, NONE)
    return argument_of(root, "service_name", 0) if endpoint == NONE else endpoint


STORE = Store("boto3", "sdk", lambda handle: _address(_root(handle)))


def _timeout(handle: Value | None) -> Timeout:
    """`read_timeout` of the client's configuration, else 60 s; it bounds each read."""
    root = _root(handle)
    if root is None:
        return UNKNOWN_TIMEOUT
    config = argument_of(root, "config", 10, NONE)
    if config == NONE:
        return Timeout(Const(60), "default", site=root.site, bounds="phase")
    given = argument_of(config, "read_timeout", -1, Const(60))
    return Timeout(given, "client", site=root.site, bounds="phase") if class_of(config) == _CONFIG else UNKNOWN_TIMEOUT


@ADAPTER.calls(*(f"{module}.{name}" for module in ("boto3", _SESSION) for name in ("client", "resource")))
def _create(call: ResolvedCall) -> Iterable[Fact]:
    client = made(call, _CLIENT if call.name.endswith(".client") else _RESOURCE)
    limit = _timeout(client)
    yield STORE.created(call, cls=client.cls.name, target=_address(client), timeout=limit)


@ADAPTER.calls(f"{_OPERATION}.__call__", f"{_MEMBER}.__call__")
def _request(call: ResolvedCall) -> Iterable[Fact]:
    name = argument_of(call.receiver, "name", -1)
    if not (isinstance(name, Const) and isinstance(name.value, str)):
        return
    if name.value in _LOCAL or name.value[:1].isupper():
        return
    carried = list(_message(call, name.value))
    if carried:
        yield from carried
        return
    where = ("sdk", _target(call), name)
    yield remote(call, "boto3", where, _timeout(call.receiver), to_thread(), is_blocking=True)


def _message(call: ResolvedCall, operation: str) -> Iterable[Fact]:
    """SQS and SNS carry messages."""
    service = _service(call)
    if service == Const("sns") and operation in {"publish", "publish_batch"}:
        topic = _last(call.value("TopicArn"), ":")
        sent = publish(call, "boto3", "sns", topic=topic, key=NO_KEY, target=_target(call))
        yield blocks(msgspec.structs.replace(sent, is_confirmed=True), is_blocking=True, thread_grade="safe")
    elif service == Const("sqs") and operation in {"send_message", "send_message_batch"}:
        queue = _last(call.value("QueueUrl"), "/")
        sent = publish(call, "boto3", "sqs", topic=queue, key=NO_KEY, target=_target(call))
        sent = msgspec.structs.replace(sent, is_confirmed=True, is_durable=True)
        yield blocks(sent, is_blocking=True, thread_grade="safe")
    elif service == Const("sqs") and operation == "receive_message":
        queue = _last(call.value("QueueUrl"), "/")
        found = subscribe(call, "boto3", "sqs", topic=queue, key=NO_KEY, target=_target(call))
        yield blocks(msgspec.structs.replace(found, auto_ack=False), is_blocking=True, thread_grade="safe")
    elif service == Const("sqs") and operation in {"delete_message", "delete_message_batch"}:
        yield ack(call, "boto3", "ack", requeue=None, is_blocking=True)


def _last(value: Value, separator: str) -> Value:
    """The queue or topic name at the end of a literal URL or ARN; anything else as it is."""
    if isinstance(value, Const) and isinstance(value.value, str):
        return Const(value.value.rpartition(separator)[2])
    return UNKNOWN if isinstance(value, SequenceValue) else value
