"""Settings of the gateway, read from the environment."""

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    orders_url: str = "http://localhost:8001"
    inventory_url: str = "http://localhost:8002"
    identity_url: str = "http://localhost:9000/introspect"
    request_timeout: float = 20.0


settings = Settings()
