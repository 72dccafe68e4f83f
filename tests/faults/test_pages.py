"""FAULTS D and E: what a page's text may do, and its dates (HTML: see the tests of formats; 85: the audit of patterns)."""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path

import pytest

from pipeline.text.dates import find_dates, hijri_to_date, parse_field
from tests.faults.invariants import PAGE, TEXT, TITLE, Outcome, faulty, record

SECOND = (
    "إقرأ أيضاً:\n\nشركة نجم تكشف عن هاتف جديد\n\n"
    "كشفت شركة الهواتف الناشئة نجم عن جهازها الجديد بثلاث عدسات خلفية ومعالج حديث وبطارية تدوم يومين.\n\n"
    "ويأتي الجهاز بشاشة قابلة للطي، وتبيعه الشركة ابتداء من مطلع الخريف في متاجرها بسعر منخفض.\n"
)


def page(root: Path, text: str) -> Outcome:
    return faulty(root, {"x.txt": text.encode()})


def test_fault_69_only_boilerplate(tmp_path: Path) -> None:
    assert page(tmp_path, "Sorry, you need to enable JavaScript to visit this website.\n").reasons == [
        "no_article"
    ]


def test_fault_70_unrelated_second_article(tmp_path: Path) -> None:
    found = page(tmp_path, f"{PAGE}\n{TEXT.replace('وأضاف', 'وتابع')}\n{SECOND}")
    assert "نجم" not in found.kept()
    assert [kind for kind, text in found.kinds() if "الهواتف" in text or "للطي" in text] == ["tail", "tail"]


def test_fault_71_link_in_the_middle(tmp_path: Path) -> None:
    lines = TEXT.split("\n")
    found = page(tmp_path, f"{TITLE}\n\n{lines[0]}\n\nاقرأ المزيد\n\n{lines[1]}\n")
    assert [kind for kind, _ in found.kinds()] == ["title", "body", "related", "body"]


@pytest.mark.parametrize(
    "line",
    [
        "اقرأ الكتاب قبل أن تحكم عليه، هكذا قال الوزير للطلاب في ختام زيارته إلى السد الجديد.",
        "المصدر قال إن المفاوضات على مياه السد مستمرة منذ مطلع الشهر الماضي بين الطرفين.",
        "تابعوا بأعينهم مياه السد وهي ترتفع حتى غادروا القرية مع غروب الشمس في ذلك اليوم.",
    ],
)
def test_fault_72_sentences_that_start_like_cues(tmp_path: Path, line: str) -> None:
    found = page(tmp_path, f"{PAGE}\n{line}\n\n{TEXT.replace('وأضاف', 'وتابع')}")
    assert line in found.kept()


def test_fault_73_tweet_glued_to_the_line(tmp_path: Path) -> None:
    post = "We opened the dam today. pic.twitter.com/Ab3dEf — Water Ministry (@water) September 9, 2023"
    after = "في مارس الماضي بدأ العمل في السد الجديد وانتهى في موعده بحسب الوزارة."
    found = page(tmp_path, f"{PAGE}\n{post}{after}\n")
    assert after in found.kept()
    assert "twitter" not in found.kept()


def test_fault_74_wholly_english_or_quoted(tmp_path: Path) -> None:
    english = "Minister opens dam\n\nThe minister said on Monday that the new dam will open next month, officials said.\n"
    found = page(tmp_path, english)
    assert (found.document["lang"], "The minister said" in found.kept()) == ("en", True)
    (tmp_path / "quoted").mkdir()
    quoted = (
        f"{TITLE}\n\n«لن نؤخر الافتتاح يوماً واحداً، والسد جاهز منذ الشهر الماضي، وسيرى الناس ذلك بأعينهم».\n"
    )
    assert "لن نؤخر" in page(tmp_path / "quoted", quoted).kept()


def test_fault_75_keyword_line(tmp_path: Path) -> None:
    found = page(tmp_path, f"{PAGE}\nكلمات دلالية: السد الجديد المياه الشمال\n")
    assert found.kinds()[-1][0] == "keywords"


def test_fault_76_caption_and_repeated_lead(tmp_path: Path) -> None:
    lines = TEXT.strip().split("\n")
    text = f"{TITLE}\n\nالوزير لدى وصوله إلى السد (أ ف ب)\n\n{lines[0]}\n\n{lines[1]}\n\n{lines[0]}\n"
    found = page(tmp_path, text)
    assert [kind for kind, _ in found.kinds()] == ["title", "caption", "body", "body", "duplicate_lead"]
    assert [(c["kind"], c["canonical"]) for c in found.credits] == [("photo", "فرانس برس")]


