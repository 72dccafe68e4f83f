"""Titles beside names."""

from __future__ import annotations

import pytest

from pipeline.text.titles import title_after, title_before


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("قال وزير الدفاع الروسي سامي حداد", "سامي", "وزير الدفاع الروسي"),
        ("وقال المتحدث باسم وزارة الصحة ليلى نجار", "ليلى", "المتحدث باسم وزارة الصحة"),
        ("التقى اللواء سامي حداد", "سامي", "اللواء"),
        ("قال سامي حداد", "سامي", None),
        ("قال الوزير. سامي حداد", "سامي", None),
        ("الوزير زار المدينة سامي حداد", "سامي", None),
        ("سامي حداد", "سامي", None),
        ("قال المدير في سامي حداد", "سامي", None),
        ("وقف أمام سامي حداد", "سامي", None),
        ("وقف خلف إمام المسجد سامي حداد", "سامي", None),
        ("التقى الإمام سامي حداد", "سامي", "الإمام"),
    ],
)
def test_title_before(text: str, name: str, title: str | None) -> None:
    span = title_before(text, text.index(name))
    assert (text[span[0] : span[1]] if span else None) == title


@pytest.mark.parametrize(
    ("text", "end", "title"),
    [
        ("سامي حداد، رئيس الوزراء اليمني، قال", 9, "رئيس الوزراء اليمني"),
        ("سامي حداد وزير الصحة أمس", 9, "وزير الصحة"),
        ("سامي حداد، في بيان", 9, None),
        ("سامي حداد، المدير في نهر البط", 9, "المدير"),
        ("سامي حداد", 9, None),
    ],
)
def test_title_after(text: str, end: int, title: str | None) -> None:
    span = title_after(text, end)
    assert (text[span[0] : span[1]] if span else None) == title
