"""Scores and labels of the entity recogniser, from the weights of a CRFsuite model.

CRFsuite looks up some forty attribute strings for each word. Most of them depend on one word form alone, so their
weights are summed once per form here, and a document is scored as a few sums of arrays. The labels are those of
CRFsuite: the same weights, the same Viterbi search, another order of additions.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, pairwise, repeat
from typing import Any, NamedTuple

import numpy as np

from pipeline.nlp import ner_lexicon
from pipeline.nlp.ner_features import QUOTES, Analyser, inside_quotes
from pipeline.nlp.ner_net import Net, label_columns

Weights = dict[str, tuple[tuple[int, float], ...]]
_HEADER = struct.Struct("<4sI4s9I")  # as CRFsuite writes it (crf1d_model.c), little-endian
SHARE = 0.8  # weight of the network beside the CRF: the best of 0.4, 0.6, 0.8 and 1 on the dev part
_NO_STEM = "\0"  # no token has it


class Crf(NamedTuple):
    """A linear-chain CRF: labels, transition weights [from][to], and attribute → ((label number, weight), …)."""

    labels: tuple[str, ...]
    transitions: list[list[float]]
    weights: Weights


def parse(model: bytes) -> Crf:
    """Return the CRF of a CRFsuite model file; raises ValueError when it is none or cut short."""
    try:
        magic, size, kind, _, _, _, _, features, labels, attributes, _, _ = _HEADER.unpack_from(model)
        if magic != b"lCRF" or kind != b"FOMC" or size != len(model):
            raise ValueError("no CRFsuite model, or cut short")
        label_names, names = _strings(model, labels), _strings(model, attributes)
        transitions = [[0.0] * len(label_names) for _ in label_names]
        found: list[list[tuple[int, float]]] = [[] for _ in names]
        (count,) = struct.unpack_from("<I", model, features + 8)
        rows = memoryview(model)[features + 12 : features + 12 + 20 * count]
        for is_transition, source, target, weight in struct.iter_unpack("<3Id", rows):
            if is_transition:
                transitions[source][target] = weight
            else:
                found[source].append((target, weight))
    except (struct.error, IndexError) as error:
        raise ValueError("CRFsuite model that contradicts itself") from error
    return Crf(tuple(label_names), transitions, dict(zip(names, map(tuple, found), strict=True)))


def _strings(model: bytes, at: int) -> list[str]:
    """Return the strings of the constant quark database (CQDB) at ``at``, by number."""
    count, index = struct.unpack_from("<2I", model, at + 16)
    names = []
    for (offset,) in struct.iter_unpack("<I", memoryview(model)[at + index : at + index + 4 * count]):
        (size,) = struct.unpack_from("<I", model, at + offset + 4)
        names.append(model[at + offset + 8 : at + offset + 7 + size].decode("utf-8"))
    return names


class Form(NamedTuple):
    """What the scores need to know of one word form."""

    stem: str
    key: str
    look: str  # cluster and likeness to a name, as neighbours see them
    like: str
    scores: bytes  # five rows of label scores: for itself and, seen from there, the words at +1, -1, +2, -2
    row: int  # of its vector for the network; row 0 is no word


class _Table(dict[tuple[str, str], bytes]):
    """Rows of label scores by two short codes, worked out on first use; the codes are few."""

    def __init__(self, make: Callable[[str, str], bytes]) -> None:
        self._make = make

    def __missing__(self, key: tuple[str, str]) -> bytes:
        found = self[key] = self._make(*key)
        return found


class _Sums:
    """Sums of weights of features: one row of label scores for each of ``sides``, the prefixes of the attributes."""

    def __init__(self, crf: Crf, *sides: str) -> None:
        size = len(crf.labels)
        self._rows: dict[str, int] = {}
        rows, columns, values = [], [], []
        for attribute, weights in crf.weights.items():
            for number, side in enumerate(sides):
                if attribute.startswith(side):
                    row = self._rows.setdefault(attribute[len(side) :], len(self._rows))
                    for label, weight in weights:
                        rows.append(row)
                        columns.append(number * size + label)
                        values.append(weight)
        # one row more: features without weight
        self._weights = np.zeros((len(self._rows) + 1, size * len(sides)))
        self._weights[rows, columns] = values

    def sums(self, features: Sequence[Sequence[str]]) -> Any:
        """Return the sums (lists × scores) for some lists of features, none of them empty."""
        rows = list(map(self._rows.get, chain.from_iterable(features), repeat(-1)))
        begins = np.cumsum([0, *map(len, features[:-1])])
        return np.add.reduceat(self._weights[rows], begins, axis=0)


class Labeller:
    """Label the words of sentences. Remembers the scores of up to ``memory`` word forms; not thread-safe.

    With a network, its log-probabilities count ``share`` times beside the scores of the CRF: a product of experts.
    """

    def __init__(
        self,
        crf: Crf,
        analyser: Analyser,
        net: Net | None = None,
        *,
        share: float = SHARE,
        memory: int = 50_000,
    ) -> None:
        self._weights, self._size = crf.weights, len(crf.labels)
        self._analyser, self._memory = analyser, memory
        self._own = _Sums(crf, "")
        self._near, self._far = _Sums(crf, "-1", "+1"), _Sums(crf, "-2", "+2")
        self._labels = crf.labels
        self._transitions = np.array(crf.transitions)
        self._forms: dict[str, Form] = {}
        nothing = self._row()
        edges = nothing + self._row("first") + self._row("last") + 2 * nothing
        self._gap = Form(_NO_STEM, "", "", "", edges, 0)
        self._net, self._share = net, share
        self._columns = label_columns(crf.labels) if net else []
        self._vectors = np.zeros((1024, net.size if net else 0), dtype=np.float32)
        self._taken = 1  # rows of ``_vectors`` in use; the first is that of no word
        self._nothing = nothing
        self._stems = self._stem_rows()
        self._flags = _Table(self._flag_rows)
        self._left = _Table(lambda look, like: self._look_row("-1", look, like))
        self._right = _Table(lambda look, like: self._look_row("+1", look, like))
        self._quoted = np.frombuffer(self._row("q"))

    def labels(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return one label for each word of each sentence."""
        if len(self._forms) > self._memory:
            self._forms.clear()
            self._taken = 1
        sizes = np.array([len(words) for words in sentences], dtype=np.int64)
        starts = np.cumsum(sizes + 2) - sizes - 1
        scores, names = self._scores(sentences), self._labels
        if self._net:
            rows = [0]
            for words in sentences:
                rows += [self._forms[w].row for w in words]
                rows += (0, 0)
            learnt = self._net.scores(self._vectors[rows], starts, sizes)
            scores += self._share * learnt[:, self._columns]
        found = self._best(scores, starts, sizes)
        places = zip(starts.tolist(), sizes.tolist(), strict=True)
        return [[names[n] for n in found[a : a + size]] for a, size in places]

    def _learn(self, texts: Sequence[str]) -> None:
        """Work out the scores of word forms never seen before, all of a document at once."""
        if not texts:
            return
        words = [self._analyser.analyse(text) for text in texts]
        rows = np.hstack([
            self._own.sums([w.own for w in words]),
            self._near.sums([w.near for w in words]),
            self._far.sums([w.far for w in words]),
        ])  # fmt: skip
        first = self._taken
        self._taken += len(words)
        if self._net:
            if self._taken > len(self._vectors):
                room = np.zeros((2 * self._taken, self._net.size), dtype=np.float32)
                room[:first] = self._vectors[:first]
                self._vectors = room
            self._vectors[first : self._taken] = self._net.vectors(words)
        for n, (text, w, row) in enumerate(zip(texts, words, rows, strict=True), first):
            self._forms[text] = Form(w.stem, w.key, f"{w.cluster} {w.like}", w.like, row.tobytes(), n)

    def _row(self, *attributes: str) -> bytes:
        """Return the sum of the weights of some attributes for each label, as 64-bit floats."""
        row = [0.0] * self._size
        for attribute in attributes:
            for label, weight in self._weights.get(attribute, ()):
                row[label] += weight
        return struct.pack(f"{self._size}d", *row)

    def _stem_rows(self) -> dict[tuple[str, str], bytes]:
        """Return what two neighbouring stems add to the first and to the second, by pair of stems."""
        found: dict[tuple[str, str], list[bytes]] = {}
        for attribute in self._weights:
            if attribute[:3] in ("-1|", "+1|"):
                one, _, two = attribute[3:].partition("|")
                if "|" in two:  # a token | is a stem of its own
                    one, two = ("|", two[1:]) if not one else (one, two)
                first = attribute[0] == "+"
                pair = found.setdefault((one, two) if first else (two, one), [self._nothing] * 2)
                pair[not first] = self._row(attribute)
        return {stems: b"".join(rows) for stems, rows in found.items()}

    def _look_row(self, side: str, look: str, like: str) -> bytes:
        """Return what a word with ``like`` gets from the look of its neighbour at ``side``."""
        if not look or not like:
            return self._nothing
        cluster, other = look.split(" ")
        return self._row(f"{side}{cluster}|{like}", f"{side}{other}|{like}")

    def _flag_rows(self, one: str, two: str) -> bytes:
        """Return what two neighbours with these flags add to the first, to the second, and to the word behind."""
        own = [f"f={two}"] if two and two != _NO_STEM else []
        if _NO_STEM in (one, two):
            return self._nothing + self._row(*own) + self._nothing
        return (
            self._row(f"+1f={two}|{one}")
            + self._row(f"-1f={one}|{two}", *own)
            + self._row(f"-2f={one}|{two}")
        )

    def _scores(self, sentences: Sequence[Sequence[str]]) -> Any:
        """Return the label scores of all words (rows × labels), with a gap of two rows around each sentence."""
        known, gap = self._forms, self._gap
        self._learn([w for w in dict.fromkeys(chain.from_iterable(sentences)) if w not in known])
        forms, flags, quoted = [gap], [_NO_STEM], []
        for words in sentences:
            line = [known[w] for w in words]
            if not QUOTES.isdisjoint(words):
                quoted += [len(forms) + i for i in inside_quotes(words)]
            flags += [*ner_lexicon.flags([f.key for f in line]), _NO_STEM, _NO_STEM]
            forms += [*line, gap, gap]
        stems, _, looks, likes, scores, _ = zip(*forms, strict=True)
        own, nothing = self._rows(scores, 5), self._nothing
        pairs = self._rows(map(self._flags.__getitem__, pairwise(flags)), 3)
        to_left = self._rows(map(self._left.__getitem__, zip(looks, likes[1:], strict=False)))
        to_right = self._rows(map(self._right.__getitem__, zip(looks[1:], likes, strict=False)))
        both = self._rows(map(self._stems.get, pairwise(stems), repeat(nothing + nothing)), 2)
        total = own[:, 0].copy()
        total[1:] += own[:-1, 1] + pairs[:, 1] + to_left[:, 0] + both[:, 1]
        total[:-1] += own[1:, 2] + pairs[:, 0] + to_right[:, 0] + both[:, 0]
        total[2:] += own[:-2, 3] + pairs[:-1, 2]
        total[:-2] += own[2:, 4]
        total[quoted] += self._quoted
        return total

    def _rows(self, rows: Iterable[bytes], n: int = 1) -> Any:
        return np.frombuffer(b"".join(rows)).reshape(-1, n, self._size)

    def _best(self, scores: Any, starts: Any, sizes: Any) -> list[int]:
        """Return the label numbers of the best path through each sentence, by the Viterbi algorithm.

        All sentences are searched side by side, the longest first; ``starts`` are their first rows.
        """
        out = np.zeros(len(scores), dtype=np.int64)
        order = np.argsort(-sizes, kind="stable")
        starts, sizes = starts[order], sizes[order]
        length = int(sizes[0]) if len(sizes) else 0
        running = np.searchsorted(-sizes, -np.arange(length)).tolist()  # sentences longer than t
        transitions = self._transitions
        by_source = np.ascontiguousarray(transitions[:, :, None])
        best: list[Any] = []  # labels × sentences that go on
        for t, n in enumerate(running):
            here = scores[starts[:n] + t].T
            best.append(here + (best[-1][:, None, :n] + by_source).max(axis=0) if best else here)
        label = np.zeros(0, dtype=np.int64)
        for t in range(length - 1, -1, -1):
            ending, n = best[t], len(label)
            chosen = ending.argmax(axis=0)
            if n:
                chosen[:n] = (ending[:, :n] + transitions[:, label]).argmax(axis=0)
            label = chosen
            out[starts[: len(label)] + t] = label
        found: list[int] = out.tolist()
        return found
