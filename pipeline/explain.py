"""One article with its reasons: what became of each line, and every claim with the rule that found it.

A published document is read from the snapshot; a raw file goes through ingest and clean in a folder of its own that is
gone afterwards, by the same program path as a night.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz, process

from pipeline import reader, runner
from pipeline.config import Gates, Paths, Settings, expand
from pipeline.errors import ConfigError
from pipeline.report_text import visible
from pipeline.schemas import TABLES
from pipeline.store import Store

Row = Mapping[str, Any]
_ID = re.compile(r"d[0-9a-f]{0,16}")
_RECORD = re.compile(r"#[0-9]+$")
_RAW_TABLES = ("documents", "blocks", "credits", "rejects")
_TABLES = (*_RAW_TABLES, "claims", "attributions", "stories", "origins")
_LISTED = 20  # records of a file that are named before the rest is counted


class Line(NamedTuple):
    """One line for the terminal. ``style``: head, label, kept, dropped, warn or "" (article text and values)."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Page:
    """What the tables say of one document; ``rejects`` are those that name it or its source."""

    document: Row
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)


# --- finding -------------------------------------------------------------------------------------------------------


def published(store: Store, raw_root: Path, target: str) -> Page | None:
    """Return the published document that ``target`` names: a doc_id, the unique beginning of one, or a source.

    None where it names none. Raises ConfigError where it names several, StoreError where nothing is published.
    """
    folder = reader.snapshot_folder(store)
    columns = ("doc_id", "source_uri", "other_sources")
    known = reader.read_table(folder, TABLES["documents"], columns=columns).to_pylist()
    uris = _uris(raw_root, target)
    by_id = [d for d in known if _ID.fullmatch(target) and len(target) > 3 and d["doc_id"].startswith(target)]
    by_uri = [d for d in known if uris & {d["source_uri"], *d["other_sources"]}]
    inside = [d for d in known if _RECORD.sub("", d["source_uri"]) in uris]
    found = by_id or by_uri or inside
    if not found:
        return None
    if len(found) > 1:
        raise _several(target, [f"{d['doc_id']}  {d['source_uri']}" for d in found])
    return _page(folder, found[0]["doc_id"], found[0]["dt"], _TABLES)


def _uris(raw_root: Path, target: str) -> set[str]:
    """The source_uri that a path may mean: as it is, and below the raw root."""
    root, path = os.path.realpath(raw_root), os.path.realpath(target)
    below = {os.path.relpath(path, root)} if path.startswith(root + os.sep) else set()
    return {target, os.path.normpath(target), *below}


def _several(target: str, names: Sequence[str]) -> ConfigError:
    listed = "\n    ".join(visible(n, 160) for n in names[:_LISTED])
    more = f"\n    … {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ConfigError(
        f"'{visible(target, 80)}' names {len(names)} documents:\n    {listed}{more}",
        place="explain",
        next_action="name one of them: isnad explain " + names[0].split()[0],
    )


def _page(folder: Path, doc_id: str, dt: str, tables: Sequence[str]) -> Page:
    rows: dict[str, list[Row]] = {}
    for name in tables:
        table = reader.read_table(folder, TABLES[name], dt, dt)
        column, wanted = "doc_id", [doc_id]
        if name == "attributions":
            column, wanted = "claim_id", [c["claim_id"] for c in rows["claims"]]
        elif name == "rejects":
            column, wanted = "key", [doc_id, rows["documents"][0]["source_uri"]]
        rows[name] = table.filter(pc.is_in(table[column], pa.array(wanted, pa.string()))).to_pylist()
    return Page(rows["documents"][0], rows)


def near(store: Store, target: str) -> list[str]:
    """Return up to three published doc_ids or sources that are spelt most like ``target``."""
    known = reader.read_table(
        reader.snapshot_folder(store), TABLES["documents"], columns=("doc_id", "source_uri")
    )
    names = [*known["doc_id"].to_pylist(), *known["source_uri"].to_pylist()]
    hits = process.extract(target, names, scorer=fuzz.ratio, limit=3, score_cutoff=60)
    return [str(name) for name, _, _ in hits]


# --- a raw file ----------------------------------------------------------------------------------------------------


def raw_file(raw_root: Path, target: str) -> tuple[Path, str | None] | None:
    """Return the file that ``target`` names, as it is or below the raw root, and its record (``#n``); None for none."""
    record = _RECORD.search(target)
    names = [(target, None)] if record is None else [(target, None), (target[: record.start()], record[0])]
    for name, number in names:
        for path in (Path(name), raw_root / name):
            if path.is_file():
                return path, number
    return None


def of_raw(path: Path, record: str | None, settings: Settings, today: str) -> Page:
    """Run ingest and clean on one raw file, apart from the published tables, and return its document.

    Where the file was rejected the document is empty and ``rejects`` say why. Raises ConfigError where it holds several
    records and none is named, or not the one that is.
    """
    root = expand(settings.paths.raw, "paths.raw").resolve()
    inside = path.resolve().is_relative_to(root)
    uri = path.resolve().relative_to(root) if inside else Path(path.name)
    with tempfile.TemporaryDirectory(prefix="isnad-explain-") as folder:
        copy = Path(folder) / "raw" / uri
        copy.parent.mkdir(parents=True)
        shutil.copyfile(path, copy)
        paths = Paths(raw=f"{folder}/raw", processed=f"{folder}/processed")
        gates = Gates(max_reject_share=1.0)
        alone = settings.model_copy(update={"paths": paths, "executor": "serial", "gates": gates})
        runner.run(alone, runner.Selection(today=today, last="clean"))
        snapshot = reader.snapshot_folder(Store(Path(paths.processed)))
        documents, refused = (
            reader.read_table(snapshot, TABLES[name]).to_pylist() for name in ("documents", "rejects")
        )
        if record is not None:
            documents = [d for d in documents if d["source_uri"].endswith(record)]
            refused = [r for r in refused if r["key"].endswith(record)]
            if not documents and not refused:
                raise ConfigError(f"{path} has no record {record}", place="explain")
        if len(documents) > 1:
            raise _several(str(path), [f"{path}{_number(d)}  {(d['title'] or '')[:60]}" for d in documents])
        if not documents:
            return Page({}, {"rejects": refused})
        return _page(snapshot, documents[0]["doc_id"], documents[0]["dt"], _RAW_TABLES)


