"""Rules about messages, with brokers of a cloud: queues that are polled, callbacks that acknowledge."""

from __future__ import annotations

import pytest

from ..support import check, expected

HEAD = """\
import json
import boto3
import psycopg

sqs = boto3.client("sqs")
URL = "https://sqs.eu-west-1.amazonaws.com/1/orders"
"""
EARLY = """\
def handle(message):
    return message["ReceiptHandle"]

def run():
    with psycopg.connect("postgresql://db/shop", autocommit=True) as db:
        while True:
            answer = sqs.receive_message(QueueUrl=URL, WaitTimeSeconds=20)
            for message in answer.get("Messages", []):
                sqs.delete_message(QueueUrl=URL, ReceiptHandle=handle(message))  # expect: ack-before-processing
                db.execute("UPDATE orders SET paid = true WHERE id = %s", (message["MessageId"],))
"""
POISON = """\
def run():
    while True:
        answer = sqs.receive_message(QueueUrl=URL, WaitTimeSeconds=20)
        for message in answer.get("Messages", []):
            order = json.loads(message["Body"])  # expect: poison-message
            print(order["id"])
            sqs.delete_message(QueueUrl=URL, ReceiptHandle=message["ReceiptHandle"])
"""
GOOD = """\
def run():
    with psycopg.connect("postgresql://db/shop", autocommit=True) as db:
        while True:
            answer = sqs.receive_message(QueueUrl=URL, WaitTimeSeconds=20)
            for message in answer.get("Messages", []):
                try:
                    order = json.loads(message["Body"])
                    db.execute("UPDATE orders SET paid = true WHERE id = %s", (order["id"],))
                except (ValueError, KeyError, psycopg.Error):
                    print("comes again, or goes to the dead letters of the queue")
                    continue
                sqs.delete_message(QueueUrl=URL, ReceiptHandle=message["ReceiptHandle"])
"""
RULES = {"ack-before-processing", "poison-message", "topic-without-consumer", "topic-without-producer"}


@pytest.mark.parametrize("body", [EARLY, POISON, GOOD], ids=["early", "poison", "good"])
def test_polled_queues(body: str):
    files = {"app.py": f"{HEAD}\n{body}\nif __name__ == '__main__':\n    run()\n"}
    assert [found for found in check(files) if found.rule in RULES] == expected(files)


def test_who_reads_a_topic_of_the_cloud_is_not_in_the_code():
    compose = "services:\n  shop: {build: ./shop}\n  mails: {build: ./mails}\n"
    web = "from fastapi import FastAPI\napp = FastAPI()\n"
    sends = f"{web}{HEAD}@app.post('/orders')\ndef order(): sqs.send_message(QueueUrl=URL, MessageBody='x')\n"
    takes = f"{web}{HEAD}@app.get('/mails')\ndef mails(): sqs.receive_message(QueueUrl=URL + '-2')\n"
    found = check({"compose.yaml": compose, "shop/main.py": sends, "mails/main.py": takes})
    assert not {item.rule for item in found} & {"topic-without-consumer", "topic-without-producer"}


SUBSCRIBED = """\
from google.cloud import pubsub_v1
import psycopg

bus = pubsub_v1.SubscriberClient()

def treat(message):
    with psycopg.connect("postgresql://db/shop", autocommit=True) as db:
        {}
        {}

if __name__ == "__main__":
    bus.subscribe("projects/shop/subscriptions/mails", callback=treat).result()
"""
ACK = "message.ack()"
WRITE = 'db.execute("UPDATE orders SET paid = true WHERE id = %s", (message.message_id,))'


def test_a_callback_acknowledges_last():
    early = {"app.py": SUBSCRIBED.format(f"{ACK}  # expect: ack-before-processing", WRITE)}
    last = {"app.py": SUBSCRIBED.format(WRITE, ACK)}
    for files in (early, last):
        assert [found for found in check(files) if found.rule in RULES] == expected(files)


LIST = """\
import psycopg
import redis

jobs = redis.Redis("redis")

def run():
    with psycopg.connect("postgresql://db/shop", autocommit=True) as db:
        while True:
            _, job = jobs.{}
            db.execute("UPDATE orders SET paid = true WHERE id = %s", (job,))

if __name__ == "__main__":
    run()
"""


def test_an_entry_that_is_taken_out_of_a_list_is_gone():
    lost = {"app.py": LIST.format('blpop("jobs")  # expect: ack-before-processing')}
    kept = {"app.py": LIST.format('blmove("jobs", "taken", 0)')}
    for files in (lost, kept):
        assert [found for found in check(files) if found.rule in RULES] == expected(files)
