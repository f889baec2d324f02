"""A machine that is full, read-only, interrupted or shared: the findings are the same, and the exit codes are ours."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CALL = "import requests\n\nrequests.get('https://example.com/x')\n"
CHECK = [sys.executable, "-m", "shearpin", "check", "--format", "json"]


@pytest.fixture
def system(tmp_path):
    root = tmp_path / "system"
    (root / "orders").mkdir(parents=True)
    (root / "orders" / "app.py").write_text(CALL)
    (root / "shearpin.toml").write_text('select = ["call-without-timeout"]\n')
    return root


def check(root, *, command=None, **more):
    environment = {**os.environ, **more.pop("environment", {})}
    command = [*(command or CHECK), str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120, **more)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def findings(done):
    found = json.loads(done.stdout)["findings"]
    return [(one["path"], one["range"]["start"]["line"] + 1, one["rule"]) for one in found]


EXPECTED = [("orders/app.py", 3, "call-without-timeout")]


def test_disk_without_room_for_a_cache(system, tmp_path):
    full = {"XDG_CACHE_HOME": str(tmp_path / "cache")}

    def no_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    assert findings(check(system, environment=full, preexec_fn=no_room)) == EXPECTED
    assert findings(check(system, environment=full)) == EXPECTED


@pytest.mark.parametrize("place", ["/dev/null/cache", "/proc/cache"])
def test_cache_that_cannot_be_written(system, place):
    assert findings(check(system, environment={"XDG_CACHE_HOME": place})) == EXPECTED


def test_no_home(system):
    environment = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"), "")
    assert findings(check(system, environment=environment)) == EXPECTED


def test_cache_that_is_damaged(system, tmp_path):
    place = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    check(system, environment=place)
    (cache,) = (tmp_path / "cache").rglob("*.sqlite")
    for damage in (b"", b"not a database at all" * 100, cache.read_bytes()[:1000]):
        cache.write_bytes(damage)
        assert findings(check(system, environment=place)) == EXPECTED


def test_several_share_a_cache_and_one_is_killed(system, tmp_path):
    for number in range(60):
        (system / "orders" / f"m{number}.py").write_text(f"def f{number}():\n    return {number}\n" * 20)
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    pipe = subprocess.PIPE
    command = [*CHECK, str(system)]
    running = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment) for _ in range(3)]
    time.sleep(0.5)
    running[0].kill()
    running[0].communicate()
    for process in running[1:]:
        out, error = process.communicate(timeout=120)
        assert "Traceback" not in error
        assert [one["path"] for one in json.loads(out)["findings"]] == ["orders/app.py"]
    assert findings(check(system, environment={"XDG_CACHE_HOME": str(tmp_path / "cache")})) == EXPECTED


def test_interrupt_ends_at_once_without_a_traceback(system):
    for number in range(300):
        (system / "orders" / f"m{number}.py").write_text(CALL * 20)
    pipe = subprocess.PIPE
    process = subprocess.Popen([*CHECK, "--no-cache", str(system)], stdout=pipe, stderr=pipe, text=True)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    # Before Python runs any of our code the signal ends the process as it does others.
    assert process.returncode in {1, 2, -signal.SIGINT}
    assert process.returncode != 2 or error.splitlines()[-1] == "interrupted"
    assert process.returncode == -signal.SIGINT or "Traceback" not in error


def test_reader_that_goes_away(system):
    for number in range(50):
        (system / "orders" / f"m{number}.py").write_text(CALL * 20)
    command = f"{sys.executable} -m shearpin check {system} | head -c 10 >/dev/null; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_folder_that_may_not_be_read(system):
    closed = system / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        assert findings(check(system)) == EXPECTED
    finally:
        closed.chmod(0o700)


def test_working_folder_that_is_gone(system, tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    script = f"import os, sys, shutil; os.chdir({str(here)!r}); shutil.rmtree({str(here)!r});"
    script += f" os.execv(sys.executable, {[*CHECK, str(system)]!r})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    assert findings(done) == EXPECTED


def test_workers_end_with_the_process_that_started_them():
    script = (
        "import time\n"
        "from shearpin.workspace.workers import _Worker\n"
        "worker = _Worker()\n"
        "print(worker._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    worker = int(owner.stdout.readline())
    owner.kill()
    owner.communicate()
    end = time.monotonic() + 20
    while time.monotonic() < end and _is_running(worker):
        time.sleep(0.1)
    assert not _is_running(worker)


def _is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_same_lines_in_the_terminal_as_in_the_editor(system):
    (system / "orders" / "app.py").write_text(f"# a\fb\vc\x85d\u2028e\n{CALL}", encoding="utf-8")
    assert findings(check(system)) == [("orders/app.py", 4, "call-without-timeout")]


def test_source_in_another_encoding(system):
    (system / "orders" / "app.py").write_bytes("# coding: latin-1\n# ü\n".encode("latin-1") + CALL.encode())
    assert findings(check(system)) == [("orders/app.py", 5, "call-without-timeout")]
