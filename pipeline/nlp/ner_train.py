"""Train and measure the entity recogniser; called by ``isnad models train ner`` and ``isnad models evaluate``.

Labels come from CLEANANERCorp (the official training part; the official test part is read by ``evaluate_ner`` only,
and before, to leave its sentences out of the training part), word clusters and the contexts that the network knows from
unlabelled news, letter weights from a list of names. All random choices are seeded.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.nlp import ner, ner_clusters, ner_crf, ner_data, ner_namelike, ner_net_train, ner_rules
from pipeline.nlp.ner_features import Analyser
from pipeline.nlp.ner_lexicon import key
from pipeline.nlp.ner_namelike import NameLike
from pipeline.nlp.ner_patterns import Span
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
DOCUMENT = 25
DEV_PART = "tenth of the training part, model trained without it"
TEST_PART = "CLEANANERCorp official test part, never trained or tuned on"
LICENCE = (
    "GPL-3.0, as the training labels (CLEANANERCorp, LGPL/GPL-3). The word table holds counts and cluster numbers of "
    "single words of ANT 2.1 and SaudiNewsNet (CC BY-NC-SA 3.0), the network a vector for each of them, the letter "
    "weights are learnt from ANETAC; no text and no list of names of these is inside. Research and non-commercial use."
)
LIMITS = [
    "Training text is of 2005-2007: organisations and foreign persons never seen before are missed most.",
    "Labels follow CLEANANERCorp: nationalities are MISC there and not published; national teams are ORG.",
    "The first words of many sentences of the official test part are damaged in the corpus itself.",
]


def train_ner(data: Path, out: Path, *, seed: int, log: Callable[[str], None]) -> dict[str, Any]:
    """Train on the corpora below ``data`` and write the model to ``out`` and its card to ``out`` + ``.json``.

    Returns the card. Raises OSError when a corpus is missing and ModelError without torch. Takes about half an hour
    of one core and 4 GiB.
    """
    ner_net_train.load_torch()  # asked for before minutes of work that would be lost without it
    test = ner_data.read_columns(data / TEST)
    labelled = ner_data.unique(ner_data.read_columns(data / TRAIN), without=test)
    train, dev = ner_data.split_dev(labelled)
    log(f"{len(train)} sentences to train on, {len(dev)} to choose by, {len(test)} in the test part")
    words = learn_words(data, seed=seed, log=log)
    letters = learn_letters(data, words, train)
    learner = Learner(words, letters, seed=seed, log=log)
    learner.pretrain([ner_clusters.surface(line) for line in _news(data)])
    log("a model without the dev part")
    chosen = measure(ner.Recogniser(learner.fit(train)), dev)
    log(f"dev micro F1 {chosen[0]['micro']['f1']:.4f}; now all sentences")
    packed = learner.fit(labelled)
    return write(packed, out, data, chosen, seed=seed)


class Learner:
    """The two halves of the recogniser, CRF and network, over one word table and one set of letter weights."""

    def __init__(self, words: bytes, letters: bytes, *, seed: int, log: Callable[[str], None]) -> None:
        self._words, self._letters, self._seed, self._log = words, letters, seed, log
        self._analyser = Analyser(ner_clusters.parse(words), NameLike(letters))
        self._forms = ner_net_train.Forms(self._analyser)

    def pretrain(self, news: Sequence[Sequence[str]]) -> None:
        """Let the network learn from raw sentences; must come before ``fit``."""
        corpus = self._forms.corpus(news)
        self._net = ner_net_train.Trainer(self._forms, self._analyser, seed=self._seed)
        self._net.pretrain(corpus, self._log)
        self._state = self._net.state()

    def fit(self, sentences: Sequence[ner_data.Sentence]) -> bytes:
        """Return the packed model that knows the labels of ``sentences``; may be called again with others."""
        sentences = [ner_data.retokenise(s) for s in sentences]
        self._net.restore(self._state)
        self._net.finetune(sentences, self._log, seed=self._seed)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "crf"
            fit(sentences, self._analyser, path)
            crf = path.read_bytes()
        return ner.pack(ner.Parts(self._words, self._letters, crf, self._net.export()))


def write(
    packed: bytes, out: Path, data: Path, chosen: tuple[dict[str, Any], dict[str, Any]], *, seed: int
) -> dict[str, Any]:
    """Write the model to ``out`` and its card, with the figures of dev in ``chosen``, beside it; return the card."""
    out.write_bytes(packed)
    tested = evaluate_ner(out, data)
    together = tested.pop("documents")
    card = {
        "name": "ar-news-ner",
        "kind": "linear-chain CRF (CRFsuite) and convolutional network pretrained on news, over PER, ORG, LOC "
        "(and MISC, not published); their log scores are added",
        "sha256": hashlib.sha256(packed).hexdigest(),
        "bytes": len(packed),
        "seed": seed,
        "params": {
            "crf": PARAMS,
            "pretrain": ner_net_train.PRETRAIN,
            "finetune": ner_net_train.FINETUNE,
            "share of the network": ner_crf.SHARE,
        },
        "rebuild": "isnad models train ner",
        "data": {name: _sha256(data / name) for name in (TRAIN, NAMES, *NEWS)},
        "figures": {
            "dev": {"what": DEV_PART, **chosen[0]},
            "dev in documents": {"what": DEV_PART, **chosen[1]},
            "test": {"what": TEST_PART, **tested},
            "test in documents": {"what": TEST_PART, **together},
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
        "Exact span and type. First the labels of each sentence by itself; in documents: with the names that "
        f"{DOCUMENT} neighbouring sentences show each other (the corpus does not mark its articles). The patterns and "
        "edges of `ner_rules` follow another guideline and are in neither.",
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


def _news(data: Path) -> Iterator[str]:
    """Yield the lines of the news, without the documents of the gold set."""
    index = data / DEV_INDEX
    skip = (
        frozenset(r["id"] for r in json.loads(index.read_text("utf-8"))) if index.is_file() else frozenset()
    )
    return ner_clusters.read_news([data / name for name in NEWS], skip_ids=skip)


def learn_words(data: Path, *, seed: int, log: Callable[[str], None]) -> bytes:
    """Return the packed word table learnt from the news, without the documents of the gold set."""
    return ner_clusters.pack(ner_clusters.learn(_news(data), min_count=MIN_COUNT, seed=seed, log=log))


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

    ``{"PER": {"precision": …, "recall": …, "f1": …, "gold": n}, …, "micro": {…}, "documents": {"PER": …}}``: each
    sentence by itself, and with what the sentences around it tell, see ``measure``.
    """
    alone, together = measure(ner.load(str(model)), ner_data.read_columns(data / TEST))
    return {**alone, "documents": together}


