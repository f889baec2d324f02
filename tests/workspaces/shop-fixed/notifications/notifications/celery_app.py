from celery import Celery

from notifications.config import BROKER_URL

app = Celery("notifications", broker=BROKER_URL, include=["notifications.tasks"])
app.conf.task_acks_late = True
