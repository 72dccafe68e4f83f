"""A page that kills or stalls its worker is found and set aside with its reason; all others are read as ever."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pipeline import load
from tests.nights import Night, arguments, copy_package, edit_function, isnad, ran

TEXT = "قال وزير المياه إن السد الجديد سيُفتتح في مطلع الشهر المقبل بعد انتهاء الاختبارات كلها."
CRASH = '__import__("os").kill(__import__("os").getpid(), 11) if b"POISON" in payload else None'
HANG = '__import__("time").sleep(600) if b"POISON" in payload else None'


def page(number: int, extra: str = "") -> str:
    return f"<html><body><h1>عنوان الخبر رقم {number}</h1><p>{TEXT} {number}</p>{extra}</body></html>"


def put(root: Path) -> Path:
    """Six pages as files and six in an archive; one poisoned page in each."""
    folder = root / "2026-11-01" / "sahil"
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / "pages.zip", "w") as archive:
        for number in range(6):
            extra = "<!-- POISON -->" if number == 3 else ""
            (folder / f"{number}.html").write_text(page(number, extra), "utf-8")
            archive.writestr(f"{number}.html", page(number + 10, extra))
    return root


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "statement"), [("crash", CRASH), ("timeout", HANG)], ids=["crash", "hang"])
def test_a_poisoned_page_costs_itself_alone(tmp_path: Path, fault: str, statement: str) -> None:
    home = copy_package(tmp_path)
    raw = put(tmp_path / "raw")
    edit_function(home / "pipeline" / "pages.py", "from_html", statement)
    options = (
        "executor=processes",
        "workers=2",
        "batch_documents=64",
        "document_timeout_s=3",
        "gates.max_reject_share=0.5",
    )
    args = [*arguments(raw, tmp_path / "out", *options), "--to", "ingest"]
    isnad("run", *args, home=home)
    rejects = load("rejects", processed=tmp_path / "out").sort_values("key")
    assert rejects[["stage", "reason", "key"]].to_numpy().tolist() == [
        ["ingest", fault, "2026-11-01/sahil/3.html"],
        ["ingest", fault, "2026-11-01/sahil/pages.zip!/3.html"],
    ]
    healthy = Night(raw, tmp_path / "healthy")
    healthy.run(last="ingest")
    want = healthy.table("documents")
    want = want[~want["source_uri"].isin(rejects["key"])]
    got = load("documents", processed=tmp_path / "out")
    columns = list(want.columns)
    assert (
        got.sort_values("source_uri")[columns].astype(str).to_numpy().tolist()
        == want.sort_values("source_uri")[columns].astype(str).to_numpy().tolist()
    )
    assert len(got) == 10
    assert (
        ran(isnad("run", *args, home=home)) == []
    )  # known by content: not tried again until the code changes
