"""What must hold of sentences and words in any document: the properties of bench/properties_tokens.py."""

from __future__ import annotations

import copy
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.stages.segment import SegmentParams, run
from tests.conftest import bench_script
from tests.stages.test_segment import TEXT, tables

WORDS = [
    "وقال",
    "الوزير",
    "إن",
    "المدينة",
    "وبالقاهرة",
    "للسوق",
    "سيعودون",
    "كتابُهم",
    "«نعم»",
    '"لا.',
    "(أ.ف.ب)",
    "4.5",
    "كلم.",
    "د.",
    "..",
    "…",
    "؟",
    "!؟",
    "،",
    "الـ20",
    "ـ",
    "ﷲ",
    "CNN",
    "3-2",
    "http://a.b/c?",
    "@اسم",
    "#وسم_طويل",
    "\u200f\u200b",
    "\xa0",
    "\x0b",
    "\u2028",
    "\ufeff",
    "😀👍🏽",
    "\x00",
    "�",
    "ﻻ",
    "ًً",
]
LINE = st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(["", " ", "  ", "\t"])), max_size=14).map(
    lambda pieces: "".join(word + gap for word, gap in pieces)
)
PAGES = st.lists(st.tuples(LINE, st.booleans()), min_size=1, max_size=6)


def failures(page: dict[str, pa.Table], out: dict[str, pa.Table]) -> list[str]:
    text = page["documents"]["text"][0].as_py()
    rows: list[list[dict[str, Any]]] = [
        t.to_pylist() for t in (page["blocks"], out["sentences"], out["tokens"])
    ]
    found: list[str] = bench_script("properties_tokens").of_document(text, *rows)
    return found


@settings(max_examples=150, deadline=None)
@given(PAGES)
def test_any_page(lines: list[tuple[str, bool]]) -> None:
    page = tables("\n".join(line for line, _ in lines), [kept for _, kept in lines])
    assert failures(page, run(page, SegmentParams(), "2026-01-01")) == []


@pytest.mark.parametrize(
    ("table", "row", "column", "value"),
    [
        ("sentences", 0, "end", 10),
        ("sentences", 1, "sent_no", 5),
        ("sentences", 1, "block_no", 2),
        ("tokens", 0, "form", "غير"),
        ("tokens", 1, "start", 5),
        ("tokens", 2, "token_no", 9),
        ("tokens", 2, "head", 99),
        ("tokens", 2, "head", 1),
        ("tokens", 2, "upos", "WORD"),
        ("tokens", 0, "sent_no", 77),
    ],
)
def test_a_fault_is_seen(table: str, row: int, column: str, value: object) -> None:
    page = tables(TEXT, [True, True, False, True])
    out = run(page, SegmentParams(), "2026-01-01")
    assert failures(page, out) == []
    rows = copy.deepcopy(out[table].to_pylist())
    rows[row][column] = value
    assert failures(page, out | {table: pa.Table.from_pylist(rows, schema=out[table].schema)})
