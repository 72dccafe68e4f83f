"""Dates: the names of all Arab traditions, publication lines, and record fields."""

from __future__ import annotations

import datetime as dt
import doctest
import json
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hijridate import Gregorian
from hypothesis import given
from hypothesis import strategies as st

from pipeline.resources import load
from pipeline.text import dates, dates_find, dates_grammar, dates_relative, dates_text, dates_values
from pipeline.text.dates import ascii_digits, find_dates, hijri_to_date, instant, parse_field, published
from pipeline.text.dates_text import expressions

UTC = dt.UTC
GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "dates.json").read_text("utf-8"))
"""text, day of writing, and the expressions in it: span, ISO value, granularity, and whether it is sure or marked."""


@pytest.mark.parametrize(
    "module", [dates, dates_find, dates_grammar, dates_relative, dates_text, dates_values]
)
def test_doctests(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def found_in(case: dict[str, Any]) -> list[list[str | None]]:
    written = dt.date.fromisoformat(case["written"]) if case["written"] else None
    return [
        [case["text"][e.start : e.end], e.iso, e.granularity, "sure" if e.certainty in SURE else "marked"]
        for e in expressions(case["text"], written)
    ]


SURE = ("stated", "resolved")


@pytest.mark.parametrize("case", GOLDEN, ids=lambda c: c["text"])
def test_time_expressions(case: dict[str, Any]) -> None:
    assert found_in(case) == case["want"]


def test_no_expression_of_the_table_is_silently_wrong() -> None:
    assert len(GOLDEN) >= 200
    for case in GOLDEN:
        wanted = {iso for _, iso, _, _ in case["want"]}
        assert all(iso in wanted for _, iso, _, sure in found_in(case) if sure == "sure"), case["text"]


def test_without_a_day_of_writing_nothing_relative_has_a_value() -> None:
    text = (
        "أمس والأسبوع الماضي وفي مارس المقبل و15 مارس وقبل عامين ورمضان الماضي والصيف الماضي، وفي 3 مايو 2020"
    )
    assert [e.iso for e in expressions(text)] == [None] * 7 + ["2020-05-03"]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("الثلاثاء 19 أيلول/سبتمبر 2023", "2023-09-19"),
        ("19 سبتمبر (أيلول) 2023 14:30", "2023-09-19T14:30"),
        ("19 شباط 2023", "2023-02-19"),
        ("7 فيفري 2022", "2022-02-07"),
        ("3 غشت 2021", "2021-08-03"),
        ("3 اوت 2021", "2021-08-03"),
        ("12 جوان 2020", "2020-06-12"),
        ("12 جويلية 2020", "2020-07-12"),
        ("1 كانون الثاني 2024", "2024-01-01"),
        ("1 كانون الأول 2024", "2024-12-01"),
        ("5 تشرين الاول/اكتوبر 2024", "2024-10-05"),
        ("5 ابريل 2024", "2024-04-05"),
        ("5 إبريل/نيسان 2024", "2024-04-05"),
        ("12 février 2023", "2023-02-12"),
        ("20th, September 2023 GMT", "2023-09-20"),
        ("September 19, 2023", "2023-09-19"),
        ("19 Sep 2023 02:05 PM", "2023-09-19T14:05"),
        ("19 سبتمبر 2023، الساعة 02:05 مساءً", "2023-09-19T14:05"),
        ("19 سبتمبر 2023 12:10 ص", "2023-09-19T00:10"),
        ("١٩ سبتمبر ٢٠٢٣", "2023-09-19"),
        ("۱۹ سبتمبر ۲۰۲۳", "2023-09-19"),
        ("2023-09-19T14:30:05Z", "2023-09-19T14:30:05Z"),
        ("2023-09-19 14:30 +03:00", "2023-09-19T14:30+03:00"),
        ("2023/09/19", "2023-09-19"),
        ("25/12/2023", "2023-12-25"),
        ("12/25/2023", "2023-12-25"),
        ("19.9.2023", "2023-09-19"),
        ("19 سبتمبر 2023 14:30 بتوقيت غرينتش", "2023-09-19T14:30Z"),
        ("19 سبتمبر 2023 14:30 (GMT)", "2023-09-19T14:30Z"),
        ("19 سبتمبر 2023 17:30 بتوقيت مكة المكرمة", "2023-09-19T17:30+03:00"),
        ("29 فبراير 2024", "2024-02-29"),
        ("٤ ربيع الأول ١٤٤٥هـ", "2023-09-19"),
        ("سبتمبر 2023", "2023-09"),
    ],
)
def test_forms(text: str, iso: str) -> None:
    (hit,) = find_dates(f"نص قبله {text} ونص بعده")
    assert hit.iso == iso
    assert f"نص قبله {text} ونص بعده"[hit.start : hit.end].strip("( )") in text


