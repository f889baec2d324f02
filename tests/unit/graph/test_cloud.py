"""Services of a cloud: queues that both sides name in their own way, functions, stores."""

from __future__ import annotations

import pytest

from .drawing import edges, system

COMPOSE = """\
services:
  a: {build: ./a, command: python main.py, environment: {PLACE: %s}}
  b: {build: ./b, command: python main.py, environment: {PLACE: %s}}
"""
URL = "https://sqs.eu-west-1.amazonaws.com/1/orders"
HEAD = "import boto3, os\nsqs = boto3.client('sqs')\n"
SENDERS = {
    "literal": f"sqs.send_message(QueueUrl='{URL}', MessageBody='x')\n",
    "environment": "sqs.send_message(QueueUrl=os.environ['PLACE'], MessageBody='x')\n",
    "computed account": "sqs.send_message(QueueUrl=f'https://sqs/{os.getpid()}/orders', MessageBody='x')\n",
    "by name": "sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName='orders')['QueueUrl'], MessageBody='x')\n",
    "annotation": "from mypy_boto3_sqs import SQSClient\ndef send(client: SQSClient):\n"
    f"    client.send_message(QueueUrl='{URL}', MessageBody='x')\n",
    "resource": "boto3.resource('sqs').get_queue_by_name(QueueName='orders').send_message(MessageBody='x')\n",
}
TAKERS = {
    "literal": f"while True:\n    sqs.receive_message(QueueUrl='{URL}')\n",
    "environment": "while True:\n    sqs.receive_message(QueueUrl=os.environ['PLACE'])\n",
    "attribute": "class Worker:\n    def __init__(self):\n        self.sqs = boto3.client('sqs')\n"
    "        self.url = self.sqs.create_queue(QueueName='orders')['QueueUrl']\n    def run(self):\n"
    "        while True:\n            self.sqs.receive_message(QueueUrl=self.url)\nWorker().run()\n",
    "async": "import asyncio\nfrom aiobotocore.session import get_session\nasync def main():\n"
    "    async with get_session().create_client('sqs') as queues:\n"
    "        answer = await queues.get_queue_url(QueueName='orders')\n"
    "        await queues.receive_message(QueueUrl=answer['QueueUrl'])\nasyncio.run(main())\n",
}


@pytest.mark.parametrize("taker", TAKERS.values(), ids=TAKERS)
@pytest.mark.parametrize("sender", SENDERS.values(), ids=SENDERS)
def test_both_sides_of_a_queue_meet(sender: str, taker: str) -> None:
    files = {"compose.yaml": COMPOSE % (URL, URL), "a/main.py": HEAD + sender, "b/main.py": HEAD + taker}
    found = [edge for edge in edges(system(files)) if "topic:" in edge]
    assert found == ["a -> topic:sqs/orders publish orders", "b -> topic:sqs/orders consume orders"]


def test_a_function_that_is_a_service_of_the_workspace() -> None:
    code = "import boto3\nf = boto3.client('lambda')\nf.invoke(FunctionName='b')\nf.invoke(FunctionName='prices')\n"
    files = {"compose.yaml": COMPOSE % ("", ""), "a/main.py": code, "b/main.py": "print('ready')\n"}
    assert edges(system(files)) == ["a -> b invoke", "a -> external:lambda/prices invoke"]


def test_stores_of_a_cloud() -> None:
    compose = "services:\n  a: {build: ./a, command: python main.py}\n  files: {image: minio/minio}\n"
    code = (
        "import boto3\nboto3.client('s3', endpoint_url='http://files:9000')\nboto3.client('s3')\n"
        "boto3.resource('dynamodb').Table('orders')\n"
    )
    found = edges(system({"compose.yaml": compose, "a/main.py": code}))
    assert sorted(found) == ["a -> dynamodb connect", "a -> files connect", "a -> s3 connect"]


PUBSUB = "from google.cloud import pubsub_v1\nbus = pubsub_v1.%sClient()\n"
SENDS = f"{PUBSUB % 'Publisher'}bus.publish(bus.topic_path('shop', 'orders'), b'').result(timeout=5)\n"
TAKES = f"{PUBSUB % 'Subscriber'}def mail(message): message.ack()\npath = bus.subscription_path('shop', 'mails')\n"
LISTENS = "bus.subscribe(path, callback=mail).result()\n"


def test_a_subscription_has_a_name_of_its_own() -> None:
    files = {"compose.yaml": COMPOSE % ("", ""), "a/main.py": SENDS, "b/main.py": TAKES + LISTENS}
    assert edges(system(files)) == [
        "a -> topic:pubsub/orders publish orders",
        "b -> topic:pubsub/subscription:mails consume mails",
    ]


def test_a_subscription_that_the_code_makes_gets_what_its_topic_gets() -> None:
    made = "bus.create_subscription(request={'name': path, 'topic': 'projects/shop/topics/orders'})\n"
    files = {"compose.yaml": COMPOSE % ("", ""), "a/main.py": SENDS, "b/main.py": TAKES + made + LISTENS}
    assert edges(system(files)) == [
        "a -> topic:pubsub/orders publish orders",
        "b -> topic:pubsub/orders consume mails",
    ]


def test_topics_of_a_service_bus() -> None:
    client = "from azure.servicebus import ServiceBusClient\nimport os\n"
    client += "bus = ServiceBusClient.from_connection_string(os.environ['BUS'])\n"
    sends = f"{client}with bus.get_topic_sender('orders') as sender:\n    sender.send_messages('x')\n"
    takes = f"{client}with bus.get_subscription_receiver('orders', 'mails') as taker:\n    for m in taker: print(m)\n"
    files = {"compose.yaml": COMPOSE % ("", ""), "a/main.py": sends, "b/main.py": takes}
    assert edges(system(files)) == [
        "a -> topic:servicebus/orders publish orders",
        "b -> topic:servicebus/orders consume mails",
    ]
