"""Quantities and dates as spans: examples, counter-examples, and what holds for any text."""

from __future__ import annotations

import doctest
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text import quantities, spans
from tests.timing import growth


def test_doctests() -> None:
    assert doctest.testmod(quantities).failed == doctest.testmod(spans).failed == 0


def found(text: str) -> list[str]:
    return [text[a:b] for a, b in quantities.find(text)]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("بكلفة 12 مليون دولار أميركي", ["12 مليون دولار أميركي"]),
        ("دفع خمسة وعشرين ألف جنيه إسترليني للنادي", ["خمسة وعشرين ألف جنيه إسترليني"]),
        ("ارتفع بنسبة ٢٠٪ هذا العام", ["٢٠٪"]),
        ("ارتفع %20 ثم 3 %", ["%20", "3 %"]),
        ("تراجع 0.4 في المئة", ["0.4 في المئة"]),
        ("بنحو سبعين بالمائة من السكان", ["سبعين بالمائة"]),
        ("قتل أحد عشر جنديا وجرح ثلاثة", ["أحد عشر جنديا"]),
        ("جرح 40 وأصيب ثلاثون شخصاً آخرون", ["ثلاثون شخصاً"]),
        ("على بعد 15 كلم شمالا", ["15 كلم"]),
        ("مساحته 200 متر مربع", ["200 متر مربع"]),
        ("بين 10 و15 كيلومترا", ["10 و15 كيلومترا"]),
        ("من 40 إلى 50 في المئة", ["40 إلى 50 في المئة"]),
        ("نصف مليون نسمة", ["نصف مليون نسمة"]),
        ("مليون ونصف المليون يورو", ["مليون ونصف المليون يورو"]),
        ("ثلاثة أشهر ونصف", ["ثلاثة أشهر ونصف"]),
        ("نزح مئات الآلاف من الأشخاص", ["مئات الآلاف من الأشخاص"]),
        ("وعشرات القتلى", ["عشرات القتلى"]),
        ("انتظر ساعتين في المطار", ["ساعتين"]),
        ("لـ20 شخصا وب30 دولارا", ["20 شخصا", "30 دولارا"]),
        ("5 آلاف$", ["5 آلاف$"]),
        ("بلغ $500 فقط", ["$500"]),
        # counter-examples: no unit, or a number and a unit that only stand side by side
        ("فاز 3-2 في المباراة", []),
        ("في الغرفة 12", []),
        ("عام 2015 شهد نموا", []),
        ("في القاعة 12 عام 2015", []),
        ("في 2018 عام كامل من العمل", []),
        ("سقط أحد الأشخاص", []),
        ("رأى عشرات المباني", []),
        ("قال الرجل إن الدولار ارتفع", []),
        ("خمسة. أشخاص", []),
        ("عاد 5، دولار", []),
    ],
)  # fmt: skip
def test_quantities(text: str, want: list[str]) -> None:
    assert found(text) == want


@pytest.mark.parametrize(
    ("line", "names", "want"),
    [
        ("عاد قبل 3 أيام بخسارة 3 أطنان", [], [("قبل 3 أيام", "DATE"), ("3 أطنان", "QUANTITY")]),
        ("في جامعة 6 أكتوبر أمس", ["جامعة 6 أكتوبر"], [("أمس", "DATE")]),
        ("سافر خميس يوم الخميس", ["خميس"], [("يوم الخميس", "DATE")]),
        ("لا شيء هنا", [], []),
    ],
)
def test_spans(line: str, names: list[str], want: list[tuple[str, str]]) -> None:
    places = [(line.index(n), line.index(n) + len(n)) for n in names]
    assert [(line[a:b], kind) for a, b, kind in spans.find(line, places)] == want


WORDS = [
    "20",
    "3,5",
    "خمسة",
    "وعشرين",
    "ألف",
    "مليون",
    "ونصف",
    "المليون",
    "دولار",
    "أميركي",
    "في",
    "المئة",
    "%",
    "$",
    "بالمئة",
    "بين",
    "و",
    "إلى",
    "-",
    "شخصا",
    "عشرات",
    "الأشخاص",
    "من",
    "الآلاف",
    "يومين",
    "وبيومين",
    "أمس",
    "مارس",
    "الماضي",
    "2015",
    "عام",
    "العام",
    "قبل",
    "منذ",
    "كيلو",
    "متر",
    "مربع",
    "نصف",
    ".",
    "،",
    "(",
    ")",
    "ـ",
    "ً",
    "ﻻ",
    "٢٠",
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", " ", "", "  "])), max_size=14))
def test_spans_lie_in_order_without_white_space_at_the_ends(parts: list[tuple[str, str]]) -> None:
    line = "".join(map("".join, parts))
    at = 0
    for start, end, _ in spans.find(line):
        assert at <= start < end <= len(line)
        assert line[start:end] == line[start:end].strip()
        at = end


@pytest.mark.parametrize(
    "piece", ["20 ", "ألف ", "20 و", "بين 10 و", "عشرات الآلاف ", "دولار ", "% ", "5 دولار ", "و", "نصف "]
)
def test_time_is_linear(piece: str) -> None:
    assert growth(quantities.find, piece * 2_000 + "دولار") < 3.5


def test_time_is_linear_in_mixed_text() -> None:
    chance = random.Random(7)
    text = " ".join(chance.choice(WORDS) for _ in range(4_000))
    assert growth(spans.find, text) < 3.5
