"""Where models and their cards lie, and which file a configured name means."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

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


def _card_of(model: Path, sha256: str) -> dict[str, Any]:
    """Return the card beside ``model``; {} where there is none, or one of other bytes than ``sha256``."""
    path = card_path(model)
    card: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return card if card.get("sha256") == sha256 else {}


def folds_alif(model: Path, sha256: str) -> bool:
    """Tell whether the card beside ``model`` says that it was trained on text without hamza on alif."""
    return _card_of(model, sha256).get("fold") == ALIF


def clitics_of(model: str, sha256: str | None) -> tuple[str, str] | None:
    """Return path and SHA-256 of the clitic classifier that the card beside ``model`` names, if it does."""
    path = Path(model)
    named = _card_of(path, sha256).get("clitics") if sha256 else None
    return (str(path.with_name(named["file"])), str(named["sha256"])) if named else None
