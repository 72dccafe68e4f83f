"""Furniture learnt from a night, through the whole runner: the same however the night is cut, and stable when run again."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.nights import Night
from tests.stages.test_clean import night as pages

DAY = "2026-11-01"
LINE = "71717 - شركة الهاتف"


def write(raw: Path, first: int, last: int) -> Path:
    for number, text in list(enumerate(pages(below=LINE)))[first:last]:
        path = raw / DAY / "alpha" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return raw


def blocks(night: Night) -> pd.DataFrame:
    return night.table("blocks").sort_values(["doc_id", "block_no"]).reset_index(drop=True)


def reasons(night: Night) -> list[str]:
    found = blocks(night)
    return found[found["text"] == LINE]["reason"].tolist()


def test_neither_batches_nor_reruns_nor_the_order_of_arrival_matter(tmp_path: Path) -> None:
    whole = Night(write(tmp_path / "raw", 0, 4), tmp_path / "out")
    assert whole.run("batch_documents=64", last="clean").ran == [f"ingest@{DAY}", f"clean@{DAY}"]
    assert reasons(whole) == ["repeated_line"] * 4
    assert whole.run("batch_documents=64", last="clean").ran == []

    single = Night(whole.raw, tmp_path / "single")
    single.run("batch_documents=1", last="clean")
    pd.testing.assert_frame_equal(blocks(single), blocks(whole))
    before = single.files()
    single.run("batch_documents=1", last="clean", force=True)
    assert single.files() == before

    late = Night(write(tmp_path / "late", 0, 2), tmp_path / "late-out")
    late.run(last="clean")
    assert reasons(late) == ["body"] * 2
    write(late.raw, 2, 4)
    late.run(last="clean")
    pd.testing.assert_frame_equal(blocks(late), blocks(whole))
