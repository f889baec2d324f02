"""The program as the shell sees it: real processes on small systems."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

SHOP = Path(__file__).parents[1] / "workspaces" / "shop"
FOREIGN = ("pygls", "lsprotocol", "mcp", "attr", "attrs", "cattrs", "rich")
LOOK = (
    "import sys; sys.argv = ['shearpin', *sys.argv[1:]]\n"
    "from shearpin.cli.main import main\n"
    "try:\n    main()\nexcept SystemExit as end:\n    status = end.code\nelse:\n    status = 0\n"
    f"names = {('click', 'msgspec', *FOREIGN)}\n"
    "sys.stderr.write('loaded: ' + ' '.join(name for name in names if name in sys.modules))\n"
    "sys.exit(status)\n"
)
COMPOSE = """\
services:
  orders:
    build: ./orders
    environment:
      PAYMENTS_URL: http://payments:8000
  payments:
    build: ./payments
"""
ORDERS = """\
import os

import requests
from fastapi import FastAPI

app = FastAPI()


@app.post("/orders")
def create(order: dict):
    response = requests.post(os.environ["PAYMENTS_URL"] + "/charge", json=order)
    response.raise_for_status()
    return response.json()
"""
PAYMENTS = """\
from fastapi import FastAPI

app = FastAPI()


@app.post("/charge")
def charge(order: dict):
    return {"paid": True}
