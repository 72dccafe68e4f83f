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
from pipeline.stages.clean import STAGE, CleanParams, run

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
    rows = [{"doc_id": f"d{i}", "text": t, "title": title, "byline": byline} for i, t in enumerate(texts)]
    schema = pa.schema([(n, pa.string()) for n in ("doc_id", "text", "title", "byline")])
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
