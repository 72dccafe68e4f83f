"""Text that nobody writes costs seconds, not minutes: brackets in a row, sentences of thousands of words, no spaces at all."""

from __future__ import annotations

import time

import pyarrow as pa
import pytest

from pipeline.stages import clean, extract, segment
from tests.conftest import bench_script
from tests.stages.test_segment import tables

SECONDS = 12  # processor time of segment and extract together; a worker gives a document 120 s of wall time
TEXTS = {
    "brackets": "(" * 16_000,
    "pairs of brackets": "()" * 8_000,
    "quotation marks": '"' * 16_000,
    "guillemets": "«" * 8_000 + "»" * 8_000,
    "one word 4,000 times": "كلمة " * 4_000,
    "a sentence of 4,000 words": "وقال الوزير إن الحكومة ستعلن القرار غدا بعد اجتماعها مع الوفد " * 364,
    "cues alone": "قال أن " * 2_000,
    "one letter": "ك" * 100_000,
    "words without spaces": "وقالالوزير" * 10_000,
    "digits": "7" * 100_000,
    "numbers and units": "20 و30 ألف دولار إلى " * 800,
    "months": "في مارس/آذار " * 1_500,
    "titles and names": "رئيس وزير سامي حداد مدير " * 800,
    "points": "." * 50_000,
    "points and letters": "د." * 10_000,
    "vowel signs": "ك" + "\u064b" * 50_000,
    "presentation forms": "ﻻ" * 20_000,
    "emoji": "😀" * 16_000,
}


@pytest.mark.parametrize("name", TEXTS)
def test_no_document_costs_more_than_seconds(name: str) -> None:
    text = TEXTS[name].strip()
    page = tables(text, [True])
    began = time.process_time()
    found = segment.run(page, segment.SegmentParams(), "2026-01-01")
    blocks = page["blocks"].append_column("kind", pa.array(["body"]))
    inputs = {
        "documents": page["documents"],
        "blocks": blocks.select(["doc_id", "block_no", "kind", "start", "end"]),
        "sentences": found["sentences"].select(["doc_id", "sent_no", "block_no", "start", "end"]),
        "tokens": found["tokens"].select(["doc_id", "start", "end", "upos"]),
    }
    out = extract.run(inputs, extract.ExtractParams(), "2026-01-01")
    assert time.process_time() - began < SECONDS
    assert out["rejects"].num_rows == 0
    rows = [t.to_pylist() for t in (page["blocks"], found["sentences"], found["tokens"])]
    assert bench_script("properties_tokens").of_document(text, *rows) == []


@pytest.mark.parametrize("name", TEXTS)
def test_nor_does_clean(name: str) -> None:
    columns = ("doc_id", "outlet", "text", "title", "byline")
    row = {"doc_id": "d", "outlet": None, "text": TEXTS[name], "title": None, "byline": None}
    table = pa.Table.from_pylist([row], schema=pa.schema([(column, pa.string()) for column in columns]))
    began = time.process_time()
    clean.run({"documents": table}, clean.CleanParams(), "2026-01-01")
    assert time.process_time() - began < SECONDS
