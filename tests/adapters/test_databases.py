"""Sessions and connections that travel before they are used keep their address and their kind."""

from __future__ import annotations

import pytest

from shearpin.facts.fact import StoreCall
from shearpin.facts.model import Mode
from shearpin.facts.value import ClassRef, Const
from shearpin.flow.settled import settled
from shearpin.meaning.calls import calls

from .loading import Loaded

HEAD = """\
import contextlib
from typing import Annotated
from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session, sessionmaker

app = FastAPI()
engine = create_engine("postgresql://db/shop")
aengine = create_async_engine("postgresql+asyncpg://db/shop")

class Base(DeclarativeBase): ...
class Order(Base): ...
"""


def store_calls(code: str) -> list[StoreCall]:
    loaded = Loaded({"app.py": HEAD + code})
    parts = loaded.summaries["app.py"].parts
    found = [item.fact for part in parts for item in settled(loaded.db, "app.py", part.id)]
    return [fact for fact in found if isinstance(fact, StoreCall)]


WAYS = {
    "depends": """
maker = sessionmaker(engine)
def session():
    db = maker()
    try:
        yield db
    finally:
        db.close()

@app.get("/")
def handler(db: Session = Depends(session)):
    db.execute(select(Order))
""",
    "scope": """
maker = sessionmaker(engine)
@contextlib.contextmanager
def scope():
    db = maker()
    yield db

def use():
    with scope() as db:
        db.execute(select(Order))
""",
    "scoped": """
registry = scoped_session(sessionmaker(bind=engine))
def use():
    registry.execute(select(Order))
""",
    "repository": """
class Orders:
    def __init__(self, db):
        self.db = db
    def all(self):
        self.db.execute(select(Order))

with Session(engine) as db:
    Orders(db).all()
""",
    "holder": """
class Database:
    def __init__(self, url):
        self.engine = create_engine(url)
        self.maker = sessionmaker(bind=self.engine)
    @contextlib.contextmanager
    def session(self):
        with self.maker() as db:
            yield db

database = Database("postgresql://db/shop")
def use():
    with database.session() as db:
        db.execute(select(Order))
""",
}


@pytest.mark.parametrize("code", WAYS.values(), ids=WAYS.keys())
def test_the_address_travels_with_the_session(code):
    (call,) = [call for call in store_calls(code) if call.kind == "read"]
    assert (call.target, call.is_blocking) == (Const("postgresql://db/shop"), True)
    assert call.object == ClassRef("app.py", "Order")


def test_a_maker_of_async_sessions_inside_an_object_makes_async_sessions():
    code = WAYS["holder"].replace(
        "maker = sessionmaker(bind=self.engine", "maker = sessionmaker(self.engine, class_=AsyncSession"
    )
    (call,) = [call for call in store_calls(code) if call.kind == "read"]
    assert (call.target, call.is_blocking) == (Const("postgresql://db/shop"), False)


AWAITED = {
    "async maker": "maker = async_sessionmaker(aengine)\n",
    "maker of async sessions": "maker = sessionmaker(aengine, class_=AsyncSession)\n",
}


@pytest.mark.parametrize("code", AWAITED.values(), ids=AWAITED.keys())
def test_an_async_session_never_blocks(code):
    use = "async def use():\n    async with maker() as db:\n        await db.execute(select(Order))\n"
    (call,) = store_calls(code + use)
    assert (call.target, call.is_blocking, call.is_awaited) == (Const("postgresql+asyncpg://db/shop"), False, True)


def test_a_function_given_to_run_sync_does_not_run_on_the_loop():
    code = (
        "def change(db):\n    db.execute(select(Order))\n\n"
        "async def use(db: AsyncSession):\n    await db.run_sync(change)\n"
    )
    loaded = Loaded({"app.py": HEAD + code})
    (call,) = calls(loaded.db, "app.py", "use")
    assert [(callee.function.part, callee.mode) for callee in call.callees] == [("change", Mode.THREAD)]


def test_a_statement_made_in_branches_is_still_a_read():
    code = """
def use(db: Session, only):
    statement = select(Order)
    if only:
        statement = statement.where(Order.id == only)
    db.execute(statement)
"""
    (call,) = store_calls(code)
    assert (call.kind, call.object) == ("read", ClassRef("app.py", "Order"))


def test_a_session_inside_a_repository_names_no_table_by_itself():
    code = """
class Orders:
    def __init__(self, db: Session, order):
        self.db = db
        self.order = order
    def save(self):
        self.db.add(self.order)
"""
    assert [call.object for call in store_calls(code) if call.object == ClassRef("app.py", "Orders")] == []