@pytest.mark.parametrize(
    "text",
    [
        "ارتفعت المبيعات 26 % عند 15:30",
        "طائرات سو-35 وميغ-29",
        "فاز 3-2 ثم 4/1",
        "المادة 12.5.3 من اللائحة",
        "هاتف 00966-11-2023",
        "رقم 2023091912345",
        "بين 10 و20 في المئة",
        "192.168.10.2023",
        "عام 2023",
    ],
)
def test_no_dates(text: str) -> None:
    assert find_dates(text) == []


@pytest.mark.parametrize(
    "text",
    ["30 فبراير 2023", "2023-13-01", "31/11/2023", "32 ربيع الأول 1445هـ", "1 محرم 1342هـ", "29 فبراير 2023"],
)
def test_impossible_dates_are_values_not_crashes(text: str) -> None:
    (hit,) = find_dates(text)
    assert (hit.iso, hit.certainty) == (None, "impossible")


def test_every_month_name_is_found() -> None:
    for number, names in load("months.yaml")["gregorian"].items():
        for name in names:
            (hit,) = find_dates(f"9 {name} 2021")
            assert hit.iso == f"2021-{number:02}-09", name
    for number, names in load("months.yaml")["hijri"].items():
        for name in names:
            (hit,) = find_dates(f"9 {name} 1440 هـ")
            assert hit.iso == hijri_to_date(1440, number, 9).isoformat(), name


def test_order_of_numeric_dates() -> None:
    assert [find_dates("03/04/2023", order)[0].iso for order in (None, "dmy", "mdy")] == [
        "2023-04-03",
        "2023-04-03",
        "2023-03-04",
    ]  # type: ignore[arg-type]
    assert find_dates("03/04/2023")[0].certainty == "ambiguous"
    assert find_dates("03/04/2023", "mdy")[0].certainty == "day"
    assert find_dates("04/04/2023")[0].certainty == "day"


BODY = "وصل الوفد في 3 مارس 2020 إلى المدينة، وقال رئيسه إن الزيارة ستستمر يومين.\n"


@pytest.mark.parametrize(
    ("line", "iso"),
    [
        ("تاريخ النشر: 20th, September 2023 GMT", "2023-09-20"),
        ("نُشر في: 20 سبتمبر 2023", "2023-09-20"),
        ("نشر في 20 سبتمبر 2023 الساعة 10:15", "2023-09-20T10:15"),
        ("آخر تحديث: 2023/09/20 - 18:22 GMT", "2023-09-20T18:22Z"),
        ("الأربعاء، 20 سبتمبر 2023 - 10:15 ص", "2023-09-20T10:15"),
        ("الأربعاء 20 أيلول 2023", "2023-09-20"),
        ("Published: 20 Sep 2023", "2023-09-20"),
        ("الرياض 5 ربيع الأول 1445 هـ الموافق 20 سبتمبر 2023 م واس", "2023-09-20"),
        ("2023-09-20T10:15:00+03:00", "2023-09-20T10:15:00+03:00"),
    ],
)
@pytest.mark.parametrize("at_end", [False, True])
def test_publication_lines(line: str, iso: str, at_end: bool) -> None:
    text = "عنوان الخبر\n" + BODY * 14 + line + "\n" if at_end else f"عنوان الخبر\n{line}\n" + BODY
    hit = published(text)
    assert hit is not None
    assert hit.iso == iso
    assert text[hit.start : hit.end] in line


