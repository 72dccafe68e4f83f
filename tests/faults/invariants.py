"""What must hold after every bad input (FAULTS I1–I5), checked for one folder beside sound neighbours.

I1 nothing lost, I3 the others as if it were not there, I4 one clear record per reject, I5 the same again gives the same and
taking the file away heals. I2 (old snapshot or new) is a matter of publication: ``test_whole_night`` runs the command.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.limits import Limits
from pipeline.rawread import problem_table, read
from pipeline.resources import load
from pipeline.sources import RawProblem, UnreadableError, digest, plan, scan
from pipeline.stages import clean, ingest
from pipeline.text.normalise import readable

DATE = "2026-11-02"
TITLE = "افتتاح السد الجديد في الشمال"
TEXT = (
    "قال وزير المياه إن السد الجديد سيُفتتح في مطلع الشهر المقبل، بعد أن أنهت الفرق الفنية أعمال الاختبار.\n"
    "وأضاف أن الكلفة لم تتجاوز 120 مليوناً، وأن العمل جرى على ثلاث مراحل من دون تأخير.\n"
)
PAGE = f"{TITLE}\n\n{TEXT}"
NEIGHBOURS = {
    "a-neighbour.txt": f"ميناء الوادي يفتح أبوابه\n\n{TEXT}".encode(),
    "neighbours.jsonl": b"\n".join(
        json.dumps({"id": n, "outlet": "alpha", "title": f"خبر {n}", "text": f"{TEXT}{n}"}).encode()
        for n in range(3)
    ),
    "z-neighbour.txt": f"عاصفة في الوادي\r\n\r\n{TEXT}".encode("utf-16"),
}
Row = dict[str, Any]


@dataclass
class Outcome:
    """Rows of a folder, sorted: documents with their blocks, and rejects of both stages."""

    documents: list[Row]
    rejects: list[Row]
    blocks: dict[str, list[Row]] = field(default_factory=dict)
    credits: list[Row] = field(default_factory=list)

    @property
    def document(self) -> Row:
        (found,) = self.documents
        return found

    @property
    def text(self) -> str:
        return str(self.document["text"])

    @property
    def codes(self) -> list[str]:
        """The kinds of repair of the only document, places left out."""
        return [mark.partition("@")[0] for mark in self.document["repairs"]]

    @property
    def reasons(self) -> list[str]:
        return [reject["reason"] for reject in self.rejects]

    def kinds(self) -> list[tuple[str, str]]:
        """(kind, text) of the only document's blocks."""
        return [(b["kind"], b["text"]) for b in self.blocks[self.document["doc_id"]]]

    def kept(self) -> str:
        """Article text of the only document."""
        return "\n".join(b["text"] for b in self.blocks[self.document["doc_id"]] if b["kept"])


def read_folder(root: Path, params: ingest.IngestParams, limits: Limits) -> tuple[Outcome, set[str]]:
    """Everything below ``root`` through listing, digests, batches, ingest, settlement and clean; and the names seen."""
    listing = scan(root)
    files, problems = [], list(listing.problems)
    for file in listing.files:
        try:
            files.append((file, digest(root, file)))
        except UnreadableError as error:
            problems.append(RawProblem(file.uri, error.reason, error.message, error.next_action or ""))
    tables = [problem_table(problems)]
    for batch in plan(files, 4):
        tables += read(root, batch, target=4, limits=limits)
    out = [ingest.STAGE.run({"raw": table}, params, DATE) for table in tables]
    documents = pa.concat_tables(piece["documents"] for piece in out)
    rejects = pa.concat_tables(piece["rejects"] for piece in out)
    rows = sum(table.num_rows for table in tables)
    assert rows == documents.num_rows + rejects.num_rows, "I1: rows in are not documents and rejects"
    none = documents.slice(0, 0).select(ingest.SETTLE_READS).append_column("dt", pa.array([], pa.string()))
    settled = ingest.settle(documents.select(ingest.SETTLE_READS), none, params, DATE)
    changes = {(a["doc_id"], a["source_uri"]): a for a in settled.amendments.to_pylist()}
    kept = []
    for row in documents.to_pylist():
        change = changes.get((row["doc_id"], row["source_uri"]), {"keep": True})
        if change["keep"]:
            kept.append({**row, **{k: v for k, v in change.items() if k != "keep"}})
    assert len(kept) + settled.rejects.num_rows == documents.num_rows, "I1: settlement lost a document"
    kept.sort(key=lambda row: row["source_uri"])
    cleaned = clean.STAGE.run({"documents": ingest.DOCUMENTS.table(kept)}, clean.CleanParams(), DATE)
    blocks: dict[str, list[Row]] = {row["doc_id"]: [] for row in kept}
    for block in cleaned["blocks"].to_pylist():
        blocks[block["doc_id"]].append(block)
    refused = pa.concat_tables([rejects, settled.rejects, cleaned["rejects"]]).to_pylist()
    outcome = Outcome(
        kept, sorted(refused, key=lambda r: (r["key"], r["reason"])), blocks, cleaned["credits"].to_pylist()
    )
    seen = {file.uri for file, _ in files} | {problem.uri for problem in problems}
    return outcome, seen


