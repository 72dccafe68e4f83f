"""Blocks in, sentences and words out."""

from __future__ import annotations

import pyarrow as pa

from pipeline.schemas import SENTENCES, TOKENS
from pipeline.stages.segment import STAGE, SegmentParams, models, run

TEXT = "عنوان الخبر\nوقال الوزير نعم. ثم غادر القاعة.\nتابعونا على فيسبوك\nوأضاف: «سنعود. لن نتأخر»."


def tables(text: str, kept: list[bool]) -> dict[str, pa.Table]:
    lines, at = [], 0
    for line in text.split("\n"):
        lines.append((at, at + len(line)))
        at += len(line) + 1
    size = len(lines)
    blocks = pa.table(
        {
            "doc_id": pa.array(["d"] * size, pa.string()),
            "block_no": pa.array(range(size), pa.int32()),
            "start": pa.array([a for a, _ in lines], pa.int32()),
            "end": pa.array([b for _, b in lines], pa.int32()),
            "kept": pa.array(kept, pa.bool_()),
        }
    )
    return {"documents": pa.table({"doc_id": ["d"], "text": [text]}), "blocks": blocks}


def test_sentences_and_words_reproduce_the_text() -> None:
    out = run(tables(TEXT, [True, True, False, True]), SegmentParams(), "2026-01-01")
    sentences = out["sentences"].to_pylist()
    assert out["sentences"].schema.equals(SENTENCES.schema)
    assert out["tokens"].schema.equals(TOKENS.schema)
    assert [s["text"] for s in sentences] == [
        "عنوان الخبر",
        "وقال الوزير نعم.",
        "ثم غادر القاعة.",
        "وأضاف: «سنعود. لن نتأخر».",
    ]
    assert [(s["sent_no"], s["block_no"]) for s in sentences] == [(0, 0), (1, 1), (2, 1), (3, 3)]
    assert all(TEXT[s["start"] : s["end"]] == s["text"] for s in sentences)
    tokens = out["tokens"].to_pylist()
    assert all(TEXT[t["start"] : t["end"]] == t["form"] for t in tokens)
    for sentence in sentences:
        words = [t for t in tokens if t["sent_no"] == sentence["sent_no"]]
        assert [t["token_no"] for t in words] == list(range(1, len(words) + 1))
        assert "".join(t["form"] for t in words) == "".join(sentence["text"].split())


def test_nothing_kept_gives_empty_tables() -> None:
    out = run(tables(TEXT, [False] * 4), SegmentParams(), "2026-01-01")
    assert out["sentences"].num_rows == out["tokens"].num_rows == 0
    assert out["tokens"].schema.equals(TOKENS.schema)


def test_documents_are_numbered_by_themselves_and_in_order() -> None:
    one, two = tables(TEXT, [True] * 4), tables("خبر آخر.\nانتهى.", [True, True])
    second = {k: t.set_column(0, "doc_id", pa.array(["c"] * t.num_rows)) for k, t in two.items()}
    both = {k: pa.concat_tables([one[k], second[k]]) for k in one}
    out = run(both, SegmentParams(), "2026-01-01")["sentences"].to_pylist()
    assert [(s["doc_id"], s["sent_no"]) for s in out][:3] == [("c", 0), ("c", 1), ("d", 0)]


def test_the_stage_names_its_model() -> None:
    parser, words = models(SegmentParams())
    assert parser.path.endswith("ar-news.udpipe")
    assert words.path.endswith("ar-news.clitics")
    assert all(len(use.sha256 or "") == 64 for use in (parser, words))
    assert STAGE.models(SegmentParams()) == (parser, words)
