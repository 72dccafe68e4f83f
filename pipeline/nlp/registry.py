"""The models that ship and those named by a path: their cards, and what ``isnad models`` does with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError
from pipeline.nlp import model_file
from pipeline.nlp.cards import DEFAULT, card_path, folder, resolve

SUFFIXES = {".udpipe": "udpipe", ".crf": "ner"}

Card = dict[str, Any]
Log = Callable[[str], None]


def list_models() -> list[Card]:
    """Return the cards of the shipped models, sorted by name."""
    files = [path for path in folder().iterdir() if path.suffix in SUFFIXES and card_path(path).is_file()]
    return sorted((_card(path) for path in files), key=lambda card: str(card["name"]))


def info(name: str) -> Card:
    """Return the card of a shipped model, or of a model file by path. Raises ModelError for neither."""
    for card in list_models():
        if card["name"] == name:
            return card
    path = Path(name)
    if path.suffix in SUFFIXES and path.is_file():
        return _card(path)
    known = ", ".join(str(card["name"]) for card in list_models())
    raise ModelError(
        "no such model", place=name, next_action=f"name one of {known}, or the path of a .udpipe file"
    )


def _card(path: Path) -> Card:
    """Return the card with file, kind and size; a model without a card gets a bare one."""
    card: Card = {"name": path.stem, "licence": "unknown", "sha256": ""}
    if card_path(path).is_file():
        card |= json.loads(card_path(path).read_text("utf-8"))
    card["sha256"] = card["sha256"] or model_file.sha256(path)
    return {**card, "kind": SUFFIXES[path.suffix], "file": str(path), "size": path.stat().st_size}


def train(kind: str, data: Path, out: Path, *, seed: int, log: Log = print) -> Card:
    """Train the shipped model of ``kind`` (udpipe, ner) from the folder ``data`` into the folder ``out``."""
    if kind == "ner":
        from pipeline.nlp import ner_train

        return ner_train.train_ner(data, out / "ar-news-ner.crf", seed=seed, log=log)
    from pipeline.nlp import train as udpipe_train

    return udpipe_train.train_udpipe(data, out / f"{DEFAULT}.udpipe", seed=seed, log=log)


def evaluate(kind: str, data: Path, model: Path | None) -> dict[str, Any]:
    """Measure a model of ``kind`` (the shipped one unless given) on the held-out part of the folder ``data``."""
    if kind == "ner":
        from pipeline.nlp import ner_train

        return ner_train.evaluate_ner(model or folder() / "ar-news-ner.crf", data)
    from pipeline.nlp import evaluate as udpipe_evaluate

    path = model or Path(resolve(DEFAULT)[0])
    return dict(udpipe_evaluate.evaluate_udpipe(path, data / "treebank"))
