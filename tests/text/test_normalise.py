"""Folds keep their way back to the exact characters."""

from __future__ import annotations

import doctest
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text import normalise
from pipeline.text.normalise import fold, fold_map, key, readable, strip_marks
from tests.timing import growth

ARABIC = st.text(
    alphabet=st.sampled_from(list("اأإآبتكلميىةؤئء ّ َ ـ\u200f\u202b\u200c\ufeff ﻻﷲﷺ٣۳3aB.\n\u2028\x85\x00ی"))
)


def test_doctests() -> None:
    assert doctest.testmod(normalise).failed == 0


@settings(deadline=None)
@given(ARABIC)
def test_fold_keeps_the_length_and_folds_once(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


@settings(deadline=None)
@given(ARABIC)
def test_offsets_lead_back(text: str) -> None:
    folded, offsets = fold_map(text)
    assert len(offsets) == len(folded) + 1
    assert offsets[-1] == len(text)
    assert offsets == sorted(offsets)
    stripped, same = strip_marks(text)
    assert same == offsets
    for char, at in zip(stripped, offsets, strict=False):
        assert char == text[at] or char in normalise._expanded(text[at])
    assert fold_map(folded)[0] == folded


@settings(deadline=None)
@given(st.text())
def test_readable_is_stable(text: str) -> None:
    once = readable(text)
    assert readable(once) == once
    assert once == once.strip()


@settings(deadline=None)
@given(st.one_of(ARABIC, st.text(alphabet=st.sampled_from(list("اأإآبلىةؤ ًَُِّّـ «».،12\u200f")))))
def test_the_short_ways_give_what_the_long_one_gives(text: str) -> None:
    found = key(text), readable(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(normalise, "makeup", lambda _: normalise.MIXED)
        assert (key(text), readable(text)) == found


def test_key_is_fold_map_without_the_map() -> None:
    text = "أكّـد المسؤولُ ﻻ ٣"
    assert key(text) == fold_map(text)[0]


@pytest.mark.parametrize(
    "run", ["ب" + "َ" * 50_000, "ـ" * 50_000, "ﷲ" * 20_000, " " * 50_000, "\u202b" * 50_000]
)
@pytest.mark.parametrize("function", [fold_map, readable, key])
def test_long_runs_stay_linear(function: Callable[[str], object], run: str) -> None:
    assert growth(function, run) < 3.5


def test_twenty_thousand_marks_on_one_letter_are_cut() -> None:
    assert readable("ب" + "َ" * 20_000) == "ب" + "َ" * 4
