"""Engines that run batches: in this process, or in worker processes that can be killed.

An executor maps a picklable function over tasks and yields one outcome for each, in any order. A task that
raises, hangs or takes its process down costs only itself.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

from pebble import ProcessExpired, ProcessPool

T = TypeVar("T")
R = TypeVar("R")
Fault = Literal["error", "crash", "timeout"]


@dataclass(frozen=True)
class Outcome(Generic[T, R]):
    """What became of one task: a value, or the fault and its message."""

    task: T
    value: R | None = None
    fault: Fault | None = None
    error: BaseException | None = None
    detail: str = ""


class Executor(Protocol):
    """Runs tasks; ``timeout`` is in seconds for each task where the engine can stop one."""

    def map(
        self, function: Callable[[T], R], tasks: Iterable[T], timeout: Callable[[T], float | None]
    ) -> Iterator[Outcome[T, R]]:
        """Yield an outcome for every task, as they end."""

    def close(self, *, kill: bool = False) -> None:
        """Let go of the workers; ``kill`` stops what still runs."""


class SerialExecutor:
    """Runs every task here: for debugging and small nights. It cannot stop a task that hangs or crashes."""

    def map(
        self, function: Callable[[T], R], tasks: Iterable[T], timeout: Callable[[T], float | None]
    ) -> Iterator[Outcome[T, R]]:
        for task in tasks:
            try:
                yield Outcome(task, function(task))
            except Exception as error:  # the runner decides what a failing batch means
                yield Outcome(task, None, "error", error, describe(error))

    def close(self, *, kill: bool = False) -> None:
        """Nothing is held."""


class ProcessExecutor:
    """Runs tasks in ``workers`` processes, which stay warm between tasks and are replaced when they die."""

    def __init__(self, workers: int, memory_mb: int | None = None) -> None:
        self.workers = workers
        # spawn: a forked child would inherit the locks of Arrow's threads.
        self._pool: Any = ProcessPool(
            max_workers=workers,
            context=multiprocessing.get_context("spawn"),
            initializer=_prepare_worker,
            initargs=(os.getpid(), memory_mb),
        )

    def map(
        self, function: Callable[[T], R], tasks: Iterable[T], timeout: Callable[[T], float | None]
    ) -> Iterator[Outcome[T, R]]:
        waiting: dict[Any, T] = {}
        source = iter(tasks)
        exhausted = False
        while waiting or not exhausted:
            # A short queue keeps workers busy without holding the night's tasks in the pool.
            while not exhausted and len(waiting) < 2 * self.workers:
                try:
                    task = next(source)
                except StopIteration:
                    exhausted = True
                    break
                future: Any = self._pool.schedule(function, args=[task], timeout=timeout(task))
                waiting[future] = task
            done, _ = wait(waiting, return_when=FIRST_COMPLETED, timeout=1.0)
            for future in done:
                yield _outcome(waiting.pop(future), future)

    def close(self, *, kill: bool = False) -> None:
        if kill:
            self._pool.stop()
        else:
            self._pool.close()
        self._pool.join(timeout=5 if kill else None)


def _outcome(task: T, future: Any) -> Outcome[T, Any]:
    try:
        return Outcome(task, future.result())
    except FutureTimeout:
        return Outcome(task, None, "timeout", None, "stopped at its time limit")
    except ProcessExpired as error:
        if error.exitcode == -signal.SIGALRM:
            return Outcome(task, None, "timeout", None, "a record outran its time")
        return Outcome(task, None, "crash", None, f"the worker process died (exit code {error.exitcode})")
    except Exception as error:  # whatever the task raised
        return Outcome(task, None, "error", error, describe(error))


def describe(error: BaseException) -> str:
    """Kind and first line of an error, at most 200 characters.

    >>> describe(ValueError("no such thing"))
    'ValueError: no such thing'
    """
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:200]


class _Worker:
    """Whether this process is a worker, which may be ended from outside without harm."""

    here = False


def alarm(seconds: float) -> None:
    """Let the kernel end this worker after ``seconds``, whatever its code is at by then; 0 calls it off.

    Unlike a handler in Python this also stops C code that never gives the interpreter back. The main process is left
    alone: there only the caller could stop.
    """
    if _Worker.here:
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _prepare_worker(parent: int, memory_mb: int | None) -> None:
    """Die with the parent, leave Ctrl-C to it, and respect the memory limit."""
    _Worker.here = True
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    if memory_mb is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))


def make(kind: str, workers: int, memory_mb: int | None = None) -> Executor:
    """The executor of that kind for ``count(kind, workers)`` processes."""
    if kind == "serial":
        return SerialExecutor()
    return ProcessExecutor(count(kind, workers), memory_mb)


def count(kind: str, workers: int) -> int:
    """Processes that work at once; ``workers`` 0 means one for each core that this process may use.

    >>> count("serial", 8), count("processes", 8)
    (1, 8)
    """
    return 1 if kind == "serial" else workers or len(os.sched_getaffinity(0))


def map_with_retry(
    executor: Executor,
    function: Callable[[T], R],
    tasks: Sequence[T],
    timeout: Callable[[T], float | None],
    *,
    retry_crashes: bool,
) -> Iterator[Outcome[T, R]]:
    """Like ``executor.map``, but a task whose process died is tried once more on its own: the kernel may have
    killed it for memory that its neighbours held."""
    crashed = []
    for outcome in executor.map(function, tasks, timeout):
        if outcome.fault == "crash" and retry_crashes:
            crashed.append(outcome.task)
        else:
            yield outcome
    for task in crashed:
        time.sleep(0.1)
        yield from executor.map(function, [task], timeout)
