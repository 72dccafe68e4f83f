"""The contract of a stage: a frozen value that holds pure functions over Arrow tables.

A stage knows no paths, no YAML and no engine. The runner hands it declared tables and frozen parameters and
stores what it returns. Per-document stages see one batch of documents at a time; ``align`` sees the whole
window of days at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeVar

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

Tables = Mapping[str, pa.Table]
T = TypeVar("T")
R = TypeVar("R")


class Params(BaseModel):
    """Base of every stage's parameters: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Spread(Protocol):
    """Maps a function over tasks, in this process or in copies of it; results come in the order of the tasks.

    The function may hold whatever is in memory, but what it changes there is lost; tasks' results must pickle. It must
    not touch Arrow, whose threads a copy of the process does not have.
    """

    def __call__(self, function: Callable[[T], R], tasks: Sequence[T]) -> list[R]:
        """The results. Raises what the function raised."""


def here(function: Callable[[T], R], tasks: Sequence[T]) -> list[R]:
    """The ``Spread`` that spreads nothing: one task after the other in this process.

    >>> here(len, ["a", "bc"])
    [1, 2]
    """
    return [function(task) for task in tasks]


@dataclass(frozen=True)
class ModelUse:
    """A model file that a stage will load: where it is and, where known, the checksum that it must have."""

    path: str
    sha256: str | None = None


@dataclass(frozen=True)
class Settlement:
    """What a stage decides once it has seen the keys of a whole unit.

    amendments: columns ``key`` (together they name the row), keep (bool) and any columns to overwrite;
        rows that stay as they are need no entry. rejects: rows of the rejects table for what was not kept.
    """

    amendments: pa.Table
    rejects: pa.Table
    key: tuple[str, ...] = ("doc_id", "source_uri")


@dataclass(frozen=True)
class Stage:
    """One step of the pipeline.

    name: as on the command line and in ``rejects.stage``.
    reads: table → the columns that ``run`` receives. Nothing else reaches it, nothing else makes it stale.
    writes: the tables that ``run`` returns; all of them, empty where there is nothing to say.
    params: the frozen pydantic model of its section of the configuration.
    run: ``run(tables, params, date) -> tables`` over one batch, date = "YYYY-MM-DD" (the batch date). For
        scope "window" the tables carry a further column ``dt`` (string, the batch date of the row) and hold
        all days of the window up to ``date``; the rows returned belong to ``date``.
    spreads: True where ``run`` takes a fourth argument, a ``Spread`` over the workers of the configuration. What comes
        out must not depend on their number.
    finish: ``finish(tables, params, date) -> tables`` over the whole unit, after all batches: sees the columns
        named in ``finish_reads`` (of tables that ``run`` read or wrote), returns the ``finish_writes``.
    settle: ``settle(current, previous, params, date) -> Settlement`` over the columns ``settle_reads`` of the
        first table in ``writes``: of this unit before publication, and of the published snapshot (all dates,
        with column ``dt``). For what only the whole unit shows: duplicates and revisions, repeated lines.
    settle_former: False where ``settle`` looks at its own unit alone; ``previous`` then has no rows and is not read.
    libraries: distribution names whose version changes the output.
    models: ``models(params)`` names the files that ``run`` loads; their SHA-256 goes into the fingerprint.
    """

    name: str
    reads: Mapping[str, tuple[str, ...]]
    writes: tuple[str, ...]
    params: type[Params]
    run: Callable[..., dict[str, pa.Table]]
    scope: Literal["batch", "window"] = "batch"
    spreads: bool = False
    finish: Callable[[Tables, Any, str], dict[str, pa.Table]] | None = None
    finish_reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    finish_writes: tuple[str, ...] = ()
    settle: Callable[[pa.Table, pa.Table, Any, str], Settlement] | None = None
    settle_reads: tuple[str, ...] = ()
    settle_former: bool = True
    libraries: tuple[str, ...] = ()
    models: Callable[[Any], tuple[ModelUse, ...]] = lambda params: ()

    def __post_init__(self) -> None:
        if set(self.writes) & set(self.finish_writes):
            raise ValueError(f"stage {self.name}: a table is written either by run or by finish")
