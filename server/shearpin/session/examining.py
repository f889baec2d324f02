"""Examines a whole workspace once, by several processes: each takes files of one service after the other.

What one service asks about another rests on small answers per file: its routes, its topics, the handlers that it
calls. They are made and handed round first, so that no process analyses the files of another one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from shearpin.adapterkit.facts import held_names
from shearpin.engine.verdicts import file_run
from shearpin.graph.build import GRAPHED
from shearpin.graph.chains import called_from
from shearpin.graph.edges import edges_of
from shearpin.graph.orphans import file_topics
from shearpin.graph.reach import services_running
from shearpin.graph.routing import file_routing
from shearpin.graph.rpc import file_procedures
from shearpin.graph.task_names import file_tasks
from shearpin.query import Database
from shearpin.query.kernel import Key
from shearpin.query.nodes import Question
from shearpin.services.classify import PathClass, path_class
from shearpin.services.layout import service_of_folder
from shearpin.workspace.forks import Phase, run_phases

Progress = Callable[[int, int, str], None]
_Answer = tuple[Question, Key, object]
#: files of one service that one process takes at once; more of them share more work, fewer are spread more evenly
_MOST_FILES = 80


def _groups(db: Database, paths: Sequence[str]) -> list[list[str]]:
    """Files by service, the largest groups first, so that the last ones even out."""
    by_service: dict[tuple[str, ...], list[str]] = {}
    for path in paths:
        by_service.setdefault(service_of_folder(db, path), []).append(path)
    found: list[list[str]] = []
    for files in by_service.values():
        found.extend(files[start : start + _MOST_FILES] for start in range(0, len(files), _MOST_FILES))
    return sorted(found, key=lambda files: (-len(files), files))


def _routes(db: Database, path: str) -> list[_Answer]:
    return [_answer(db, file_routing, path), _answer(db, file_procedures, path)]


def _messages(db: Database, path: str) -> list[_Answer]:
    found = [_answer(db, called_from, path)]
    if path_class(db, path) is PathClass.APPLICATION:
        found.append(_answer(db, file_tasks, path))
        found.extend(_answer(db, file_topics, path, service) for service in services_running(db, path))
    return found


def _edges(db: Database, path: str) -> list[_Answer]:
    if path_class(db, path) not in GRAPHED:
        return []
    return [_answer(db, edges_of, service, path) for service in services_running(db, path)]


def _verdicts(db: Database, path: str) -> list[_Answer]:
    return [_answer(db, file_run, path)]


def _answer(db: Database, query: Question, *args: str) -> _Answer:
    return query, args, db.demand(query, args)


_Step = Callable[[Database, str], list[_Answer]]
_Steps = tuple[tuple[str, _Step], ...]
_EXAMINING: _Steps = (("reading routes of", _routes), ("reading messages of", _messages), ("examining", _verdicts))
_LINKING: _Steps = (("reading routes of", _routes), ("following calls of", _edges))
_QUERIES: dict[str, Question] = {
    query.name: query
    for query in (file_routing, file_procedures, called_from, file_tasks, file_topics, edges_of, file_run)
}
_NAMES = {query: name for name, query in _QUERIES.items()}


def examine_all(db: Database, paths: Sequence[str], jobs: int, tell: Progress) -> None:
    """Run all rules over all files in a table for a single look; `file_run` is known for each of them afterwards."""
    _work(db, paths, _EXAMINING, jobs, tell)


def link_all(db: Database, paths: Sequence[str], jobs: int, tell: Progress) -> None:
    """Find the edges of all files in a table for a single look; `service_graph` only puts them together afterwards."""
    _work(db, paths, _LINKING, jobs, tell)


def _work(db: Database, paths: Sequence[str], steps: _Steps, jobs: int, tell: Progress) -> None:
    groups = _groups(db, paths)
    done = 0

    def phase(step: _Step, what: str) -> Phase:
        def work(number: int) -> object:
            nonlocal done
            found: list[_Answer] = []
            for path in groups[number]:
                done += 1
                tell(done, len(paths) * len(steps), f"{what} {path}")
                found.extend(step(db, path))
            return [(_NAMES[query], args, value) for query, args, value in found]

        def take(result: object) -> None:
            for name, args, value in cast("list[tuple[str, Key, object]]", result):
                db.preset(_QUERIES[name], args, value)

        return Phase(work, take)

    held_names(db)
    run_phases([phase(step, what) for what, step in steps], len(groups), jobs)
