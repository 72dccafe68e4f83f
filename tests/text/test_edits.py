"""Edits between passages: golden cases of every kind, and what must hold for any two texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.schemas import EDIT_KINDS
from pipeline.text.edit_kinds import Naming
from pipeline.text.edits import Comparison, compare
from pipeline.text.units import quoted_spans, units

CASES = json.loads((Path(__file__).parents[1] / "golden" / "edits.json").read_text("utf-8"))["cases"]


def spans(text: str, words: list[str]) -> list[tuple[int, int]]:
    """First occurrence of each word in the text, where it occurs."""
    return sorted((text.index(w), text.index(w) + len(w)) for w in words if w in text)


def namings(text: str, sources: list[list[str]]) -> list[Naming]:
    """What the claims layer would know of (cue, source) pairs that stand in the text."""
    return [
        Naming(
            text.index(cue), text.index(cue) + len(cue), text.index(source), text.index(source) + len(source)
        )
        for cue, source in sources
        if cue in text and source in text
    ]


def compared(a: str, b: str, case: dict[str, Any] | None = None) -> Comparison:
    case = case or {}
    names, sources = case.get("names", []), case.get("sources", [])
    return compare(
        a,
        units(a, 0, len(a), quoted_spans(a), spans(a, names)),
        b,
        units(b, 0, len(b), quoted_spans(b), spans(b, names)),
        namings(a, sources),
        namings(b, sources),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_golden(case: dict[str, Any]) -> None:
    a, b = case["a"], case["b"]
    found = [
        [e.op, e.kind, a[e.a_start : e.a_end], b[e.b_start : e.b_end]] for e in compared(a, b, case).edits
    ]
    for wanted in case["edits"]:
        assert wanted in found
    if case.get("only"):
        assert len(found) == len(case["edits"])
    assert not {kind for _, kind, *_ in found} & set(case.get("never", []))


def test_every_kind_has_an_example_and_a_counter_example() -> None:
    shown = {kind for case in CASES for _, kind, *_ in case["edits"]}
    denied = {kind for case in CASES for kind in case.get("never", [])}
    assert shown == set(EDIT_KINDS)
    assert denied >= {
        "number",
        "date",
        "name",
        "polarity",
        "loaded_word",
        "attribution_dropped",
        "quote_drift",
    }


WORDS = st.sampled_from(
    [
        "قال",
        "الوزير",
        "إن",
        "لم",
        "4",
        "أربعة",
        "25",
        "اليوم",
        "أمس",
        "مارس",
        "قتلى",
        "شهداء",
        "وفق",
        "وكالة",
        "«نعم»",
        '"لا"',
        "سلام",
        "في",
        "من",
    ]
)
TEXTS = st.lists(WORDS, max_size=25).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_any_two_texts(a: str, b: str) -> None:
    result = compared(a, b)
    assert 0.0 <= result.similarity <= 1.0
    for e in result.edits:
        assert 0 <= e.a_start <= e.a_end <= len(a)
        assert 0 <= e.b_start <= e.b_end <= len(b)
        assert e.kind in EDIT_KINDS
        assert (e.a_start == e.a_end) == (e.op == "insert")
        assert (e.b_start == e.b_end) == (e.op == "delete")


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_a_text_and_itself(a: str) -> None:
    assert compared(a, a) == Comparison((), 1.0)


def test_insertion_points_lie_behind_the_word_before() -> None:
    a, b = "وصل الوفد مساء", "وصل الوفد الكبير مساء"
    (edit,) = compared(a, b).edits
    assert (edit.op, edit.a_start, edit.a_end) == ("insert", 9, 9)


def test_a_phrase_moved_to_where_another_one_left() -> None:
    # Both phrases change places: the piece that receives one is the piece that gives the other.
    a = "في حفل كبير افتتح الوزير معرض الكتاب السنوي وسط المدينة القديمة من دون ضجيج"
    b = "من دون ضجيج افتتح الوزير معرض الكتاب السنوي وسط المدينة القديمة في حفل كبير"
    assert {(e.op, a[e.a_start : e.a_end]) for e in compared(a, b).edits} == {
        ("move", "في حفل كبير"),
        ("move", "من دون ضجيج"),
    }
