"""The align stage on a small night of its own: stories, reuse, claim links, groups, origins."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.forks import spread
from pipeline.schemas import TABLES
from pipeline.stages import align
from pipeline.stages.align import STAGE, AlignParams

WIRE = (
    "ضربت عاصفة رملية شديدة ميناء السلوم فجر اليوم الأحد وأغرقت أربعة زوارق صيد خشبية",
    'وقال مدير الميناء حازم الدسوقي إن "عمليات البحث عن البحارة مستمرة" رغم ارتفاع الأمواج',
    "وأغلقت السلطات المحلية المدارس والأسواق في ثلاث بلدات ساحلية قريبة من الحدود",
    "ونقلت طواقم الإسعاف تسعة مصابين إلى مستشفى مطروح العام وفق وكالة رويترز",
)
COPY = (
    "ضربت عاصفة رملية شديدة ميناء السلوم فجر أمس الأحد وأغرقت 4 زوارق صيد خشبية",
    'وقال مدير الميناء حازم الدسوقي إن "عمليات البحث عن البحارة مستمرة" رغم ارتفاع الأمواج',
    "وأغلقت السلطات المحلية المدارس والأسواق في ثلاث بلدات ساحلية قريبة من الحدود",
    "ونقلت طواقم الإسعاف سبعة مصابين إلى مستشفى مطروح العام",
)
BACKGROUND = (
    "وتربط المدينتين سكة حديد ضيقة شيدها مهندسون بلجيكيون عام 1904 وتوقفت بعد فيضان نهر الزرقاء الكبير"
)
BRIDGE = (
    "وافق المجلس البلدي في القنيطرة على بناء جسر معلق جديد بكلفة ستين مليون درهم",
    "ويتوقع أن تبدأ شركة هندسية كورية حفر الأساسات مطلع الخريف بعد نقل خطوط الكهرباء",
    BACKGROUND,
)
MUSEUM = (
    "افتتحت في القنيطرة قاعة للمخطوطات النادرة تضم رسائل رحالة أندلسيين وخرائط بحرية قديمة",
    "وتبرع جامع تحف مغربي بساعة شمسية نحاسية صنعت قبل ستة قرون لحساب أحد الوزراء",
    BACKGROUND,
)


REPORT = (
    "تغلب فريق {0} على ضيفه {1} بنتيجة {2} ضمن الجولة الثالثة والعشرين من دوري الأضواء لكرة القدم",
    "وافتتح اللاعب {3} التسجيل في الدقيقة {4} مستفيدا من تمريرة عرضية متقنة أربكت الدفاع",
    "ثم أضاف زميله {5} الهدف الثاني من ركلة حرة مباشرة قبل أن يتلقى الحارس بطاقة حمراء",
    "ورفع الفائز رصيده إلى {6} نقطة وتجمد رصيد الخاسر عند {7} نقطة في أسفل الترتيب",
)
MATCHES = (
    ("الصقور", "المرفأ", "2-1", "مازن", "17", "طارق", "41", "12"),
    ("النخيل", "الميناء", "3-0", "جلال", "63", "صفوان", "29", "18"),
)


class Night:
    """Tables of a night, filled document by document."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in STAGE.reads}

    def document(
        self, doc_id: str, outlet: str, hour: int, sentences: Iterable[str], dt: str = "2026-03-02"
    ) -> str:
        text = ".\n".join(sentences) + "."
        at = 0
        for number, sentence in enumerate(text.split("\n")):
            self.rows["sentences"].append(
                {"doc_id": doc_id, "sent_no": number, "start": at, "end": at + len(sentence), "dt": dt}
            )
            at += len(sentence) + 1
        when = datetime(2026, 3, int(dt[-2:]), hour, tzinfo=UTC)
        self.rows["documents"].append(
            {"doc_id": doc_id, "outlet": outlet, "published_at": when, "text": text, "dt": dt}
        )
        return text

    def claim(
        self, claim_id: str, doc_id: str, content: str, *, speaker: str | None = None, relay: str | None = None,
        stance: str = "neutral",
    ) -> None:  # fmt: skip
        document = next(d for d in self.rows["documents"] if d["doc_id"] == doc_id)
        text, dt = document["text"], document["dt"]
        at = text.index(content)
        self.rows["claims"].append({
            "claim_id": claim_id, "doc_id": doc_id,
            "content": [{"start": at, "end": at + len(content)}], "speaker_name": speaker, "speaker_type": "PER",
            "stance": stance, "kind": "indirect", "dt": dt,
        })  # fmt: skip
        for layer, (relation, name) in enumerate([("relay", relay), ("speaker", speaker)]):
            if name:
                self.rows["attributions"].append({
                    "claim_id": claim_id, "layer": layer, "relation": relation, "name": name, "dt": dt,
                })  # fmt: skip

    def credit(self, doc_id: str, kind: str, canonical: str, dt: str = "2026-03-02") -> None:
        self.rows["credits"].append(
            {"doc_id": doc_id, "credit_no": 0, "kind": kind, "canonical": canonical, "dt": dt}
        )

    def tables(self, shuffle: int | None = None) -> dict[str, pa.Table]:
        found = {}
        for name, columns in STAGE.reads.items():
            fields = [*(TABLES[name].schema.field(c) for c in columns), pa.field("dt", pa.string())]
            rows = [{f.name: row.get(f.name) for f in fields} for row in self.rows[name]]
            if shuffle is not None:
                random.Random(shuffle).shuffle(rows)
            found[name] = pa.Table.from_pylist(rows, schema=pa.schema(fields))
        return found

    def run(self, date: str = "2026-03-02", shuffle: int | None = None) -> dict[str, pa.Table]:
        return STAGE.run(self.tables(shuffle), AlignParams(), date)


