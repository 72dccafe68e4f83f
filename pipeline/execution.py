"""Run the batches of a unit: reuse what is noted, share out the rest, find the documents that kill a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pipeline import executors
from pipeline.batch import Batch, BatchResult, RawWork, execute, marker
from pipeline.config import Settings
from pipeline.errors import StageError
from pipeline.fingerprint import digest
from pipeline.progress import Reporter
from pipeline.schemas import TABLES, reject
from pipeline.sources import RawBatch
from pipeline.stage import Stage
from pipeline.store import ObjectInfo, Store, object_from, object_json
from pipeline.units import unit_name

MAX_POISON = 1_000  # records of one batch that may kill a worker before the batch is given up


class BatchRunner:
    """Runs batches with the configured executor, whose workers stay warm from unit to unit."""

    def __init__(self, config: Settings, store: Store, reporter: Reporter) -> None:
        self.config, self.store, self.reporter = config, store, reporter
        self.executor: executors.Executor | None = None
        self.peak_mb = 0

    def execute(
        self, stage: Stage, name: str, batches: Sequence[Batch], *, force: bool
    ) -> dict[str, BatchResult]:
        """Results by batch key. Raises the error of a batch that no document is to blame for."""
        results: dict[str, BatchResult] = {}
        todo = []
        for batch in batches:
            known = None if force else self._recall(batch.key)
            if known is None:
                todo.append(batch)
            else:
                results[batch.key] = known
                self.reporter.advance(name)
        self.reporter.note("batches", unit=name, total=len(batches), reused=len(batches) - len(todo))
        todo.sort(key=lambda b: (-b.size, b.key))  # the longest first, so that workers end together
        failed: list[tuple[Batch, str]] = []
        limit = self._time_limit(stage)
        # A raw batch that dies comes again record by record, which is the second try.
        retry = not any(batch.raw for batch in todo)
        for outcome in executors.map_with_retry(self._engine(), execute, todo, limit, retry_crashes=retry):
            if outcome.value is not None:
                results[outcome.task.key] = self._remember(outcome.value)
                self.reporter.advance(name)
            elif outcome.fault == "error" and outcome.error is not None:
                raise outcome.error if isinstance(outcome.error, Exception) else StageError(outcome.detail)
            else:
                failed.append((outcome.task, outcome.fault or "error"))
        for batch, fault in failed:
            results[batch.key] = self._remember(self._without_poison(stage, batch, fault))
            self.reporter.advance(name)
        return results

    def _time_limit(self, stage: Stage) -> Callable[[Batch], float | None]:
        def limit(batch: Batch) -> float | None:
            if stage.scope == "window":
                return None
            return self.config.document_timeout_s if batch.only else self.config.batch_timeout_s

        return limit

    def _without_poison(self, stage: Stage, batch: Batch, fault: str) -> BatchResult:
        """Find the documents that kill or stall a worker, one by one, then run the batch without them."""
        if stage.scope == "window":
            raise StageError(
                f"the worker of {stage.name}@{batch.date} failed: {fault}",
                next_action="isnad run --from align",
            )
        if batch.raw is not None:
            return self._raw_without_poison(batch, batch.raw, fault)
        main = next(iter(stage.reads))
        infos = [info for _, info in batch.inputs[main]]
        ids = [i for info in infos for i in self.store.read(info, ["doc_id"])["doc_id"].unique().to_pylist()]
        alone = [replace(batch, only=doc_id, key=digest(batch.key, doc_id)) for doc_id in ids]
        self.reporter.note(
            "isolating", unit=unit_name(stage.name, batch.date), documents=len(ids), fault=fault
        )
        bad: dict[str, str] = {}
        for outcome in executors.map_with_retry(
            self._engine(), execute, alone, self._time_limit(stage), retry_crashes=True
        ):
            if outcome.fault is not None and outcome.task.only is not None:
                bad[outcome.task.only] = outcome.fault
        if len(bad) == len(ids) > 2:
            raise StageError(f"{stage.name} fails on every document of a batch: {fault}")
        again = replace(batch, exclude=bad)
        for outcome in self._engine().map(execute, [again], lambda _: self.config.batch_timeout_s):
            if outcome.value is not None:
                return outcome.value
            raise StageError(f"{stage.name}@{batch.date}: {outcome.fault}: {outcome.detail}")
        raise AssertionError("an executor yields one outcome for each task")

    def _raw_without_poison(self, batch: Batch, work: RawWork, fault: str) -> BatchResult:
        """Read a raw batch record by record; each that kills or stalls its worker is set aside, by name."""
        uris = ", ".join(uri for uri, _ in work.batch.files[:3])
        self.reporter.note("isolating", unit=unit_name(batch.stage, batch.date), files=uris, fault=fault)
        bad: dict[str, str] = {}
        while len(bad) <= MAX_POISON:
            self.store.remember(marker(batch), {"uri": None})
            again = replace(batch, careful=True, exclude=dict(bad))
            (outcome,) = self._engine().map(execute, [again], lambda _: self.config.batch_timeout_s)
            if outcome.value is not None:
                return outcome.value
            if outcome.fault == "error" or outcome.fault is None:
                raise outcome.error if isinstance(outcome.error, Exception) else StageError(outcome.detail)
            uri = (self.store.recall(marker(batch)) or {}).get("uri")
            if uri is None or uri in bad:
                return self._unreadable(batch, work, outcome.fault)
            bad[uri] = outcome.fault
        raise StageError(
            f"more than {MAX_POISON} records of {uris} end in a {fault} of the worker",
            next_action="move the file away, then run again",
        )

    def _unreadable(self, batch: Batch, work: RawWork, fault: str) -> BatchResult:
        """The reading itself kills the worker: find the file, give its name to ``rejects``."""
        if len(work.batch.files) > 1:
            parts: list[Mapping[str, ObjectInfo]] = []
            transient = False
            for file in work.batch.files:
                alone = replace(work, batch=RawBatch(work.batch.form, (file,)))
                result = self._raw_without_poison(
                    replace(batch, raw=alone, key=digest(batch.key, file)), alone, fault
                )
                parts += result.parts
                transient = transient or result.transient
            return BatchResult(batch.key, tuple(parts), 0.0, 0, transient)
        ((uri, sha256),) = work.batch.files
        action = "look at the file; it is skipped until it or the code changes"
        row = reject(
            batch.stage, uri, fault, f"reading it ends in a {fault} of the worker", action, sha256=sha256
        )
        tables = {"documents": TABLES["documents"].empty(), "rejects": TABLES["rejects"].table([row])}
        part = {name: self.store.write(name, table) for name, table in tables.items()}
        return BatchResult(batch.key, (part,), 0.0, 0)

    def _recall(self, key: str) -> BatchResult | None:
        noted = self.store.recall(key)
        if noted is None:
            return None
        parts = tuple({t: object_from(i) for t, i in part.items()} for part in noted["parts"])
        if not all(self.store.intact(info) for part in parts for info in part.values()):
            return None
        return BatchResult(key, parts, 0.0, 0)

    def _remember(self, result: BatchResult) -> BatchResult:
        self.peak_mb = max(self.peak_mb, result.peak_mb)
        if result.transient:
            return result
        value = {"parts": [{t: object_json(i) for t, i in part.items()} for part in result.parts]}
        self.store.remember(result.key, value)
        return result

    def _engine(self) -> executors.Executor:
        if self.executor is None:
            config = self.config
            self.executor = executors.make(config.executor, config.workers, config.worker_memory_mb)
        return self.executor

    def close(self, *, kill: bool) -> None:
        """Let go of the workers; ``kill`` stops what still runs."""
        if self.executor is not None:
            self.executor.close(kill=kill)
            self.executor = None
