"""boto3: requests to AWS services, all blocking.

A request waits 60 s for a connection and 60 s for each read unless `botocore.config.Config` says otherwise. The client
tries again by itself, also after a read that took too long: 3 tries in all since the mode `standard` is the default, 5
before (1.40 and older). `dynamodb` and `s3` store; `sqs`, `sns`, `kinesis` and `events` carry messages. An SQS message
that is received comes back unless it is deleted. Names that are capitalised in a resource (`Table`, `Bucket`) only make
objects.

## Stores
```python
import boto3
from botocore.config import Config

s3 = boto3.client("s3", config=Config(read_timeout=5))
orders = boto3.resource("dynamodb").Table("orders")

def store(order):
    s3.put_object(Bucket="invoices", Key=order.id, Body=b"")
    s3.upload_file("invoice.pdf", "invoices", order.id)
    orders.put_item(Item={"id": order.id})
    orders.query(IndexName="by-customer")
    s3.get_paginator("list_objects_v2")
```
```facts
4: ClientCreated s3 target=s3:// timeout=5(client) costly
5: ClientCreated dynamodb target=dynamodb:// timeout=60(default) costly
8: StoreCall s3 write object=invoices target=s3:// timeout=5(client) blocking
9: StoreCall s3 write object=invoices target=s3:// timeout=5(client) blocking
10: StoreCall dynamodb write object=orders target=dynamodb:// timeout=60(default) blocking
11: StoreCall dynamodb read object=orders target=dynamodb:// timeout=60(default) blocking
```

## Queues
```python
import boto3
import os

sqs = boto3.client("sqs", endpoint_url="http://localstack:4566")
url = sqs.get_queue_url(QueueName="invoices")["QueueUrl"]

def relay():
    sqs.send_message(QueueUrl="https://sqs.eu-west-1.amazonaws.com/1/orders", MessageBody="x")
    sqs.send_message_batch(QueueUrl=os.environ["ORDERS_URL"], Entries=[])
    while True:
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle="r", VisibilityTimeout=0)

def consume():
    queue = boto3.resource("sqs").get_queue_by_name(QueueName="orders")
    for message in queue.receive_messages(MaxNumberOfMessages=10):
        message.delete()
    boto3.resource("sqs").Queue("https://sqs.eu-west-1.amazonaws.com/1/orders").send_message(MessageBody="x")
```
```facts
4: ClientCreated sdk target=http://localstack:4566 timeout=60(default) costly
5: RemoteCall sdk get_queue_url http://localstack:4566 timeout=60(default) attempts=3 blocking
8: Publish sqs topic=orders key='' target=http://localstack:4566 confirmed=yes durable=yes blocking
9: Publish sqs topic=$ORDERS_URL key='' target=http://localstack:4566 confirmed=yes durable=yes blocking
11: Subscribe sqs topic=invoices key='' target=http://localstack:4566 auto_ack=no blocking
13: Ack ack blocking
14: Ack nack requeue=yes blocking
17: ClientCreated sdk target=sqs timeout=60(default) costly
17: RemoteCall sdk get_queue_by_name sqs timeout=60(default) attempts=3 blocking
18: Subscribe sqs topic=orders key='' target=sqs auto_ack=no blocking
19: Ack ack blocking
20: ClientCreated sdk target=sqs timeout=60(default) costly
20: Publish sqs topic=orders key='' target=sqs confirmed=yes durable=yes blocking
```

## Topics, events, streams and functions
```python
import boto3
from botocore.config import Config

sns = boto3.client("sns")
events = boto3.client("events")
kinesis = boto3.client("kinesis")
functions = boto3.client("lambda", config=Config(read_timeout=5, retries={"max_attempts": 0}))
mails = boto3.client("ses")

def announce(order):
    sns.publish(TopicArn="arn:aws:sns:eu-west-1:1:orders", Message="x")
    sns.publish(PhoneNumber="+49", Message="x")
    events.put_events(Entries=[{"Source": "shop", "DetailType": "OrderPlaced", "EventBusName": "shop", "Detail": ""}])
    kinesis.put_record(StreamName="clicks", Data=b"", PartitionKey="1")
    shard = kinesis.get_shard_iterator(StreamName="clicks", ShardId="0", ShardIteratorType="LATEST")["ShardIterator"]
    functions.invoke(FunctionName="price-orders", Payload=b"{}")
    mails.send_email(Source="a@b")
```
```facts
4: ClientCreated sdk target=sns timeout=60(default) costly
5: ClientCreated sdk target=events timeout=60(default) costly
6: ClientCreated sdk target=kinesis timeout=60(default) costly
7: ClientCreated sdk target=lambda timeout=5(client) costly
8: ClientCreated sdk target=ses timeout=60(default) costly
11: Publish sns topic=orders key='' target=sns confirmed=yes blocking
12: RemoteCall sms publish sns timeout=60(default) attempts=3 blocking
13: Publish eventbridge topic=shop key=OrderPlaced target=events confirmed=yes durable=yes blocking
14: Publish kinesis topic=clicks key='' target=kinesis confirmed=yes durable=yes blocking
15: Subscribe kinesis topic=clicks key='' target=kinesis blocking
16: RemoteCall lambda invoke price-orders timeout=5(client) attempts=1 blocking
17: RemoteCall ses send_email ses timeout=60(default) attempts=3 blocking
```
"""

from __future__ import annotations

from collections.abc import Iterable

from shearpin.adapterkit import Adapter
from shearpin.adapterkit.aws import CONFIG, Aws
from shearpin.adapterkit.store import made
from shearpin.facts.call import ResolvedCall
from shearpin.facts.fact import Fact
from shearpin.facts.model import CallModel, ClassModel

ADAPTER = Adapter("boto3", version="1.44.8", distributions=("boto3", "botocore"))

_RESOURCE = "boto3.resources.base.ServiceResource"
AWS = Aws("boto3", "botocore.client.BaseClient", _RESOURCE, "boto3.Session", is_blocking=True)

ADAPTER.alias("boto3.session.Session", AWS.session)
ADAPTER.alias("botocore.client.Config", CONFIG)
ADAPTER.models(
    ClassModel(CONFIG),
    CallModel("boto3.client", returns=AWS.client),
    CallModel("boto3.resource", returns=AWS.resource),
    *(CallModel(f"{AWS.resource}.{name}", returns=AWS.resource) for name in ("get_queue_by_name", "create_queue")),
)
AWS.teach(ADAPTER)
AWS.teach_types(ADAPTER)
ADAPTER.methods(AWS.resource, "get_queue_by_name", "create_queue")(AWS.facts)


@ADAPTER.calls(*(f"{module}.{name}" for module in ("boto3", AWS.session) for name in ("client", "resource")))
def _create(call: ResolvedCall) -> Iterable[Fact]:
    client = made(call, AWS.client if call.name.endswith(".client") else AWS.resource)
    store = AWS.store(AWS.service(client))
    yield store.created(call, cls=client.cls.name, target=AWS.address(client), timeout=AWS.timeout(client))
