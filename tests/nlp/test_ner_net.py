"""The network of the entity recogniser: arrays in and out of bytes, scores by hand, training where torch is at hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pipeline import resources
from pipeline.nlp import ner, ner_clusters, ner_net
from pipeline.nlp.ner_features import Analyser

TABLE = {
    "قال": (900, 0, 0, 0),
    "الرئيس": (400, 1, 1, 1),
    "في": (2000, 2, 2, 2),
    "بيروت": (80, 3, 3, 3),
    "وقال": (300, -1, -1, -1),
}
SENTENCES = [["قال", "الرئيس", "سامي", "في", "بيروت"], ["وقال"], ["2018", "CNN", "."]]


def like(word: str) -> tuple[int, str]:
    return min(len(word), 3), "P"


@pytest.fixture(scope="module")
def net() -> ner_net.Net:
    parts = ner.unpack(resources.read_bytes(ner.SHIPPED))
    return ner_net.Net(parts.net, ner_clusters.parse(parts.words))


def laid_out(vectors: Any, sizes: list[int]) -> tuple[Any, Any, Any]:
    """Return vectors of sentences with two empty rows around each, first rows and sizes."""
    starts = np.cumsum(np.array(sizes) + 2) - np.array(sizes) - 1
    rows = np.zeros((sum(sizes) + 2 * len(sizes), vectors.shape[1]), dtype=np.float32)
    begin = 0
    for start, size in zip(starts, sizes, strict=True):
        rows[start : start + size] = vectors[begin : begin + size]
        begin += size
    return rows, starts, np.array(sizes)


def test_only_words_with_clusters_have_a_vector_of_their_own() -> None:
    assert ner_net.vocabulary(TABLE) == {"قال": 1, "الرئيس": 2, "في": 3, "بيروت": 4}


def test_buckets_hold_the_letters_of_arabic_words_alone() -> None:
    analyser, hashes = Analyser(TABLE, like), ner_net.Hashes()
    assert hashes["g=^بي"] in ner_net.buckets(analyser.analyse("بيروت"), hashes)
    assert hashes["g=^cn"] not in ner_net.buckets(analyser.analyse("CNN"), hashes)


@pytest.mark.parametrize(
    "packed", [b"", b"\n", b"{}\n", b'[["a", "|O", [1]]]\n12345678', b'[["a", "|i1", [9]]]\n1', b"\xff\n"]
)
def test_bytes_that_are_no_arrays_are_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        ner_net.Net(packed, TABLE)


def test_a_network_of_another_word_table_is_refused() -> None:
    parts = ner.unpack(resources.read_bytes(ner.SHIPPED))
    with pytest.raises(ValueError, match="another word table"):
        ner_net.Net(parts.net, TABLE)


def test_bytes_keep_a_vector_within_half_a_step() -> None:
    vectors = np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)
    stored, step = ner_net.quantise(vectors)
    assert np.abs(stored * step.astype(np.float32) - vectors).max() <= 0.51 * step.astype(np.float32).max()


def test_sentences_do_not_see_each_other(net: ner_net.Net) -> None:
    vectors = np.random.default_rng(1).normal(size=(9, net.size)).astype(np.float32)
    rows, starts, sizes = laid_out(vectors, [5, 1, 3])
    together = net.scores(rows, starts, sizes)
    begin = 0
    for start, size in zip(starts, sizes, strict=True):
        alone = net.scores(*laid_out(vectors[begin : begin + size], [int(size)]))
        np.testing.assert_allclose(together[start : start + size], alone[1 : 1 + size], atol=1e-4)
        begin += size


def test_scores_are_log_probabilities(net: ner_net.Net) -> None:
    vectors = np.random.default_rng(2).normal(size=(4, net.size)).astype(np.float32)
    rows, starts, sizes = laid_out(vectors, [4])
    np.testing.assert_allclose(np.exp(net.scores(rows, starts, sizes)[1:5]).sum(axis=1), 1, atol=1e-4)


def test_what_torch_learns_numpy_repeats() -> None:
    torch = pytest.importorskip("torch")
    from pipeline.nlp import ner_net_train

    analyser = Analyser(TABLE, like)
    forms = ner_net_train.Forms(analyser)
    corpus = forms.corpus(SENTENCES)
    log: list[str] = []

    def learn() -> ner_net_train.Trainer:
        trainer = ner_net_train.Trainer(forms, analyser, seed=3)
        trainer.pretrain(corpus, log.append)
        labelled = [(words, ["O"] * len(words)) for words in SENTENCES]
        labelled[0][1][2] = "B-PER"
        trainer.finetune(labelled, log.append, seed=3)
        return trainer

    trainer = learn()
    packed = trainer.export()
    assert learn().export() == packed
    with torch.no_grad():
        vectors = trainer._embed(corpus.forms, 0.0)
        masks = trainer._masks(corpus.sentences)
        wanted = torch.log_softmax(trainer._labels(vectors, *trainer._stacks(vectors, masks), masks, 0.0), 1)
    net = ner_net.Net(packed, TABLE)
    words = [analyser.analyse(word) for line in SENTENCES for word in line]
    rows, starts, sizes = laid_out(net.vectors(words), [len(line) for line in SENTENCES])
    got = net.scores(rows, starts, sizes)[[1, 2, 3, 4, 5, 8, 11, 12, 13]]
    np.testing.assert_allclose(np.exp(got), np.exp(wanted.numpy()), atol=0.02)
