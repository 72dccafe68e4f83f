"""Train the network of the entity recogniser: on raw news first, then on labelled sentences.

torch is needed here and nowhere else (``pip install "isnad[train]"``). One thread and seeded: the same machine makes
the same network again.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from pipeline.errors import ModelError
from pipeline.nlp.ner_data import Sentence
from pipeline.nlp.ner_features import Analyser, Table, Word
from pipeline.nlp.ner_net import BUCKETS, LABELS, SHIFTS, Hashes, buckets, pack, quantise, vocabulary

SIZE = 128
RARE = 7  # classes of words without cluster, by how much they look like a name
OTHER = {"num": 0, "mark": 1}  # classes of tokens that are no Arabic words; all else is 2
PRETRAIN = {"epochs": 2.0, "tokens": 8000, "rate": 2e-3, "word_dropout": 0.1, "dropout": 0.1}
FINETUNE = {"epochs": 8.0, "tokens": 500, "rate": 2e-3, "word_dropout": 0.2, "dropout": 0.3}
_VECTORS_RATE = 0.15  # the vectors of words move this much slower than the rest when labels are learnt
_DECAY = 0.01

Array = Any
Tensor = Any
Log = Callable[[str], None]


class Corpus(NamedTuple):
    """Sentences as arrays: form number and sentence number of each token."""

    forms: Array
    sentences: Array


class Forms:
    """The word forms of the corpora: row of the own vector, buckets of the features, class to be told."""

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser
        self._rows, self._hashes = vocabulary(analyser.table), Hashes()
        self.clusters = 1 + max((row[-1] for row in analyser.table.values()), default=-1)  # the finest ones
        self._numbers: dict[str, int] = {}
        self._fixed: tuple[Array, ...] | None = None
        self._word: list[int] = []
        self._target: list[int] = []
        self._flat: list[int] = []
        self._begins: list[int] = [0]

    def corpus(self, sentences: Sequence[Sequence[str]]) -> Corpus:
        """Return the sentences as arrays, after noting their forms."""
        numbers = []
        for words in sentences:
            for text in words:
                if text not in self._numbers:
                    self._add(text)
                numbers.append(self._numbers[text])
        self._fixed = None
        sizes = [len(words) for words in sentences]
        return Corpus(np.array(numbers, dtype=np.int64), np.repeat(np.arange(len(sizes)), sizes))

    def _add(self, text: str) -> None:
        word = self._analyser.analyse(text)
        self._numbers[text] = len(self._numbers)
        self._word.append(self._rows.get(word.stem, 0))
        self._flat += buckets(word, self._hashes)
        self._begins.append(len(self._flat))
        self._target.append(target(word, self._analyser.table, self.clusters))

    def arrays(self) -> tuple[Array, ...]:
        """Return (own row, class, flat buckets, begin of the buckets of each form and the end of the last)."""
        if self._fixed is None:
            parts = (self._word, self._target, self._flat, self._begins)
            self._fixed = tuple(np.array(part, dtype=np.int64) for part in parts)
        return self._fixed


def target(word: Word, table: Table, clusters: int) -> int:
    """Return the class of a word form that the words around it shall tell: its cluster, or what kind of rare word."""
    row = table.get(word.stem)
    if row and row[1] >= 0:
        return row[-1]
    if word.like == "nm=x":
        return clusters + RARE + OTHER.get(word.own[1][2:], 2)
    return clusters + int(word.like[3:]) + RARE // 2


def load_torch() -> Any:
    """torch on one thread; raises ModelError that says how to install it."""
    try:
        torch = importlib.import_module("torch")
    except ImportError as error:
        raise ModelError(
            "training the entity recogniser needs torch",
            place="models train ner",
            next_action='install it: pip install "isnad[train]"',
        ) from error
    torch.set_num_threads(1)
    return torch


class Trainer:
    """The parameters of the network while they are learnt."""

    def __init__(self, forms: Forms, analyser: Analyser, *, seed: int) -> None:
        self.torch = load_torch()
        self._f = self.torch.nn.functional
        self._seed(seed)
        self._forms = forms
        n, words = SIZE, len(vocabulary(analyser.table)) + 1
        self.vectors = {"word": self._normal(words, 0.1), "bucket": self._normal(BUCKETS, 0.05)}
        self.vectors["word"].data[0] = 0
        self.weights: dict[str, Tensor] = {}
        for side in ("before", "behind"):
            for i in range(len(SHIFTS)):
                self._linear(f"{side}{i}", 2 * n, n)
        self._linear("gap", 2 * n, n)
        self._linear("class", n, forms.clusters + RARE + 3)
        self._linear("hidden", 4 * n, n)
        self._linear("label", n, len(LABELS))
        norm = self.torch.stack([self.torch.ones(n), self.torch.zeros(n)])
        self.weights["norm"] = norm.requires_grad_()

    def _seed(self, seed: int) -> None:
        self.torch.manual_seed(seed)
        self._random = np.random.default_rng(seed)

    def _normal(self, rows: int, spread: float) -> Tensor:
        return (self.torch.randn(rows, SIZE) * spread).requires_grad_()

    def _linear(self, name: str, size_in: int, size_out: int) -> None:
        bound = 1 / math.sqrt(size_in)
        for part, shape in ((name, (size_out, size_in)), (f"{name}_bias", (size_out,))):
            self.weights[part] = self.torch.empty(shape).uniform_(-bound, bound).requires_grad_()

    def pretrain(self, corpus: Corpus, log: Log) -> None:
        """Learn to tell the class of each word of raw sentences from the words around it."""
        torch, p = self.torch, PRETRAIN
        learnt = [
            *self.vectors.values(),
            *(w for k, w in self.weights.items() if k[:5] not in ("hidde", "label")),
        ]
        optimiser = torch.optim.Adam(learnt, lr=p["rate"], betas=(0.9, 0.99))
        steps = max(1, int(p["epochs"] * len(corpus.forms) / p["tokens"]))
        targets, losses = self._forms.arrays()[1], []
        for step, rows in enumerate(self._batches(corpus, int(p["tokens"]), steps)):
            warm, fall = min(1, (step + 1) / 100), 0.5 * (1 + math.cos(math.pi * step / steps))
            _set_rate(optimiser, p["rate"] * warm * (0.95 * fall + 0.05))
            forms, masks = corpus.forms[rows], self._masks(corpus.sentences[rows])
            vectors = self._f.dropout(self._embed(forms, p["word_dropout"]), p["dropout"])
            with torch.autocast("cpu", dtype=torch.bfloat16):
                gap = self._gaps(*self._stacks(vectors, masks), masks)
                guess = self._apply("class", gap)
            loss = self._f.cross_entropy(guess.float(), torch.from_numpy(targets[forms]))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            if (step + 1) % 100 == 0:
                log(f"raw news: step {step + 1} of {steps}, loss {np.mean(losses[-100:]):.3f}")

    def finetune(self, sentences: Sequence[Sentence], log: Log, *, seed: int) -> None:
        """Learn the labels; what is kept is the mean of the later weights (Polyak averaging).

        The outcome depends on the parameters before, the sentences and the seed alone.
        """
        torch, p = self.torch, FINETUNE
        self._seed(seed)
        corpus = self._forms.corpus([words for words, _ in sentences])
        labels = np.array([LABELS.index(label) for _, line in sentences for label in line], dtype=np.int64)
        weights = [w for k, w in self.weights.items() if not k.startswith("class")]
        mean = [w.detach().clone() for w in weights]
        optimiser = torch.optim.AdamW(weights, lr=p["rate"], weight_decay=_DECAY)
        sparse = torch.optim.SparseAdam(list(self.vectors.values()), lr=p["rate"])
        steps = max(1, int(p["epochs"] * len(labels) / p["tokens"]))
        losses = []
        for step, rows in enumerate(self._batches(corpus, int(p["tokens"]), steps)):
            rate = p["rate"] * min(1, (step + 1) / 50) * max(0.02, 1 - step / steps)
            _set_rate(optimiser, rate)
            _set_rate(sparse, rate * _VECTORS_RATE)
            masks = self._masks(corpus.sentences[rows])
            embedded = self._embed(corpus.forms[rows], p["word_dropout"], sparse=True)
            vectors = self._f.dropout(embedded, p["dropout"])
            before, behind = self._stacks(vectors, masks, p["dropout"] / 2)
            scores = self._labels(vectors, before, behind, masks, p["dropout"])
            loss = self._f.cross_entropy(scores, torch.from_numpy(labels[rows]))
            optimiser.zero_grad(set_to_none=True)
            sparse.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            sparse.step()
            with torch.no_grad():
                torch._foreach_lerp_(mean, weights, max(0.01, 1 / (2 + step)))
            losses.append(loss.item())
            if (step + 1) % 500 == 0:
                log(f"labels: step {step + 1} of {steps}, loss {np.mean(losses[-500:]):.4f}")
        with torch.no_grad():
            for weight, average in zip(weights, mean, strict=True):
                weight.copy_(average)

    def state(self) -> dict[str, Tensor]:
        """Return a copy of all parameters, to start again from."""
        return {k: v.detach().clone() for k, v in {**self.vectors, **self.weights}.items()}

    def restore(self, state: dict[str, Tensor]) -> None:
        """Set all parameters as ``state`` has them."""
        with self.torch.no_grad():
            for name, value in {**self.vectors, **self.weights}.items():
                value.copy_(state[name])

    def export(self) -> bytes:
        """Return the network as ``ner_net.Net`` reads it: vectors in bytes, weights turned for rows of words."""
        out: dict[str, Array] = {}
        for name, tensor in self.vectors.items():
            out[name], out[f"{name}_step"] = quantise(tensor.detach().numpy())
        for name, tensor in self.weights.items():
            array = tensor.detach().numpy().astype(np.float32)
            if name.startswith("class"):
                continue
            if name.startswith(("before", "behind")) and not name.endswith("_bias"):
                array = np.concatenate([array[:, :SIZE].T, array[:, SIZE:].T], axis=1)
            elif array.ndim == 2 and name != "norm":
                array = array.T
            out[name] = array
        return pack(out)

    def _apply(self, name: str, x: Tensor) -> Tensor:
        return self._f.linear(x, self.weights[name], self.weights[f"{name}_bias"])

    def _embed(self, forms: Array, word_dropout: float, *, sparse: bool = False) -> Tensor:
        """Return the vectors of tokens; with ``word_dropout`` some forms keep their features alone."""
        torch = self.torch
        own, _, flat, begins = self._forms.arrays()
        forms, places = np.unique(forms, return_inverse=True)
        sizes = begins[forms + 1] - begins[forms]
        offsets = np.cumsum(sizes) - sizes
        picked = flat[np.arange(int(sizes.sum())) + np.repeat(begins[forms] - offsets, sizes)]
        rows = torch.from_numpy(own[forms]) * (torch.rand(len(forms)) >= word_dropout)
        total = self._f.embedding(rows, self.vectors["word"], sparse=sparse) + self._f.embedding_bag(
            torch.from_numpy(picked),
            self.vectors["bucket"],
            torch.from_numpy(offsets),
            mode="sum",
            sparse=sparse,
        )
        scale, shift = self.weights["norm"]
        return self._f.layer_norm(total, (SIZE,), scale, shift)[torch.from_numpy(places)]

    def _masks(self, sentences: Array) -> dict[int, Tensor]:
        """Return for each distance 1 where the word so far before is of the same sentence, else 0."""
        same = self.torch.from_numpy(sentences)
        pad = self._f.pad
        return {k: pad(same[:-k] == same[k:], (k, 0)).float()[:, None] for k in sorted({1, *SHIFTS})}

    def _left(self, x: Tensor, k: int, masks: dict[int, Tensor]) -> Tensor:
        return self._f.pad(x[:-k], (0, 0, k, 0)) * masks[k]

    def _right(self, x: Tensor, k: int, masks: dict[int, Tensor]) -> Tensor:
        return self._f.pad(x[k:] * masks[k][k:], (0, 0, 0, k))

    def _stacks(
        self, vectors: Tensor, masks: dict[int, Tensor], dropout: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        before = behind = vectors
        for i, k in enumerate(SHIFTS):
            pair = self.torch.cat([before, self._left(before, k, masks)], 1)
            before = before + self._f.relu(self._apply(f"before{i}", pair))
            pair = self.torch.cat([behind, self._right(behind, k, masks)], 1)
            behind = behind + self._f.relu(self._apply(f"behind{i}", pair))
            if dropout:
                before, behind = self._f.dropout(before, dropout), self._f.dropout(behind, dropout)
        return before, behind

    def _gaps(self, before: Tensor, behind: Tensor, masks: dict[int, Tensor]) -> Tensor:
        around = self.torch.cat([self._left(before, 1, masks), self._right(behind, 1, masks)], 1)
        return self._f.relu(self._apply("gap", around))

    def _labels(
        self, vectors: Tensor, before: Tensor, behind: Tensor, masks: dict[int, Tensor], dropout: float
    ) -> Tensor:
        parts = [self._gaps(before, behind, masks), vectors, before, behind]
        joined = self._f.dropout(self.torch.cat(parts, 1), dropout)
        hidden = self._f.dropout(self._f.relu(self._apply("hidden", joined)), dropout)
        return self._apply("label", hidden)

    def _batches(self, corpus: Corpus, size: int, steps: int) -> Iterator[Array]:
        """Yield the rows of ``steps`` batches of whole sentences, about ``size`` tokens each, in random order."""
        begins = np.flatnonzero(np.diff(corpus.sentences, prepend=-1))
        ends = np.append(begins[1:], len(corpus.sentences))
        rows: list[Array] = []
        n = made = 0
        while made < steps:
            for k in self._random.permutation(len(begins)):
                rows.append(np.arange(begins[k], ends[k]))
                n += len(rows[-1])
                if n >= size:
                    yield np.concatenate(rows)
                    rows, n, made = [], 0, made + 1
                    if made == steps:
                        return
            if not made:  # less than one batch in all
                yield np.concatenate(rows)
                rows, n, made = [], 0, 1


def _set_rate(optimiser: Any, rate: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = rate
