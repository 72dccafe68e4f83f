"""Train the clitic classifier: cuts from the treebank, how common a spelling is from raw articles.

The weights are those of CRFsuite (Okazaki 2007) on sequences of one token, which is a maximum entropy classifier.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.nlp import clitics
from pipeline.nlp.conllu import Sentence
from pipeline.nlp.surface import drop_hamza, unvocalise

SETTINGS = {"c1": 0.05, "c2": 0.1, "max_iterations": 80, "feature.minfreq": 2}
NEWS = ("saudi_2015-07.jsonl.gz", "ant_2018-02_03.jsonl.gz")
# A spelling met once is as often a slip as a word.
_LEAST = 2
_DECIMALS = 3


def count_news(folder: Path) -> dict[str, int]:
    """Return how common each Arabic spelling is in the articles of ``folder``, as ``clitics.log_bin``.

    Raises FileNotFoundError naming a source that is missing.
    """
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    for name in NEWS:
        if not (folder / name).is_file():
            raise FileNotFoundError(f"news source missing: {folder / name}")
        with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
            for line in lines:
                text = str(json.loads(line)["text"])
                if text in seen:
                    continue
                seen.add(text)
                plain = drop_hamza(unvocalise(text))
                counts.update(w for w in clitics.TOKEN.findall(plain) if w[0] >= "\u0620" and w.isalpha())
    return {w: clitics.log_bin(n) for w, n in counts.items() if n >= _LEAST and len(w) <= clitics.LONGEST}


def examples(sentences: Iterable[Sentence]) -> list[tuple[str, str]]:
    """Return (surface token in plain spelling, class) of every Arabic token."""
    out: list[tuple[str, str]] = []
    for sentence in sentences:
        text, at, begins = sentence.text, 0, set()
        for word in sentence.words:
            begins.add(at)
            at += len(word.form) + word.space_after
        for start, end in clitics.tokens(text):
            token = text[start:end]
            if token.isalpha() and token[0] >= "\u0620":
                cuts = [i - start for i in range(start + 1, end) if i in begins]
                plain = drop_hamza(token)
                out.append((plain, clitics.label_of(plain, cuts)))
    return out


def fit(pairs: Sequence[tuple[str, str]], bins: Mapping[str, int]) -> clitics.Clitics:
    """Return the classifier learnt from (token, class) pairs."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    for token, label in pairs:
        trainer.append([clitics.features(token, bins)], [label])
    trainer.set_params(SETTINGS)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "clitics.crf")
        trainer.train(path)
        tagger: Any = pycrfsuite.Tagger()
        tagger.open(path)
        labels = sorted(tagger.labels())
        learnt: dict[tuple[str, str], float] = tagger.info().state_features
    weights: dict[str, list[float]] = {}
    for (feature, label), weight in sorted(learnt.items()):
        value = round(weight, _DECIMALS)
        if value:
            weights.setdefault(feature, []).extend((labels.index(label), value))
    return clitics.Clitics(labels, weights, bins)
