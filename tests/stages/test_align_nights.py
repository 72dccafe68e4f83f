"""Nights one after the other give the tables that one run over all of them gives."""

from __future__ import annotations

from pathlib import Path

from tests.nights import Night

LEAD = "أعلنت بلدية المرسى أن فيضان نهر الزيتون أغرق {} مزرعة وقطع الطريق الساحلي بين الميناء وقرية السنديان."
BODY = (
    "وقال رئيس البلدية نبيل الصافي إن فرق الدفاع المدني أجلت عشرات العائلات إلى مدارس المدينة قبل منتصف الليل.\n"
    "وتوقعت محطة الأرصاد انحسار المياه تدريجيا مع تراجع غزارة الأمطار فوق المرتفعات الشرقية نهاية الأسبوع.\n"
)
TITLE = "فيضان نهر الزيتون يغرق مزارع ويقطع الطريق الساحلي\n\n"
DAYS = {
    "2026-11-01/sahil/flood.txt": f"{TITLE}{LEAD.format(12)}\n{BODY}",
    "2026-11-02/rafidain/flood.txt": f"{TITLE}{LEAD.format(14)}\n{BODY}",
    "2026-11-02/sahil/rain.txt": (
        "أمطار غزيرة على المرتفعات\n\n"
        "ذكرت هيئة الأرصاد أن أمطاراً غزيرة ستهطل على المرتفعات الشمالية حتى نهاية الأسبوع.\n"
        "ودعت الهيئة السكان إلى تجنب مجاري السيول.\n"
    ),
    "2026-11-03/qandil/flood.txt": f"{TITLE}{BODY}{LEAD.format('أربع عشرة')}\n",
}
LATE = {"2026-11-01/barzakh/flood.txt": f"{TITLE}{LEAD.format(12)}\n{BODY}المصدر: رويترز\n"}


def put(raw: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).write_text(text, "utf-8")


def aligned(night: Night) -> dict[str, str]:
    """Digest of every published file of the align stage."""
    tables = ("stories", "reuse", "claim_links", "claim_groups", "origins")
    return {path: sha for path, sha in night.files().items() if any(f"{t}/" in path for t in tables)}


def test_night_after_night_equals_one_run_over_all(tmp_path: Path) -> None:
    daily = Night(tmp_path / "daily-raw", tmp_path / "daily")
    for day in ("2026-11-01", "2026-11-02", "2026-11-03"):
        put(daily.raw, {name: text for name, text in DAYS.items() if name.startswith(day)})
        daily.run()
    put(daily.raw, LATE)  # a late document of the first day changes the days whose windows hold it
    daily.run()
    whole = Night(tmp_path / "whole-raw", tmp_path / "whole")
    put(whole.raw, DAYS | LATE)
    whole.run()
    assert aligned(daily) == aligned(whole)
    stories = whole.table("stories")
    assert stories["story_id"].value_counts().tolist() == [4, 1], "one flood over three days, one rain"
    assert len(aligned(whole)) >= 10
