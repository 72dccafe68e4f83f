"""The clean stage: tables as declared, credits, rejects, and floors on the gold pages."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from pipeline.schemas import BLOCKS, CREDITS, KEPT_KINDS, REJECTS
from pipeline.stages.clean import SETTLE_READS, STAGE, CleanParams, run, settle

DATE = "2023-09-03"
PAGE = (
    "عاصفة رملية تغلق الميناء الشرقي في الوادي\n\n"
    "سفن تنتظر قبالة الميناء (أ ف ب)\n\n"
    "أغلقت هيئة الموانئ في مدينة الوادي الميناء الشرقي أمام السفن صباح الأحد بعد عاصفة رملية شديدة.\n\n"
    "وقال مدير الميناء سالم الحداد إن الإغلاق سيستمر حتى مساء الاثنين قبالة سواحل الوادي. (رويترز)\n\n"
    "*نقلاً عن الأهرام المصرية\n\n"
    "تحرير: ليلى منصور"
)


def documents(*texts: str, title: str | None = None, byline: str | None = None) -> dict[str, pa.Table]:
    rows = [
        {"doc_id": f"d{i}", "outlet": "alpha", "text": t, "title": title, "byline": byline}
        for i, t in enumerate(texts)
    ]
    schema = pa.schema([(n, pa.string()) for n in ("doc_id", "outlet", "text", "title", "byline")])
    return {"documents": pa.Table.from_pylist(rows, schema=schema)}


def cleaned(*texts: str, **more: Any) -> dict[str, pa.Table]:
    return run(documents(*texts, **more), CleanParams(), DATE)


def test_tables_are_as_declared() -> None:
    out = cleaned(PAGE)
    assert set(out) == set(STAGE.writes)
    assert out["blocks"].schema.equals(BLOCKS.schema)
    assert out["credits"].schema.equals(CREDITS.schema)
    assert out["rejects"].schema.equals(REJECTS.schema)
    for table in out.values():
        table.validate(full=True)


def test_an_empty_batch_gives_empty_tables() -> None:
    assert [t.num_rows for t in cleaned().values()] == [0, 0, 0]


def test_credits_of_a_page() -> None:
    got = [(c["kind"], c["name"], c["canonical"]) for c in cleaned(PAGE)["credits"].to_pylist()]
    assert got == [
        ("photo", "أ ف ب", "فرانس برس"),
        ("agency", "رويترز", "رويترز"),
        ("outlet", "الأهرام المصرية", "الأهرام"),
        ("author", "ليلى منصور", "ليلى منصور"),
    ]
    for c in cleaned(PAGE)["credits"].to_pylist():
        assert PAGE[c["start"] : c["end"]] == c["name"]


@pytest.mark.parametrize(
    ("line", "want"),
    [
        ("المصدر: موقع 24", [("outlet", "موقع 24")]),
        ("المصدر: أخبار الوادي", [("outlet", "أخبار الوادي")]),
        ("المصدر: وكالات", []),
        ("المصدر: وكالة المنارة للأنباء", [("agency", "وكالة المنارة للأنباء")]),
        ("المصدر: وكالة الأنباء الرومانية الرسمية", [("agency", "وكالة الأنباء الرومانية")]),
        ("المصدر: وكالة أنباء القوقاز", [("agency", "وكالة أنباء القوقاز")]),
        ("المصدر: وكالة بلومبرغ الأميركية للأنباء", [("agency", "بلومبرغ")]),
        ("(النهضة للأنباء)", [("agency", "النهضة للأنباء")]),
        (
            "المصدر: أخبار الوادي - وكالة المنارة للأنباء",
            [("outlet", "أخبار الوادي"), ("agency", "وكالة المنارة للأنباء")],
        ),
        ("المصدر: وكالة الفضاء", [("outlet", "وكالة الفضاء")]),
        ("فرانس24/ أ ف ب", [("outlet", "فرانس 24"), ("agency", "فرانس برس")]),
        ("الرياض - واس", [("agency", "واس")]),
        ("رويترز - أ.ف.ب", [("agency", "رويترز"), ("agency", "فرانس برس")]),
        ("(د ب أ)", [("agency", "وكالة الأنباء الألمانية")]),
        ("* خدمة «نيويورك تايمز»", [("outlet", "نيويورك تايمز")]),
        ("تصوير: سالم الحداد", [("photo", "سالم الحداد")]),
        ("بقلم: سعاد الحلبي", [("author", "سعاد الحلبي")]),
    ],
)
def test_credit_lines(line: str, want: list[tuple[str, str]]) -> None:
    body = PAGE.split("\n\n")
    out = cleaned("\n\n".join([body[0], body[2], body[2].replace("صباح", "مساء"), line]))
    assert [b["kind"] for b in out["blocks"].to_pylist()][-1] == "credit"
    assert [(c["kind"], c["canonical"]) for c in out["credits"].to_pylist()] == want


def test_dateline_credits_the_agency_and_stays_in_the_article() -> None:
    text = "عاصفة في الوادي\n\nالوادي (رويترز) - أغلقت هيئة الموانئ الميناء الشرقي أمام السفن بعد عاصفة رملية شديدة."
    out = cleaned(text)
    assert [b["kind"] for b in out["blocks"].to_pylist()] == ["title", "body"]
    assert [(c["kind"], c["canonical"]) for c in out["credits"].to_pylist()] == [("agency", "رويترز")]


def test_the_records_byline_is_a_credit_and_its_title_the_title() -> None:
    text = "شاهد.. عاصفة في الوادي\n\nهند الراوي\n\n" + PAGE.split("\n\n")[2]
    out = cleaned(text, title="شاهد.. عاصفة في الوادي", byline="هند الراوي")
    assert [b["kind"] for b in out["blocks"].to_pylist()] == ["title", "credit", "body"]
    assert [(c["kind"], c["name"]) for c in out["credits"].to_pylist()] == [("author", "هند الراوي")]


def test_a_page_without_article_is_rejected_and_its_blocks_stay_visible() -> None:
    out = cleaned("Sorry, you need to enable JavaScript to visit this website.", PAGE)
    assert [(r["stage"], r["key"], r["reason"]) for r in out["rejects"].to_pylist()] == [
        ("clean", "d0", "no_article")
    ]
    blocks = out["blocks"].to_pylist()
    assert [b["kept"] for b in blocks if b["doc_id"] == "d0"] == [False]
    assert any(b["kept"] for b in blocks if b["doc_id"] == "d1")


def test_other_documents_do_not_matter() -> None:
    alone = cleaned(PAGE)["blocks"].to_pylist()
    among = [b for b in cleaned(PAGE, "نص آخر قصير", "")["blocks"].to_pylist() if b["doc_id"] == "d0"]
    assert among == alone


def test_parameters_are_closed() -> None:
    with pytest.raises(ValidationError):
        CleanParams(tail_below=2.0)
    with pytest.raises(ValidationError):
        CleanParams(tail=0.1)  # type: ignore[call-arg]


def test_tail_below_zero_never_cuts() -> None:
    tail = "إقرأ أيضاً:\n\nشركة نجم تكشف عن هاتف\n\nكشفت شركة الهواتف الناشئة نجم عن جهازها الجديد القابل للطي بشاشة كبيرة وبطارية تدوم يومين كاملين."
    tail += "\n\nويأتي الجهاز بثلاث عدسات خلفية ومعالج حديث، وتبيعه الشركة ابتداء من مطلع الخريف بسعر منخفض في الأسواق المحلية."
    tables = documents(PAGE + "\n\n" + tail)
    kinds = [b["kind"] for b in run(tables, CleanParams(), DATE)["blocks"].to_pylist()]
    assert kinds.count("tail") == 3
    kinds = [b["kind"] for b in run(tables, CleanParams(tail_below=0.0), DATE)["blocks"].to_pylist()]
    assert "tail" not in kinds


FLOORS = {
    # kept precision, kept recall, share of lines with the right kind
    "seeds": (0.995, 1.0, 0.98),
    "dev": (0.98, 0.999, 0.97),
}


@pytest.mark.parametrize("name", FLOORS)
def test_floors_on_gold(shared: Path, name: str) -> None:
    folder = shared / "gold" / name
    count: Counter[str] = Counter()
    for file in sorted((folder / "ann").glob("*.json")):
        gold = json.loads(file.read_text("utf-8"))
        text = (folder / "docs" / gold["doc"]).read_bytes().decode("utf-8")
        blocks = cleaned(text)["blocks"].to_pylist()
        ink = {i for i, c in enumerate(text) if not c.isspace()}
        want = ink & {
            i for x in gold["lines"] if x["kind"] in KEPT_KINDS for i in range(x["start"], x["end"])
        }
        got = ink & {i for b in blocks if b["kept"] for i in range(b["start"], b["end"])}
        count.update(want=len(want), got=len(got), hit=len(want & got))
        kinds = {(b["start"], b["end"]): b["kind"] for b in blocks}
        right = sum(kinds.get((x["start"], x["end"])) == x["kind"] for x in gold["lines"])
        count.update(lines=len(gold["lines"]), right=right)
    precision, recall, kinds_right = FLOORS[name]
    assert count["hit"] / count["got"] >= precision
    assert count["hit"] / count["want"] >= recall
    assert count["right"] / count["lines"] >= kinds_right


STORIES = [
    ("سفينة شحن تجنح قبالة الوادي", "جنحت سفينة شحن محملة بالقمح قبالة سواحل الوادي فجر أمس بسبب عطل في محركها الرئيسي."),
    ("جامعة النور تفتتح كلية للطب", "افتتحت جامعة النور كلية جديدة للطب تستوعب مئتي طالب وطالبة كل عام في مبنى حديث."),
    ("منتخب الشباب يفوز على ضيفه", "فاز منتخب الشباب لكرة القدم على ضيفه بهدفين نظيفين في مباراة ودية حضرها جمهور كبير."),
    ("أسعار الخضار تنخفض في الأسواق", "انخفضت أسعار الخضار في أسواق المدينة بعد وصول محاصيل الموسم الجديد من المزارع القريبة."),
]  # fmt: skip
MORE = "وقال مسؤول محلي إن السلطات تتابع الأمر عن كثب وستعلن التفاصيل في وقت لاحق من الأسبوع. رقم {}."


def settled(
    pages: list[str], outlets: list[str] | None = None, pages_needed: int = 3
) -> list[dict[str, Any]]:
    """Blocks of a night as they are published: run over all documents, then settle."""
    rows = [
        {
            "doc_id": f"d{i}",
            "outlet": outlets[i] if outlets else "alpha",
            "text": t,
            "title": None,
            "byline": None,
        }
        for i, t in enumerate(pages)
    ]
    names = ("doc_id", "outlet", "text", "title", "byline")
    table = pa.Table.from_pylist(rows, schema=pa.schema([(n, pa.string()) for n in names]))
    params = CleanParams(repeated_pages=pages_needed)
    blocks = run({"documents": table}, params, DATE)["blocks"]
    decided = settle(blocks.select(SETTLE_READS), blocks.slice(0, 0), params, DATE)
    shuffled = blocks.take(list(range(blocks.num_rows))[::-1])
    assert settle(shuffled.select(SETTLE_READS), blocks.slice(0, 0), params, DATE) == decided
    changes = {(r["doc_id"], r["block_no"]): r for r in decided.amendments.to_pylist()}
    return [{**b, **changes.get((b["doc_id"], b["block_no"]), {})} for b in blocks.to_pylist()]


def night(above: str = "", below: str = "", stories: int = 4) -> list[str]:
    return [
        "\n\n".join(x for x in (title, above, lead, MORE.format(i), MORE.format(i + 10), below) if x)
        for i, (title, lead) in enumerate(STORIES[:stories])
    ]


def repeated(blocks: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted({(b["kind"], b["text"]) for b in blocks if b["reason"] == "repeated_line"})


def test_what_an_outlet_prints_around_every_article_is_its_own() -> None:
    blocks = settled(night(above="هدى الكاتب", below="71717 - شركة الهاتف"))
    assert repeated(blocks) == [("boilerplate", "71717 - شركة الهاتف"), ("credit", "هدى الكاتب")]
    assert not any(b["kept"] for b in blocks if b["reason"] == "repeated_line")
    assert sum(b["kind"] == "body" for b in blocks) == 12


@pytest.mark.parametrize(
    ("blocks", "why"),
    [
        (settled(night(below="71717 - شركة الهاتف", stories=2)), "two pages are too few"),
        (settled(night(below="71717 - شركة الهاتف"), pages_needed=0), "learning is switched off"),
        (settled(night(below="71717 - شركة الهاتف"), ["a", "b", "c", "d"]), "every outlet for itself"),
        (settled(["\n\n".join((*STORIES[0], MORE.format(i), MORE, "تفاصيل أخرى قريباً")) for i in range(5)]), "one story, five versions"),
        (settled(night(below="ويذكر أن البلاد تشهد منذ أعوام خلافاً طويلاً على موازنة التعليم وبنائه وتمويله.")), "background goes on from the story"),
        (settled([p.replace("رقم", "رقم\n\nالمقادير:\n\n" + MORE, 1) for p in night()]), "a heading between paragraphs"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)  # fmt: skip
def test_what_repeats_and_stays(blocks: list[dict[str, Any]], why: str) -> None:
    assert repeated(blocks) == [], why


def test_a_notice_in_a_full_sentence_needs_one_page_more() -> None:
    notice = "تخضع كل المواد المنشورة لأحكام اتفاقية الترخيص المبرمة بين صاحب الحساب وإدارة التحرير."
    assert repeated(settled(night(below=notice, stories=3))) == []
    assert repeated(settled(night(below=notice))) == [("boilerplate", notice)]
