"""Floors of the shipped entity model on shared data: a change that lowers a figure must say so here."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from pipeline import resources
from pipeline.nlp import ner, ner_data, ner_train

TEST_FLOOR = 0.76  # CLEANANERCorp test part, labels alone, micro F1
GOLD_FLOOR = (
    0.87  # gold/dev, gold sentences, micro F1; lexicon and rules were written in sight of these articles
)


@pytest.fixture(scope="module")
def recogniser() -> ner.Recogniser:
    return ner.load()


def test_card_and_model_agree(recogniser: ner.Recogniser, shared: Path) -> None:
    card = json.loads(resources.read_bytes(ner.SHIPPED + ".json"))
    path = shared / "data" / ner_train.TEST
    if not path.is_file():
        pytest.skip(f"no {path}")
    alone, together = ner_train.measure(recogniser, ner_data.read_columns(path))
    assert alone["micro"]["f1"] >= TEST_FLOOR
    for name, figures in (("test", alone), ("test in documents", together)):
        assert figures["micro"]["f1"] == pytest.approx(card["figures"][name]["micro"]["f1"], abs=0.002)


def test_mentions_of_the_gold_articles(recogniser: ner.Recogniser, shared: Path) -> None:
    n: Counter[str] = Counter()
    for path in sorted((shared / "gold" / "dev" / "ann").glob("*.json")):
        ann = json.loads(path.read_text("utf-8"))
        raw = (shared / "gold" / "dev" / "docs" / ann["doc"]).read_text("utf-8")
        sentences = [raw[a:b] for a, b in ann["sentences"]]
        found = zip(ann["sentences"], recogniser.mentions(sentences), strict=True)
        got = {(a + m.start, a + m.end, m.type) for (a, _), line in found for m in line}
        covered = [m for m in ann["mentions"] if any(a <= m["start"] < b for a, b in ann["sentences"])]
        gold = {(m["start"], m["end"], m["type"]) for m in covered}
        n.update(gold=len(gold), got=len(got), hit=len(gold & got))
    assert n["gold"] > 300
    assert 2 * n["hit"] / (n["gold"] + n["got"]) >= GOLD_FLOOR
