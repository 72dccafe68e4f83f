"""Golden cases of whose words a cue reports: phrase, canonical name, antecedent; each rule with a counter-example."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.text import claims
from pipeline.text.claims_frame import Frame
from pipeline.text.claims_words import Word
from tests.text.claims_cases import frames

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "golden" / "speakers.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_golden(case: dict[str, Any]) -> None:
    text = case["text"]
    names = [tuple(n) for n in case["names"]]
    found = claims.extract(frames(text, names, case.get("section", "body"), case.get("verbs", ())))
    got = [
        [text[slice(*c.cue)], c.speaker.text if c.speaker.start is not None else None, c.speaker.name]
        for c in found
    ]
    assert got == case["claims"], case["why"]


def test_case_ids_are_unique() -> None:
    assert len({c["id"] for c in CASES}) == len(CASES)


def test_a_participle_behind_a_content_is_of_who_spoke() -> None:
    text = "قال سامي حداد إن نبيل سالم بدأ الموسم، مضيفا أن الأسعار مستقرة."
    names = [("سامي حداد", "PER"), ("نبيل سالم", "PER")]
    assert [c.speaker.name for c in claims.extract(frames(text, names))] == ["سامي حداد", "سامي حداد"]


def tagged(text: str, names: list[tuple[str, str]], tags: dict[str, str]) -> list[Frame]:
    """The frames of a text in which the tagger gives some words these parts of speech."""
    found = frames(text, names)
    for frame in found:
        for k, w in enumerate(frame.words):
            if tag := tags.get(text[w.start : w.end]):
                frame.words[k] = Word(w.start, w.end, w.key, w.quote, tag)
    return found


@pytest.mark.parametrize(
    ("text", "name", "proper", "expected"),
    [
        ("قال سامي بيدار، الناطق باسم المجلس، إن الموسم بدأ.", "سامي", "بيدار", "سامي بيدار"),
        ("قال سامي حداد ببلدة الأمل إن الموسم بدأ.", "سامي حداد", "الأمل", "سامي حداد"),
        ("قالت نيل بنسون، المديرة، إن الموسم بدأ.", "نيل", "بنسون", "نيل بنسون"),
    ],
)
def test_a_family_name_with_baa_of_its_own(text: str, name: str, proper: str, expected: str) -> None:
    found = claims.extract(tagged(text, [(name, "PER")], {proper: "PROPN"}))
    assert [c.speaker.name for c in found] == [expected]


def test_the_name_behind_the_house_of_a_partner() -> None:
    text = 'قال شريك أول في "المدن" فادي حداد، في مقابلة، إن الموسم بدأ.'
    found = claims.extract(tagged(text, [("المدن", "ORG")], {"شريك": "NOUN"}))
    assert [(c.speaker.text, c.speaker.name) for c in found] == [
        ('شريك أول في "المدن" فادي حداد', "فادي حداد")
    ]
