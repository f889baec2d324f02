"""Objects that belong to one thread."""

from __future__ import annotations

from shearpin.facts.fact import StoreCall
from shearpin.flow.settled import settled
from shearpin.flow.sharing import sharing

from ..meaning.notation import opened

ROWS = """
def count(session):
    return session.execute("SELECT 1").scalar()
"""
API = """
from fastapi import FastAPI
from rows import count
app = FastAPI()

@app.get("/rows")
def rows(session):
    return count(session)
"""
SCRIPT = """
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from rows import count
{guard}
    session = Session(create_engine("postgresql://db/shop"))
    print(count(session))
"""


def answers(guard: str) -> set[str]:
    """Whether the session that a file makes and passes on is shared with the threads of the API."""
    session = opened({"rows.py": ROWS, "api.py": API, "report.py": SCRIPT.format(guard=guard)})
    facts = (item.fact for item in settled(session.db, "rows.py", "count"))
    found = (sharing(session.db, fact) for fact in facts if isinstance(fact, StoreCall))
    return {item.answer for item in found if item is not None}


def test_a_session_of_a_script_belongs_to_its_thread():
    assert answers('if __name__ == "__main__":') == {"own"}


def test_a_session_of_a_module_belongs_to_all():
    assert answers("if True:") == {"shared"}
