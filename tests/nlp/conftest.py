"""Tiny UDPipe models trained on text written for these tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from ufal import udpipe as ufal

SENTENCES = (
    (("و", "وذهب"), ("ذهب", ""), ("الولد", "الولد"), ("ل", "للسوق"), ("السوق", "")),
    (("كتب", "كتب"), ("الطالب", "الطالب"), ("ل", "للمعلم"), ("المعلم", "")),
    (("جلس", "جلس"), ("الولد", "الولد"), ("في", "فيه"), ("ه", "")),
    (("و", "وكتب"), ("كتب", ""), ("المعلم", "المعلم"), ("ل", "للولد"), ("الولد", "")),
)
TAGS = {"و": "CCONJ", "ل": "ADP", "في": "ADP", "ه": "PRON", "ذهب": "VERB", "كتب": "VERB", "جلس": "VERB"}


def toy_conllu() -> str:
    """Return a treebank with multiword tokens whose words are no substrings of the surface (للسوق = ل + السوق)."""
    blocks = []
    for words in SENTENCES * 12:
        rows, number = [], 0
        for i, (form, surface) in enumerate(words):
            number = i + 1
            if surface and (i + 1 < len(words)) and not words[i + 1][1]:
                rows.append(f"{number}-{number + 1}\t{surface}" + "\t_" * 8)
            head = 0 if number == 1 else 1
            rows.append(
                f"{number}\t{form}\t{form}\t{TAGS.get(form, 'NOUN')}\t_\t_\t{head}\t"
                f"{'root' if head == 0 else 'dep'}\t_\t_"
            )
        blocks.append("\n".join(rows) + "\n\n")
    return "".join(blocks)


def train_toy(path: Path) -> Path:
    reader = ufal.InputFormat.newConlluInputFormat()
    reader.setText(toy_conllu())
    data, error, sentence = ufal.Sentences(), ufal.ProcessingError(), ufal.Sentence()
    while reader.nextSentence(sentence, error):
        data.append(sentence)
        sentence = ufal.Sentence()
    assert not error.occurred(), error.message
    model = ufal.Trainer.train(
        "morphodita_parsito",
        data,
        ufal.Sentences(),
        "dimension=16;epochs=5;batch_size=5;segment_size=20;learning_rate=0.01;dropout=0",
        "iterations=2;use_xpostag=0;use_feats=0",
        "iterations=1;hidden_layer=10;embedding_form=10;embedding_upostag=5;embedding_feats=0;embedding_deprel=5;"
        "transition_system=projective;transition_oracle=static",
        error,
    )
    assert not error.occurred(), error.message
    path.write_bytes(model)
    return path


@pytest.fixture(scope="session")
def multiword_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that makes multiword tokens."""
    return train_toy(tmp_path_factory.mktemp("models") / "toy.udpipe")
