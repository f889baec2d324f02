from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field


class OrderIn(BaseModel):
    customer_id: str
    email: str
    phone: str | None = None
    sku: str
    quantity: int = Field(gt=0)


class OrderOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    sku: str
    quantity: int
    total: Decimal
    status: str
