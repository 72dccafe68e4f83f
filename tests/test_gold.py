"""The project's own further gold: sound without the corpora, and the same text with them."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from tests.conftest import bench_script


@pytest.fixture
def gold() -> ModuleType:
    return bench_script("gold")


def test_committed_annotation_is_sound_without_the_corpora(gold: ModuleType) -> None:
    assert gold.check_all(None) == []


def test_index_names_the_parts_and_their_annotators(gold: ModuleType) -> None:
    index = json.loads((gold.HERE / "index.json").read_text("utf-8"))
    assert [row["doc"] for row in index] == [f"o{i:02d}" for i in range(len(index))]
    assert len(index) >= 96
    assert {(row["part"], row["annotator"]) for row in index} == {
        ("tune", "A"),
        ("tune", "B"),
        ("tune", "C"),
        ("tune", "D"),
        ("tune", "E"),
        ("held", "F"),
        ("held", "G"),
    }


def test_annotation_is_sound_against_the_texts(gold: ModuleType, shared: Path) -> None:
    assert gold.check_all(shared) == []


def test_materialise_writes_what_was_hashed(gold: ModuleType, shared: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        gold.app, ["materialise", "--shared", str(shared), "--part", "held", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    rows = [r for r in json.loads((gold.HERE / "index.json").read_text("utf-8")) if r["part"] == "held"]
    assert sorted(p.stem for p in (tmp_path / "docs").iterdir()) == [r["doc"] for r in rows]
    for row in rows:
        text = (tmp_path / "docs" / f"{row['doc']}.txt").read_bytes().decode("utf-8")
        assert gold.sha256(text) == row["sha256"]
        ann = json.loads((tmp_path / "ann" / f"{row['doc']}.json").read_text("utf-8"))
        for mention in ann["mentions"]:
            assert mention["text"] == text[mention["start"] : mention["end"]]


def test_changed_article_is_refused(gold: ModuleType, shared: Path) -> None:
    row = json.loads((gold.HERE / "index.json").read_text("utf-8"))[0]
    with pytest.raises(ValueError, match="SHA-256 differs"):
        gold.read_texts(shared, [row | {"sha256": "0" * 64}])
    with pytest.raises(ValueError, match="holds no record for o00"):
        gold.read_texts(shared, [row | {"id": "nowhere:1"}])


def test_checks_see_a_broken_claim(gold: ModuleType) -> None:
    text = "قال زيد إن المطر قريب."
    span = {"start": 0, "end": 22}
    speaker = {"start": 4, "end": 7, "mention": "name", "canonical": "زيد"}
    claim = {
        "claim_id": "x-01",
        "section": "body",
        "sentence": span,
        "speaker": speaker,
        "cue": [{"start": 0, "end": 3}],
        "content": [{"start": 11, "end": 21}],
        "quoted": [],
        "kind": "indirect",
        "stance": "neutral",
        "chain": [speaker | {"relation": "speaker"}],
    }
    ann = {
        "lines": [span | {"kind": "body"}],
        "sentences": [[0, 22]],
        "mentions": [{"start": 4, "end": 7, "type": "PER"}],
        "claims": [claim],
    }
    assert gold.faults(ann, text) == []
    for change, fault in (
        ({"kind": "direct"}, "quoted spans make it indirect"),
        ({"content": [{"start": 11, "end": 30}]}, "content outside the sentence"),
        ({"chain": [speaker | {"start": 0, "relation": "speaker"}]}, "does not end with the speaker"),
        ({"stance": "sure"}, "unknown stance"),
    ):
        found = gold.faults(ann | {"claims": [claim | change]}, text)
        assert any(fault in line for line in found), (change, found)
    assert gold.faults(ann | {"sentences": [[0, 21]]}, text)
