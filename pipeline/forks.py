"""Work of one stage shared out to copies of its process, for what needs the whole window in memory.

A copy made by fork has all that the process holds, at the cost of a page table, so nothing is packed or sent but task
numbers and results. Arrow's and other threads do not live on in a copy: what runs there is Python, numpy and rapidfuzz
alone (the stages promise it), and it leaves without any clean-up of the interpreter.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import Any, TypeVar

from pipeline.errors import StageError
from pipeline.stage import Spread, here

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""Tasks that a copy knows of, so that it need not wait for the next."""


def spread(workers: int) -> Spread:
    """The ``Spread`` over that many copies of this process; below 2 everything runs here.

    >>> spread(2)(len, ["a", "bc", ""])
    [1, 2, 0]
    """
    return partial(_spread, workers)


def _spread(workers: int, function: Callable[[T], R], tasks: Sequence[T]) -> list[R]:
    if min(workers, len(tasks)) < 2:
        return _alone(function, tasks)
    results: dict[int, R] = {}
    copies: dict[Any, int] = {}
    waiting: dict[Any, deque[int]] = {}  # tasks that stand near each other share what a copy has made ready
    busy: Counter[Any] = Counter()  # tasks that each copy was given and has not done

    def give(line: Any) -> None:
        longest = max(waiting.values(), key=len)
        if longest:
            try:
                line.send(waiting[line].popleft() if waiting[line] else longest.pop())
            except OSError:
                raise _lost() from None
            busy[line] += 1

    gc.freeze()  # a collection would touch, and so copy, every page
    try:
        count = min(workers, len(tasks))
        for n in range(count):
            line, pid = _copy(function, tasks)
            copies[line] = pid
            waiting[line] = deque(range(n * len(tasks) // count, (n + 1) * len(tasks) // count))
        for line in list(copies) * AHEAD:
            give(line)
        while len(results) < len(tasks):
            for line in wait([line for line in copies if busy[line]]):
                number, value, error = _received(line)
                if error is not None:
                    raise error
                results[number] = value
                busy[line] -= 1
                give(line)
    finally:
        gc.unfreeze()
        for line, pid in copies.items():
            line.close()
            os.kill(pid, signal.SIGKILL)  # it waits for a task, or nobody waits for its results
            os.waitpid(pid, 0)
    return [results[n] for n in range(len(tasks))]


def _alone(function: Callable[[T], R], tasks: Sequence[T]) -> list[R]:
    with resting():
        return here(function, tasks)


@contextmanager
def resting() -> Iterator[None]:
    """Without collections: what a stage makes lives on or leaves no cycles, and a pass over a night takes long."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _lost() -> StageError:
    return StageError(
        "a copy of the worker died; the machine may be short of memory",
        next_action="isnad run --set workers=1",
    )


def _received(line: Any) -> tuple[int, Any, BaseException | None]:
    try:
        number, value, error = line.recv()
    except (EOFError, OSError):
        raise _lost() from None
    return number, value, error


def _copy(function: Callable[[T], R], tasks: Sequence[T]) -> tuple[Any, int]:
    """Fork: the near end of a pipe to the copy, and its process id."""
    near, far = Pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid:
        far.close()
        return near, pid
    try:
        near.close()
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
        if os.getppid() == parent:
            gc.disable()  # nothing here lives long, and cycles are not made
            _serve(far, function, tasks)
    finally:
        os._exit(0)
    raise AssertionError("a copy ends above")


def _serve(line: Any, function: Callable[[T], R], tasks: Sequence[T]) -> None:
    while True:
        number = line.recv()
        answer: tuple[int, R | None, Exception | None]
        try:
            answer = (number, function(tasks[number]), None)
        except Exception as error:  # whatever the task raised is raised again by whom it was done for
            answer = (number, None, _picklable(error))
        line.send(answer)


def _picklable(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
