"""Clitics by spelling: what is cut, what stays whole, and that every character is accounted for."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.nlp import cards, clitics, clitics_train, conllu
from pipeline.nlp.conllu import Sentence, Word


def glued(*tokens: str) -> Sentence:
    """Return a sentence of tokens whose parts are parted by ``+``."""
    words = []
    for token in tokens:
        parts = [Word(part) for part in token.split("+")]
        for part in parts[:-1]:
            part.space_after = False
        words += parts
    return Sentence(words)


# How common a spelling is: وزير is a word and زير is none, قال stands alone more often than with و.
BINS = {
    "وزير": 8,
    "قال": 9,
    "وقال": 7,
    "كتب": 8,
    "وكتب": 5,
    "مدينة": 8,
    "مدينتها": 3,
    "القلم": 6,
    "بالقلم": 4,
}
TRAINING = [
    glued("و+قال", "وزير"), glued("و+كتب", "ب+القلم"), glued("مدينت+ها", "قال"), glued("قال", "وزير", "كتب"),
    glued("و+قال", "مدينة"), glued("كتب", "القلم"),
]  # fmt: skip


@pytest.fixture(scope="module")
def toy() -> clitics.Clitics:
    return clitics_train.fit(clitics_train.examples(TRAINING * 4), BINS)


@pytest.fixture(scope="module")
def shipped() -> clitics.Clitics:
    path, sha256 = cards.resolve(cards.DEFAULT)
    use = cards.clitics_of(path, sha256)
    assert use is not None
    return clitics.load(*use)


def pieces(model: clitics.Clitics, text: str) -> str:
    return " ".join(text[a:b] for a, b in model.words(text))


def test_it_learns_what_the_treebank_shows(toy: clitics.Clitics) -> None:
    assert pieces(toy, "وقال وزير: كتب مدينتها بالقلم.") == "و قال وزير : كتب مدينت ها ب القلم ."


def test_a_written_model_decides_as_the_one_that_was_learnt(toy: clitics.Clitics) -> None:
    again = clitics.parse(toy.dump())
    assert again.dump() == toy.dump()
    for token in (*BINS, "ومدينة", "بوزير", "كتبها"):
        assert again.cuts(token) == toy.cuts(token)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("وزير الخارجية", "وزير الخارجية"),
        ("ووزير الخارجية", "و وزير الخارجية"),
        ("والزملاء", "و الزملاء"),
        ("وبالتالي سيلتقي بهم", "و ب التالي س يلتقي ب هم"),
        ("للمدينة وسكانها", "ل لمدينة و سكان ها"),
        ("باريس وبرلين", "باريس و برلين"),
        ("كاليفورنيا", "كاليفورنيا"),
        ("بلغت 3.5% في 2018...", "بلغت 3.5 % في 2018 ..."),
        ("«نعم»، قال: https://example.org/a?b=1", "« نعم » ، قال : https://example.org/a?b=1"),
    ],
)
def test_what_the_shipped_model_cuts(shipped: clitics.Clitics, text: str, wanted: str) -> None:
    assert pieces(shipped, text) == wanted


@given(st.text(st.sampled_from(list("والفبلكسهاتي قم.،:«»12aZ-_\u064b\u0640\n😀ﻻ")), max_size=40))
def test_every_visible_character_lies_in_one_word(shipped: clitics.Clitics, text: str) -> None:
    words = shipped.words(text)
    assert "".join(text[a:b] for a, b in words) == "".join(text.split())
    assert all(a < b for a, b in words)
    assert [w for pair in words for w in pair] == sorted(w for pair in words for w in pair)


def test_classes_lead_back_to_cuts() -> None:
    for word, cuts in (("وبالتالي", [1, 2]), ("مدينتها", [5]), ("وسكانها", [1, 5]), ("كتاب", [])):
        assert clitics.cuts_of(clitics.label_of(word, cuts), len(word)) == cuts


def test_a_model_of_other_bytes_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.clitics"
    with pytest.raises(ModelError, match="no such file"):
        clitics.load(str(path), "0" * 64)
    path.write_bytes(gzip.compress(b"{}"))
    with pytest.raises(ModelError, match=r"x\.clitics"):
        clitics.load(str(path), "0" * 64)


def test_news_counts_name_a_missing_source(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="saudi"):
        clitics_train.count_news(tmp_path)
    for name in clitics_train.NEWS:
        line = json.dumps({"text": "قالَ الوزير: قال أحمد قال احمد ٣"})
        (tmp_path / name).write_bytes(gzip.compress((line + "\n" + line + "\n").encode()))
    assert clitics_train.count_news(tmp_path) == {
        "قال": 2,
        "احمد": 2,
    }  # copies count once, hapaxes not at all


def test_conllu_spells_what_the_examples_are_read_from() -> None:
    (sentence,) = conllu.parse(conllu.render(glued("و+قال", "وزير")).split("\n"))
    assert clitics_train.examples([sentence]) == [("وقال", "1"), ("وزير", "0")]
