"""Components made one by one, joined, published with a card that says how to read them."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from pipeline.nlp import cards, conllu, silver, train, treebank, udpipe
from pipeline.nlp.conllu import Sentence, Word
from tests.nlp.conftest import toy_conllu

TOKENIZER = {"dimension": 16, "epochs": 2, "batch_size": 5, "segment_size": 20, "dropout": 0}
TAGGER = {"models": 1, "iterations": 2, "use_xpostag": 0, "use_feats": 0}
PARSER = {
    "iterations": 1, "hidden_layer": 10, "embedding_form": 10, "embedding_upostag": 5, "embedding_feats": 0,
    "embedding_deprel": 5, "transition_system": "projective", "transition_oracle": "static", "use_gold_tags": 1,
}  # fmt: skip


def toy_trees() -> list[Sentence]:
    """Return toy sentences whose clitics are substrings of the surface, some with a hamza to fold."""
    out = []
    for number, sentence in enumerate(conllu.parse(toy_conllu().split("\n"))):
        words = [Word(w.form, w.form, w.upos, "_", {}, w.head, w.deprel) for w in sentence.words]
        for first, last in sentence.ranges:
            for word in words[first - 1 : last - 1]:
                word.space_after = False
        if words[-1].form == "الولد":
            words[-1].form, words[-1].lemma = "أمس", "امس"
        out.append(Sentence(words, {"sent_id": f"a#{number}-1", "newpar": ""}))
    return out


def components(folder: Path) -> tuple[Path, Path, Path, list[str]]:
    log: list[str] = []
    shop = train.Workshop(folder, log.append)
    trees = treebank.fold(toy_trees())
    return (
        shop.component("tokenizer", trees, trees[:4], TOKENIZER),
        shop.component("tagger", trees, trees[:4], TAGGER),
        shop.component("parser", trees, trees[:4], PARSER),
        log,
    )


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    components(folder)
    return folder


def test_an_interrupted_run_goes_on_where_it_was(parts: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in parts.iterdir()}
    *_, log = components(parts)
    assert {path: path.stat().st_mtime_ns for path in parts.iterdir()} == before
    assert not any("training" in line for line in log)


def test_other_data_make_another_part(parts: Path, tmp_path: Path) -> None:
    trees = toy_trees()
    shop = train.Workshop(tmp_path, lambda line: None)
    one = shop.component("tagger", trees, trees[:4], TAGGER)
    assert one.name not in {path.name for path in parts.iterdir()}
    assert one != shop.component("tagger", trees[4:], trees[:4], TAGGER)


def test_the_same_data_and_options_give_the_same_bytes(parts: Path, tmp_path: Path) -> None:
    *again, _ = components(tmp_path)
    for path in again:
        assert path.read_bytes() == (parts / path.name).read_bytes()


def test_joined_components_parse_and_fold_alif(parts: Path, tmp_path: Path) -> None:
    tok, tag, parse, _ = components(parts)
    model = tmp_path / "toy.udpipe"
    model.write_bytes(train.splice(tok.read_bytes(), tag.read_bytes(), parse.read_bytes()))
    plain = udpipe.load(str(model))
    assert not plain.fold
    card = {"sha256": plain.sha256, "fold": cards.ALIF}
    cards.card_path(model).write_text(json.dumps(card), encoding="utf-8")
    udpipe.load.cache_clear()
    parser = udpipe.load(str(model))
    assert parser.fold
    with_hamza, without = parser.parse(["وكتب المعلم أمس", "وكتب المعلم امس"])
    assert with_hamza.form[-1] == "أمس"
    assert (with_hamza.upos, with_hamza.head) == (without.upos, without.head)
    assert with_hamza.lemma[-1] == "أمس"
    cards.card_path(model).write_text(json.dumps({**card, "sha256": "0" * 64}), encoding="utf-8")
    assert not cards.folds_alif(model, plain.sha256)


def test_splice_refuses_components_in_the_wrong_place(parts: Path) -> None:
    tok, tag, parse, _ = (p.read_bytes() if isinstance(p, Path) else b"" for p in components(parts))
    with pytest.raises(ValueError, match="not a tokeniser"):
        train.splice(tag, tag, parse)
    with pytest.raises(ValueError, match="not a parser"):
        train.splice(tok, tag, tag)


def test_jackknife_keeps_order_and_trees(tmp_path: Path) -> None:
    trees = toy_trees()
    shop = train.Workshop(tmp_path, lambda line: None)
    tagged = train.jackknife(shop, trees, trees[:4], 2, TAGGER, "")
    assert [s.meta["sent_id"] for s in tagged] == [s.meta["sent_id"] for s in trees]
    assert [[w.head for w in s.words] for s in tagged] == [[w.head for w in s.words] for s in trees]


def test_silver_leaves_out_documents_that_stand_in_the_trees(tmp_path: Path) -> None:
    path = tmp_path / "silver.tsv.gz"
    text = "وكتب\tCCONJ\nالمعلم\tNOUN\nرسالة\tNOUN\nطويلة\tADJ\nالى\tADP\nصديقه\tNOUN\n\n"
    other = "زار\tVERB\nأحمد\tX\nالمدينة\tNOUN\n\n"
    path.write_bytes(gzip.compress((text + other * 5).encode()))
    tree = Sentence([Word("أمس"), Word("و"), Word("كتب"), Word("المعلم"), Word("رسالة"), Word("طويلة")])
    tree.words += [Word("إلى"), Word("صديق"), Word("ه"), Word("القديم")]
    kept = [("زار", "VERB"), ("احمد", "X"), ("المدينة", "NOUN")]
    assert len(silver.read(path, [])) == 6
    assert silver.read(path, [tree]) == [kept, kept]


def test_dictionary_gives_tags_of_the_silver_and_features_of_words_that_look_alike() -> None:
    feats = {"Definite": "Def", "Number": "Sing"}
    trees = [Sentence([Word(f"ال{c}ية", upos="NOUN", feats=dict(feats))]) for c in "بتثجحخدذ"]
    trees += [Sentence([Word(f"ال{c}سة", upos="PROPN")]) for c in "بتثجحخدذ"]
    counts = {
        "المدينة": Counter(NOUN=3),
        "البية": Counter(NOUN=3),  # in the trees
        "والمدينة": Counter(NOUN=1),  # holds a clitic
        "يكتب": Counter(VERB=2),  # no verb in the trees to look like
        "التي": Counter(DET=9),  # closed class
    }
    rows = silver.dictionary(counts, trees).splitlines()
    assert rows == ["المدينة\t_\tNOUN\t_\tDefinite=Def|Number=Sing", "المدينة\t_\tPROPN\t_\t_"]