@pytest.mark.parametrize(
    "text",
    [
        BODY,
        "نشر الجيش في 20 سبتمبر 2023 قواته على الحدود الشرقية بعد هجوم دام.\n",
        "بيان 20 سبتمبر 2023\nنص الخبر هنا بلا تاريخ نشر.\n",
        "تاريخ النشر: قريباً\n",
        "سبتمبر 2023\n",
    ],
)
def test_dates_in_sentences_are_not_publication(text: str) -> None:
    assert published(text) is None


def test_publication_beats_update_and_top_beats_tail() -> None:
    text = f"عنوان\nآخر تحديث: 21 سبتمبر 2023\nتاريخ النشر: 20 سبتمبر 2023\n{BODY * 14}تاريخ النشر: 1 مايو 2025\n"
    hit = published(text)
    assert hit is not None
    assert hit.iso == "2023-09-20"


def test_gregorian_wins_over_hijri_on_one_line() -> None:
    hit = published("الأربعاء 5 ربيع الأول 1445هـ - 20 سبتمبر 2023م\n" + BODY)
    assert hit is not None
    assert (hit.iso, hit.rule, hit.conflict) == ("2023-09-20", "day_month_year", "")


@pytest.mark.parametrize(
    ("line", "conflict"),
    [
        ("5 ربيع الأول 1445هـ الموافق 20 سبتمبر 2023م", ""),
        ("٤ ربيع الأول ١٤٤٥هـ الموافق 20 سبتمبر 2023م", "hijri date is 2023-09-19, 1 day apart"),
        ("5/3/1445هـ الموافق 20 سبتمبر 2023م", ""),
        ("8 ربيع الأول 1445هـ الموافق 20 سبتمبر 2023م", "hijri date is 2023-09-23, 3 days apart"),
        ("20/9/2023 - 5 ربيع الأول 1444هـ", "hijri date is 2022-10-01, 354 days apart"),
        ("20 سبتمبر 2023 - 31 ربيع الأول 1445", "hijri date is impossible"),
        ("20 سبتمبر 2023", ""),
        ("5 ربيع الأول 1445هـ", ""),
    ],
)
def test_a_hijri_date_that_disagrees_is_told_and_the_gregorian_one_wins(line: str, conflict: str) -> None:
    hit = published(f"عنوان\n{line}\n{BODY}")
    assert hit is not None
    assert hit.conflict == conflict
    assert hit.rule == ("hijri" if "2023" not in line else hit.rule)
    field = parse_field(line)
    assert field.conflict == conflict
    assert field.when is not None
    assert field.when.year == 2023


@pytest.mark.parametrize(
    ("value", "when", "certainty"),
    [
        ("2023-09-19", dt.datetime(2023, 9, 19, tzinfo=UTC), "day"),
        ("2023-09-19T14:30:00Z", dt.datetime(2023, 9, 19, 14, 30, tzinfo=UTC), "zoned"),
        ("2023-09-19T14:30:00.123456789Z", dt.datetime(2023, 9, 19, 14, 30, 0, 123456, tzinfo=UTC), "zoned"),
        ("2023-09-19 14:30 +0300", dt.datetime(2023, 9, 19, 11, 30, tzinfo=UTC), "zoned"),
        ("2023-09-19T14:30", dt.datetime(2023, 9, 19, 14, 30, tzinfo=UTC), "local"),
        ("2023-09-19 14:30:10 UTC", dt.datetime(2023, 9, 19, 14, 30, 10, tzinfo=UTC), "zoned"),
        ("Tue, 19 Sep 2023 17:30:00 +0300", dt.datetime(2023, 9, 19, 14, 30, tzinfo=UTC), "zoned"),
        ("2023/09/19 14:30", dt.datetime(2023, 9, 19, 14, 30, tzinfo=UTC), "local"),
        ("20230919", dt.datetime(2023, 9, 19, tzinfo=UTC), "day"),
        ("20230919T143000Z", dt.datetime(2023, 9, 19, 14, 30, tzinfo=UTC), "zoned"),
        ("1695133800", dt.datetime(2023, 9, 19, 14, 30, tzinfo=UTC), "zoned"),
        ("1695133800000", dt.datetime(2023, 9, 19, 14, 30, tzinfo=UTC), "zoned"),
        ("الثلاثاء ١٩ أيلول ٢٠٢٣", dt.datetime(2023, 9, 19, tzinfo=UTC), "day"),
        ("03/04/2023", dt.datetime(2023, 4, 3, tzinfo=UTC), "ambiguous"),
        ("2023-02-30", None, "impossible"),
        ("2023-09-19T25:00", None, "impossible"),
        ("أمس", None, "impossible"),
        ("", None, "impossible"),
        ("0000-00-00", None, "impossible"),
        ("صدر في 19 سبتمبر 2023 عن دار معروفة", None, "impossible"),
    ],
)
def test_fields(value: str, when: dt.datetime | None, certainty: str) -> None:
    found = parse_field(value)
    assert (found.when, found.certainty) == (when, certainty)