def _check(outcome: Outcome, seen: set[str]) -> None:
    """I1 and I4, and that every offset reproduces its text."""
    reasons = set(load("reject_reasons.yaml")) | {"no_article"}
    ids = {row["doc_id"] for row in outcome.documents}
    places = [row["source_uri"] for row in outcome.documents]
    places += [row["key"] for row in outcome.rejects if row["key"] not in ids]
    assert {uri for uri in seen if not any(_inside(place, uri) for place in places)} == set(), (
        "I1: a file is lost"
    )
    assert [place for place in places if not any(_inside(place, uri) for uri in seen)] == [], (
        "I1: a row from nowhere"
    )
    assert len(ids) == len(outcome.documents), "I1: one identifier twice"
    for row in outcome.rejects:
        assert row["reason"] in reasons, f"I4: {row['reason']}"
        assert row["stage"], "I4: no stage"
        assert row["next_action"], "I4: no next action"
        assert 0 < len(row["detail"]) <= 200, "I4: no detail, or far too long"
        assert row["detail"].isprintable(), f"I4: {row['detail']!r} forges lines"
    for row in outcome.documents:
        text = row["text"]
        assert hashlib.sha256(text.encode("utf-8")).hexdigest() == row["content_sha256"]
        at = 0
        for block in outcome.blocks[row["doc_id"]]:
            assert at <= block["start"] < block["end"], "blocks overlap"
            assert not text[at : block["start"]].strip(), "characters in no block"
            assert block["text"] == readable(text[block["start"] : block["end"]])
            at = block["end"]
        assert not text[at:].strip(), "characters behind the last block"
        for credit in outcome.credits:
            if credit["doc_id"] == row["doc_id"]:
                assert text[credit["start"] : credit["end"]] == credit["name"]


def _inside(place: str, uri: str) -> bool:
    """True for the file itself, a record of it, and a member of it."""
    return place == uri or place.startswith((f"{uri}#", f"{uri}!/"))


def _of(outcome: Outcome, mine: Callable[[str], bool]) -> Outcome:
    documents = [row for row in outcome.documents if mine(row["source_uri"])]
    ids = {row["doc_id"] for row in documents}
    rejects = [row for row in outcome.rejects if row["key"] in ids or mine(row["key"])]
    blocks = {doc_id: rows for doc_id, rows in outcome.blocks.items() if doc_id in ids}
    return Outcome(documents, rejects, blocks, [row for row in outcome.credits if row["doc_id"] in ids])


def faulty(
    root: Path,
    files: dict[str, bytes] | None = None,
    prepare: Callable[[Path], Callable[[], None]] | None = None,
    limits: Limits | None = None,
    **params: Any,
) -> Outcome:
    """Put bad files beside sound ones, check I1, I3, I4 and I5, and return what became of the bad ones.

    prepare: makes what is no plain file, and returns how to take it away again. params: of ingest."""
    settings, bounds = ingest.IngestParams(**params), limits or Limits()
    raw = root / "raw"
    raw.mkdir()
    for name, data in NEIGHBOURS.items():
        (raw / name).write_bytes(data)
    before, seen = read_folder(raw, settings, bounds)
    _check(before, seen)
    assert (len(before.documents), before.rejects) == (5, [])
    paths = []
    for name, data in (files or {}).items():
        path = raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        paths.append(path)
    undo = prepare(raw) if prepare else None
    during, seen = read_folder(raw, settings, bounds)
    _check(during, seen)
    own = set(NEIGHBOURS)
    neighbours = _of(during, lambda place: any(_inside(place, uri) for uri in own))
    assert neighbours == before, "I3: the fault changed its neighbours"
    assert read_folder(raw, settings, bounds)[0] == during, "I5: the same again gives something else"
    for path in paths:
        path.unlink()
    if undo:
        undo()
    assert read_folder(raw, settings, bounds)[0] == before, "I5: without the fault it does not heal"
    return _of(during, lambda place: not any(_inside(place, uri) for uri in own))


def record(**fields: Any) -> bytes:
    """One JSON line."""
    return json.dumps({"text": TEXT, **fields}, ensure_ascii=False).encode() + b"\n"
