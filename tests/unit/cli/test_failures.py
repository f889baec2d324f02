from __future__ import annotations

import logging

import pytest

from shearpin.cli.failures import failures_told

LOG = logging.getLogger("shearpin.session.index")


def test_one_fault_in_many_files_is_one_line(capsys):
    with failures_told():
        for path in ("a.py", "b.py", "c.py"):
            LOG.warning("%s: rule %s failed: %s", path, "endless", "KeyError")
        LOG.warning("%s: rule %s failed: %s", "a.py", "other", "KeyError")
        LOG.info("%s: nothing", "a.py")
        assert capsys.readouterr().err == ""
    assert capsys.readouterr().err == (
        "warning: a.py: rule endless failed: KeyError (and in 2 more files)\n"
        "warning: a.py: rule other failed: KeyError\n"
    )


def interrupted() -> None:
    with failures_told():
        LOG.warning("disk")
        int("x")


def test_what_was_seen_is_told_when_the_command_fails_too(capsys):
    with pytest.raises(ValueError, match="x"):
        interrupted()
    assert capsys.readouterr().err == "warning: disk\n"