def test_fault_77_date_of_the_tail(tmp_path: Path) -> None:
    found = page(
        tmp_path, f"{TITLE}\n\nتاريخ النشر: 20 سبتمبر 2023\n\n{TEXT}\n{SECOND}\nتاريخ النشر: 3 مايو 2025\n"
    )
    assert found.document["published_at"] == dt.datetime(2023, 9, 20, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "text",
    [
        "عاجل: افتتاح السد الجديد في الشمال\n",
        "قصيدة السد\n\nيا ماءُ قفْ أو لا تقفْ\nلا بدَّ لي أن أسمعَك\nلو باتَ عندي جدولي\nما بتُّ أرجو منبعَك\n",
        "حوار مع الوزير\n\n- متى يفتتح السد؟\n- في مطلع الشهر المقبل.\n- وما كلفته؟\n- مئة وعشرون مليوناً.\n",
        "أسعار المياه\n\nالمدينة | السعر\nالوادي | 12\nالمرسى | 15\n",
        "النتيجة النهائية\n\nفريق الوادي 3 - 2 فريق المرسى\nسجل الأهداف سالم وهاني وعمر.\n",
        "انتقل إلى رحمة الله تعالى سالم الحداد عن سبعين عاماً، والصلاة عليه عصر اليوم في جامع الوادي.\n",
        "مباشر: افتتاح السد\n\n10:15 وصول الوزير إلى موقع السد.\n\n10:30 بدء كلمة الوزير أمام الحضور.\n\n11:00 تدفق المياه من البوابة الأولى.\n",
    ],
    ids=["flash", "poem", "interview", "table", "score", "obituary", "live"],
)
def test_fault_78_short_forms(tmp_path: Path, text: str) -> None:
    found = page(tmp_path, text)
    lines = [line for line in text.split("\n") if line]
    assert found.rejects == []
    assert sum(line[:12] in found.kept() for line in lines) >= 0.8 * len(lines)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("20 شباط 2023", "2023-02-20"), ("20 فيفري 2023", "2023-02-20"), ("3 غشت 2023", "2023-08-03"),
        ("3 جوان 2023", "2023-06-03"), ("20 فبراير (شباط) 2023", "2023-02-20"), ("19 أيلول/سبتمبر 2023", "2023-09-19"),
        ("19 أيلول 2023", "2023-09-19"),
    ],
)  # fmt: skip
def test_fault_87_month_names(text: str, iso: str) -> None:
    assert [hit.iso for hit in find_dates(text)] == [iso]


@pytest.mark.parametrize(
    "line", ["٢٠ سبتمبر ٢٠٢٣", "۲۰ سبتمبر ۲۰۲۳", "٢0 سبتمبر 20٢٣", "20th, September 2023 GMT"]
)
def test_fault_88_digits_and_english(tmp_path: Path, line: str) -> None:
    found = page(tmp_path, f"{TITLE}\n\nتاريخ النشر: {line}\n\n{TEXT}")
    assert found.document["published_at"] == dt.datetime(2023, 9, 20, tzinfo=dt.UTC)


def test_fault_89_calendars_that_disagree(tmp_path: Path) -> None:
    found = page(tmp_path, f"{TITLE}\n\n4 ربيع الأول 1445هـ الموافق 20 سبتمبر 2023\n\n{TEXT}")
    assert found.document["published_at"] == dt.datetime(2023, 9, 20, tzinfo=dt.UTC)
    assert "hijri date is 2023-09-19, 1 day apart" in found.document["published_evidence"]


@pytest.mark.parametrize("line", ["31 محرم 1445 هـ", "1 محرم 9999 هـ", "1/13/1445 هـ", "0 صفر 1 هـ"])
def test_fault_90_impossible_hijri(tmp_path: Path, line: str) -> None:
    found = page(tmp_path, f"{TITLE}\n\nتاريخ النشر: {line}\n\n{TEXT}")
    assert found.document["published_at"] is None
    with pytest.raises(ValueError, match=r".+"):
        hijri_to_date(9999, 1, 1)


def test_fault_91_ambiguous_order(tmp_path: Path) -> None:
    lines = record(outlet="alpha", published_at="03/04/2023") + record(
        outlet="beta", published_at="03/04/2023"
    )
    found = faulty(tmp_path, {"x.jsonl": lines}, date_order={"alpha": "mdy"})
    first, second = found.documents
    assert (first["published_at"].month, first["published_evidence"]) == (3, "field:published_at;day")
    assert second["published_evidence"] == "field:published_at;ambiguous"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("30 فبراير 2023", "impossible"),
        ("2026-11-09", "later than the batch date"),
        ("1950-01-01", "before 1990"),
    ],
)
def test_fault_92_not_believed(tmp_path: Path, value: str, why: str) -> None:
    found = faulty(tmp_path, {"x.jsonl": record(published_at=value)})
    assert found.document["published_at"] is None
    assert why in found.document["published_evidence"]


def test_fault_93_relative_days_need_a_day_of_writing() -> None:
    from pipeline.text.dates_text import expressions

    text = "زار أمس الثلاثاء السد"
    written = [e.iso for e in expressions(text, dt.date(2023, 9, 20))]
    assert "2023-09-19" in written
    assert all(e.iso is None for e in expressions(text, None))


@pytest.mark.parametrize(
    "text", ["بلغت النسبة 26 % من الناخبين", "عند الساعة 15:30", "طائرة سو-35", "النتيجة 3-2"]
)
def test_fault_94_no_dates(text: str) -> None:
    assert find_dates(text) == []


@pytest.mark.parametrize(
    ("value", "utc", "certainty"),
    [
        ("2023-03-26T00:30:00+03:00", "2023-03-25T21:30", "zoned"),
        ("2023-09-20 14:30 GMT", "2023-09-20T14:30", "zoned"),
        ("2023-03-26T00:30:00", "2023-03-26T00:30", None),  # no zone: UTC, and marked so
    ],
)
def test_fault_95_zones(value: str, utc: str, certainty: str | None) -> None:
    found = parse_field(value)
    assert found.when == dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert (found.certainty == "zoned") == (certainty == "zoned")


@pytest.mark.parametrize("zone", ["Asia/Riyadh", "America/Los_Angeles", "UTC"])
def test_fault_96_clock_and_zone_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    text = f"{TITLE}\n\nتاريخ النشر: 29 فبراير 2024 - 14:30 GMT\n\n{TEXT}"
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("LANG", "ar_SA.UTF-8")
    time.tzset()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    try:
        found = page(tmp_path, text)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found.document["published_at"] == dt.datetime(2024, 2, 29, 14, 30, tzinfo=dt.UTC)
    assert os.environ.get("TZ") != zone or zone == "UTC"
