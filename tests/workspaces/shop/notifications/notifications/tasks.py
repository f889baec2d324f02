"""Messages to customers."""

import smtplib
from email.message import EmailMessage

import requests

from notifications.celery_app import app
from notifications.config import SMS_URL, SMTP_HOST, SMTP_PORT


@app.task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def send_email(recipient: str, subject: str, text: str) -> None:
    message = EmailMessage()
    message["From"] = "orders@shop.example"
    message["To"] = recipient
    message["Subject"] = subject
    message.set_content(text)
    with smtplib.SMTP(SMTP_HOST, SMTP_PORT) as server:  # expect: call-without-timeout
        server.send_message(message)  # expect: consumer-not-idempotent


@app.task(autoretry_for=(requests.RequestException,), retry_backoff=True, max_retries=None)  # expect: unbounded-retry, retry-of-permanent-error, retry-of-unsafe-call
def send_sms(number: str, text: str) -> None:
    response = requests.post(SMS_URL, json={"to": number, "text": text}, timeout=10)  # expect: consumer-not-idempotent
    response.raise_for_status()
