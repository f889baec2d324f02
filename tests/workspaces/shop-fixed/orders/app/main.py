"""Orders service."""

from contextlib import asynccontextmanager

from fastapi import FastAPI

from app.clients import http
from app.db import engine
from app.models import Base
from app.routes import router


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await http.aclose()
    await engine.dispose()


app = FastAPI(title="Orders", lifespan=lifespan)
app.include_router(router)


@app.get("/health")
async def health():
    return {"status": "ok"}
