"""A UDPipe model that the user names in the configuration, as the official ones are, from end to end."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import config
from pipeline.cli import app
from pipeline.errors import ModelError
from pipeline.nlp import cards
from tests.nights import REPO, Night, isnad
from tests.nlp.conftest import train_toy

TEXT = "الولد في السوق\n\nوذهب الولد للسوق. كتب الطالب للمعلم.\n"


@pytest.fixture(scope="session")
def official(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with multiword tokens and no card, like those of the UDPipe project."""
    return train_toy(tmp_path_factory.mktemp("official") / "arabic-padt-ud-2.5.udpipe")


@pytest.fixture
def night(tmp_path: Path) -> Night:
    day = tmp_path / "raw" / "2026-11-01"
    day.mkdir(parents=True)
    (day / "a.txt").write_text(TEXT, "utf-8")
    return Night(tmp_path / "raw", tmp_path / "out")


def settings(model: Path, sha256: str | None = None) -> tuple[str, ...]:
    digest = sha256 or hashlib.sha256(model.read_bytes()).hexdigest()
    return (f"segment.model={model}", f"segment.sha256={digest}")


def test_a_night_with_a_model_of_multiword_tokens(night: Night, official: Path) -> None:
    night.run(*settings(official))
    tokens = night.table("tokens")
    text = night.table("documents")["text"][0]
    places = zip(tokens["form"], tokens["start"], tokens["end"], strict=True)
    words = [(form, text[start:end]) for form, start, end in places]
    assert ("ل", "للسوق") in words  # both words of a multiword token point at the whole of it
    assert ("السوق", "للسوق") in words
    assert ("و", "و") in words  # those that spell it have their own characters
    assert ("ذهب", "ذهب") in words
    assert night.table("sentences")["text"].tolist() == [
        "الولد في السوق",
        "وذهب الولد للسوق.",
        "كتب الطالب للمعلم.",
    ]


def test_a_copy_of_the_shipped_model_without_its_card_cuts_words_itself(night: Night, tmp_path: Path) -> None:
    copy = Path(shutil.copy(cards.resolve(cards.DEFAULT)[0], tmp_path / "mine.udpipe"))
    night.run(*settings(copy))
    tokens = night.table("tokens")
    text = night.table("documents")["text"][0]
    assert all(text[t.start : t.end] == t.form for t in tokens.itertuples())
    assert len(tokens) >= 10


def test_another_model_makes_the_words_stale(night: Night, official: Path) -> None:
    night.run()
    assert night.plan() == {}
    reasons = night.plan(*settings(official))
    assert any("segment" in unit for unit in reasons)
    assert not any("clean" in unit for unit in reasons)


def test_a_wrong_checksum_is_refused_before_the_run(night: Night, official: Path) -> None:
    with pytest.raises(ModelError, match="expected SHA-256 " + "ab" * 32) as refusal:
        night.run(*settings(official, "ab" * 32))
    assert str(official) in str(refusal.value)
    done = isnad(
        *("run", *(a for s in (f"paths.raw={night.raw}", f"paths.processed={night.out}") for a in ("--set", s))),
        *(a for s in settings(official, "ab" * 32) for a in ("--set", s)),
        check=False,
    )  # fmt: skip
    assert done.returncode in (1, 2)
    assert "ab" * 32 in done.stderr
    assert not (night.out / "current").exists()


def test_a_configuration_file_may_name_it(tmp_path: Path, official: Path) -> None:
    digest = hashlib.sha256(official.read_bytes()).hexdigest()
    own = f"\nsegment:\n  model: {official}\n  sha256: {digest}\n"
    path = tmp_path / "mine.yaml"
    path.write_text((REPO / "configs" / "base.yaml").read_text("utf-8") + own, "utf-8")
    loaded = config.load(path, [])
    assert loaded.segment.model == str(official)
    assert loaded.segment.sha256 == digest


def test_its_card_can_be_read(official: Path) -> None:
    done = CliRunner().invoke(app, ["models", "info", str(official)])
    assert done.exit_code == 0
    card = json.loads(done.stdout)
    assert card["kind"] == "udpipe"
    assert card["sha256"] == hashlib.sha256(official.read_bytes()).hexdigest()