@given(st.dates(dt.date(1930, 1, 1), dt.date(2070, 1, 1)))
def test_iso_round_trip(date: dt.date) -> None:
    assert parse_field(date.isoformat()).when == dt.datetime.combine(date, dt.time(), UTC)
    assert instant(date.isoformat()).date() == date


@given(st.dates(dt.date(1925, 1, 1), dt.date(2070, 1, 1)))
def test_hijri_calendar_runs_day_by_day(date: dt.date) -> None:
    hijri = Gregorian(date.year, date.month, date.day).to_hijri()
    assert hijri_to_date(hijri.year, hijri.month, hijri.day) == date


@given(st.text(max_size=200))
def test_any_text_and_field_is_survived(text: str) -> None:
    for hit in (*find_dates(text), *expressions(text, dt.date(2023, 9, 20))):
        assert 0 <= hit.start < hit.end <= len(text)
    published(text)
    parse_field(text)


@pytest.mark.parametrize(
    "piece",
    ["1/", "12 ", "2023-", "19 سبتمبر ", " " * 3, "تاريخ النشر", "12:30", "19 أيلول/", "٣", "-" * 5, "قبل ", "من 3 إلى ",
     "العام الماضي ", "خمسة وعشرين ", "الثلاثاء، ", "بين مارس و", "غدا", "القرن ", "أول من أمس ", "قبل ثلاثة أيام من "],
)  # fmt: skip
def test_time_grows_with_length_only(piece: str) -> None:
    def seconds(n: int) -> float:
        text = piece * (n // len(piece))
        best = float("inf")
        for _ in range(2):
            start = time.process_time()
            find_dates(text)
            expressions(text, dt.date(2023, 9, 20))
            published(text)
            best = min(best, time.process_time() - start)
        return best

    small, large = seconds(4_000), seconds(16_000)
    assert large < 0.05 or large <= small * 4 * 2.5, f"{small:.3f} s, {large:.3f} s"


def test_digits() -> None:
    assert ascii_digits("٣۳3²") == "333²"


def test_dates_as_headings_of_a_timeline_are_not_publication() -> None:
    assert published("محطات\n3 مايو 2021\nبدأ العمل.\n9 يونيو 2022\nانتهى العمل.\n") is None


@pytest.mark.parametrize("year", [1, 1800, 1896, 1903, 1923, 1999, 2024, 2078, 2099, 2200, 9999])
def test_any_day_of_writing_is_survived(year: int) -> None:
    text = "29 فبراير الماضي و29 فبراير قبل الماضي ورمضان المقبل وقبل 300 عام والقرن الماضي وبعد غد"
    for month, day in ((1, 1), (2, 28), (12, 31)):
        expressions(text, dt.date(year, month, day))


def test_leap_days() -> None:
    assert [e.iso for e in expressions("في 29 فبراير المقبل", dt.date(2023, 9, 20))] == ["2024-02-29"]
    assert [e.iso for e in expressions("في 29 فبراير الماضي", dt.date(1903, 9, 20))] == ["1896-02-29"]
