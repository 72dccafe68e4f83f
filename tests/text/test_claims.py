"""Golden cases of the claim grammar: cue type by construction, with counter-examples; known failures are strict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.text import claims
from tests.text.claims_cases import frames

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "golden" / "claims.json").read_text(encoding="utf-8")
)


def _params() -> list[Any]:
    known = pytest.mark.xfail(strict=True, reason="known failure of the clause grammar")
    return [pytest.param(c, id=c["id"], marks=[known] if c.get("known_failure") else []) for c in CASES]


@pytest.mark.parametrize("case", _params())
def test_golden(case: dict[str, Any]) -> None:
    text = case["text"]
    found = claims.extract(frames(text, [tuple(n) for n in case["names"]], case["section"]))
    got = []
    for claim, wanted in zip(found, case["claims"], strict=False):
        row = {
            "cue": text[slice(*claim.cue)],
            "content": [text[s:e] for s, e in claim.content],
            "speaker": claim.speaker.text if claim.speaker.start is not None else None,
            "name": claim.speaker.name,
            "stance": claim.stance,
            "kind": claim.kind,
        }
        if "chain" in wanted:
            row["chain"] = [layer.source.name for layer in claim.layers]
        got.append(row)
    assert got == case["claims"]
    assert [text[slice(*c.cue)] for c in found] == [c["cue"] for c in case["claims"]]


def test_case_ids_are_unique() -> None:
    assert len({c["id"] for c in CASES}) == len(CASES)


def test_empty_and_odd_text() -> None:
    assert claims.extract([]) == []
    for text in (
        "",
        "   ",
        '"""',
        "قال",
        "قال:",
        "وفق",
        "بحسب ،",
        "أعلن أن",
        '«»“”"',
        "، و: ؛",
        "نقلا عن",
        "نقلت عن",
    ):
        claims.extract(frames(text))
        claims.extract(frames(text, section="title"))


def test_offsets_reproduce_on_vocalised_text() -> None:
    text = "وَقَالَتْ ليلى منصور: «سَنَعُودُ غَدًا إلى البَيْتِ»."
    (claim,) = claims.extract(frames(text, [("ليلى منصور", "PER")]))
    assert text[slice(*claim.cue)] == "قَالَتْ"
    assert [text[s:e] for s, e in claim.content] == ["سَنَعُودُ غَدًا إلى البَيْتِ"]


def test_no_carry_over_across_sections() -> None:
    title = frames("سامي حداد يعلن بدء الأشغال", [("سامي حداد", "PER")], "title")
    body = frames("وأضاف أن الجسر سليم.", (), "body")
    second = [c for c in claims.extract([*title, *body]) if c.lemma == "أضاف"]
    assert [c.speaker.name for c in second] == [None]


def test_quotation_over_two_lines() -> None:
    text = 'وقال سامي حداد: "سنعود غدا إلى العمل\n"ولن نغادر بعد ذلك أبدا".'
    from pipeline.text.claims_frame import Frame, Name
    from pipeline.text.claims_words import words_of
    from pipeline.text.quotes import pair

    cut = text.index("\n")
    built = []
    for number, (start, end) in enumerate(((0, cut), (cut + 1, len(text)))):
        quotes = pair(text, start, end)
        names = [Name(5, 14, "PER", "سامي حداد")] if number == 0 else []
        built.append(
            Frame(number, "body", number, start, end, text, words_of(text, start, end, quotes), quotes, names)
        )
    (claim,) = claims.extract(built)
    assert [text[s:e] for s, e in claim.content] == ["سنعود غدا إلى العمل", "ولن نغادر بعد ذلك أبدا"]
    assert claim.kind == "direct"
