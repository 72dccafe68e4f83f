"""A run: find the stale units, execute them in order, publish one snapshot.

Units of a date run stage by stage; inside a unit the batches run side by side. What a batch gave is noted
under its fingerprint, so a killed run goes on where it stopped and a changed file costs only its own batch.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline import executors, quality
from pipeline.batch import Batch, BatchResult, RawWork
from pipeline.config import Settings, expand, stage_params
from pipeline.errors import ConfigError, CorruptError
from pipeline.execution import BatchRunner
from pipeline.fingerprint import digest, static_components
from pipeline.progress import Reporter, SilentReporter
from pipeline.publish import publish
from pipeline.raw_state import RawState, survey
from pipeline.schemas import TABLES, reject
from pipeline.settle import settle
from pipeline.sources import RawBatch
from pipeline.sources import plan as plan_raw
from pipeline.stage import Params, Stage
from pipeline.stages import STAGES
from pipeline.store import ObjectInfo, Store
from pipeline.units import (
    PRODUCER,
    Part,
    Planned,
    Unit,
    input_components,
    joined_parts,
    reasons,
    unit_name,
    window,
)

NAMES = tuple(stage.name for stage in STAGES)


@dataclass(frozen=True)
class Selection:
    """Which units a run may touch. ``first`` and ``last`` are stage names; ``today`` is the batch date of raw
    files without a date folder that are seen for the first time."""

    today: str
    date: str | None = None
    since: str | None = None
    first: str = NAMES[0]
    last: str = NAMES[-1]
    force: bool = False

    def stages(self) -> tuple[Stage, ...]:
        """The selected stages in order. Raises ConfigError for an unknown name or an empty range."""
        for name in (self.first, self.last):
            if name not in NAMES:
                raise ConfigError(f"no stage '{name}'; the stages are {', '.join(NAMES)}")
        chosen = STAGES[NAMES.index(self.first) : NAMES.index(self.last) + 1]
        if not chosen:
            raise ConfigError(f"--from {self.first} comes after --to {self.last}")
        return chosen

    def dates(self, known: set[str]) -> list[str]:
        """The selected batch dates among ``known``. Raises ConfigError where ``date`` is none of them."""
        if self.date is not None and self.date not in known:
            raise ConfigError(f"nothing is known of {self.date}; dates: {', '.join(sorted(known)) or 'none'}")
        return sorted(
            d
            for d in known
            if (self.date is None or d == self.date) and (self.since is None or d >= self.since)
        )


@dataclass
class RunResult:
    """What a run did. ``ran``: units executed; ``stale``: units left behind by a partial run."""

    exit_code: int
    snapshot: str | None
    published: bool
    ran: list[str] = field(default_factory=list)
    stale: list[Planned] = field(default_factory=list)
    reject_share: float = 0.0
    stage_seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: int = 0


class Night:
    """The state of one run: configuration, store, units as they stand, executor."""

    def __init__(self, config: Settings, reporter: Reporter | None = None) -> None:
        self.config = config
        self.reporter = reporter or SilentReporter()
        self.raw_root = expand(config.paths.raw, "paths.raw")
        self.store = Store(expand(config.paths.processed, "paths.processed"))
        self.units: dict[str, Unit] = {}
        self.previous: dict[str, Any] | None = None
        self.static: dict[str, dict[str, Any]] = {}
        self.raw = RawState({}, {}, 0, 0)
        self.damaged: dict[str, str] = {}
        self.batches = BatchRunner(config, self.store, self.reporter)
        self.seconds: defaultdict[str, float] = defaultdict(float)

    # -- planning ----------------------------------------------------------------------------------------

    def load(self, today: str) -> None:
        """Read the published state and survey the raw folder."""
        self.previous = self.store.manifest()
        if self.previous is not None:
            names = self.previous["units"]
            records = (self.store.unit_record(self.previous["id"], name) for name in names)
            self.units = {u.name: u for u in map(Unit.from_record, records)}
        for unit in self.units.values():
            lost = [info for info in unit.objects() if not self.store.has(info)]
            if lost:
                self.damaged[unit.name] = f"stored file of {lost[0].table} missing or damaged"
        for stage in STAGES:
            tables = (*stage.writes, *stage.finish_writes)
            versions = {name: TABLES[name].version for name in tables}
            self.static[stage.name] = static_components(
                stage, stage_params(self.config, stage.name), versions
            )
        self.raw = survey(self.raw_root, self.store, self.units, today)

    @property
    def dates(self) -> set[str]:
        """Every batch date of the raw folder and of the published snapshot."""
        return self.raw.dates | {u.date for u in self.units.values()}

    def components(self, stage: Stage, date: str) -> dict[str, Any]:
        """What the unit (stage, date) would be made from now."""
        params = stage_params(self.config, stage.name)
        if stage is STAGES[0]:
            inputs = {"files": digest(self.raw.listing(date))}
        else:
            inputs = input_components(stage, params, date, self.units, sorted(self.dates))
        return {**self.static[stage.name], "inputs": inputs}

    def why(self, stage: Stage, date: str) -> list[str]:
        """Why the unit would run now; empty where it is up to date, or where its raw files are archived."""
        unit = self.units.get(unit_name(stage.name, date))
        if stage is STAGES[0] and date not in self.raw.dates:
            return []  # the raw files of that night have been moved away; its documents stay
        files = self.raw.listing(date) if stage is STAGES[0] else None
        found = reasons(unit, self.components(stage, date), files)
        lost = self.damaged.get(unit_name(stage.name, date))
        return [*found, lost] if lost else found

    def plan(self, selection: Selection) -> list[Planned]:
        """The selected units in order, each with the reasons why it would run."""
        planned, dirty = [], set[tuple[str, str]]()
        dates = selection.dates(self.dates)
        for date in dates:
            for stage in selection.stages():
                params = stage_params(self.config, stage.name)
                days = window(stage, params, date, sorted(self.dates))
                waits = [
                    unit_name(n, d) for d in days for n in NAMES[: NAMES.index(stage.name)] if (n, d) in dirty
                ]
                why = [f"reads {waits[-1]}, which will run"] if waits else self.why(stage, date)
                if selection.force and not why:
                    why = ["forced"]
                if why:
                    dirty.add((stage.name, date))
                planned.append(Planned(stage.name, date, tuple(why)))
        return planned

    # -- running -----------------------------------------------------------------------------------------

    def run(self, selection: Selection) -> RunResult:
        """Execute what is stale and publish. The caller holds the lock and has called ``load``."""
        ran: list[str] = []
        dates = selection.dates(self.dates)
        try:
            for date in dates:
                for stage in selection.stages():
                    why = self.why(stage, date) or (["forced"] if selection.force else [])
                    frozen = stage is STAGES[0] and date not in self.raw.dates
                    if why and not frozen:
                        self._run_unit(stage, date, why, force=selection.force)
                        ran.append(unit_name(stage.name, date))
        except BaseException:
            self.batches.close(kill=True)
            raise
        self.batches.close(kill=False)
        result = RunResult(0, self.store.current_id(), False, ran)
        result.stage_seconds, result.peak_mb = dict(self.seconds), self.batches.peak_mb
        result.stale = self.left_behind()
        if ran:
            changed = {name.partition("@")[2] for name in ran}
            counts = {
                d: self.units[unit_name(NAMES[0], d)].rows("documents")
                for d in self.dates
                if unit_name(NAMES[0], d) in self.units
            }
            quality.gate_documents(counts, changed, self.config.gates.min_document_share)
            result.snapshot = publish(self.store, self.units, self.previous, self.config, result.stale)
            result.published = True
        result.reject_share = self._reject_share(dates)
        if result.reject_share > self.config.gates.max_reject_share:
            result.exit_code = 3
        return result

    def left_behind(self) -> list[Planned]:
        """Units that are stale after a partial run: their tables are of an older input."""
        whole = self.plan(Selection(today=""))
        return [p for p in whole if p.reasons and unit_name(p.stage, p.date) in self.units]

    def _reject_share(self, dates: Sequence[str]) -> float:
        documents, refused, failed = 0, Counter[str](), Counter[str]()
        for date in dates:
            for stage in STAGES:
                unit = self.units.get(unit_name(stage.name, date))
                if unit is None:
                    continue
                documents += unit.rows("documents")
                codes = refused if stage is STAGES[0] else failed
                for info in unit.objects("rejects"):
                    if info.rows:
                        codes.update(self.store.read(info, ["reason"])["reason"].to_pylist())
        return quality.reject_share(documents, refused, failed)

    def _run_unit(self, stage: Stage, date: str, why: Sequence[str], *, force: bool) -> None:
        started = datetime.now(UTC)
        name = unit_name(stage.name, date)
        self.reporter.note("unit", unit=name, why="; ".join(why))
        components = self.components(stage, date)
        batches = self._batches(stage, date)
        self.reporter.unit(name, len(batches))
        results = self.batches.execute(stage, name, batches, force=force)
        if any(result.transient for result in results.values()):
            # The next run has no such component, so it finds the unit stale and reads again.
            components["inputs"] = {**components["inputs"], "failed reads": "to be tried again"}
        parts, extra = self._collect(stage, date, batches, results)
        if stage.finish is not None:
            extra += self._finish(stage, date, parts)
        files = self.raw.listing(date) if stage is STAGES[0] else ()
        seconds = (datetime.now(UTC) - started).total_seconds()
        self.seconds[stage.name] += seconds
        unit = Unit(stage.name, date, components, tuple(parts), tuple(extra), files, seconds)
        if stage.settle is not None:
            unit = settle(stage, stage_params(self.config, stage.name), unit, self.units, self.store)
        self.units[name] = unit
        self.damaged.pop(name, None)

    def _batches(self, stage: Stage, date: str) -> list[Batch]:
        params = stage_params(self.config, stage.name)
        base = digest(self.static[stage.name], date)
        if stage is STAGES[0]:
            batches = plan_raw(self.raw.files.get(date, []), self.config.batch_documents)
            return [self._raw_batch(stage, date, params, base, batch) for batch in batches]
        if stage.scope == "window":
            inputs = self._window_inputs(stage, params, date)
            key = digest(base, {t: [(d, i.sha256) for d, i in pairs] for t, pairs in inputs.items()})
            workers = executors.count(self.config.executor, self.config.workers)
            return [Batch(stage.name, date, params, self.store.root, key, inputs, workers=workers)]
        found = []
        for _, tables in joined_parts(stage, date, self.units):
            read = {t: [info.columns[c] for c in stage.reads[t]] for t, info in tables.items()}
            inputs = {t: ((date, info),) for t, info in tables.items()}
            found.append(Batch(stage.name, date, params, self.store.root, digest(base, read), inputs))
        return found

    def _raw_batch(self, stage: Stage, date: str, params: Params, base: str, batch: RawBatch) -> Batch:
        target = self.config.batch_documents
        work = RawWork(self.raw_root, batch, target)
        key = digest(base, batch.form, list(batch.files), target)
        seconds = self.config.document_timeout_s
        return Batch(stage.name, date, params, self.store.root, key, raw=work, document_s=seconds)

    def _window_inputs(
        self, stage: Stage, params: Params, date: str
    ) -> dict[str, tuple[tuple[str, ObjectInfo], ...]]:
        days = window(stage, params, date, sorted(self.dates))
        inputs: dict[str, tuple[tuple[str, ObjectInfo], ...]] = {}
        for table in stage.reads:
            found: list[tuple[str, ObjectInfo]] = []
            for day in days:
                unit = self.units.get(unit_name(PRODUCER[table], day))
                found += [(day, info) for info in unit.objects(table) if info.rows] if unit else []
            inputs[table] = tuple(found)
        return inputs

    def _collect(
        self, stage: Stage, date: str, batches: Sequence[Batch], results: Mapping[str, BatchResult]
    ) -> tuple[list[Part], list[ObjectInfo]]:
        parts: list[Part] = []
        extra: list[ObjectInfo] = []
        if stage is STAGES[0]:
            for batch in batches:
                parts += [_with_origin(p) for p in results[batch.key].parts]
            rows = [
                reject(stage.name, p.uri, p.reason, p.detail, p.next_action)
                for p in self.raw.problems.get(date, [])
            ]
            if rows:
                extra.append(self.store.write("rejects", TABLES["rejects"].table(rows)))
        elif stage.scope == "window":
            parts += [Part("window", p) for batch in batches for p in results[batch.key].parts]
        else:
            joined = joined_parts(stage, date, self.units)
            for (origin, _), batch in zip(joined, batches, strict=True):
                parts += [Part(origin, p) for p in results[batch.key].parts]
        return parts, extra

    def _finish(self, stage: Stage, date: str, parts: Sequence[Part]) -> list[ObjectInfo]:
        assert stage.finish is not None
        tables = {}
        for name, columns in stage.finish_reads.items():
            if name in stage.writes:
                infos = [p.outputs[name] for p in parts]
            else:
                infos = list(self.units[unit_name(PRODUCER[name], date)].objects(name))
            pieces = [self.store.read(info, columns) for info in infos if info.rows]
            tables[name] = pa.concat_tables(pieces) if pieces else TABLES[name].empty().select(list(columns))
        out = stage.finish(tables, stage_params(self.config, stage.name), date)
        for name, table in out.items():
            quality.check(TABLES[name], table, None)
        return [self.store.write(name, out[name]) for name in stage.finish_writes]


MOST_DAMAGED = 100
"""A run that meets more damaged files than this gives up: the disk is failing, or someone is writing beside it."""


def _with_origin(outputs: Mapping[str, ObjectInfo]) -> Part:
    """A part of ingest, named by the documents that it holds."""
    return Part(digest(outputs["documents"].columns["doc_id"]), outputs)


def run(config: Settings, selection: Selection, reporter: Reporter | None = None) -> RunResult:
    """Run the pipeline once under the lock of its processed folder.

    A stored file found damaged is set aside and what it held is made again, each file once. Raises IsnadError.
    """
    selection.stages()
    night = Night(config, reporter)
    damaged: set[str | None] = set()
    with night.store.lock(datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")):
        while True:
            try:
                night.load(selection.today)
                return night.run(selection)
            except CorruptError as error:
                if error.place in damaged or len(damaged) >= MOST_DAMAGED:
                    raise
                damaged.add(error.place)
                night.reporter.note("damaged", place=error.place, action="making it again")
                night = Night(config, reporter)
                selection = replace(selection, first=NAMES[0], last=NAMES[-1], force=False)


def processed_root(config: Settings) -> Path:
    """The processed folder that a configuration names."""
    return expand(config.paths.processed, "paths.processed")
