"""Messages to customers."""

import smtplib
from email.message import EmailMessage

import requests

from notifications.celery_app import app
from notifications.config import SMS_URL, SMTP_HOST, SMTP_PORT
from notifications.sent import note_sent, was_sent


@app.task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def send_email(message_id: str, recipient: str, subject: str, text: str) -> None:
    if was_sent(f"email:{message_id}"):
        return
    message = EmailMessage()
    message["From"] = "orders@shop.example"
    message["To"] = recipient
    message["Subject"] = subject
    message.set_content(text)
    with smtplib.SMTP(SMTP_HOST, SMTP_PORT, timeout=10) as server:
        server.send_message(message)
    # Noted afterwards: a crash in between sends a second mail, the other order would lose it.
    note_sent(f"email:{message_id}")


@app.task(autoretry_for=(requests.ConnectionError, requests.Timeout), retry_backoff=True, max_retries=8)
def send_sms(message_id: str, number: str, text: str) -> None:
    # The provider sends once for each key, however often it is asked.
    headers = {"Idempotency-Key": f"sms:{message_id}"}
    response = requests.post(SMS_URL, json={"to": number, "text": text}, headers=headers, timeout=10)
    response.raise_for_status()
