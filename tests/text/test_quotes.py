"""Pairing of quotation marks by position and spacing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.quotes import MARKS, pair
from tests.timing import growth


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('قال "نعم" ثم "لا"', ["نعم", "لا"]),
        ("قال ”سنعود غدا″ ثم مضى", ["سنعود غدا"]),
        ("قال »سنعود غدا«.", ["سنعود غدا"]),
        ('قال الجار،"سنعود غدا"', ["سنعود غدا"]),
        ('قال: "سنعود غدا،" مضيفا', ["سنعود غدا،"]),
        ('عن "التطوير"، و"الإدارة"', ["التطوير", "الإدارة"]),
        ('قال "محور "تل" على الطريق" ثم مضى', ['محور "تل" على الطريق']),
        ('الشاعر "أبو نور"وصل أمس', ["أبو نور"]),
        ("سيارة ’نور‘ الجديدة", []),
        ('قال "سنعود غدا', ["سنعود غدا"]),
        ("طوله 5″ فقط", []),
        ('""', []),
    ],
)
def test_pair(text: str, wanted: list[str]) -> None:
    assert [text[q.inner_start : q.inner_end] for q in pair(text)] == wanted


def test_open_quotation_is_marked() -> None:
    assert [q.closed for q in pair('قال "سنعود غدا')] == [False]


@given(st.text(alphabet=MARKS + " ،.:وابن()'", max_size=60))
def test_quotations_are_ordered_and_inside(text: str) -> None:
    last = 0
    for quote in pair(text):
        assert last <= quote.start < quote.inner_start < quote.inner_end <= quote.end <= len(text)
        last = quote.end


def test_linear_time() -> None:
    assert growth(pair, '" كلمة "كلمة، ' * 5_000) < 3.5
