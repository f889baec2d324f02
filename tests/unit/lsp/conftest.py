"""A client over the real server process with a made-up analysis."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from ...wire import RawClient

FAKE_SERVER = Path(__file__).parent / "fake_server.py"


@pytest.fixture
async def client(tmp_path):
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(FAKE_SERVER), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    root = tmp_path / "work space"
    root.mkdir()
    yield RawClient(process, root)
    if process.returncode is None:
        process.kill()
    await process.wait()
    process._transport.close()


def edit(start, end, text):
    """One incremental change: positions are (line, character)."""
    first, last = ({"line": line, "character": character} for line, character in (start, end))
    return {"range": {"start": first, "end": last}, "text": text}


@pytest.fixture(name="edit")
def edit_fixture():
    return edit
