"""What all tests share: how hypothesis searches, and where the repository is."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# A test that failed once must fail again, and a slow machine is no failure.
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def workspaces(repository: Path) -> Path:
    """Example systems that tests read and never write."""
    return repository / "tests" / "workspaces"
