"""A task that raises, hangs or takes its process down costs only itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from pipeline import executors


def work(task: str) -> str:
    if task == "raise":
        raise ValueError("no such thing")
    if task == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if task == "hang":
        time.sleep(60)
    return task.upper()


@pytest.mark.parametrize("kind", ["serial", "processes"])
def test_values_and_errors(kind: str) -> None:
    engine = executors.make(kind, 2)
    outcomes = {o.task: o for o in engine.map(work, ["a", "raise", "b"], lambda _: 30)}
    engine.close()
    assert (outcomes["a"].value, outcomes["b"].value) == ("A", "B")
    assert (outcomes["raise"].fault, outcomes["raise"].detail) == ("error", "ValueError: no such thing")


def test_crash_and_hang_cost_only_themselves() -> None:
    engine = executors.make("processes", 2)
    tasks = ["a", "crash", "b", "hang", "c", "d", "e", "f"]
    outcomes = {o.task: o for o in engine.map(work, tasks, lambda _: 3)}
    engine.close(kill=True)
    assert {t: o.value for t, o in outcomes.items() if o.fault is None} == {t: t.upper() for t in "abcdef"}
    assert (outcomes["crash"].fault, outcomes["hang"].fault) == ("crash", "timeout")


def test_a_crash_is_tried_once_more_and_then_told() -> None:
    engine = executors.make("processes", 1)
    outcomes = list(executors.map_with_retry(engine, work, ["crash", "a"], lambda _: 30, retry_crashes=True))
    engine.close(kill=True)
    assert [(o.task, o.fault) for o in outcomes] == [("a", None), ("crash", "crash")]


def test_workers_die_with_their_parent() -> None:
    code = (
        "import time\nfrom pipeline import executors\n"
        "def f(x):\n    import os, time\n    print(os.getpid(), flush=True)\n    time.sleep(60)\n"
        "if __name__ == '__main__':\n    e = executors.make('processes', 1)\n    list(e.map(time.sleep, [60], lambda _: None))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    children: list[psutil.Process] = []
    deadline = time.monotonic() + 20
    while not children and time.monotonic() < deadline:
        time.sleep(0.2)
        children = psutil.Process(parent.pid).children(recursive=True)
    time.sleep(1)
    children = psutil.Process(parent.pid).children(recursive=True)
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert children
    assert alive == []
