"""Lets tests import `unit.syntax.outline`, which pyrefly finds below `tests` by itself."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
