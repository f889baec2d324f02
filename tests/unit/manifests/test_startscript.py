from __future__ import annotations

from .reading import at, read_in, read_text


def test_what_a_script_starts() -> None:
    files = {
        "orders/run.sh": "set -e\nalembic upgrade head\n./more.sh &\nexec uvicorn app.main:app --port 8001\n",
        "orders/more.sh": "celery -A app.tasks worker\n",
    }
    facts = read_in(files, "orders/run.sh")
    (found,) = facts.workloads
    assert (facts.kind, found.kind, found.name, found.build) == ("script", "script", "run", "orders")
    assert found.command == ("celery", "-A", "app.tasks", "worker", ";", "uvicorn", "app.main:app", "--port", "8001")
    assert at(files, found.site) == "uvicorn"


def test_scripts_that_start_nothing_or_themselves() -> None:
    assert read_text("run_tests.sh", "pytest\n").kind == ""
    assert read_text("start.sh", "./start.sh # uvicorn\n").kind == ""
    assert read_text("start.sh", "sh start.sh; sh start.sh; uvicorn a:b\n").workloads[0].command is not None
