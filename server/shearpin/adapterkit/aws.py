"""Shared by the adapters of the AWS clients: what a request to a service of AWS is, and which client makes it.

Clients have one class for all services; the name of the service is an argument of what made them. Operations are
methods that only exist at run time, so all but a few are known by name alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from shearpin.adapterkit.adapter import Adapter
from shearpin.adapterkit.build import number, text, to_thread
from shearpin.adapterkit.effects import remote
from shearpin.adapterkit.messaging import NO_KEY, ack, short_name, subscribe
from shearpin.adapterkit.store import Store, argument_of, blocks, class_of, made_from, owner_of, publish, words
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import UNKNOWN_TIMEOUT, Fact, Publish, Timeout
from shearpin.facts.model import CallModel, ClassModel
from shearpin.facts.value import NONE, UNKNOWN, Const, Instance, MappingValue, SequenceValue, Value

CONFIG = "botocore.config.Config"
#: these make no request
_LOCAL = frozenset(words("get_paginator get_waiter can_paginate close generate_presigned_url generate_presigned_post"))
_READING = ("get_", "head_", "list_", "describe_", "batch_get_", "transact_get_", "download_", "query", "scan", "load")
#: positions of bucket or table in the few operations that take them without a name
_POSITIONS = {"upload_file": 1, "upload_fileobj": 1, "download_file": 0, "download_fileobj": 0}
#: services that store: the argument and the member of a resource that name what is read or written
_STORES = {"dynamodb": ("TableName", ("Table",)), "s3": ("Bucket", ("Bucket", "Object"))}
_SENDING = {
    "sqs": frozenset(words("send_message send_message_batch send_messages")),
    "sns": frozenset(words("publish publish_batch")),
    "kinesis": frozenset(words("put_record put_records")),
}
_DELETING = frozenset(words("delete_message delete_message_batch delete_messages"))
#: classes that only annotations name, with the service that each is for
_TYPED = {
    f"mypy_boto3_{service}.{cls}Client": service
    for service, cls in {
        "sqs": "SQS", "sns": "SNS", "s3": "S3", "dynamodb": "DynamoDB", "events": "EventBridge", "kinesis": "Kinesis",
        "lambda": "Lambda", "ses": "SES",
    }.items()
}  # fmt: skip
_MAIL = frozenset(words("ses sesv2"))


class Aws(msgspec.Struct, frozen=True):
    """The classes of one library: `client` and `resource` of all services, and what makes them."""

    library: str
    client: str
    resource: str
    session: str
    is_blocking: bool
    #: another class of objects that make clients
    maker: str = ""

    @property
    def operation(self) -> str:
        """What an attribute of a client is until it is called."""
        return f"{self.client}:operation"

    @property
    def member(self) -> str:
        """What an attribute of a resource is until it is called."""
        return f"{self.resource}:member"

    @property
    def named(self) -> str:
        """The answer of an operation that looks up, or makes, what has a name."""
        return f"{self.client}:named"

    @property
    def message(self) -> str:
        """A message that a queue of a resource gave."""
        return f"{self.resource}:message"

    # ------------------------------------------------------------------------------------------------------- models

    def teach_types(self, adapter: Adapter) -> None:
        """The classes of `mypy_boto3_sqs` and `types_boto3_sqs`, which only annotations name."""
        for name in _TYPED:
            module, _, cls = name.partition(".")
            adapter.models(ClassModel(name, bases=(self.client,), item=self.operation))
            others = (module, module.replace("mypy_", "types_"))
            spellings = (f"{other}{inner}.{cls}" for other in others for inner in ("", ".client"))
            for spelling in spellings:
                if spelling != name:
                    adapter.alias(spelling, name)

    def teach(self, adapter: Adapter) -> None:
        """Clients, resources, and the operations whose answers matter."""
        messages, shards = f"{self.resource}:messages", f"{self.client}:shard"
        adapter.models(
            *(ClassModel(name) for name in (self.session, self.maker) if name),
            ClassModel(self.client, item=self.operation),
            ClassModel(self.resource, item=self.member, attributes=(("meta", f"{self.resource}:meta"),)),
            ClassModel(f"{self.resource}:meta", attributes=(("client", self.client),)),
            ClassModel(self.operation),
            ClassModel(self.member),
            ClassModel(self.named, item=f"{self.named}:value"),
            ClassModel(shards, bases=(self.named,)),
            ClassModel(self.message),
            ClassModel(messages, iterates=self.message),
            CallModel(f"{self.session}.client", returns=self.client),
            CallModel(f"{self.session}.resource", returns=self.resource),
            CallModel(f"{self.member}.__call__", returns=self.resource),
            *(
                CallModel(f"{self.client}.{name}", returns=self.named)
                for name in ("get_queue_url", "create_queue", "create_topic", "get_shard_iterator")
            ),
            *(CallModel(f"{self.client}.{name}", receives=True) for name in ("receive_message", "get_records")),
            CallModel(f"{self.resource}.receive_messages", returns=messages, receives=True),
        )
        adapter.calls(f"{self.operation}.__call__", f"{self.member}.__call__")(self.facts)
        adapter.methods(
            self.client,
            *("receive_message", "get_records", "get_queue_url", "create_queue", "create_topic", "get_shard_iterator"),
        )(self.facts)
        adapter.methods(self.resource, "receive_messages")(self.facts)
        adapter.methods(self.message, "delete")(lambda call: [self._settled(call)])

    # ---------------------------------------------------------------------------------------------------- addresses

    def root(self, value: Value | None) -> Instance | None:
        """The client or resource that was made for a service."""
        for item in made_from(value):
            if class_of(item) in {self.client, self.resource} and isinstance(item, Instance):
                owner = owner_of(item)
                if owner is None or class_of(owner) in {self.session, self.maker}:
                    return item
        return None

    def service(self, value: Value | None) -> str:
        """The service that a handle belongs to, "" when it is not known."""
        root = self.root(value)
        if root is None:
            annotated = [item for made in made_from(value) for item in (made, owner_of(made))]
            return next((_TYPED[cls] for item in annotated if (cls := class_of(item)) in _TYPED), "")
        found = argument_of(root, "service_name", 0)
        return found.value if isinstance(found, Const) and isinstance(found.value, str) else ""

    def address(self, value: Value | None) -> Value:
        """The endpoint that was given, else the name of the service; `s3://` for services that store."""
        root = self.root(value)
        if root is None:
            return Const(self.service(value)) if self.service(value) else UNKNOWN
        endpoint = argument_of(root, "endpoint_url", 5, NONE)
        if endpoint != NONE:
            return endpoint
        service = argument_of(root, "service_name", 0)
        return Const(f"{service.value}://") if isinstance(service, Const) and service.value in _STORES else service

    def store(self, service: str) -> Store:
        """How facts of a service that stores look; "sdk" for others."""
        return Store(self.library, service if service in _STORES else "sdk", self.address, thread_grade="safe")

    def timeout(self, value: Value | None) -> Timeout:
        """`read_timeout` of the client's configuration, else 60 s; it bounds each read."""
        root = self.root(value)
        if root is None:
            return UNKNOWN_TIMEOUT
        config = argument_of(root, "config", 10, NONE)
        if config == NONE:
            return Timeout(Const(60), "default", site=root.site, bounds="phase")
        if class_of(config) != CONFIG:
            return UNKNOWN_TIMEOUT
        given = argument_of(config, "read_timeout", -1, NONE)
        is_given = given != NONE or any(arg.name == "read_timeout" for arg in getattr(config, "args", ()))
        origin = "client" if is_given else "default"
        return Timeout(given if is_given else Const(60), origin, site=root.site, bounds="phase")

    def attempts(self, value: Value | None) -> int | None:
        """Tries in all: 3 since the mode `standard` is the default, unless the configuration says otherwise."""
        root = self.root(value)
        config = NONE if root is None else argument_of(root, "config", 10, NONE)
        if root is None or (config != NONE and class_of(config) != CONFIG):
            return None
        retries = NONE if config == NONE else argument_of(config, "retries", -1, NONE)
        if retries == NONE:
            return 3
        if not isinstance(retries, MappingValue):
            return None
        given = {key.value: number(item) for key, item, _ in retries.entries if isinstance(key, Const)}
        total, more = given.get("total_max_attempts"), given.get("max_attempts")
        found = total if total is not None else None if more is None else more + 1
        return int(found) if found is not None else None

    # ------------------------------------------------------------------------------------------------------ requests

    def facts(self, call: ResolvedCall) -> Iterator[Fact]:
        """What one call of an operation is."""
        operation = self._operation(call)
        if not operation or operation in _LOCAL or operation[:1].isupper():
            return
        service = self.service(call.receiver)
        messages = list(self._messages(call, service, operation))
        if messages:
            yield from messages
        elif service in _STORES:
            kind = "read" if operation.startswith(_READING) else "write"
            obj = self._stored(call, service, operation)
            limit = self.timeout(call.receiver)
            yield self.store(service).call(call, kind, is_blocking=self.is_blocking, obj=obj, timeout=limit)
        else:
            yield self._request(call, service, operation)

    def _operation(self, call: ResolvedCall) -> str:
        if not call.name.endswith(".__call__"):
            return call.name.rpartition(".")[2]
        name = argument_of(call.receiver, "name", -1)
        return name.value if isinstance(name, Const) and isinstance(name.value, str) else ""

    def _request(self, call: ResolvedCall, service: str, operation: str) -> Fact:
        protocol, target = "sdk", self.address(call.receiver)
        if service == "lambda" and operation in {"invoke", "invoke_async"}:
            protocol, target = "lambda", short_name(call.value("FunctionName"), ":")
        elif service in _MAIL and operation.startswith("send"):
            protocol = "ses"
        elif service == "sns" and operation == "publish":
            protocol = "sms"
        remedies = (to_thread(),) if self.is_blocking else ()
        where = (protocol, target, Const(operation))
        limit = self.timeout(call.receiver)
        made = remote(call, self.library, where, limit, *remedies, is_blocking=self.is_blocking)
        attempts = self.attempts(call.receiver)
        return msgspec.structs.replace(made, transport_attempts=attempts, transport_resends=attempts != 1)

    def _stored(self, call: ResolvedCall, service: str, operation: str) -> Value:
        """The table or bucket: an argument, else what the resource was made for."""
        name, members = _STORES[service]
        found = call.value(name, _POSITIONS.get(operation, -1), NONE)
        for item in made_from(call.receiver):
            owner = owner_of(item)
            if class_of(owner) == self.member and text(argument_of(owner, "name", -1)) in members:
                return argument_of(item, "name", 0)
        if operation == "batch_write_item":
            tables = call.value("RequestItems")
            return tables.entries[0][0] if isinstance(tables, MappingValue) and len(tables.entries) == 1 else UNKNOWN
        return UNKNOWN if found == NONE else found

    # ------------------------------------------------------------------------------------------------------ messages

    def _messages(self, call: ResolvedCall, service: str, operation: str) -> Iterator[Fact]:
        if operation in _SENDING.get(service, ()):
            if service == "sns" and call.argument("PhoneNumber") is not None:
                return
            yield self._sent(call, service, self._topic(call, service))
        elif service == "events" and operation == "put_events":
            yield from self._events(call)
        elif service == "sqs" and operation in {"receive_message", "receive_messages"}:
            yield self._received(call, "sqs")
        elif service == "kinesis" and operation == "get_shard_iterator":
            yield self._received(call, "kinesis")
        elif service == "sqs" and operation in _DELETING:
            yield self._settled(call)
        elif operation == "change_message_visibility" and call.value("VisibilityTimeout") == Const(0):
            yield ack(call, self.library, "nack", requeue=True, is_blocking=self.is_blocking)

    def _sent(self, call: ResolvedCall, broker: str, topic: Value, key: Value = NO_KEY) -> Publish:
        sent = publish(call, self.library, broker, topic=topic, key=key, target=self.address(call.receiver))
        sent = msgspec.structs.replace(sent, is_confirmed=True, is_durable=None if broker == "sns" else True)
        return blocks(sent, is_blocking=self.is_blocking, thread_grade="safe")

    def _events(self, call: ResolvedCall) -> Iterator[Fact]:
        """One message per literal entry: the bus is the topic, the type of the event the key."""
        entries = call.value("Entries")
        for entry in entries.items if isinstance(entries, SequenceValue) else (UNKNOWN,):
            given = {key: item for key, item, _ in entry.entries} if isinstance(entry, MappingValue) else None
            bus = UNKNOWN if given is None else given.get(Const("EventBusName"), Const("default"))
            kind = UNKNOWN if given is None else given.get(Const("DetailType"), UNKNOWN)
            yield self._sent(call, "eventbridge", short_name(bus, "/"), kind)

    def _received(self, call: ResolvedCall, broker: str) -> Fact:
        """What is read comes again unless it is deleted; a stream keeps no account of who has read what."""
        topic, target = self._topic(call, broker), self.address(call.receiver)
        found = subscribe(call, self.library, broker, topic=topic, key=NO_KEY, target=target)
        found = msgspec.structs.replace(found, auto_ack=False if broker == "sqs" else None)
        return blocks(found, is_blocking=self.is_blocking, thread_grade="safe")

    def _settled(self, call: ResolvedCall) -> Fact:
        return ack(call, self.library, "ack", requeue=None, is_blocking=self.is_blocking)

    def _topic(self, call: ResolvedCall, service: str) -> Value:
        """The name of a queue, topic or stream: at the end of a URL or ARN, looked up by name, or of a resource."""
        names = {"sqs": ("QueueUrl",), "sns": ("TopicArn", "TargetArn"), "kinesis": ("StreamName", "StreamARN")}
        for name in names[service]:
            given = call.argument(name)
            if given is not None:
                return self._name(given.value)
        for item in made_from(call.receiver):
            if class_of(item) == self.resource and isinstance(item, Instance) and item != self.root(item):
                named = next((arg for arg in item.args if arg.name in {"", "QueueName", "Name", "url", "arn"}), None)
                return UNKNOWN if named is None else self._name(named.value)
        return UNKNOWN

    def _name(self, value: Value) -> Value:
        for item in made_from(value):
            if class_of(item) == self.named and isinstance(item, Instance):
                named = next((arg for arg in item.args if arg.name in {"QueueName", "Name"}), None)
                return UNKNOWN if named is None else named.value
        return short_name(value, "/", ":")
