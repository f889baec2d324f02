"""What brokers call back, and tasks that stand in the place of functions."""

from __future__ import annotations

from shearpin.facts.call import Callee
from shearpin.facts.fact import Ack, Publish, Subscribe
from shearpin.facts.model import Mode
from shearpin.facts.value import Const
from shearpin.flow.settled import settled
from shearpin.meaning.calls import calls

from .loading import Loaded


def settled_facts(code: str) -> list[object]:
    loaded = Loaded({"app.py": code})
    parts = loaded.summaries["app.py"].parts
    return [item.fact for part in parts for item in settled(loaded.db, "app.py", part.id)]


def callees(code: str, part: str) -> list[Callee]:
    return [callee for call in calls(Loaded({"app.py": code}).db, "app.py", part) for callee in call.callees]


CONSUMER = """
import pika

class Consumer:
    def on_message(self, channel, method, properties, body):
        channel.basic_nack(method.delivery_tag, requeue=False)

    def run(self):
        channel = pika.BlockingConnection(pika.URLParameters("amqp://rabbitmq")).channel()
        channel.basic_consume(queue="orders", on_message_callback=self.on_message)
"""


def test_a_callback_gets_the_channel():
    facts = settled_facts(CONSUMER)
    assert [(fact.kind, fact.requeue) for fact in facts if isinstance(fact, Ack)] == [("nack", False)]
    (subscription,) = [fact for fact in facts if isinstance(fact, Subscribe)]
    assert subscription.handler is not None
    assert (subscription.handler.part, subscription.key) == ("Consumer.on_message", Const("orders"))


def test_a_callback_runs_later_as_a_consumer():
    (callee,) = [found for found in callees(CONSUMER, "Consumer.run") if found.function.part == "Consumer.on_message"]
    assert (callee.mode, callee.context) == (Mode.LATER, "consumer")


TASKS = """
from celery import Celery

app = Celery("mails", broker="redis://cache/0")

@app.task(bind=True)
def send(self, address, subject):
    print(address)

def now():
    send("a@b", "hello")

def later():
    send.delay("a@b", "hello")
"""


def test_a_task_that_is_called_runs_in_place():
    (callee,) = callees(TASKS, "now")
    assert (callee.function.part, callee.mode, callee.context) == ("send", Mode.DIRECT, "")


def test_a_task_that_is_sent_runs_in_a_worker():
    (callee,) = callees(TASKS, "later")
    assert (callee.function.part, callee.mode, callee.context) == ("send", Mode.LATER, "task")
    assert [bound.value for bound in callee.bindings][1:] == [Const("a@b"), Const("hello")]


def test_only_sending_is_a_message():
    sent = [fact for fact in settled_facts(TASKS) if isinstance(fact, Publish)]
    assert [(fact.function.part, fact.target) for fact in sent] == [("later", Const("redis://cache/0"))]


def test_a_described_task_is_not_sent():
    code = TASKS + "\ndef describe():\n    return send.s('a@b', 'hello')\n"
    assert not [fact for fact in settled_facts(code) if isinstance(fact, Publish) and fact.function.part == "describe"]


def test_settings_of_the_application_are_found_wherever_they_are_set():
    code = TASKS.replace(', broker="redis://cache/0"', "") + "\napp.conf.update(broker_url='redis://other/0')\n"
    (sent,) = [fact for fact in settled_facts(code) if isinstance(fact, Publish)]
    assert sent.target == Const("redis://other/0")