def rows(out: Mapping[str, pa.Table], table: str, key: str = "doc_id") -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in out[table].to_pylist()}


@pytest.fixture
def night() -> Night:
    night = Night()
    night.document("wire", "برق", 6, WIRE)
    night.document("copy", "صحيفة", 9, COPY)
    night.document("bridge", "صحيفة", 7, BRIDGE)
    night.document("museum", "موقع", 8, MUSEUM)
    night.credit("wire", "agency", "رويترز")
    return night


def test_tables_are_as_declared(night: Night) -> None:
    out = night.run()
    assert set(out) == set(STAGE.writes)
    for name, table in out.items():
        assert table.schema.equals(TABLES[name].schema)


def test_stories(night: Night) -> None:
    stories = rows(night.run(), "stories")
    assert set(stories) == {"wire", "copy", "bridge", "museum"}
    assert stories["wire"]["story_id"] == stories["copy"]["story_id"]
    assert [stories[d]["role"] for d in ("wire", "copy", "bridge", "museum")] == [
        "origin", "copy", "single", "single",
    ]  # fmt: skip
    assert stories["bridge"]["story_id"] != stories["museum"]["story_id"], "one paragraph is no story"


def test_reuse_and_its_edits(night: Night) -> None:
    out = night.run()
    text = {d["doc_id"]: d["text"] for d in night.rows["documents"]}
    links = [r for r in out["reuse"].to_pylist() if r["scope"] == "story"]
    assert {(r["a_doc_id"], r["b_doc_id"]) for r in links} == {("wire", "copy")}
    assert [text["wire"][r["a_start"] : r["a_end"]].rstrip(".") for r in links] == list(WIRE)
    assert [r["relation"] for r in links] == ["edited", "verbatim", "verbatim", "edited"]
    edits = {
        (e["kind"], text["wire"][e["a_start"] : e["a_end"]], text["copy"][e["b_start"] : e["b_end"]])
        for r in links
        for e in r["edits"]
    }
    assert edits == {
        ("date", "اليوم", "أمس"), ("spelling", "أربعة", "4"), ("number", "تسعة", "سبعة"),
        ("attribution_dropped", "وفق وكالة رويترز", ""),
    }  # fmt: skip


def test_background_is_told_from_the_story(night: Night) -> None:
    shared = [r for r in night.run()["reuse"].to_pylist() if r["b_doc_id"] == "museum"]
    assert [(r["a_doc_id"], r["scope"], r["relation"]) for r in shared] == [
        ("bridge", "background", "verbatim")
    ]


