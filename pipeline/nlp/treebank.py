"""Build the training treebank: two sources, newswire surface, UD version 2, split by document.

Sources, in one folder (see the model card for their licences): ``padt_ud1_{dev,test}.conllu.gz``, the Prague
Arabic Dependency Treebank of 2016; ``padt_ud1_rebuilt_{dev,test}.conllu.gz``, the same with surface tokens; and
``pud.conllu.gz``, Arabic PUD.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from pipeline.nlp import conllu, silver, surface, ud2, unanalysed
from pipeline.nlp.conllu import Sentence, Word

PADT = ("padt_ud1_dev.conllu.gz", "padt_ud1_test.conllu.gz")
REBUILT = ("padt_ud1_rebuilt_dev.conllu.gz", "padt_ud1_rebuilt_test.conllu.gz")
PUD = "pud.conllu.gz"
PARTS = ("train", "dev", "test")
_STOPS = frozenset({".", "!", "؟", "?", "…", "..."})
_QUOTES = (('"', '"'), ('"', '"'), ("«", "»"), ("“", "”"))


@dataclass(frozen=True)
class Treebank:
    """Sentences per part; ``documents`` lists the document ids of each part, sorted."""

    train: tuple[Sentence, ...]
    dev: tuple[Sentence, ...]
    test: tuple[Sentence, ...]
    documents: dict[str, tuple[str, ...]]

    def part(self, name: str) -> tuple[Sentence, ...]:
        if name not in PARTS:
            raise ValueError(f"unknown part {name!r}: choose from {', '.join(PARTS)}")
        return {"train": self.train, "dev": self.dev, "test": self.test}[name]


def bucket(key: str, of: int) -> int:
    """Return a number below ``of`` that depends on ``key`` alone (SHA-256).

    >>> bucket("AFP_ARB_20000715.0011", 20) == bucket("AFP_ARB_20000715.0011", 20)
    True
    """
    return int(hashlib.sha256(key.encode()).hexdigest()[:12], 16) % of


def part_of(document: str) -> str:
    """Return train, dev or test for a document: 85, 5 and 10 in a hundred, by hash of its id."""
    number = bucket("part:" + document, 20)
    return "test" if number < 2 else "dev" if number == 2 else "train"


def _given_spaces(rebuilt: Sentence) -> list[bool]:
    out: list[bool] = []
    inside = {i for first, last in rebuilt.ranges for i in range(first + 1, last + 1)}
    firsts = {first: token for (first, _), token in rebuilt.ranges.items()}
    for number, word in enumerate(rebuilt.words, 1):
        if number not in inside:
            out.append(firsts.get(number, word).space_after)
    return out


def padt_sentence(
    words: list[Word],
    rebuilt: Sentence | None,
    known: unanalysed.Knowledge | None = None,
    *,
    source_spelling: bool,
) -> None:
    """Give the vocalised ``words`` their surface and version 2 labels, in place.

    With ``known`` words that the treebank leaves unanalysed are mended first.

    The surface is that of ``rebuilt`` where it covers the words; without ``source_spelling`` the alif of the
    vocalised word (with its hamza, as most outlets write today) replaces that of the source.
    """
    pieces = surface.pieces_of(rebuilt, words) if rebuilt is not None else None
    given = _given_spaces(rebuilt) if pieces is not None and rebuilt is not None else None
    if pieces is None or not source_spelling:
        spelt = surface.rebuild(words)
        if pieces is None or [len(p) for p in spelt] == [len(p) for p in pieces]:
            pieces = spelt
            given = given if given is not None and len(given) == len(pieces) else None
    if known is not None:
        unanalysed.mend(words, pieces, known)
    ud2.relabel_padt(words)
    surface.apply(words, pieces, given)


def split_units(words: list[Word]) -> list[list[Word]]:
    """Cut a paragraph tree at full stops into one tree per sentence; edges across a cut become roots.

    A stop inside straight quotation marks does not cut.
    """
    cuts, quoted = [0], False
    for number, word in enumerate(words, 1):
        if word.form == '"':
            quoted = not quoted
        more = any(w.upos != "PUNCT" for w in words[number:])
        if word.form in _STOPS and not quoted and word.space_after and more:
            cuts.append(number)
    cuts.append(len(words))
    return [_subtree(words, a, b) for a, b in pairwise(cuts) if b > a]


def _subtree(words: list[Word], start: int, end: int) -> list[Word]:
    """Return words ``start`` to ``end`` (0-based, half open) as a tree of their own."""
    part = words[start:end]
    outside = [i for i, w in enumerate(part) if not start < w.head <= end]
    verbs = [i for i in outside if part[i].upos == "VERB"]
    content = [i for i in outside if part[i].upos not in ("PUNCT", "CCONJ", "SCONJ")]
    root = (verbs or content or outside)[0]
    for i, word in enumerate(part):
        if i == root:
            word.head, word.deprel = 0, "root"
        elif i in outside:
            word.head = root + 1
            if word.deprel == "root":
                word.deprel = "parataxis"
        else:
            word.head -= start
    return part


def modern_marks(words: Sequence[Word], key: str) -> None:
    """Write quotation marks and commas as today's outlets do, the kind chosen by a hash of ``key``."""
    opening, closing = _QUOTES[bucket("quote:" + key, len(_QUOTES))]
    comma = "," if bucket("comma:" + key, 4) == 0 else "،"
    inside = False
    for word in words:
        if word.form == '"':
            word.form = word.lemma = closing if inside else opening
            inside = not inside
        elif word.form == ",":
            word.form = word.lemma = comma


