"""Receipts by mail, sent by a small pool of threads."""

import logging
import smtplib
from concurrent.futures import Future, ThreadPoolExecutor
from email.message import EmailMessage

from .config import Config

logger = logging.getLogger(__name__)
pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="receipts")


def send_receipt(order_id: int, amount: str) -> None:
    message = EmailMessage()
    message["Subject"] = f"Receipt for order {order_id}"
    message["From"] = "billing@shop.example"
    message["To"] = "accounting@shop.example"
    message.set_content(f"Charged {amount} EUR.")
    with smtplib.SMTP(Config.SMTP_HOST, 25, timeout=10) as server:
        server.send_message(message)


def report(done: Future) -> None:
    if done.exception() is not None:
        logger.error("A receipt was not sent", exc_info=done.exception())


def send_later(order_id: int, amount: str) -> None:
    """Hand the receipt to the pool; a failure is logged."""
    done = pool.submit(send_receipt, order_id, amount)
    done.add_done_callback(report)