def _number(document: Row) -> str:
    found = _RECORD.search(document["source_uri"])
    return found[0] if found else ""


# --- telling -------------------------------------------------------------------------------------------------------


def tell(page: Page) -> Iterator[Line]:
    """Yield the lines that explain a page: where it comes from, its lines, its claims, its rejects.

    Text in Arabic stands on lines of its own or at the end of a line, where a terminal sets it right to left.
    """
    if page.document:
        yield from _about(page)
        yield from _lines(page)
        if "claims" in page.rows:
            yield from _claims(page)
    for row in page.rows["rejects"]:
        yield Line("")
        yield Line(f"rejected by {row['stage']}: {row['reason']}", "warn")
        yield Line(f"  {visible(row['key'], 160)}: {visible(row['detail'])}")
        yield Line(f"  next: {visible(row['next_action'])}")


def _item(label: str, *values: object) -> Line:
    told = [visible(v) for v in values if v is not None and v != ""]
    return Line(f"  {label:11}{'  '.join(told) or '-'}")


def _about(page: Page) -> Iterator[Line]:
    d, text = page.document, page.document["text"]
    yield Line(f"document {d['doc_id']}  {d['dt']}", "head")
    yield _item("source", d["source_uri"], *d["other_sources"])
    yield _item("outlet", d["outlet"], d["url"])
    when = d["published_at"]
    yield _item("published", when and when.strftime("%Y-%m-%d %H:%M UTC"), d["published_evidence"])
    place = re.match(r"text:([0-9]+)-([0-9]+)", d["published_evidence"] or "")
    if place:
        yield _item("", f"by: {text[int(place[1]) : int(place[2])]}")
    yield _item("text", f"{len(text)} characters", d["lang"], d["encoding"], f"revision {d['revision']}")
    yield _item("repairs", ", ".join(d["repairs"]) or "none")
    for c in page.rows["credits"]:
        named = c["canonical"] if c["canonical"] != c["name"] else ""
        yield _item("credit", c["kind"], f"{c['start']}:{c['end']}", c["name"], named and f"= {named}")
    for s in page.rows.get("stories", ()):
        yield _item("story", s["story_id"], s["role"], f"shares {s['score']:.2f}")
    for o in page.rows.get("origins", ()):
        yield _item("origin", o["kind"], o["evidence"], f"{o['score']:.2f}", o["origin"])


def _lines(page: Page) -> Iterator[Line]:
    text = page.document["text"]
    blocks = sorted(page.rows["blocks"], key=lambda b: b["block_no"])
    kept = sum(b["kept"] for b in blocks)
    yield Line("")
    yield Line(f"lines: {len(blocks)}, {kept} of them kept", "head")
    for b in blocks:
        state = "kept" if b["kept"] else "dropped"
        place = f"{b['start']}:{b['end']}"
        yield Line(
            f"  {b['block_no']:>3}  {b['kind']:14} {state:8} {b['reason']:28} {b['score']:.2f}  {place}",
            "label",
        )
        yield Line(f"       {visible(text[b['start'] : b['end']])}", state)


def _claims(page: Page) -> Iterator[Line]:
    layers: dict[str, list[Row]] = {}
    for row in sorted(page.rows["attributions"], key=lambda a: (a["claim_id"], a["layer"])):
        layers.setdefault(row["claim_id"], []).append(row)
    claims = sorted(page.rows["claims"], key=lambda c: (c["cue_start"], c["claim_id"]))
    yield Line("")
    yield Line(f"claims: {len(claims)}", "head")
    for number, c in enumerate(claims, 1):
        yield from _claim(number, c, layers.get(c["claim_id"], []), page.document["text"])


def _claim(number: int, c: Row, layers: Iterable[Row], text: str) -> Iterator[Line]:
    yield Line(
        f"  {number:>3}  {c['claim_id']}  {c['kind']}, {c['stance']}, {c['section']}"
        f"  confidence {c['confidence']:.2f}  rule {c['rule']}",
        "label",
    )
    written = c["speaker_text"] if c["speaker_text"] != c["speaker_name"] else None
    place = f"{c['speaker_start']}:{c['speaker_end']}" if c["speaker_start"] is not None else None
    yield _part("speaker", c["speaker_mention"], c["speaker_type"], place, c["speaker_name"], written)
    yield _part("cue", f"{c['cue_start']}:{c['cue_end']}", c["cue_text"])
    if c["said_at"]:
        yield _part("said", c["said_at"])
    for layer in layers:
        cue = text[layer["cue_start"] : layer["cue_end"]] if layer["cue_start"] is not None else None
        carried = "carried over" if layer["carried"] else None
        yield _part(f"chain {layer['layer']}", layer["relation"], carried, layer["name"], cue and f"← {cue}")
    for span in c["content"]:
        yield _part("content", f"{span['start']}:{span['end']}", text[span["start"] : span["end"]])
    for span in c["quoted"]:
        yield _part("quoted", f"{span['start']}:{span['end']}")


def _part(label: str, *values: object) -> Line:
    return Line("     " + _item(label, *values).text)