"""


@pytest.fixture
def system(tmp_path):
    """Two services; the call between them may wait for ever."""
    for path, text in {
        "compose.yaml": COMPOSE,
        "orders/Dockerfile": 'FROM python:3.12\nCOPY . /app\nCMD ["uvicorn", "main:app"]\n',
        "orders/main.py": ORDERS,
        "payments/Dockerfile": 'FROM python:3.12\nCOPY . /app\nCMD ["uvicorn", "main:app"]\n',
        "payments/main.py": PAYMENTS,
    }.items():
        target = tmp_path / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
    return tmp_path


def run(*arguments: str | Path, cwd: Path, program: tuple[str, ...] = ("-m", "shearpin")):
    command = [sys.executable, *program, *map(str, arguments)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cwd / ".cache"), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=120)


def schema(name: str) -> dict[str, object]:
    return json.loads(files("shearpin.report").joinpath(f"schemas/{name}.schema.json").read_text("utf-8"))


def test_the_version_is_answered_without_any_library(tmp_path):
    done = run("--version", cwd=tmp_path, program=("-c", LOOK))
    assert done.stdout.startswith("shearpin ")
    assert done.stderr == "loaded: "
    times = []
    for _ in range(5):
        start = time.perf_counter()
        run("--version", cwd=tmp_path)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.15


@pytest.mark.parametrize(
    "arguments",
    [("check",), ("check", "--format", "json", "--fixes"), ("graph",), ("fix", "--diff"), ("rules",), ("--help",)],
)
def test_no_command_loads_the_server_or_colours_in_a_pipe(system, arguments):
    done = run(*arguments, cwd=system, program=("-c", LOOK))
    assert done.stderr.splitlines()[-1] == "loaded: click msgspec"


def test_check_finds_the_call_and_shows_it(system):
    done = run("check", cwd=system)
    assert done.returncode == 1, done.stderr
    assert "error[call-without-timeout]: " in done.stdout
    assert "--> orders/main.py:11:" in done.stdout
    assert '11 |     response = requests.post(os.environ["PAYMENTS_URL"]' in done.stdout
    assert "help: fix available (safe): " in done.stdout
    assert done.stderr == ""


def test_check_as_json_keeps_the_contract(system):
    done = run("check", "--format", "json", "--fixes", cwd=system)
    answer = json.loads(done.stdout)
    jsonschema.validate(answer, schema("check"))
    found = next(item for item in answer["findings"] if item["rule"] == "call-without-timeout")
    assert found["path"] == "orders/main.py"
    assert found["services"] == ["orders"]
    assert found["range"]["start"]["line"] == 10
    assert any("timeout=" in edit["new_text"] for fix in found["fixes"] for edit in fix["edits"])
    assert answer["files"] == 5


def test_the_answer_is_the_same_from_another_folder_and_without_cache(system):
    inside = run("check", "--format", "json", cwd=system)
    outside = run("check", system, "--format", "json", "--no-cache", cwd=system.parent)
    assert inside.stdout == outside.stdout


def test_severity_and_selection_decide_the_status(system):
    assert run("check", "--select", "unknown-endpoint", cwd=system).returncode == 0
    assert run("check", "--fail-on", "never", cwd=system).returncode == 0
    assert run("check", "--ignore", "timeouts", "--fail-on", "error", cwd=system).returncode == 0
    assert run("check", "payments/main.py", "compose.yaml", cwd=system).returncode == 0
    assert run("check", "orders/main.py", cwd=system).returncode == 1


@pytest.mark.parametrize("form", ["concise", "github"])
def test_short_formats_are_one_line_a_finding(system, form):
    done = run("check", "--format", form, "--select", "call-without-timeout", cwd=system)
    assert done.stdout.count("\n") == 1
    assert "orders/main.py" in done.stdout


def test_graph_as_json_keeps_the_contract(system):
    answer = json.loads(run("graph", "--format", "json", cwd=system).stdout)
    jsonschema.validate(answer, schema("graph"))
    assert [item["id"] for item in answer["services"]] == ["orders", "payments"]
    call = next(edge for edge in answer["edges"] if edge["to"] == "payments")
    assert (call["from"], call["op"], call["file"], call["line"]) == ("orders", "POST /charge", "orders/main.py", 11)


@pytest.mark.parametrize(
    ("form", "mark"),
    [("text", "http POST /charge  orders/main.py:11"), ("mermaid", "flowchart LR"), ("dot", "digraph")],
)
def test_graph_in_other_formats(system, form, mark):
    done = run("graph", "--format", form, "--service", "orders", cwd=system)
    assert (done.returncode, done.stderr) == (0, "")
    assert mark in done.stdout


def test_an_unknown_service_is_refused(system):
    done = run("graph", "--service", "payment", cwd=system)
    assert (done.returncode, done.stderr) == (2, 'error: no service "payment"; did you mean "payments"?\n')


def test_score_counts_explains_and_gates(system):
    done = run("score", "--service", "orders", cwd=system)
    assert (done.returncode, done.stderr) == (0, "")
    assert "orders (standard)" in done.stdout
    why = run("score", "--why", "timeouts", "--min", "90", cwd=system)
    assert why.returncode == 1
    assert "violated orders/main.py:11: call-without-timeout" in why.stdout
    assert "fewer than the 90 % of --min" in why.stderr
    assert run("score", "--why", "contracts", "--min", "90", cwd=system).returncode == 0
    assert json.loads(run("score", "--format", "json", cwd=system).stdout)["services"][0]["id"] == "orders"


def test_a_practice_that_does_not_exist_is_refused(system):
    done = run("score", "--why", "timeout", cwd=system)
    assert (done.returncode, done.stderr) == (2, 'error: no practice "timeout"; did you mean "timeouts"?\n')


def test_fix_shows_then_writes_and_then_nothing_is_left(system):
    shown = run("fix", "--diff", "--select", "call-without-timeout", cwd=system)
    assert shown.returncode == 1, shown.stderr
    assert "+++ b/orders/main.py" in shown.stdout
    assert (system / "orders/main.py").read_text() == ORDERS
    done = run("fix", "--apply", "--select", "call-without-timeout", cwd=system)
    assert done.returncode == 0, done.stderr
    fixed = (system / "orders/main.py").read_text()
    assert "timeout=" in fixed
    assert run("check", "--select", "call-without-timeout", cwd=system).returncode == 0
    assert run("fix", "--diff", "--select", "call-without-timeout", cwd=system).stdout.strip() == "Nothing to fix."


def test_a_shown_diff_is_what_is_written(system):
    diff = run("fix", "--diff", cwd=system).stdout
    copy = system / "copy"
    (copy / "orders").mkdir(parents=True)
    (copy / "orders/main.py").write_text(ORDERS)
    subprocess.run(["git", "apply", "-"], input=diff, text=True, cwd=copy, check=True)
    run("fix", "--apply", cwd=system)
    assert (copy / "orders/main.py").read_text() == (system / "orders/main.py").read_text()


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ("select = [\n", "shearpin.toml:1: is not valid TOML"),
        ("# a comment\nselekt = []\n", 'shearpin.toml:2: unknown setting "selekt"; did you mean "select"?'),
        (
            'exclude = []\nignore = [\n  "call-without-timout",\n]\n',
            'shearpin.toml:3: there is no rule "call-without-timout"; did you mean "call-without-timeout"?',
        ),
        ('fail-on = "always"\n', "shearpin.toml:1: "),
    ],
)
def test_broken_settings_are_named_with_file_and_line(system, settings, complaint):
    (system / "shearpin.toml").write_text(settings)
    done = run("check", cwd=system)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"error: {complaint}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["graph", "fix"])
def test_every_command_reads_the_settings(system, command):
    (system / "pyproject.toml").write_text("[tool.shearpin]\nignore = 3\nselect = 4\n")
    done = run(command, cwd=system)
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first.startswith("error: pyproject.toml:2: ignore")
    assert second.startswith("error: pyproject.toml:3: select")


def test_unknown_rules_on_the_command_line_are_refused(system):
    done = run("check", "--select", "call-without-timout", cwd=system)
    assert done.returncode == 2
    assert done.stderr == (
        'error: --select: there is no rule "call-without-timout"; did you mean "call-without-timeout"?\n'
    )
    done = run("explain", "call-without-timout", cwd=system)
    assert (done.returncode, done.stderr) == (
        2, 'error: there is no rule "call-without-timout"; did you mean "call-without-timeout"?\n',
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("orders/old.py", b"name = '\xff\xfe'\n"),
        ("orders/torn.py", b"def f(:\n    return (\n"),
        ("compose.override.yaml", b"services:\n  orders: [\n"),
        ("orders/binary.py", b"\x00\x01\x02" * 100),
        ("orders/empty.py", b""),
    ],
)
def test_broken_input_does_not_end_the_analysis_of_the_rest(system, path, content):
    (system / path).write_bytes(content)
    done = run("check", "--format", "json", cwd=system)
    assert (done.returncode, done.stderr) == (1, "")
    answer = json.loads(done.stdout)
    jsonschema.validate(answer, schema("check"))
    assert "call-without-timeout" in answer["summary"]["by_rule"]
    named = {item["path"] for item in answer["skipped"]}
    assert named == (set() if path.endswith("empty.py") else {path})
    graph = run("graph", cwd=system)
    assert graph.returncode == 0
    assert graph.stderr.count("skipped ") == len(named)


def test_a_comment_allows_a_finding_if_it_says_why(system):
    call = "requests.get('http://payments/x', timeout=1)"
    (system / "orders/main.py").write_text(
        "import more\n"
        + ORDERS.replace("json=order)", "json=order)  # shearpin: allow[call-without-timeout] ended by the supervisor")
    )
    (system / "orders/more.py").write_text(f"import requests\n\n{call}  # shearpin: allow[unbounded-retry]\n")
    answer = json.loads(run("check", "--format", "json", cwd=system).stdout)
    jsonschema.validate(answer, schema("check"))
    assert answer["summary"]["suppressed"] == 1
    rules = {item["rule"] for item in answer["findings"] if item["path"] == "orders/more.py"}
    assert {"suppression-without-reason", "unused-suppression"} <= rules
    assert "call-without-timeout" not in answer["summary"]["by_rule"]
    for rule in rules:
        page = run("explain", rule, cwd=system)
        assert (page.returncode, page.stdout.startswith(rule)) == (0, True)


def test_an_empty_folder_is_a_system_without_problems(tmp_path):
    done = run("check", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "No problems found in 0 files.\n", "")
    assert run("graph", cwd=tmp_path).returncode == 0


def test_a_reader_that_leaves_changes_nothing(system):
    (system / "orders/main.py").write_text("import more\n" + ORDERS)
    (system / "orders/more.py").write_text("import requests\n" + "requests.get('http://payments/x')\n" * 500)
    command = [sys.executable, "-m", "shearpin", "check"]
    with subprocess.Popen(command, cwd=system, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_rules_and_their_pages(tmp_path):
    rules = json.loads(run("rules", "--format", "json", cwd=tmp_path).stdout)
    names = {rule["name"] for rule in rules}
    assert {"call-without-timeout", "unbounded-retry", "unchecked-response"} <= names
    listed = run("rules", cwd=tmp_path).stdout
    for rule in rules:
        assert f"  {rule['name']} " in listed
        assert rule["summary"] in listed
    page = run("explain", "call_without_timeout", cwd=tmp_path).stdout
    assert "Why it matters" in page


def test_the_example_system_has_findings_and_a_graph(tmp_path):
    done = run("check", SHOP, "--format", "json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    answer = json.loads(done.stdout)
    jsonschema.validate(answer, schema("check"))
    assert answer["skipped"] == []
    graph = json.loads(run("graph", SHOP, "--format", "json", cwd=tmp_path).stdout)
    jsonschema.validate(graph, schema("graph"))
    assert {"orders", "payments", "inventory", "notifications", "gateway"} <= {item["id"] for item in graph["services"]}
