"""How many requests one process of a service handles at a time, as its start command says."""

from __future__ import annotations

from shearpin.query import Database, query
from shearpin.services.system import system

_MANY = frozenset(("gthread", "gevent", "eventlet", "tornado"))


@query()
def handles_many(db: Database, service_id: str) -> bool | None:
    """Whether one process of a WSGI service runs several requests at a time; None when its command does not say."""
    service = next((found for found in system(db).services if found.id == service_id), None)
    answers = {_of(d.command) for d in service.deployments if d.command} if service is not None else set()
    return answers.pop() if len(answers) == 1 else True if True in answers else None


def _of(command: tuple[str, ...]) -> bool | None:
    words = [word for text in command for word in text.split()]
    programs = {word.rpartition("/")[2] for word in words}
    if "gunicorn" in programs:
        return _gunicorn(words)
    if "flask" in programs or "waitress-serve" in programs:
        return True
    return None


def _gunicorn(words: list[str]) -> bool:
    """One, unless threads or another class of workers are asked for."""
    for place, word in enumerate(words):
        name, _, given = word.partition("=")
        value = given or (words[place + 1] if place + 1 < len(words) else "")
        if name == "--threads" and value != "1":
            return True
        if name in {"-k", "--worker-class"} and value in _MANY:
            return True
    return False
