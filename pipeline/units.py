"""Units of work (stage, date): what is stored of them, what they depend on, why they are stale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as calendar_date
from datetime import timedelta
from typing import Any

from pipeline.errors import StageError
from pipeline.fingerprint import difference, digest
from pipeline.stage import Params, Stage
from pipeline.stages import STAGES
from pipeline.store import ObjectInfo, object_from, object_json

PRODUCER: Mapping[str, str] = {
    table: stage.name
    for stage in STAGES
    for table in (*stage.writes, *stage.finish_writes)
    if table != "rejects"
}


def unit_name(stage: str, date: str) -> str:
    """Name of a unit, as in the manifest and on the command line.

    >>> unit_name("clean", "2026-11-01")
    'clean@2026-11-01'
    """
    return f"{stage}@{date}"


@dataclass(frozen=True)
class Part:
    """The tables that one batch gave. ``origin`` names the documents of the batch: parts of all per-document
    stages with the same origin belong together."""

    origin: str
    outputs: Mapping[str, ObjectInfo]


@dataclass(frozen=True)
class Unit:
    """A stored unit. ``components`` is what it was made from; ``files`` (ingest only) lists (uri, sha256)."""

    stage: str
    date: str
    components: Mapping[str, Any]
    parts: tuple[Part, ...]
    extra: tuple[ObjectInfo, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    columns: Mapping[str, Mapping[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", self._columns())

    @property
    def name(self) -> str:
        return unit_name(self.stage, self.date)

    def objects(self, table: str | None = None) -> Iterator[ObjectInfo]:
        """The stored files of the unit, in order; of one table where it is named."""
        for part in self.parts:
            for name, info in sorted(part.outputs.items()):
                if table in (None, name):
                    yield info
        yield from (info for info in self.extra if table in (None, info.table))

    def _columns(self) -> dict[str, dict[str, str]]:
        """Digest of every column of every table over the whole unit; batches without rows do not count."""
        collected: dict[str, dict[str, list[str]]] = {}
        for info in self.objects():
            table = collected.setdefault(info.table, {c: [] for c in info.columns})
            if info.rows:
                for column, value in info.columns.items():
                    table[column].append(value)
        return {t: {c: digest(v) for c, v in columns.items()} for t, columns in sorted(collected.items())}

    def rows(self, table: str) -> int:
        """Rows of a table in the unit."""
        return sum(info.rows for info in self.objects(table))

    def record(self) -> dict[str, Any]:
        """The JSON form, from which ``from_record`` rebuilds the unit."""
        return {
            "stage": self.stage,
            "date": self.date,
            "components": self.components,
            "parts": [
                {"origin": p.origin, "outputs": {t: object_json(i) for t, i in p.outputs.items()}}
                for p in self.parts
            ],
            "extra": [object_json(i) for i in self.extra],
            "files": [list(f) for f in self.files],
            "seconds": round(self.seconds, 2),
        }

    @classmethod
    def from_record(cls, value: Mapping[str, Any]) -> Unit:
        """Rebuild a unit from its JSON form."""
        return cls(
            stage=value["stage"],
            date=value["date"],
            components=value["components"],
            parts=tuple(
                Part(p["origin"], {t: object_from(i) for t, i in p["outputs"].items()})
                for p in value["parts"]
            ),
            extra=tuple(object_from(i) for i in value["extra"]),
            files=tuple((uri, sha) for uri, sha in value["files"]),
            seconds=value["seconds"],
        )


Units = Mapping[str, Unit]


@dataclass(frozen=True)
class Planned:
    """One line of ``isnad plan``: a unit, and why it would run (empty: it is up to date)."""

    stage: str
    date: str
    reasons: tuple[str, ...]

    @property
    def name(self) -> str:
        return unit_name(self.stage, self.date)


def window(stage: Stage, params: Params, date: str, dates: Sequence[str]) -> list[str]:
    """The dates that a unit reads: its own, or for a window stage the last ``window_days`` days up to it."""
    if stage.scope == "batch":
        return [date]
    days = int(getattr(params, "window_days", 1))
    first = (calendar_date.fromisoformat(date) - timedelta(days=days - 1)).isoformat()
    return [d for d in sorted(dates) if first <= d <= date]


def _all_reads(stage: Stage) -> dict[str, tuple[str, ...]]:
    """The columns of earlier stages that ``run`` or ``finish`` sees."""
    wanted = {table: set(columns) for table, columns in stage.reads.items()}
    for table, columns in stage.finish_reads.items():
        if table not in stage.writes:
            wanted[table] = wanted.get(table, set()) | set(columns)
    return {table: tuple(sorted(columns)) for table, columns in wanted.items()}


def input_components(
    stage: Stage, params: Params, date: str, units: Units, dates: Sequence[str]
) -> dict[str, str]:
    """Digests of the columns that a unit reads, as ``table.column`` (``table.column@date`` over a window).

    Raises StageError where an earlier stage has not run for one of the dates.
    """
    found = {}
    for day in window(stage, params, date, dates):
        suffix = f"@{day}" if stage.scope == "window" else ""
        for table, columns in _all_reads(stage).items():
            unit = units.get(unit_name(PRODUCER[table], day))
            if unit is None:
                if day != date:
                    continue  # a day of the window that this stage has never reached
                raise StageError(
                    f"{stage.name} needs {unit_name(PRODUCER[table], day)}, which has not run",
                    next_action=f"isnad run --from {PRODUCER[table]}",
                )
            for column in columns:
                found[f"{table}.{column}{suffix}"] = unit.columns.get(table, {}).get(column, "none")
    return found


def joined_parts(stage: Stage, date: str, units: Units) -> list[tuple[str, dict[str, ObjectInfo]]]:
    """For a per-document stage: (origin, table → object) for each batch of the unit, tables of all earlier
    stages side by side.

    Raises StageError where an earlier stage still holds batches of an older input.
    """
    producers = {PRODUCER[table] for table in stage.reads}
    first = units[unit_name(STAGES[0].name, date)]
    by_origin = {name: {p.origin: p for p in units[unit_name(name, date)].parts} for name in producers}
    joined = []
    for part in first.parts:
        if not part.outputs["documents"].rows:
            continue
        tables = {}
        for table in stage.reads:
            source = by_origin[PRODUCER[table]].get(part.origin)
            if source is None:
                raise StageError(
                    f"{PRODUCER[table]}@{date} was made from other documents than {STAGES[0].name}@{date} now holds",
                    next_action=f"isnad run --from {PRODUCER[table]}",
                )
            tables[table] = source.outputs[table]
        joined.append((part.origin, tables))
    return joined


def reasons(
    unit: Unit | None, components: Mapping[str, Any], files: Sequence[tuple[str, str]] | None
) -> list[str]:
    """Why a unit would run again, in words; empty where it is up to date."""
    if unit is None:
        return ["never run"]
    found = difference(unit.components, components)
    if files is not None and any(r.startswith("inputs") for r in found):
        found = [r for r in found if not r.startswith("inputs")] + _file_reasons(unit.files, files)
    return found


def _file_reasons(old: Sequence[tuple[str, str]], new: Sequence[tuple[str, str]]) -> list[str]:
    before, after = dict(old), dict(new)
    moved = set(before.values()) & set(after.values())
    groups = {
        "changed": sorted(u for u in before.keys() & after.keys() if before[u] != after[u]),
        "renamed": sorted(u for u in after.keys() - before.keys() if after[u] in moved),
        "new": sorted(u for u in after.keys() - before.keys() if after[u] not in moved),
        "gone": sorted(u for u in before.keys() - after.keys() if before[u] not in moved),
    }
    return [
        f"raw {what}: {', '.join(uris[:3])}{f' and {len(uris) - 3} more' if len(uris) > 3 else ''}"
        for what, uris in groups.items()
        if uris
    ]
