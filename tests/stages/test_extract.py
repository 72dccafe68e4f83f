"""The extract stage: tables as declared, spans, entities, rejects, and floors on the annotated articles."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from pipeline.schemas import ATTRIBUTIONS, CLAIMS, ENTITIES, MENTIONS, REJECTS
from pipeline.stages.extract import STAGE, ExtractParams, finish, run

DATE = "2023-09-03"
TITLE = "وزارة الزراعة في تونس تعلن بدء موسم الحصاد"
BODY = (
    'وقالت وزارة الزراعة في تونس إن المحصول "أكبر من العام الماضي"، وفق وكالة رويترز. '
    "وأضافت أن الأسعار ستبقى مستقرة."
)
TAIL = "وقال ناصر الخطيب إن هذا خبر آخر."
TEXT = f"{TITLE}\n\n{BODY}\n{TAIL}"


def tables(text: str = TEXT, *, broken: bool = False) -> dict[str, pa.Table]:
    body, tail = text.index(BODY), text.index(TAIL)
    stop = text.index("رويترز.") + len("رويترز.")
    blocks = [(0, "title", 0, len(TITLE)), (1, "body", body, body + len(BODY)), (2, "tail", tail, len(text))]
    sentences = [
        (0, 0, 0, len(TITLE)),
        (1, 9 if broken else 1, body, stop),
        (2, 1, stop + 1, body + len(BODY)),
    ]
    return {
        "documents": pa.table({"doc_id": ["d0"], "text": [text]}),
        "blocks": pa.Table.from_pylist(
            [dict(zip(("block_no", "kind", "start", "end"), b, strict=True)) | {"doc_id": "d0"} for b in blocks]
        ),
        "sentences": pa.Table.from_pylist(
            [dict(zip(("sent_no", "block_no", "start", "end"), s, strict=True)) | {"doc_id": "d0"} for s in sentences]
        ),
        "tokens": pa.schema([("doc_id", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("upos", pa.string())])
        .empty_table(),
    }  # fmt: skip


def test_tables_are_as_declared() -> None:
    out = run(tables(), ExtractParams(), DATE)
    assert set(out) == set(STAGE.writes)
    for spec in (MENTIONS, CLAIMS, ATTRIBUTIONS, REJECTS):
        assert out[spec.name].schema.equals(spec.schema), spec.name
    assert out["rejects"].num_rows == 0


def test_claims_and_chain_of_a_small_article() -> None:
    out = run(tables(), ExtractParams(), DATE)
    claims = out["claims"].to_pylist()
    assert [(c["cue_text"], c["section"], c["kind"], c["stance"]) for c in claims] == [
        ("تعلن", "title", "indirect", "neutral"),
        ("قالت", "body", "mixed", "neutral"),
        ("أضافت", "body", "indirect", "neutral"),
    ]
    chains = defaultdict(list)
    for layer in out["attributions"].to_pylist():
        chains[layer["claim_id"]].append((layer["relation"], layer["carried"]))
    assert [chains[c["claim_id"]] for c in claims] == [
        [("speaker", False)],
        [("relay", False), ("speaker", False)],
        [("relay", True), ("speaker", False)],
    ]
    assert claims[2]["speaker_mention"] == "elided"
    assert claims[2]["speaker_start"] is None
    assert claims[2]["speaker_name"] == claims[1]["speaker_name"]


def test_every_span_reproduces() -> None:
    out = run(tables(), ExtractParams(), DATE)
    for claim in out["claims"].to_pylist():
        assert TEXT[claim["cue_start"] : claim["cue_end"]] == claim["cue_text"]
        assert " ".join(TEXT[s["start"] : s["end"]] for s in claim["content"]) == claim["content_text"]
        if claim["speaker_start"] is not None:
            assert TEXT[claim["speaker_start"] : claim["speaker_end"]] == claim["speaker_text"]
    for mention in out["mentions"].to_pylist():
        assert TEXT[mention["start"] : mention["end"]] == mention["text"]


def test_same_input_same_rows() -> None:
    first, second = (run(tables(), ExtractParams(), DATE) for _ in range(2))
    assert all(first[name].equals(second[name]) for name in STAGE.writes)


def test_min_confidence_and_sections() -> None:
    assert run(tables(), ExtractParams(min_confidence=1.0), DATE)["claims"].num_rows == 0
    only_title = run(tables(), ExtractParams(sections=("title",)), DATE)["claims"]
    assert only_title["section"].to_pylist() == ["title"]


def test_parameters_are_checked() -> None:
    with pytest.raises(ValidationError):
        ExtractParams(sections=("menu",))  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        ExtractParams(min_confidence=2.0)
    assert all(field.description for field in ExtractParams.model_fields.values())


def test_models_name_the_file_with_its_checksum() -> None:
    (shipped,) = STAGE.models(ExtractParams())
    assert shipped.path.endswith(".crf")
    assert shipped.sha256
    (own,) = STAGE.models(ExtractParams(ner_model="/somewhere/own.crf"))
    assert (own.path, own.sha256) == ("/somewhere/own.crf", None)


def test_a_document_that_fails_is_rejected_alone() -> None:
    out = run(tables(broken=True), ExtractParams(), DATE)
    assert out["rejects"]["key"].to_pylist() == ["d0"]
    assert out["claims"].num_rows == 0


def test_dates_and_quantities_are_mentions_without_entity() -> None:
    text = TEXT.replace("بدء موسم الحصاد", "20 طنا من القمح")
    assert len(text) == len(TEXT)
    rows = run(tables(text), ExtractParams(), DATE)["mentions"].to_pylist()
    further = [m for m in rows if m["type"] in ("DATE", "QUANTITY")]
    assert [(m["text"], m["type"], m["sent_no"]) for m in further] == [
        ("20 طنا", "QUANTITY", 0),
        ("العام الماضي", "DATE", 1),
    ]
    assert all(text[m["start"] : m["end"]] == m["text"] and m["entity_id"] is None for m in further)
    assert [m["mention_no"] for m in rows] == list(range(len(rows)))
    assert rows == sorted(rows, key=lambda m: (m["start"], m["end"]))
    names = [m for m in rows if m not in further]
    off = run(tables(text), ExtractParams(further=()), DATE)
    assert [{**m, "mention_no": 0} for m in off["mentions"].to_pylist()] == [
        {**m, "mention_no": 0} for m in names
    ]
    assert off["claims"].equals(run(tables(text), ExtractParams(), DATE)["claims"])


def test_finish_gathers_entities() -> None:
    mentions = run(tables(), ExtractParams(), DATE)["mentions"]
    when = dt.datetime(2023, 9, 3, tzinfo=dt.UTC)
    documents = pa.table({"doc_id": ["d0"], "published_at": pa.array([when], pa.timestamp("us", tz="UTC"))})
    entities = finish({"mentions": mentions, "documents": documents}, ExtractParams(), DATE)["entities"]
    assert entities.schema.equals(ENTITIES.schema)
    rows = entities.to_pylist()
    assert [r["entity_id"] for r in rows] == sorted({m for m in mentions["entity_id"].to_pylist() if m})
    assert sum(r["n_mentions"] for r in rows) == len(mentions["entity_id"].drop_null())
    assert all(r["first_seen"] == when and r["latin"] and r["name"] not in r["aliases"] for r in rows)


# ------------------------------------------------------------------ annotated articles beside the repository


def _annotated(folder: Path) -> tuple[dict[str, pa.Table], dict[str, dict[str, Any]]]:
    """Input tables from annotated lines and sentences, without a parse, and the annotation by document."""
    documents, blocks, sentences, gold = [], [], [], {}
    for path in sorted((folder / "ann").glob("*.json")):
        ann = json.loads(path.read_text("utf-8"))
        name = ann["doc"]
        gold[name] = ann
        documents.append({"doc_id": name, "text": (folder / "docs" / name).read_text("utf-8")})
        lines = [(n, line["start"], line["end"], line["kind"]) for n, line in enumerate(ann["lines"])]
        blocks += [{"doc_id": name, "block_no": n, "kind": k, "start": s, "end": e} for n, s, e, k in lines]
        spans = {tuple(s) for s in ann.get("sentences", ())}
        if not spans:
            spans = {(c["sentence"]["start"], c["sentence"]["end"]) for c in ann["claims"]}
            spans |= {(s, e) for _, s, e, _ in lines if not any(s <= a < e for a, _ in spans)}
        number = 0
        for start, end in sorted(spans):
            block = next(
                (n for n, s, e, k in lines if s <= start < e and k in ("title", "lead", "body")), None
            )
            if block is not None:
                sentences.append(
                    {"doc_id": name, "sent_no": number, "block_no": block, "start": start, "end": end}
                )
                number += 1
    found = {"documents": documents, "blocks": blocks, "sentences": sentences}
    return {k: pa.Table.from_pylist(v) for k, v in found.items()} | {"tokens": tables()["tokens"]}, gold


def _characters(spans: list[dict[str, int]]) -> set[int]:
    return {i for s in spans for i in range(s["start"], s["end"])}


def _f1(rows: list[dict[str, Any]], gold: dict[str, dict[str, Any]]) -> float:
    """F1 of claims whose cues overlap and whose contents share half of their characters."""
    hits = wanted = 0
    for name, ann in gold.items():
        left = [r for r in rows if r["doc_id"] == name]
        for claim in (c for c in ann["claims"] if c.get("scored", True)):
            wanted += 1
            cue, content = _characters(claim["cue"]), _characters(claim["content"])
            for row in left:
                own = _characters(row["content"])
                if cue & set(range(row["cue_start"], row["cue_end"])) and len(content & own) >= 0.5 * len(
                    content | own
                ):
                    hits += 1
                    left.remove(row)
                    break
    return 2 * hits / (wanted + len(rows))


@pytest.mark.parametrize(("part", "floor"), [("seeds", 0.95), ("dev", 0.92)])
def test_floor_on_annotated_articles(shared: Path, part: str, floor: float) -> None:
    inputs, gold = _annotated(shared / "gold" / part)
    out = run(inputs, ExtractParams(), DATE)
    assert out["rejects"].num_rows == 0
    assert _f1(out["claims"].to_pylist(), gold) >= floor
