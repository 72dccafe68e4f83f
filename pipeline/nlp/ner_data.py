"""Readers of entity corpora in two-column form, brought to the recogniser's tokens and labels."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from pathlib import Path

from pipeline.nlp.ner_tokens import fold, tokenise

Sentence = tuple[list[str], list[str]]  # words, BIO labels
_TYPES = {"PERS": "PER", "PER": "PER", "ORG": "ORG", "LOC": "LOC", "GPE": "LOC", "MISC": "MISC"}
_INVISIBLE = dict.fromkeys(map(ord, "\u200e\u200f\u200b\ufeff"))


def read_columns(path: Path) -> list[Sentence]:
    """Read ``word label`` lines (gzip; blank line = end of sentence) with labels PER, ORG, LOC, MISC in BIO.

    An I- after nothing of its type begins an entity (the corpora have a few). Raises OSError when unreadable.
    """
    sentences: list[Sentence] = []
    words: list[str] = []
    labels: list[str] = []
    with gzip.open(path, "rt", encoding="utf-8-sig") as lines:
        for raw in [*lines, ""]:
            fields = raw.translate(_INVISIBLE).split()
            if len(fields) < 2:
                if words:
                    sentences.append((words, labels))
                words, labels = [], []
                continue
            words.append(fields[0])
            labels.append(_label(fields[-1], labels[-1] if labels else "O"))
    return sentences


def _label(raw: str, previous: str) -> str:
    """Return the BIO label in the recogniser's types.

    >>> _label("I-PERS", "O"), _label("I-PERS", "B-PER"), _label("B-Nation", "O")
    ('B-PER', 'I-PER', 'O')
    """
    kind = _TYPES.get(raw[2:], "")
    if not kind:
        return "O"
    inside = raw.startswith("I-") and previous[2:] == kind
    return f"{'I' if inside else 'B'}-{kind}"


def unique(sentences: Iterable[Sentence], *, without: Iterable[Sentence] = ()) -> list[Sentence]:
    """Return the sentences once each (the training corpus repeats some), leaving out those of ``without``."""
    seen = {fingerprint(s[0]) for s in without}
    kept = []
    for sentence in sentences:
        mark = fingerprint(sentence[0])
        if mark not in seen:
            seen.add(mark)
            kept.append(sentence)
    return kept


def fingerprint(words: Iterable[str]) -> str:
    """Return a key of a sentence that spelling and punctuation do not change."""
    letters = "".join(w for w in map(fold, words) if w[0].isalnum())
    return hashlib.sha256(letters.encode("utf-8")).hexdigest()


def retokenise(sentence: Sentence) -> Sentence:
    """Split words as the recogniser does at run time, where a corpus left marks glued to them.

    >>> retokenise((["(رويترز)", "قال"], ["B-ORG", "O"]))
    (['(', 'رويترز', ')', 'قال'], ['O', 'B-ORG', 'O', 'O'])
    """
    words: list[str] = []
    labels: list[str] = []
    for word, label in zip(*sentence, strict=True):
        pieces = [t.text for t in tokenise(word)] or [word]
        names = [i for i, p in enumerate(pieces) if p[0].isalnum()] or [0]
        for i, piece in enumerate(pieces):
            inside = label != "O" and names[0] <= i <= names[-1]
            words.append(piece)
            labels.append("O" if not inside else label if i == names[0] else f"I-{label[2:]}")
    return words, labels


def split_dev(
    sentences: list[Sentence], *, block: int = 200, every: int = 10
) -> tuple[list[Sentence], list[Sentence]]:
    """Return (train, dev): whole blocks of neighbouring sentences go to dev, so that articles are not shared much."""
    train: list[Sentence] = []
    dev: list[Sentence] = []
    for i, sentence in enumerate(sentences):
        (dev if (i // block) % every == every // 2 else train).append(sentence)
    return train, dev
