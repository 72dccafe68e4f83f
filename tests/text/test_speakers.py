"""Golden cases of whose words a cue reports: phrase, canonical name, antecedent; each rule with a counter-example."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.text import claims
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
