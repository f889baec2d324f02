"""The engine and the command line start fast: they load nothing that only the protocols need."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import shearpin
import shearpin_rules

#: Half a second and more of start-up time, needed by the protocol loops alone.
HEAVY = ("pygls", "lsprotocol", "attrs", "attr", "cattrs", "mcp")
PROTOCOLS = ("shearpin.lsp", "shearpin.mcp")

PROGRAM = """
import importlib, sys
for name in sys.argv[2:]:
    importlib.import_module(name)
loaded = {name.split(".")[0] for name in sys.modules}
sys.stdout.write(" ".join(sorted(loaded & set(sys.argv[1].split(",")))))
"""


def _loaded_by(modules: list[str]) -> list[str]:
    command = [sys.executable, "-c", PROGRAM, ",".join(HEAVY), *modules]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.split()


def _modules() -> list[str]:
    found = [
        info.name
        for package in (shearpin, shearpin_rules)
        for info in pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    ]
    # Running the program is what this module does when it is imported.
    return [name for name in found if not name.startswith(PROTOCOLS) and name != "shearpin.__main__"]


def test_nothing_but_the_protocols_loads_protocol_libraries():
    modules = _modules()
    assert "shearpin.engine" in modules
    assert _loaded_by(modules) == []


def test_the_test_would_see_it():
    assert "lsprotocol" in _loaded_by(["lsprotocol.types"])


@pytest.mark.parametrize("arguments", [["--help"], ["rules"], ["check", "--help"]], ids=" ".join)
def test_the_command_line_loads_no_protocol_library(arguments):
    program = (
        "import sys\n"
        "from shearpin.cli.main import main\n"
        "sys.argv = ['shearpin', *sys.argv[2:]]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"sys.stderr.write('loaded:' + ' '.join(sorted(set({HEAVY!r}) & set(sys.modules))))\n"
    )
    command = [sys.executable, "-c", program, "-", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stderr.rpartition("loaded:")[2] == ""
    assert done.stdout
