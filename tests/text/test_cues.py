"""The lexicon of cues and its matching: boundaries, proclitics, enclitics, several words, agreement."""

from __future__ import annotations

import pytest

from pipeline import resources
from pipeline.text import cues
from pipeline.text.claims_words import an_marker, is_event_noun, words_of
from pipeline.text.cues import Hit


def _hits(text: str) -> list[tuple[str, str, str]]:
    words = words_of(text, 0, len(text), [])
    return [
        (text[cues.cue_start(words, h, text) : words[h.last - 1].end], h.entry.lemma, h.entry.kind)
        for h in cues.find(words)
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("وأكّدت الوزارة", [("أكّدت", "أكد", "verb")]),
        ("فسيعلن غدا", [("يعلن", "أعلن", "verb")]),
        ("أقوال الشهود", []),
        ("مقال طويل", []),
        ("بيان أوردته الوكالة", [("أوردته", "أورد", "verb")]),
        ("وفق ما أعلن الناطق", [("وفق ما أعلن", "أعلن", "tag_verb")]),
        ("كما قالت الجدة", [("كما قالت", "قال", "tag_verb")]),
        ("على حد قوله", [("على حد قوله", "قول", "tag_own")]),
        ("بقوله إن", [("قوله", "قال", "masdar")]),
        ("، مشيراً إلى", [("مشيراً", "أشار", "hal")]),
        ("ويذكر أن الجسر", [("ويذكر أن", "", "formula")]),
        ("الرجل المتهم بالسرقة", [("المتهم", "اتهم", "accused")]),
    ],
)
def test_find(text: str, wanted: list[tuple[str, str, str]]) -> None:
    assert _hits(text) == wanted


@pytest.mark.parametrize(
    ("form", "gender", "number"),
    [("قالت", "f", "s"), ("قالوا", "m", "p"), ("تعلنان", "f", "d"), ("يعلن", "m", "s"), ("مشيره", "f", "s")],
)
def test_agreement_of_forms(form: str, gender: str, number: str) -> None:
    entry = cues.forms()[form.replace("ه", "ة") if form.startswith("مش") else form]
    assert (entry.gender, entry.number) == (gender, number)


def test_lexicon_is_sound() -> None:
    data = resources.load("cues.yaml")
    stances = {"neutral", "assert", "doubt", "deny", "ask", "order", "continue"}
    complements = {
        "an", "quote", "do", "ila", "ala", "min", "an_prep", "bi", "fi", "li", "about", "charge", "blame", "do_attack",
        "bi_an",
    }  # fmt: skip
    gates = {
        "initial",
        "first",
        "joined",
        "adjacent",
        "court",
        "comma",
        "document",
        "noun",
        "text_in",
        "text_object",
    }
    seen = set()
    for row in data["verbs"]:
        assert row["class"] in stances, row
        assert row["comp"], row
        assert set(row["comp"]) <= complements, row
        assert set(row.get("gate", ())) <= gates, row
        key = (row["lemma"], *row.get("gate", ()))  # ووصفه has a gate that وصف has not
        assert key not in seen, row["lemma"]
        seen.add(key)


def test_an_marker_and_event_nouns() -> None:
    assert an_marker("وان") == ("و", False)
    assert an_marker("انقاذ") is None
    assert is_event_noun("اطلاق", "إطلاق")
    assert not is_event_noun("افراد", "أفراد")


def test_cue_start_keeps_marks_of_the_stem() -> None:
    text = "وَأَعْلَنَ"
    words = words_of(text, 0, len(text), [])
    assert text[cues.cue_start(words, Hit(0, 1, 1, cues.forms()["اعلن"], True), text) :] == "أَعْلَنَ"
