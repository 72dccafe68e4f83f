"""Rules of the date grammar are left out only where they could not match."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.resources import load
from pipeline.text import dates_find, dates_relative, dates_text, dates_triggers
from pipeline.text.dates_text import expressions
from pipeline.text.dates_triggers import NEEDS, present
from pipeline.text.normalise import fold_map


def test_doctests() -> None:
    assert doctest.testmod(dates_triggers).failed == 0


def test_every_rule_has_its_classes() -> None:
    names = {name for name, _ in dates_find.rules()} | {rule.name for rule in dates_relative.rules()}
    assert names == NEEDS.keys()


def _names() -> list[str]:
    months, times = load("months.yaml"), load("time_words.yaml")
    tables = [months["gregorian"], months["hijri"], months["weekdays"], months["zones"]]
    tables += [t for t in (*times.values(), *times["units"].values()) if isinstance(t, dict)]
    rows = [row for table in tables for row in table.values()] + [
        r for r in times.values() if isinstance(r, list)
    ]
    return sorted({str(name) for row in rows if isinstance(row, list) for name in row})


GLUE = [
    "3",
    "15",
    "2015",
    "1436",
    "20٠",
    "١٤",
    "14:30",
    "و",
    "في",
    "من",
    "إلى",
    "حتى",
    "-",
    "/",
    "،",
    "(",
    ")",
    "عام",
    "العام",
    "سنة",
    "القرن",
    "شهر",
    "يوم",
    "ليلة",
    "منذ",
    "قبل",
    "بعد",
    "بين",
    "ال",
    "هـ",
    "م",
    "ق.م",
    "الـ24",
    "خمسة",
    "ثلاث",
    "هذا",
    "ب",
    "ل",
]
TEXT = st.lists(
    st.tuples(
        st.sampled_from(["", "", "", "و", "ب", "لل", "ال", "وال", "ول"]),
        st.one_of(st.sampled_from(_names()), st.sampled_from(GLUE)),
        st.sampled_from([" ", " ", " ", "", "  "]),
    ),
    max_size=9,
).map(lambda parts: "".join(map("".join, parts)))


@settings(max_examples=600, deadline=None)
@given(TEXT)
def test_nothing_is_lost(text: str) -> None:
    found = expressions(text)
    always = dict.fromkeys(NEEDS, frozenset[str]())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dates_text, "NEEDS", always)
        patch.setattr(dates_find, "NEEDS", always)
        patch.setattr(dates_text, "present", lambda _: frozenset({"all"}))
        assert expressions(text) == found


def test_words_alone_tell_a_class() -> None:
    assert present(fold_map("يمارس عامل بيومي رياضة")[0]) == set()
    assert present(fold_map("Sept. 3")[0]) == {"figure", "gregorian"}
