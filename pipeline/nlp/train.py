"""Train the shipped UDPipe model from the treebank, one component after the other, and write its card.

UDPipe 1 (Straka & Straková 2017) stores tokeniser, tagger and parser one after another in one file, so that each
can be trained by itself; the parser then learns on tags that the tagger predicts for text that it has not seen
(jackknifing), as it will find them at work.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from ufal import udpipe as ufal

from pipeline.errors import ModelError
from pipeline.nlp import cards, clitics_train, conllu, evaluate, silver, treebank
from pipeline.nlp.conllu import Sentence, Word

Log = Callable[[str], None]

METHOD = "morphodita_parsito"
KINDS = ("tokenizer", "tagger", "parser")
CLITICS = ".clitics"
# Length and name of the method, then format version 3 and two bytes of the writer: the same in every model.
HEADER_BYTES = 22

# Segments of 200 letters: with the usual 50 every fourth word is learnt without the sentence around it.
TOKENIZER = {
    "dimension": 24, "batch_size": 20, "segment_size": 200, "learning_rate": 0.005,
    "learning_rate_final": 0.0005, "dropout": 0.1, "early_stopping": 1,
}  # fmt: skip
# The first model tags, on all analyses that the dictionary and the guesser allow; the second finds lemmas.
TAGGER = {
    "models": 2,
    "templates_1": "tagger", "guesser_suffix_rules_1": 8, "guesser_enrich_dictionary_1": 5,
    "guesser_prefixes_max_1": 4, "use_lemma_1": 0, "provide_lemma_1": 0, "use_xpostag_1": 0,
    "provide_xpostag_1": 0, "use_feats_1": 1, "provide_feats_1": 1, "prune_features_1": 0,
    "templates_2": "lemmatizer", "guesser_suffix_rules_2": 6, "guesser_enrich_dictionary_2": 4,
    "guesser_prefixes_max_2": 4, "use_lemma_2": 1, "provide_lemma_2": 1, "use_xpostag_2": 0,
    "provide_xpostag_2": 0, "use_feats_2": 0, "provide_feats_2": 0, "prune_features_2": 1,
}  # fmt: skip
PARSER = {
    "embedding_upostag": 20, "embedding_feats": 16, "embedding_xpostag": 0, "embedding_form": 40,
    "embedding_lemma": 0, "embedding_deprel": 20, "learning_rate": 0.01, "learning_rate_final": 0.001, "l2": 0.5,
    "hidden_layer": 64, "batch_size": 10, "transition_system": "projective", "transition_oracle": "static",
    "structured_interval": 0, "use_gold_tags": 1,
}  # fmt: skip

LICENCE = "CC BY-NC-SA 3.0 (Prague Arabic Dependency Treebank), with CC BY-SA 3.0 (Arabic PUD)"
SANITY = "وقالت وزارة الصحة للصحفيين إن عدد المصابين ارتفع إلى 20 شخصا."


def _options(values: dict[str, Any]) -> str:
    return ";".join(f"{key}={value}" for key, value in values.items())


def _load(sentences: Sequence[Sentence]) -> Any:
    """Return UDPipe's own sentences."""
    reader = ufal.InputFormat.newConlluInputFormat()
    reader.setText("".join(conllu.render(sentence) for sentence in sentences))
    out, error = ufal.Sentences(), ufal.ProcessingError()
    sentence = ufal.Sentence()
    while reader.nextSentence(sentence, error):
        out.append(sentence)
        sentence = ufal.Sentence()
    if error.occurred():
        raise ModelError(f"UDPipe cannot read the treebank: {error.message}")
    return out


def _train(train: Sequence[Sentence], dev: Sequence[Sentence], tok: str, tag: str, parse: str) -> bytes:
    error = ufal.ProcessingError()
    model: bytes = ufal.Trainer.train(METHOD, _load(train), _load(dev), tok, tag, parse, error)
    if error.occurred():
        raise ModelError(f"UDPipe training failed: {error.message}")
    return model


