"""Titles beside names."""

from __future__ import annotations

import re

import pytest

from pipeline.text.claims_words import Tags
from pipeline.text.titles import beside, title_after, title_before


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


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("قال محامي سامي حداد", "سامي", None),  # somebody else's lawyer
        ("قال المحامي سامي حداد", "سامي", "المحامي"),
        ("قال دكتور سامي حداد", "سامي", "دكتور"),
        ("وقال فريق حداد", "حداد", None),
        ("تحت حكم الملكة ليلى", "ليلى", "الملكة"),
        ("تهمة فتاة للممثل سامي حداد", "سامي", "للممثل"),
        ("في جامعة الملك سامي", "سامي", None),
        ("وبمستشفى الأمير سامي", "سامي", None),
        ("حزب الرئيس سامي", "سامي", "الرئيس"),
        ("الفريق أن القيادي سامي حداد", "سامي", "القيادي"),
        ("وإلى سمو الأمير سامي", "سامي", "سمو الأمير"),
        ("باسم مؤسسة سامي حداد", "سامي", None),
    ],
)
def test_titles_that_belong_to_the_name(text: str, name: str, title: str | None) -> None:
    span = title_before(text, text.index(name))
    assert (text[span[0] : span[1]] if span else None) == title


@pytest.mark.parametrize(
    ("text", "upos", "title"),
    [
        ("مدير مدارس الواحة الأهلية بالرياض", "NOUN NOUN NOUN ADJ NOUN", "مدير مدارس الواحة الأهلية"),
        ("وزير المالية المصري السابق قال", "NOUN NOUN ADJ ADJ VERB", "وزير المالية المصري السابق"),
        ("لاعب الهلال السابق الثلاثاء", "NOUN NOUN ADJ NOUN", "لاعب الهلال السابق"),
        ("رئيس حزب الشعلة المناهض", "NOUN NOUN NOUN ADJ", "رئيس حزب الشعلة المناهض"),
        ("رئيس النادي الماضي", "NOUN NOUN ADJ", "رئيس النادي"),
        ("رئيس النادي في مؤتمر صحافي", "NOUN NOUN ADP NOUN ADJ", "رئيس النادي"),
        ("حاكم، وقال", "NOUN PUNCT VERB", "حاكم"),
        ("حاكم سابقا", "NOUN ADV", None),
        ("أمام المحكمة", "ADP NOUN", None),
        ("مدير ليلى", "NOUN PROPN", "مدير ليلى"),
    ],
)
def test_complement_of_a_title(text: str, upos: str, title: str | None) -> None:
    whole, starts, ends = f"سامي حداد {text}", [], []
    for match in re.finditer(r"\w+|،", whole):
        starts.append(match.start())
        ends.append(match.end())
    tags = Tags(starts, ends, ["PROPN", "PROPN", *upos.split()])
    span = title_after(whole, 9, tags)
    assert (whole[span[0] : span[1]] if span else None) == title


def test_a_title_ends_before_the_next_name() -> None:
    text = "سامي حداد مدير ليلى نجار"
    tags = Tags([0, 5, 10, 15, 20], [4, 9, 14, 19, 24], ["PROPN", "PROPN", "NOUN", "PROPN", "PROPN"])
    assert beside(text, [(0, 9), (15, 24)], tags) == []
