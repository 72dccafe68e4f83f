"""What a run says while it works: a progress bar on a terminal, JSON lines anywhere else."""

from __future__ import annotations

import json
import sys
import time
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Reporter(Protocol):
    """Receives the events of a run."""

    def note(self, event: str, **fields: Any) -> None:
        """Something worth a line."""

    def unit(self, name: str, total: int) -> None:
        """A unit with ``total`` batches begins."""

    def advance(self, name: str) -> None:
        """One batch of the unit is done."""

    def close(self) -> None:
        """The run has ended."""


class JsonReporter:
    """One JSON object a line on ``stream``: time, event, fields. Control characters are escaped by JSON."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._done: dict[str, list[int]] = {}

    def note(self, event: str, **fields: Any) -> None:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        # ASCII only: a title in a message can neither break the line nor turn its direction.
        print(
            json.dumps({"time": stamp, "event": event, **fields}, default=str), file=self._stream, flush=True
        )

    def unit(self, name: str, total: int) -> None:
        self._done[name] = [0, total]
        self.note("unit_started", unit=name, batches=total)

    def advance(self, name: str) -> None:
        count = self._done[name]
        count[0] += 1
        # A line for each tenth: a night of thousands of batches stays readable.
        if count[0] * 10 // count[1] > (count[0] - 1) * 10 // count[1]:
            self.note("progress", unit=name, done=count[0], batches=count[1])

    def close(self) -> None:
        """Nothing is held."""


class TerminalReporter:
    """A bar for the running unit, a line for each that has ended."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, markup=False, highlight=False)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
        )
        self._bar.start()
        self._tasks: dict[str, Any] = {}

    def note(self, event: str, **fields: Any) -> None:
        details = "  ".join(f"{k}={v}" for k, v in fields.items())
        self._console.print(f"{event.replace('_', ' ')}  {details}".rstrip())

    def unit(self, name: str, total: int) -> None:
        for task in self._tasks.values():
            self._bar.remove_task(task)
        self._tasks = {name: self._bar.add_task(name, total=total)}

    def advance(self, name: str) -> None:
        self._bar.advance(self._tasks[name])

    def close(self) -> None:
        self._bar.stop()


class SilentReporter:
    """Says nothing: for tests and for use as a library."""

    def note(self, event: str, **fields: Any) -> None:
        """Ignored."""

    def unit(self, name: str, total: int) -> None:
        """Ignored."""

    def advance(self, name: str) -> None:
        """Ignored."""

    def close(self) -> None:
        """Nothing is held."""


def for_terminal(*, log_json: bool) -> Reporter:
    """The reporter that fits standard error."""
    return JsonReporter(sys.stderr) if log_json or not sys.stderr.isatty() else TerminalReporter()
