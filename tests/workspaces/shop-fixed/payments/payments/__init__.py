"""Payments service: charges and refunds."""

from flask import Flask

from .charges import charges
from .db import create_tables


def create_app() -> Flask:
    app = Flask(__name__)
    app.register_blueprint(charges, url_prefix="/charges")
    create_tables()

    @app.get("/health")
    def health():
        return {"status": "ok"}

    return app
