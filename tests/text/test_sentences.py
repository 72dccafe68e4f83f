"""Sentence spans: cases as data, and what must hold for any text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.sentences import quotations, split
from tests.timing import growth

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "golden" / "sentences.json").read_text("utf-8")
)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(c, id=c["why"], marks=[pytest.mark.xfail(reason=c["known_failure"])])
        if "known_failure" in c
        else pytest.param(c, id=c["why"])
        for c in CASES
    ],
)
def test_cases(case: dict[str, Any]) -> None:
    text = case["text"]
    assert [text[a:b] for a, b in split(text, 0, len(text))] == case["sentences"]


ALPHABET = st.text(st.sampled_from(list('ابتو دمص.!؟…"«»”“″()’ \n\r\t4,،:')), max_size=120)


@given(ALPHABET, st.integers(0, 5), st.integers(0, 5))
def test_spans_cover_the_block_in_order_without_white_space_at_the_ends(
    text: str, left: int, right: int
) -> None:
    end = max(left, len(text) - right)
    spans = split(text, left, end)
    at = left
    for a, b in spans:
        assert at <= a < b <= end
        assert not text[at:a].strip()
        assert text[a:b] == text[a:b].strip()
        assert "\n" not in text[a:b]
        at = b
    assert not text[at:end].strip()


@given(ALPHABET)
def test_quotations_lie_in_order_inside_the_line(text: str) -> None:
    at = 0
    for a, b in quotations(text, 0, len(text)):
        assert at <= a < b <= len(text)
        at = b


@pytest.mark.parametrize("piece", ['"', "«", ". ", "د. ", "..", "!؟", "((", "ا.", '." ', "ا\n"])
def test_time_is_linear(piece: str) -> None:
    assert growth(lambda text: split(text, 0, len(text)), piece * 4_000) < 3.5


def test_gold_sentences(shared: Path) -> None:
    gold = found = hit = 0
    for path in sorted((shared / "gold/dev/ann").glob("*.json")):
        page = json.loads(path.read_text("utf-8"))
        text = (shared / "gold/dev/docs" / page["doc"]).read_bytes().decode("utf-8")
        kept = [line for line in page["lines"] if line["kind"] in ("title", "lead", "body")]
        mine = {span for line in kept for span in split(text, line["start"], line["end"])}
        theirs = {(a, b) for a, b in page["sentences"]}
        gold, found, hit = gold + len(theirs), found + len(mine), hit + len(mine & theirs)
    assert 2 * hit / (gold + found) >= 0.97
