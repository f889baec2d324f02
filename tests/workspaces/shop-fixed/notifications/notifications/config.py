import os

BROKER_URL = os.environ.get("CELERY_BROKER_URL", "redis://localhost:6379/1")
SENT_URL = os.environ.get("SENT_URL", "redis://localhost:6379/2")
RABBITMQ_URL = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@localhost:5672/")
SMTP_HOST = os.environ.get("SMTP_HOST", "localhost")
SMTP_PORT = int(os.environ.get("SMTP_PORT", "25"))
SMS_URL = os.environ.get("SMS_URL", "http://localhost:9500/messages")
