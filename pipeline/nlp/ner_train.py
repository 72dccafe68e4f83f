"""Train and measure the entity recogniser; called by ``isnad models train ner`` and ``isnad models evaluate``.

Labels come from CLEANANERCorp (the official training part; the official test part is read by ``evaluate_ner`` only),
word clusters from unlabelled news, letter weights from a list of names. All random choices are seeded.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.nlp import ner, ner_clusters, ner_data, ner_namelike, ner_rules
from pipeline.nlp.ner_features import Analyser
from pipeline.nlp.ner_lexicon import key
from pipeline.nlp.ner_namelike import NameLike
from pipeline.nlp.ner_tokens import fold

TRAIN, TEST = "ner/cleananercorp_train.txt.gz", "ner/cleananercorp_test.txt.gz"
NAMES = "gazetteers/anetac_en_ar_names.txt.gz"
NEWS = ("news/ant_2018-02_03.jsonl.gz", "news/saudi_2015-07.jsonl.gz")
DEV_INDEX = "../gold/dev/index.json"
TYPES = ("PER", "ORG", "LOC")
PARAMS = {
    "c1": 0.05,
    "c2": 0.05,
    "max_iterations": 100,
    "feature.minfreq": 1,
    "feature.possible_transitions": False,
}
MIN_COUNT = 4
LICENCE = (
    "GPL-3.0, as the training labels (CLEANANERCorp, LGPL/GPL-3). The word table holds counts and cluster numbers of "
    "single words of ANT 2.1 and SaudiNewsNet (CC BY-NC-SA 3.0), the letter weights are learnt from ANETAC; no text and "
    "no list of names of these is inside. Research and non-commercial use."
)
LIMITS = [
    "Training text is of 2005-2007: organisations and foreign persons never seen before are missed most.",
    "Labels follow CLEANANERCorp: nationalities are MISC there and not published; national teams are ORG.",
    "The first words of many sentences of the official test part are damaged in the corpus itself.",
]


def train_ner(data: Path, out: Path, *, seed: int, log: Callable[[str], None]) -> dict[str, Any]:
    """Train on the corpora below ``data`` and write the model to ``out`` and its card to ``out`` + ``.json``.

    Returns the card. Raises OSError when a corpus is missing. Takes about two minutes and 2 GiB.
    """
    test = ner_data.read_columns(data / TEST)
    labelled = ner_data.unique(ner_data.read_columns(data / TRAIN), without=test)
    train, dev = ner_data.split_dev(labelled)
    log(f"{len(train)} sentences to train on, {len(dev)} to choose by, {len(test)} in the test part")
    words = learn_words(data, seed=seed, log=log)
    letters = learn_letters(data, words, train)
    analyser = Analyser(ner_clusters.parse(words), NameLike(letters))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crf"
        fit([ner_data.retokenise(s) for s in train], analyser, path)
        chosen = score(ner.Recogniser(ner.pack(words, letters, path.read_bytes())).label, dev)
        log(f"dev micro F1 {chosen['micro']['f1']:.4f}; now all sentences")
        fit([ner_data.retokenise(s) for s in labelled], analyser, path)
        packed = ner.pack(words, letters, path.read_bytes())
    out.write_bytes(packed)
    card = {
        "name": "ar-news-ner",
        "kind": "linear-chain CRF (CRFsuite) over PER, ORG, LOC (and MISC, not published) with word clusters",
        "sha256": hashlib.sha256(packed).hexdigest(),
        "bytes": len(packed),
        "seed": seed,
        "params": PARAMS,
        "rebuild": "isnad models train ner",
        "data": {name: _sha256(data / name) for name in (TRAIN, NAMES, *NEWS)},
        "figures": {
            "dev": {"what": "tenth of the training part, model trained without it", **chosen},
            "test": {
                "what": "CLEANANERCorp official test part, never trained or tuned on",
                **evaluate_ner(out, data),
            },
        },
        "licence": LICENCE,
        "limits": LIMITS,
    }
    Path(f"{out}.json").write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    Path(f"{out}.md").write_text(describe(card), encoding="utf-8")
    return card


def describe(card: Mapping[str, Any]) -> str:
    """Return the card as Markdown for readers."""
    lines = [
        f"# {card['name']}",
        "",
        f"{card['kind']}. {card['bytes']:,} bytes, SHA-256 `{card['sha256']}`, seed {card['seed']}.",
        f"Rebuild with `{card['rebuild']}`.",
        "",
        "| measured on | type | precision | recall | F1 | names |",
        "|---|---|---|---|---|---|",
    ]
    for name, figures in card["figures"].items():
        for kind in (*TYPES, "micro"):
            f = figures[kind]
            row = f"{f['precision']:.4f} | {f['recall']:.4f} | {f['f1']:.4f} | {f['gold']}"
            lines.append(f"| {name}: {figures['what']} | {kind} | {row} |")
    lines += [
        "",
        "Labels alone, exact span and type; the patterns and document rules of `ner_rules` are not in these.",
    ]
    lines += ["", "## Data", *(f"- `{name}` SHA-256 `{sha}`" for name, sha in card["data"].items())]
    lines += [
        "",
        "## Licence",
        str(card["licence"]),
        "",
        "## Known limits",
        *(f"- {x}" for x in card["limits"]),
    ]
    return "\n".join(lines) + "\n"


def learn_words(data: Path, *, seed: int, log: Callable[[str], None]) -> bytes:
    """Return the packed word table learnt from the news, without the documents of the gold set."""
    index = data / DEV_INDEX
    skip = (
        frozenset(r["id"] for r in json.loads(index.read_text("utf-8"))) if index.is_file() else frozenset()
    )
    lines = ner_clusters.read_news([data / name for name in NEWS], skip_ids=skip)
    return ner_clusters.pack(ner_clusters.learn(lines, min_count=MIN_COUNT, seed=seed, log=log))


def learn_letters(data: Path, words: bytes, labelled: Iterable[ner_data.Sentence]) -> bytes:
    """Return the packed letter weights, see ``ner_namelike``."""
    entities = {
        key(fold(word))
        for sentence in labelled
        for word, label in zip(*sentence, strict=True)
        if label != "O"
    }
    return ner_namelike.learn(ner_namelike.read_names(data / NAMES), ner_clusters.parse(words), entities)


def fit(sentences: Iterable[ner_data.Sentence], analyser: Analyser, path: Path) -> None:
    """Train the CRF on the sentences and write it to ``path``."""
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    for words, labels in sentences:
        trainer.append(analyser.features(words), labels)
    trainer.set_params(PARAMS)
    trainer.train(str(path))


def evaluate_ner(model: Path, data: Path) -> dict[str, Any]:
    """Return exact span and type figures of the model on the CLEANANERCorp test part, tokens as given there.

    ``{"PER": {"precision": …, "recall": …, "f1": …, "gold": n}, …, "micro": {…}}``.
    """
    recogniser = ner.load(str(model))
    return score(recogniser.label, ner_data.read_columns(data / TEST))


def score(
    label: Callable[[Sequence[str]], list[str]], sentences: Iterable[ner_data.Sentence]
) -> dict[str, Any]:
    """Return precision, recall and F1 per type and micro, as CoNLL counts them: exact span and type."""
    n: Counter[tuple[str, str]] = Counter()
    for words, wanted in sentences:
        gold = {s for s in ner_rules.decode(wanted) if s[2] in TYPES}
        got = {s for s in ner_rules.decode(label(words)) if s[2] in TYPES}
        for what, spans in (("gold", gold), ("got", got), ("hit", gold & got)):
            for span in sorted(spans):
                n[what, span[2]] += 1
                n[what, "micro"] += 1
    return {kind: _figures(n["hit", kind], n["got", kind], n["gold", kind]) for kind in (*TYPES, "micro")}


def _figures(hit: int, got: int, gold: int) -> dict[str, float]:
    """Return precision, recall, F1 (0 where undefined) and the number of gold names.

    >>> _figures(1, 2, 1)
    {'precision': 0.5, 'recall': 1.0, 'f1': 0.6667, 'gold': 1}
    """
    precision, recall = hit / got if got else 0.0, hit / gold if gold else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hit else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4), "gold": gold}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
