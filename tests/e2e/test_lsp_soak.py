"""The short form of the soak test; the long one is a command: `python tests/bench/soak.py --edits 100000`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).parents[1] / "bench" / "soak.py"
EDITS = 200


@pytest.mark.parametrize(("client", "seed"), [("vscode", 1), ("neovim", 2), ("emacs", 3)])
def test_random_edits_end_where_a_fresh_start_would(client, seed):
    command = [sys.executable, str(SOAK), "--edits", str(EDITS), "--checkpoint", "50"]
    command += ["--client", client, "--seed", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{EDITS} edits" in done.stdout
    assert ", 0 differences, 0 faults, " in done.stdout
