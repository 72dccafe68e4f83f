"""Languages: labelled lines of six languages, and no foreign language in real Arabic lines."""

from __future__ import annotations

import doctest
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text import lang
from pipeline.text.lang import language, line_language

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "languages.json").read_text("utf-8"))


def test_doctests() -> None:
    assert doctest.testmod(lang).failed == 0


@pytest.mark.parametrize("case", GOLDEN, ids=lambda c: c["text"])
def test_lines(case: dict[str, str]) -> None:
    assert line_language(case["text"]) == case["lang"]


@pytest.mark.parametrize("text", ["", "12/5 - 33 %", "...", "🔴", "١٢٣"])
def test_no_letters_no_language(text: str) -> None:
    assert line_language(text) is None


def test_whole_texts() -> None:
    for code in ("ar", "fa", "ur", "ckb", "en", "fr"):
        assert language("\n".join(c["text"] for c in GOLDEN if c["lang"] == code)) == code


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    assert line_language(text) is None or line_language(text)


def test_real_arabic_lines(shared: Path) -> None:
    """Lines of 20 letters and more, most of them Arabic letters, from every 40th article."""
    found: Counter[str | None] = Counter()
    for file in sorted((shared / "data" / "news").glob("*.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as rows:
            for number, row in enumerate(rows):
                if number % 40:
                    continue
                for line in json.loads(row)["text"].split("\n"):
                    arabic = sum("\u0620" <= c <= "\u064a" for c in line)
                    if arabic >= 20 and arabic * 10 >= 9 * sum(map(str.isalpha, line)):
                        found[line_language(line)] += 1
    assert found["ar"] > 1_000
    assert found["ar"] == found.total()
