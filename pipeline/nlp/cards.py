"""Where models and their cards lie, and which file a configured name means."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from pipeline.errors import ModelError

DEFAULT = "ar-news"
# Value of a card's `fold` for models that know alif without hamza alone.
ALIF = "alif"


def folder() -> Path:
    """Return the folder of the shipped models."""
    return Path(str(resources.files("pipeline.resources.models")))


def card_path(model: Path) -> Path:
    """Return where the card of a model file lies: beside it, with ``.json`` appended."""
    return model.with_name(model.name + ".json")


def resolve(model: str) -> tuple[str, str | None]:
    """Return path and expected SHA-256 of ``model``, the name of a shipped UDPipe model or the path of a file.

    The checksum is that of the card beside the file; None where there is no card. Raises ModelError for a name
    that neither ships nor looks like a path.
    """
    shipped = folder() / f"{model}.udpipe"
    path = shipped if "/" not in model and shipped.is_file() else Path(model)
    if path is not shipped and path.suffix != ".udpipe" and not path.exists():
        raise ModelError(
            "no such model",
            place=f"segment.model {model}",
            next_action="name one that `isnad models list` prints, or the path of a .udpipe file",
        )
    card = card_path(path)
    if not card.is_file():
        return str(path), None
    return str(path), str(json.loads(card.read_text("utf-8"))["sha256"])


def folds_alif(model: Path, sha256: str) -> bool:
    """Tell whether the card beside ``model`` says that it was trained on text without hamza on alif.

    A card of other bytes than ``sha256`` says nothing.
    """
    path = card_path(model)
    if not path.is_file():
        return False
    card = json.loads(path.read_text("utf-8"))
    return bool(card.get("sha256") == sha256 and card.get("fold") == ALIF)