@pytest.mark.parametrize("refilled", [True, False])
def test_a_template_with_other_names_and_figures_is_no_story(refilled: bool) -> None:
    night = Night()
    for number, fillers in enumerate((MATCHES[0], MATCHES[refilled])):
        night.document(f"m{number}", "صحيفة", 6 + number, [line.format(*fillers) for line in REPORT])
        text = night.rows["documents"][-1]["text"]
        for name in (fillers[0], fillers[1], fillers[3], fillers[5]):
            night.rows["mentions"].append({
                "doc_id": f"m{number}", "start": text.index(name), "end": text.index(name) + len(name),
                "type": "PER", "dt": "2026-03-02",
            })  # fmt: skip
    out = night.run()
    stories = rows(out, "stories")
    assert (stories["m0"]["story_id"] != stories["m1"]["story_id"]) == refilled
    assert {r["scope"] for r in out["reuse"].to_pylist()} == {"template" if refilled else "story"}
    assert rows(out, "origins")["m1"]["kind"] == ("own" if refilled else "document")


def test_origins(night: Night) -> None:
    origins = rows(night.run(), "origins")
    assert (origins["wire"]["origin"], origins["wire"]["evidence"]) == ("رويترز", "credit:0")
    assert (origins["copy"]["origin"], origins["copy"]["kind"]) == ("رويترز", "agency")
    assert origins["copy"]["evidence"] == "copy-of:wire"
    assert (origins["museum"]["origin"], origins["museum"]["kind"]) == (None, "own")


def test_ten_reprints_are_one_origin(night: Night) -> None:
    content = '"عمليات البحث عن البحارة مستمرة"'
    for number in range(10):
        night.document(f"reprint{number}", f"صحيفة {number}", 10 + number, COPY)
    for doc_id in ("wire", "copy", *(f"reprint{n}" for n in range(10))):
        night.claim(f"c-{doc_id}", doc_id, content, speaker="حازم الدسوقي")
    group = rows(night.run(), "claim_groups", "claim_id")["c-reprint9"]
    assert (group["n_docs"], group["n_outlets"], group["n_origins"]) == (12, 12, 1)


@pytest.mark.parametrize(
    ("change", "relation"),
    [
        ({}, "same"),
        ({"speaker": "نادر الفقي"}, "attribution_changed"),
        ({"stance": "deny"}, "contradicts"),
        ({"relay": None}, "attribution_dropped"),
    ],
)
def test_claim_links(night: Night, change: dict[str, Any], relation: str) -> None:
    content = "عمليات البحث عن البحارة مستمرة"
    night.claim("a", "wire", content, speaker="حازم الدسوقي", relay="وكالة رويترز")
    night.claim("b", "copy", content, **({"speaker": "حازم الدسوقي", "relay": "وكالة رويترز"} | change))
    assert [
        (r["a_claim_id"], r["b_claim_id"], r["relation"]) for r in night.run()["claim_links"].to_pylist()
    ] == [("a", "b", relation)]


def test_a_changed_number_contradicts(night: Night) -> None:
    night.claim("a", "wire", "ونقلت طواقم الإسعاف تسعة مصابين إلى مستشفى مطروح العام")
    night.claim("b", "copy", "ونقلت طواقم الإسعاف سبعة مصابين إلى مستشفى مطروح العام")
    out = night.run()
    assert [r["relation"] for r in out["claim_links"].to_pylist()] == ["contradicts"]
    groups = rows(out, "claim_groups", "claim_id")
    assert groups["a"]["group_id"] != groups["b"]["group_id"]


def test_a_pair_is_written_on_the_later_date_only(night: Night) -> None:
    night.document("late", "مساء", 6, COPY, dt="2026-03-03")
    first, second = night.run("2026-03-02"), night.run("2026-03-03")
    assert set(rows(second, "stories")) == {"late"}
    assert {r["b_doc_id"] for r in second["reuse"].to_pylist()} == {"late"}
    assert not {r["b_doc_id"] for r in first["reuse"].to_pylist()} & {"late"}
    assert rows(second, "stories")["late"]["story_id"] == rows(first, "stories")["wire"]["story_id"]


def test_a_document_that_comes_again_counts_once_on_its_last_date(night: Night) -> None:
    night.document("wire", "برق", 6, WIRE, dt="2026-03-03")
    out = night.run("2026-03-03")
    assert set(rows(out, "stories")) == {"wire"}
    assert {(r["a_doc_id"], r["b_doc_id"]) for r in out["reuse"].to_pylist()} == {("copy", "wire")}


def test_order_of_rows_does_not_matter(night: Night) -> None:
    plain, shuffled = night.run(), night.run(shuffle=7)
    assert all(plain[name].equals(shuffled[name]) for name in STAGE.writes)


