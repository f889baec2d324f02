"""Configuration of the orders service."""

import os

DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql+asyncpg://shop:shop@localhost:5432/orders")
RABBITMQ_URL = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@localhost:5672/")
PAYMENTS_URL = os.environ.get("PAYMENTS_URL", "http://localhost:5000")
INVENTORY_URL = os.environ.get("INVENTORY_URL", "http://localhost:8002").rstrip("/")
RECOMMENDATIONS_URL = os.environ.get("RECOMMENDATIONS_URL", "http://localhost:9100")
