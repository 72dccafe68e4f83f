"""A document that kills or stalls its worker is found, set aside with its reason, and costs nobody else anything."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline import load
from tests.nights import Night, arguments, copy_package, edit_function, isnad, make_raw, ran

CRASH = '__import__("os").kill(__import__("os").getpid(), 11) if "أمطار" in text else None'
HANG = '__import__("time").sleep(600) if "أمطار" in text else None'


def without_rain(frame: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    rain = documents.loc[documents["text"].str.contains("أمطار"), "doc_id"]
    return frame[~frame["doc_id"].isin(rain)].sort_values(["doc_id", "sent_no"]).reset_index(drop=True)


@pytest.mark.parametrize(("fault", "statement"), [("crash", CRASH), ("timeout", HANG)], ids=["crash", "hang"])
def test_poison_is_quarantined_and_remembered(tmp_path: Path, fault: str, statement: str) -> None:
    home = copy_package(tmp_path)
    raw = make_raw(tmp_path / "raw")
    rain = raw / "2026-11-02" / "sahil" / "rain.txt"
    rain.rename(raw / "2026-11-01" / "sahil" / "rain.txt")  # into one batch with the others
    edit_function(home / "pipeline" / "text" / "sentences.py", "split", statement)
    options = (
        "executor=processes",
        "workers=2",
        "batch_documents=64",
        "batch_timeout_s=20",
        "document_timeout_s=20",
        "gates.max_reject_share=0.5",
    )
    args = arguments(raw, tmp_path / "out", *options)
    isnad("run", *args, home=home)

    rejects = load("rejects", processed=tmp_path / "out")
    assert rejects[["stage", "reason"]].to_numpy().tolist() == [["segment", fault]]
    documents = load("documents", processed=tmp_path / "out")
    assert (
        rejects["key"].tolist() == documents.loc[documents["text"].str.contains("أمطار"), "doc_id"].tolist()
    )

    healthy = Night(raw, tmp_path / "healthy")
    healthy.run()
    got = load("sentences", processed=tmp_path / "out")
    want = without_rain(healthy.table("sentences"), healthy.table("documents"))
    pd.testing.assert_frame_equal(got.sort_values(["doc_id", "sent_no"]).reset_index(drop=True), want)

    again = isnad("run", *args, home=home)
    assert ran(again) == []  # not tried again until the document, the code or the model changes
