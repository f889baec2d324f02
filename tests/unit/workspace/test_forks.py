"""Tasks that several processes share are all done, in each phase, whatever becomes of the processes."""

from __future__ import annotations

import os

import pytest

from shearpin.workspace.forks import Phase, run_phases


def _phases(seen: dict[tuple[int, int], int], die_in: int = -1) -> list[Phase]:
    """Two phases: squares, then the sum of all squares. `die_in` is the phase in which a copy of the process ends."""
    parent = os.getpid()

    def square(number: int) -> object:
        if die_in == 0 and os.getpid() != parent:
            os._exit(3)
        seen[0, number] = number * number
        return number, number * number

    def total(number: int) -> object:
        if die_in == 1 and os.getpid() != parent:
            os._exit(3)
        seen[1, number] = sum(value for (phase, _), value in seen.items() if phase == 0)
        return number, seen[1, number]

    def take(phase: int, result: object) -> None:
        assert isinstance(result, tuple)
        seen[phase, result[0]] = result[1]

    return [Phase(square, lambda result: take(0, result)), Phase(total, lambda result: take(1, result))]


@pytest.mark.parametrize("jobs", [1, 2, 3, 50])
@pytest.mark.parametrize("die_in", [-1, 0, 1])
def test_everything_is_done(jobs: int, die_in: int) -> None:
    seen: dict[tuple[int, int], int] = {}
    run_phases(_phases(seen, die_in), 7, jobs)
    squares = sum(number * number for number in range(7))
    assert seen == {**{(0, n): n * n for n in range(7)}, **{(1, n): squares for n in range(7)}}


def test_no_tasks() -> None:
    run_phases([Phase(lambda number: number, lambda _: None)], 0, 4)


def test_a_failure_here_is_raised_and_no_process_is_left() -> None:
    def fail(_number: int) -> object:
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        run_phases([Phase(fail, lambda _: None)], 4, 2)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_what_cannot_travel_is_done_here() -> None:
    seen: set[int] = set()

    def work(number: int) -> object:
        seen.add(number)
        return lambda: number

    run_phases([Phase(work, lambda _: None)], 5, 2)
    assert seen == set(range(5))
