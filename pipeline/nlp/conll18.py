"""The measures of the CoNLL 2018 shared task (Zeman et al. 2018, https://universaldependencies.org/conll18).

Gold and system are aligned by the characters of the text without white space. A word counts as found when its
characters are the same; words of multiword tokens are aligned by the longest common subsequence of their forms.
The definitions are those of ``conll18_ud_eval.py`` 1.2: LAS compares relations without subtypes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.nlp.conllu import Sentence, Word

UNIVERSAL_FEATURES = frozenset({
    "PronType", "NumType", "Poss", "Reflex", "Foreign", "Abbr", "Gender", "Animacy", "Number", "Case", "Definite",
    "Degree", "VerbForm", "Mood", "Tense", "Aspect", "Voice", "Evident", "Polarity", "Person", "Polite",
})  # fmt: skip


@dataclass
class _Node:
    """A word with its place in the text; ``head`` is an index into the flat list of words, -1 for a root."""

    start: int
    end: int
    word: Word
    multiword: bool
    head: int = -1


@dataclass(frozen=True)
class Score:
    """Counts of one measure; precision, recall and F1 in per cent."""

    gold: int
    system: int
    correct: int

    @property
    def precision(self) -> float:
        return 100 * self.correct / self.system if self.system else 0.0

    @property
    def recall(self) -> float:
        return 100 * self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        total = self.gold + self.system
        return 200 * self.correct / total if total else 0.0


def _flatten(
    sentences: Sequence[Sentence],
) -> tuple[str, list[_Node], list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the characters, the words, the token spans and the sentence spans."""
    text: list[str] = []
    nodes: list[_Node] = []
    tokens: list[tuple[int, int]] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for sentence in sentences:
        first, begin = len(nodes), at
        inside = 0
        place = (at, at)
        firsts = {a: (b, token) for (a, b), token in sentence.ranges.items()}
        for number, word in enumerate(sentence.words, 1):
            if number in firsts:
                inside, token = firsts[number]
                surface = "".join(token.form.split())
            elif number > inside:
                surface = "".join(word.form.split())
            if number in firsts or number > inside:
                place = (at, at + len(surface))
                tokens.append(place)
                text.append(surface)
                at += len(surface)
            head = first + word.head - 1 if word.head else -1
            nodes.append(_Node(*place, word, number <= inside, head))
        spans.append((begin, at))
    return "".join(text), nodes, tokens, spans


def _common(gold: Sequence[tuple[int, int]], system: Sequence[tuple[int, int]]) -> Score:
    return Score(len(gold), len(system), len(set(gold) & set(system)))


def _region(gold: list[_Node], system: list[_Node], g: int, s: int) -> tuple[int, int, int, int]:
    """Return the ranges of words covered by the multiword tokens that begin at ``g`` or ``s``."""
    if gold[g].multiword:
        end = gold[g].end
        if not system[s].multiword and system[s].start < gold[g].start:
            s += 1
    else:
        end = system[s].end
        if not gold[g].multiword and gold[g].start < system[s].start:
            g += 1
    gs, ss = g, s
    while (g < len(gold) and gold[g].start < end) or (s < len(system) and system[s].start < end):
        if g < len(gold) and (s >= len(system) or gold[g].start <= system[s].start):
            end = max(end, gold[g].end) if gold[g].multiword else end
            g += 1
        else:
            end = max(end, system[s].end) if system[s].multiword else end
            s += 1
    return gs, g, ss, s


def _subsequence(gold: list[_Node], system: list[_Node]) -> list[tuple[int, int]]:
    """Return index pairs of a longest common subsequence of the forms."""
    size = [[0] * (len(system) + 1) for _ in range(len(gold) + 1)]

    def same(i: int, j: int) -> bool:
        return gold[i].word.form.lower() == system[j].word.form.lower()

    for i in reversed(range(len(gold))):
        for j in reversed(range(len(system))):
            size[i][j] = 1 + size[i + 1][j + 1] if same(i, j) else max(size[i + 1][j], size[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(gold) and j < len(system):
        if same(i, j):
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif size[i][j] == size[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def align(gold: list[_Node], system: list[_Node]) -> list[tuple[int, int]]:
    """Return index pairs (gold, system) of words taken to be the same."""
    pairs: list[tuple[int, int]] = []
    g = s = 0
    while g < len(gold) and s < len(system):
        if gold[g].multiword or system[s].multiword:
            gs, g, ss, s = _region(gold, system, g, s)
            pairs.extend((gs + i, ss + j) for i, j in _subsequence(gold[gs:g], system[ss:s]))
        elif (gold[g].start, gold[g].end) == (system[s].start, system[s].end):
            pairs.append((g, s))
            g, s = g + 1, s + 1
        elif gold[g].start <= system[s].start:
            g += 1
        else:
            s += 1
    return pairs


def evaluate(gold: Sequence[Sentence], system: Sequence[Sentence]) -> dict[str, Score]:
    """Return Tokens, Sentences, Words, UPOS, UFeats, Lemmas, UAS and LAS of ``system`` against ``gold``.

    Raises ValueError where the two do not hold the same characters.
    """
    text, golds, gold_tokens, gold_spans = _flatten(gold)
    other, systems, tokens, spans = _flatten(system)
    if text != other:
        at = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), len(text))
        raise ValueError(f"texts differ at {at}: {text[at : at + 20]!r}, {other[at : at + 20]!r}")
    pairs = align(golds, systems)
    to_gold = {s: g for g, s in pairs}

    def count(same: Callable[[_Node, _Node], bool]) -> Score:
        return Score(len(golds), len(systems), sum(same(golds[g], systems[s]) for g, s in pairs))

    def heads(a: _Node, b: _Node) -> bool:
        return a.head == (-1 if b.head < 0 else to_gold.get(b.head, -2))

    return {
        "Tokens": _common(gold_tokens, tokens),
        "Sentences": _common(gold_spans, spans),
        "Words": count(lambda a, b: True),
        "UPOS": count(lambda a, b: a.word.upos == b.word.upos),
        "UFeats": count(lambda a, b: _feats(a.word) == _feats(b.word)),
        "Lemmas": count(lambda a, b: a.word.lemma in ("_", b.word.lemma)),
        "UAS": count(heads),
        "LAS": count(lambda a, b: heads(a, b) and _relation(a.word) == _relation(b.word)),
    }


def _feats(word: Word) -> dict[str, str]:
    return {k: v for k, v in word.feats.items() if k in UNIVERSAL_FEATURES}


def _relation(word: Word) -> str:
    return word.deprel.partition(":")[0]
