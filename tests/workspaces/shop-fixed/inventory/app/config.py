import os

REDIS_URL = os.getenv("REDIS_URL", "redis://localhost:6379/0")
SUPPLIER_URL = os.getenv("SUPPLIER_URL", "http://localhost:9400")
