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
    with smtplib.SMTP(SMTP_HOST, SMTP_PORT, timeout=10) as server:
        server.send_message(message)


@app.task(bind=True, autoretry_for=(requests.ConnectionError, requests.Timeout), retry_backoff=True, max_retries=8)
def send_sms(self, number: str, text: str) -> None:
    # All runs of one task share its id, so a repeat sends no second message.
    headers = {"Idempotency-Key": self.request.id}
    response = requests.post(SMS_URL, json={"to": number, "text": text}, headers=headers, timeout=10)
    response.raise_for_status()
