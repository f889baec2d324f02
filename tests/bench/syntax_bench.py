"""Cost of summaries: CPU per 1,000 lines over the standard library and the installed packages.

Run: python tests/bench/syntax_bench.py [--seconds N] [folder ...]
"""

from __future__ import annotations

import argparse
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import tree_sitter_python
from tree_sitter import Language, Parser

from shearpin.syntax.python import Summariser, summarise


def main() -> None:
    """Print lines, CPU seconds and milliseconds per 1,000 lines of parsing, summaries and one-character edits."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20.0, help="CPU to spend per folder")
    options.add_argument("folders", nargs="*", type=Path)
    given = options.parse_args()
    paths = sysconfig.get_paths()
    for folder in given.folders or [Path(paths["stdlib"]), Path(paths["purelib"])]:
        report(folder, given.seconds)


def report(folder: Path, seconds: float) -> None:
    """Measure one folder, every n-th file when all would take too long."""
    parser = Parser(Language(tree_sitter_python.language()))
    lines = files = exceptions = broken = parts = 0
    parsing = reading = edit = 0.0
    slowest = (0.0, "")
    for path in _spread(sorted(folder.rglob("*.py"))):
        source = path.read_bytes()
        started = time.process_time()
        parser.parse(source)
        parsed = time.process_time()
        try:
            summary = summarise(source)
        except Exception as error:  # noqa: BLE001
            exceptions += 1
            sys.stdout.write(f"{path}: {error!r}\n")
            continue
        done = time.process_time()
        files += 1
        lines += source.count(b"\n")
        parts += len(summary.parts)
        broken += summary.has_error
        parsing += parsed - started
        reading += done - parsed
        slowest = max(slowest, ((done - parsed) / max(source.count(b"\n"), 200), str(path)))
        if files % 10 == 0:
            edit += _edit_cost(source)
        if parsing + reading > seconds:
            break
    kilo = lines / 1000 or 1
    sys.stdout.write(
        f"{folder}: {files} files, {lines} lines, {parts} parts, {broken} broken files, exceptions = {exceptions}\n"
        f"  parse alone {parsing:.2f} s = {parsing * 1000 / kilo:.1f} ms per 1,000 lines\n"
        f"  summarise   {reading:.2f} s = {reading * 1000 / kilo:.1f} ms per 1,000 lines\n"
        f"  slowest {slowest[0] * 1e6:.1f} ms per 1,000 lines: {slowest[1]}\n"
        f"  one edit    {edit * 1000 / max(files // 10, 1):.2f} ms\n"
    )


def _spread(paths: list[Path]) -> Iterator[Path]:
    """Yield all paths, in an order whose beginnings are samples of the whole."""
    step = 37
    for start in range(step):
        yield from paths[start::step]


def _edit_cost(source: bytes) -> float:
    summariser = Summariser()
    summariser.update(source)
    middle = source.find(b" = ", len(source) // 2)
    started = time.process_time()
    summariser.update(source[:middle] + b" " + source[middle:])
    return time.process_time() - started


if __name__ == "__main__":
    main()
