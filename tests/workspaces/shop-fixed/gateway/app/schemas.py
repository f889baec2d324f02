from pydantic import BaseModel, Field


class OrderIn(BaseModel):
    sku: str
    quantity: int = Field(gt=0)
    email: str
    phone: str | None = None


class StockIn(BaseModel):
    quantity: int