def measure(
    recogniser: ner.Recogniser, sentences: Sequence[ner_data.Sentence]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the figures of the labels of each sentence by itself, and of runs of sentences taken as documents.

    The corpus does not mark its articles; ``DOCUMENT`` neighbouring sentences stand for one.
    """
    labels = recogniser.labels([words for words, _ in sentences])
    together: list[list[Span]] = []
    for i in range(0, len(sentences), DOCUMENT):
        words = [line for line, _ in sentences[i : i + DOCUMENT]]
        together += ner_rules.in_document(words, labels[i : i + DOCUMENT], recogniser.analyser)
    wanted = [ner_rules.decode(line) for _, line in sentences]
    return score([ner_rules.decode(line) for line in labels], wanted), score(together, wanted)


def score(found: Iterable[Iterable[Span]], wanted: Iterable[Iterable[Span]]) -> dict[str, Any]:
    """Return precision, recall and F1 per type and micro of the spans of each sentence, exact in edges and type.

    >>> score([[(0, 1, "PER")], [(2, 3, "LOC")]], [[(0, 1, "PER")], [(2, 4, "LOC")]])["micro"]
    {'precision': 0.5, 'recall': 0.5, 'f1': 0.5, 'gold': 2}
    """
    n: Counter[tuple[str, str]] = Counter()
    for one, other in zip(found, wanted, strict=True):
        got, gold = ({s for s in spans if s[2] in TYPES} for spans in (one, other))
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