def _bare(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return ``sentences`` with forms and spaces alone, all that a tokeniser learns from."""
    out: list[Sentence] = []
    for sentence in sentences:
        meta = {key: value for key, value in sentence.meta.items() if key == "newpar"}
        out.append(Sentence([Word(w.form, misc=dict(w.misc)) for w in sentence.words], meta))
    return out


def splice(tokenizer: bytes, tagger: bytes, parser: bytes) -> bytes:
    """Join three one-component models into one. Raises ValueError where one is not what it should be.

    Each file is a header, then for each component a byte that says whether it is there, and the component.
    """
    head = tokenizer[:HEADER_BYTES]
    if not tagger.startswith(head) or not parser.startswith(head):
        raise ValueError("the components come from different versions of UDPipe")
    parts = tokenizer[HEADER_BYTES:], tagger[HEADER_BYTES:], parser[HEADER_BYTES:]
    if parts[0][:1] != b"\1" or parts[0][-2:] != b"\0\0":
        raise ValueError("not a tokeniser alone")
    if parts[1][:2] not in (b"\0\1", b"\0\2") or parts[1][-1:] != b"\0":
        raise ValueError("not a tagger alone")
    if parts[2][:3] != b"\0\0\1":
        raise ValueError("not a parser alone")
    return head + parts[0][:-2] + parts[1][1:-1] + parts[2][2:]


def retag(tagger: Path, sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return ``sentences`` with the tags and features that the model predicts; trees stay as they are."""
    model = ufal.Model.load(str(tagger))
    pipe = ufal.Pipeline(model, "conllu", ufal.Pipeline.DEFAULT, ufal.Pipeline.NONE, "conllu")
    error = ufal.ProcessingError()
    text = pipe.process("".join(conllu.render(sentence) for sentence in sentences), error)
    if error.occurred():
        raise ModelError(f"UDPipe: {error.message}", place=f"model {tagger}")
    return list(conllu.parse(text.split("\n")))


def _fold_of(sentence: Sentence, folds: int) -> int:
    """Return the jackknife fold of a sentence, by hash of its document (of itself in PUD)."""
    return treebank.bucket("fold:" + sentence.meta["sent_id"].partition("#")[0], folds)


@dataclass(frozen=True)
class Recipe:
    """How long to train what; the rest of the settings stands in the tables of this module."""

    tokenizer_epochs: int = 10
    tagger_iterations: int = 5
    jackknife_folds: int = 2
    jackknife_iterations: int = 2
    parser_iterations: int = 6

    def settings(self) -> dict[str, dict[str, Any]]:
        """Return the options of each component; the tagger's dictionary is named on use."""
        first = {k: v for k, v in TAGGER.items() if not k.endswith("_2")}
        return {
            "tokenizer": {**TOKENIZER, "epochs": self.tokenizer_epochs},
            "tagger": {**TAGGER, "iterations": self.tagger_iterations},
            "jackknife": {**first, "models": 1, "iterations": self.jackknife_iterations},
            "parser": {**PARSER, "iterations": self.parser_iterations},
        }


@dataclass
class Workshop:
    """The folder where components are made, and what they cost: a run that was interrupted goes on from there."""

    folder: Path
    log: Log
    seconds: dict[str, int] = field(default_factory=dict)

    def component(
        self,
        kind: str,
        train: Sequence[Sentence],
        dev: Sequence[Sentence],
        options: dict[str, Any],
        dictionary: str = "",
        name: str = "",
    ) -> Path:
        """Return the file of a one-component model, trained unless it lies there already.

        A file is named by the SHA-256 of all that it depends on, so that it is never taken for another.
        """
        text = "".join(conllu.render(sentence) for sentence in (*train, *dev))
        what = f"{METHOD}\n{_options(options)}\n{len(train)}\n{dictionary}\n{text}"
        path = self.folder / f"{kind}-{hashlib.sha256(what.encode()).hexdigest()[:24]}.bin"
        cost = path.with_suffix(".seconds")
        if not path.is_file():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.log(f"{name or kind}: training")
            if dictionary:
                path.with_suffix(".tsv").write_text(dictionary, encoding="utf-8")
                options = {**options, "dictionary_file_1": path.with_suffix(".tsv")}
            began = time.monotonic()
            model = _train(train, dev, *(_options(options) if kind == k else "none" for k in KINDS))
            cost.write_text(f"{time.monotonic() - began:.0f}", encoding="ascii")
            path.with_suffix(".new").write_bytes(model)
            path.with_suffix(".new").replace(path)
        self.seconds[name or kind] = int(cost.read_text("ascii"))
        self.log(f"{name or kind}: {path.name}, {self.seconds[name or kind]} s")
        return path


def jackknife(
    shop: Workshop,
    train: Sequence[Sentence],
    dev: Sequence[Sentence],
    folds: int,
    options: dict[str, Any],
    words: str,
) -> list[Sentence]:
    """Return ``train`` tagged by models that have not seen it, fold by fold."""
    numbers = [_fold_of(sentence, folds) for sentence in train]
    out = list(train)
    for fold in range(folds):
        seen = [s for s, n in zip(train, numbers, strict=True) if n != fold]
        unseen = [i for i, n in enumerate(numbers) if n == fold]
        path = shop.component("tagger", seen, dev, options, words, f"tagger for fold {fold + 1} of {folds}")
        for i, sentence in zip(unseen, retag(path, [train[i] for i in unseen]), strict=True):
            out[i] = sentence
    return out


def train_udpipe(
    data: Path, out: Path, *, seed: int = 42, recipe: Recipe | None = None, log: Log = print
) -> dict[str, Any]:
    """Train on treebank and news in ``data``, write the model to ``out``, its clitic classifier and its cards beside it.

    Returns the card.

    The components lie in a folder beside ``out`` until the model is written, so that an interrupted run goes on
    where it was. UDPipe draws its random numbers from a fixed start of its own: ``seed`` is recorded, and changes
    nothing. Takes about half an hour on one core. Raises FileNotFoundError naming a source that is missing.
    """
    recipe = recipe or Recipe()
    settings = recipe.settings()
    bank = treebank.build(data / "treebank")
    train, dev = treebank.fold(bank.train), treebank.fold(bank.dev)
    shop = Workshop(out.with_name(out.name + ".parts"), log)
    log(f"treebank: {len(train)} sentences to train on, {len(dev)} for early stopping")
    spelt = _bare((*bank.train, *train))
    tok = shop.component("tokenizer", spelt, _bare((*bank.dev, *dev)), settings["tokenizer"])
    began = time.monotonic()
    splitter = clitics_train.fit(clitics_train.examples(bank.train), clitics_train.count_news(data / "news"))
    shop.seconds["clitics"] = round(time.monotonic() - began)
    tagged = silver.read(data / "treebank" / silver.SOURCE, (*bank.train, *bank.dev, *bank.test))
    words = silver.dictionary(silver.whole_tokens(splitter, tagged), train)
    log(f"dictionary: {words.count(chr(10))} analyses from {len(tagged)} sentences")
    tag = shop.component("tagger", train, dev, settings["tagger"], words)
    predicted = jackknife(shop, train, dev, recipe.jackknife_folds, settings["jackknife"], words)
    parse = shop.component("parser", predicted, retag(tag, dev), settings["parser"])
    settings["jackknife"]["folds"] = recipe.jackknife_folds
    model = splice(tok.read_bytes(), tag.read_bytes(), parse.read_bytes())
    made = Made(bank, seed, settings, shop.seconds)
    card = publish(model, splitter.dump(), out, data, made)
    shutil.rmtree(shop.folder)
    return card


@dataclass(frozen=True)
class Made:
    """What a model was made from and how, for its card."""

    bank: treebank.Treebank
    seed: int
    settings: dict[str, dict[str, Any]]
    seconds: dict[str, int]


def publish(model: bytes, splitter: bytes, out: Path, data: Path, made: Made) -> dict[str, Any]:
    """Write models and card in a folder of their own, measure, then put all in place of what lies at ``out``."""
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        fresh = Path(folder) / out.name
        fresh.write_bytes(model)
        fresh.with_suffix(CLITICS).write_bytes(splitter)
        card = write_card(fresh, data, made)
        for name in (out.name + ".md", out.with_suffix(CLITICS).name, out.name, cards.card_path(out).name):
            (fresh.parent / name).replace(out.parent / name)
    return card


def write_card(model: Path, data: Path, made: Made) -> dict[str, Any]:
    """Measure ``model`` on the held-out documents and write its card, as JSON and for people."""
    from pipeline.nlp import udpipe

    bank, splitter = made.bank, model.with_suffix(CLITICS)
    sources = [
        f"treebank/{name}" for name in (*treebank.PADT, *treebank.REBUILT, treebank.PUD, silver.SOURCE)
    ]
    sources += [f"news/{name}" for name in clitics_train.NEWS]
    card: dict[str, Any] = {
        "name": model.stem,
        "kind": "udpipe",
        "sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
        "bytes": model.stat().st_size,
        "licence": LICENCE,
        "data": {name: hashlib.sha256((data / name).read_bytes()).hexdigest() for name in sources},
        "sentences": {name: len(bank.part(name)) for name in treebank.PARTS},
        "words": {name: sum(len(s.words) for s in bank.part(name)) for name in treebank.PARTS},
        "held_out_documents": list(bank.documents["test"]),
        "command": "isnad models train udpipe",
        "seed": made.seed,
        "settings": made.settings,
        "fold": cards.ALIF,
        "clitics": {
            "file": splitter.name,
            "sha256": hashlib.sha256(splitter.read_bytes()).hexdigest(),
            "bytes": splitter.stat().st_size,
        },
        "seconds": made.seconds,
        "trained_with": {
            "ufal.udpipe": metadata.version("ufal.udpipe"),
            "python": platform.python_version(),
        },
    }
    # The parser reads from the card what to fold, so there must be one before anything is parsed.
    cards.card_path(model).write_text(json.dumps(card), encoding="utf-8")
    parsed = udpipe.load(str(model)).parse([SANITY])[0]
    annotated = treebank.build(data / "treebank", mended=False).test
    card["figures"] = evaluate.evaluate_on(model, bank.test, annotated)
    card["figures_dev"] = evaluate.evaluate_on(model, bank.dev)
    card["sanity"] = {"text": SANITY, "forms": parsed.form, "upos": parsed.upos}
    cards.card_path(model).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    model.with_name(model.name + ".md").write_text(describe(card), encoding="utf-8")
    return card


def describe(card: dict[str, Any]) -> str:
    """Return the card for people, in Markdown."""
    measures = list(next(iter(card["figures"].values())))
    lines = [
        f"# {card['name']}",
        "",
        "UDPipe 1 model for Arabic news: words (clitics cut off as exact substrings of the surface, no multiword",
        "tokens), universal tags, features, lemmas without vowel signs, and dependencies (Universal Dependencies 2).",
        f"The words come from `{card['clitics']['file']}`, a classifier of spellings ({card['clitics']['bytes']:,} bytes);",
        "the tokeniser inside the model file is there for use without this product.",
        "",
        f"- SHA-256 `{card['sha256']}`, {card['bytes']:,} bytes",
        f"- Licence of the model: {card['licence']}. Not for commercial use.",
        "- Data: Prague Arabic Dependency Treebank 1.0 as released in UD 1 (Hajič et al. 2009; AFP, Ummah, Xinhua,",
        "  An-Nahar, Al-Hayat, Assabah) and Arabic PUD (CoNLL 2017), brought to one habit by `pipeline.nlp.treebank`.",
        "  The tagger also knows the tags, not the features, of words in the training part of the Prague treebank as",
        "  released with XTREME (one tag per surface token), sentences that stand in the trees left out.",
        "  Words that nobody analysed in the Prague treebank (one in sixteen) are mended where other words leave no",
        "  doubt: clitics cut off, known words tagged (`pipeline.nlp.unanalysed`); the row `as annotated` measures",
        "  against the treebank without that. The clitic classifier knows how common spellings are in SaudiNewsNet",
        "  (CC BY-NC-SA) and the ANT corpus 2.1: counts of single words, no text.",
        f"- Trained on {card['words']['train']:,} words in {card['sentences']['train']:,} sentences;"
        f" {card['words']['dev']:,} words for early stopping.",
        "- The tokeniser saw each sentence with and without hamza on alif, tagger and parser only without: the parser",
        "  folds أ إ آ before tagging (`fold` in the card); forms and places are those of the text.",
        f"- Rebuild: `{card['command']}`, {sum(card['seconds'].values()):,} s of training, wall time:",
        f"  {', '.join(f'{name} {cost}' for name, cost in card['seconds'].items())}. An interrupted run goes on",
        "  where it was, and the seconds are those of the run that made each component.",
        f"- Seed {card['seed']} is recorded and changes nothing: UDPipe starts its random numbers the same way each",
        "  time. Two trainings of the tokeniser on these data (two epochs, short segments) gave the same bytes, and so",
        "  did two of each component on toy data (`tests/nlp/test_train.py`); no full run has been repeated yet.",
        "",
        f"F1 in per cent on {len(card['held_out_documents'])} held-out documents"
        f" ({card['words']['test']:,} words), measures of the CoNLL 2018 shared task:",
        "",
        "| | " + " | ".join(measures) + " |",
        "|---" * (len(measures) + 1) + "|",
    ]
    for part, figures in (("", card["figures"]), ("development part, ", card["figures_dev"])):
        for mode, scores in figures.items():
            cells = " | ".join(f"{scores[m]:.2f}" for m in measures)
            lines.append(f"| {part}{mode.replace('_', ' ')} | {cells} |")
    lines += [
        "",
        "raw: this product from raw text, its own sentences and words; udpipe: UDPipe alone from raw text; gold",
        "tokens: words given; as annotated: raw, against the treebank as it was annotated. Case and mood are not annotated: unvocalised text does not show them. Names,",
        "numerals and adverbs have no features.",
        "",
    ]
    return "\n".join(lines)
