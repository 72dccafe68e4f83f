"""Work spread over copies of a process comes back whole, in order, or not at all."""

from __future__ import annotations

import os
import signal
import time

import psutil
import pyarrow as pa
import pytest

from pipeline import executors
from pipeline.errors import StageError
from pipeline.forks import spread


@pytest.mark.parametrize("workers", [1, 2, 3, 9])
def test_results_come_in_the_order_of_the_tasks(workers: int) -> None:
    held = {n: "x" * n for n in range(40)}  # what is in memory here needs no packing

    def work(task: int) -> tuple[int, str]:
        time.sleep(0.02 if task % 7 == 0 else 0)
        return task, held[task]

    assert spread(workers)(work, range(40)) == [(n, held[n]) for n in range(40)]
    assert spread(workers)(work, []) == []


def test_two_workers_are_other_processes_and_leave_nothing_behind() -> None:
    def work(task: int) -> int:
        time.sleep(0.05)
        return os.getpid()

    found = set(spread(2)(work, range(8)))
    assert len(found) == 2
    assert os.getpid() not in found
    assert not any(map(psutil.pid_exists, found))
    assert set(spread(1)(work, range(2))) == {os.getpid()}


def test_large_results_do_not_block() -> None:
    assert [len(r) for r in spread(2)(lambda n: b"x" * n, [3_000_000] * 6)] == [3_000_000] * 6


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_is_raised_here(workers: int) -> None:
    def work(task: int) -> int:
        if task == 5:
            raise ValueError("no such thing")
        return task

    with pytest.raises(ValueError, match="no such thing"):
        spread(workers)(work, range(9))


def test_an_error_that_does_not_pickle_is_told() -> None:
    class LocalError(Exception):
        pass

    def work(task: int) -> int:
        raise LocalError("of a function")

    with pytest.raises(RuntimeError, match="LocalError: of a function"):
        spread(2)(work, range(3))


def test_a_copy_that_dies_ends_the_work() -> None:
    def work(task: int) -> int:
        if task == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return task

    before = psutil.Process().children()  # of other tests: multiprocessing keeps a helper of its own
    with pytest.raises(StageError, match="copy of the worker died"):
        spread(2)(work, range(9))
    assert set(psutil.Process().children()) <= set(before)


def in_a_worker(size: int) -> list[int]:
    """Spread work in a worker whose Arrow has threads of its own by then."""
    table = pa.table({"n": list(range(size))}).sort_by([("n", "descending")])
    held = table["n"].to_pylist()
    return spread(2)(lambda at: held[at] + size, range(20))


def test_a_worker_of_the_executor_can_spread_its_work() -> None:
    engine = executors.make("processes", 2)
    (outcome,) = engine.map(in_a_worker, [100_000], lambda _: 60)
    engine.close()
    assert outcome.value == [199_999 - at for at in range(20)], outcome.detail