def _emit(words: list[Word], key: str, document: str, out: list[tuple[str, Sentence]]) -> None:
    for number, part in enumerate(split_units(words), 1):
        modern_marks(part, key)
        ud2.tidy(part)
        meta = {"newpar": ""} if number == 1 else {}
        out.append((document, Sentence(part, {**meta, "sent_id": f"{key}-{number}"})))


def _fingerprint(words: Iterable[Word]) -> str:
    return surface.drop_hamza(surface.unvocalise("".join(w.form for w in words))).translate(surface.DIGITS)


def padt(folder: Path, *, mended: bool = True) -> list[tuple[str, Sentence]]:
    """Return (document, sentence) of the Prague treebank, repeated paragraphs left out.

    Without ``mended`` the words that the treebank leaves unanalysed stay as they are: whole, and taken for names.
    """
    known = _knowledge(folder) if mended else None
    rebuilt = {s.meta["sent_id"]: s for name in REBUILT for s in conllu.read(folder / name)}
    out: list[tuple[str, Sentence]] = []
    seen: set[str] = set()
    for name in PADT:
        for sentence in conllu.read(folder / name):
            key = sentence.meta["orig_file_sentence"]
            mark = _fingerprint(sentence.words)
            if mark in seen:
                continue
            seen.add(mark)
            document = key.partition("#")[0]
            source = part_of(document) == "test" or bucket("spelling:" + key, 2) == 0
            padt_sentence(sentence.words, rebuilt.get(key), known, source_spelling=source)
            _emit(sentence.words, key, document, out)
    return out


def _knowledge(folder: Path) -> unanalysed.Knowledge:
    trees = (sentence.words for name in PADT for sentence in conllu.read(folder / name))
    return unanalysed.learn(trees, silver.blocks(folder / silver.SOURCE))


def pud(folder: Path) -> list[tuple[str, Sentence]]:
    """Return (document, sentence) of Arabic PUD; the document is the id without its last three digits."""
    out: list[tuple[str, Sentence]] = []
    for sentence in conllu.read(folder / PUD):
        key = sentence.meta["sent_id"]
        ud2.relabel_pud(sentence.words)
        for word in sentence.words:
            word.form = surface.unvocalise(word.form) or word.form
        _emit(sentence.words, key, key[:-3], out)
    return out


def fold(sentences: Iterable[Sentence]) -> list[Sentence]:
    """Return copies of ``sentences`` with alif written without hamza in the forms; lemmas stay."""
    return [
        replace(s, words=[replace(w, form=surface.drop_hamza(w.form)) for w in s.words]) for s in sentences
    ]


def build(folder: Path, *, mended: bool = True) -> Treebank:
    """Build the treebank from ``folder``, unanalysed words mended or not.

    Raises FileNotFoundError naming a source that is missing.
    """
    for name in (*PADT, *REBUILT, PUD, silver.SOURCE):
        if not (folder / name).is_file():
            raise FileNotFoundError(f"treebank source missing: {folder / name}")
    parts: dict[str, list[Sentence]] = {name: [] for name in PARTS}
    documents: dict[str, set[str]] = {name: set() for name in PARTS}
    for document, sentence in padt(folder, mended=mended) + pud(folder):
        name = part_of(document)
        parts[name].append(sentence)
        documents[name].add(document)
    return Treebank(
        tuple(parts["train"]),
        tuple(parts["dev"]),
        tuple(parts["test"]),
        {name: tuple(sorted(documents[name])) for name in PARTS},
    )
