import os


class Config:
    DATABASE_URL = os.getenv("DATABASE_URL", "sqlite:///payments.db")
    BANK_URL = os.getenv("BANK_URL", "http://localhost:9200")
    FRAUD_URL = os.getenv("FRAUD_URL", "http://localhost:9300/score")
    SMTP_HOST = os.getenv("SMTP_HOST", "localhost")
    BANK_TIMEOUT = float(os.getenv("BANK_TIMEOUT", "2"))