def test_any_number_of_workers_gives_the_same_bytes(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(align, "TASK", 1)
    monkeypatch.setattr(align, "PART", 2)
    for number in range(4):
        night.document(f"reprint{number}", f"موقع {number}", 10 + number, WIRE[number % 2 :])
        night.claim(f"c{number}", f"reprint{number}", WIRE[2], speaker="حازم الدسوقي")
    found = []
    for workers in (1, 2, 3):
        out = STAGE.run(night.tables(), AlignParams(), "2026-03-02", spread(workers))
        found.append({name: table.to_pylist() for name, table in out.items()})
    assert found[0] == night_run(night)
    assert found[0]["claim_links"]
    assert len(found[0]["reuse"]) >= 10
    assert found[0] == found[1] == found[2]


def night_run(night: Night) -> dict[str, list[dict[str, Any]]]:
    return {name: table.to_pylist() for name, table in night.run().items()}


def test_an_empty_night() -> None:
    out = Night().run()
    assert all(out[name].num_rows == 0 for name in STAGE.writes)


def test_documents_without_sentences_or_time() -> None:
    night = Night()
    night.document("a", "x", 5, WIRE)
    night.document("b", "y", 5, WIRE)
    night.rows["sentences"] = [r for r in night.rows["sentences"] if r["doc_id"] == "a"]
    for row in night.rows["documents"]:
        row["published_at"] = None
    out = night.run()
    assert set(rows(out, "stories")) == {"a", "b"}
    assert out["reuse"].num_rows == 0


SEEDS = {
    ("wording", "دينامي", "ديناميكي"), ("date", "اليوم", "أمس"), ("loaded_word", "الحرب", "الهجوم"),
    ("name", "", "على أوكرانيا"), ("loaded_word", "وتخضع", "وترضخ"), ("spelling", "أربعة", "4"),
    ("attribution_dropped", "نوفوستي", ""), ("quote_drift", "الإيرانية", "الإيرانية"),
}  # fmt: skip


def test_the_two_seed_pages_of_one_wire(shared: Path, tmp_path: Path) -> None:
    """What the whole pipeline finds between two real pages; the article glued behind one of them meets nothing."""
    raw = shared / "gold/seeds/docs"
    if not raw.is_dir():
        pytest.skip(f"no seed pages under {raw}")
    command = [
        sys.executable, "-m", "pipeline", "run", "configs/base.yaml", "--set", f"paths.raw={raw}",
        "--set", f"paths.processed={tmp_path}", "--set", "executor=serial",
    ]  # fmt: skip
    repo = Path(__file__).resolve().parents[2]
    subprocess.run(command, cwd=repo, capture_output=True, check=True)
    tables = {
        n: pq.read_table(tmp_path / "current" / n).to_pylist() for n in ("documents", "reuse", "stories")
    }
    texts = {d["doc_id"]: d["text"] for d in tables["documents"]}
    assert len({s["story_id"] for s in tables["stories"]}) == 1
    # The undated page says «اليوم الثلاثاء», the other is dated on the Wednesday after.
    assert {d["source_uri"][:3]: d["doc_id"] for d in tables["documents"]}["000"] == tables["reuse"][0][
        "a_doc_id"
    ]
    links = tables["reuse"]
    assert {r["scope"] for r in links} == {"story"}
    assert len(links) >= 14, "a pair of sentences is missing"
    a, b = texts[links[0]["a_doc_id"]], texts[links[0]["b_doc_id"]]
    found = [
        (e["kind"], a[e["a_start"] : e["a_end"]], b[e["b_start"] : e["b_end"]])
        for r in links
        for e in r["edits"]
    ]
    for kind, before, after in sorted(SEEDS):
        assert any(k == kind and before in x and after in y for k, x, y in found), (kind, before, after)
    tails = [line for ann in sorted((raw.parent / "ann").glob("*.json")) for line in _tails(ann, raw)]
    assert tails
    for row in links:
        for text, start, end in ((a, row["a_start"], row["a_end"]), (b, row["b_start"], row["b_end"])):
            assert not any(tail in text[start:end] or text[start:end] in tail for tail in tails)


def _tails(ann: Path, raw: Path) -> list[str]:
    """Lines of a seed page that the gold calls the tail: another article, links, keywords."""
    page = (raw / f"{ann.stem}.txt").read_text("utf-8")
    lines = json.loads(ann.read_text("utf-8"))["lines"]
    return [page[x["start"] : x["end"]] for x in lines if x["kind"] == "tail"]
