"""Train the shipped UDPipe model from the treebank, one component after the other, and write its card.

UDPipe 1 (Straka & Straková 2017) stores tokeniser, tagger and parser one after another in one file, so that each
can be trained by itself; the parser then learns on tags that the tagger predicts for text that it has not seen
(jackknifing), as it will find them at work.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from ufal import udpipe as ufal

from pipeline.errors import ModelError
from pipeline.nlp import cards, conllu, evaluate, treebank
from pipeline.nlp.conllu import Sentence

Log = Callable[[str], None]

METHOD = "morphodita_parsito"
# Length and name of the method, then format version 3 and two bytes of the writer: the same in every model.
HEADER_BYTES = 22

TOKENIZER = {
    "dimension": 24, "batch_size": 50, "learning_rate": 0.005, "dropout": 0.1, "early_stopping": 1,
}  # fmt: skip
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
    "embedding_upostag": 20, "embedding_feats": 20, "embedding_xpostag": 0, "embedding_form": 50,
    "embedding_lemma": 0, "embedding_deprel": 20, "learning_rate": 0.01, "learning_rate_final": 0.001, "l2": 0.5,
    "hidden_layer": 100, "batch_size": 10, "transition_system": "projective", "transition_oracle": "static",
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


def jackknife(
    train: Sequence[Sentence], dev: Sequence[Sentence], folds: int, options: str, work: Path, log: Log
) -> list[Sentence]:
    """Return ``train`` tagged by models that have not seen it, fold by fold (by hash of the sentence id)."""
    numbers = [
        treebank.bucket("fold:" + sentence.meta["sent_id"].partition("#")[0], folds) for sentence in train
    ]
    out: list[Sentence] = list(train)
    for fold in range(folds):
        log(f"tags for fold {fold + 1} of {folds}")
        seen = [s for s, n in zip(train, numbers, strict=True) if n != fold]
        unseen = [i for i, n in enumerate(numbers) if n == fold]
        path = work.with_name(f"{work.name}.fold")
        path.write_bytes(_train(seen, dev, "none", options, "none"))
        for i, sentence in zip(unseen, retag(path, [train[i] for i in unseen]), strict=True):
            out[i] = sentence
        path.unlink()
    return out


def train_udpipe(
    data: Path,
    out: Path,
    *,
    seed: int = 42,
    tokenizer_epochs: int = 24,
    tagger_iterations: int = 8,
    parser_iterations: int = 10,
    folds: int = 0,
    log: Log = print,
) -> dict[str, Any]:
    """Train on the treebank in ``data``, write the model to ``out`` and its cards beside it; return the card.

    ``folds`` is the number of jackknife folds for the parser's tags (0: the parser learns on gold tags). UDPipe
    draws its random numbers from a fixed start of its own, so ``seed`` is only recorded. Takes up to an hour.
    """
    bank = treebank.build(data)
    log(f"treebank: {len(bank.train)} sentences to train on, {len(bank.dev)} for early stopping")
    log("tokeniser")
    tok = _train(bank.train, bank.dev, _options({**TOKENIZER, "epochs": tokenizer_epochs}), "none", "none")
    log("tagger and lemmatiser")
    options = _options({**TAGGER, "iterations": tagger_iterations})
    tag = _train(bank.train, bank.dev, "none", options, "none")
    train, dev = list(bank.train), list(bank.dev)
    if folds:
        train = jackknife(train, dev, folds, _options({**TAGGER, "iterations": 4}), out, log)
        out.write_bytes(tag)
        dev = retag(out, dev)
    log("parser")
    parse = _train(train, dev, "none", "none", _options({**PARSER, "iterations": parser_iterations}))
    out.write_bytes(splice(tok, tag, parse))
    settings = {
        "tokenizer": {**TOKENIZER, "epochs": tokenizer_epochs},
        "tagger": {**TAGGER, "iterations": tagger_iterations},
        "parser": {**PARSER, "iterations": parser_iterations, "jackknife_folds": folds},
    }
    return write_card(out, data, bank, seed, settings)


def write_card(
    model: Path, data: Path, bank: treebank.Treebank, seed: int, settings: dict[str, Any]
) -> dict[str, Any]:
    """Measure ``model`` on the held-out documents and write its card, as JSON and for people."""
    from pipeline.nlp import udpipe

    parsed = udpipe.load(str(model)).parse([SANITY])[0]
    sources = (*treebank.PADT, *treebank.REBUILT, treebank.PUD)
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
        "seed": seed,
        "settings": settings,
        "trained_with": {
            "ufal.udpipe": metadata.version("ufal.udpipe"),
            "python": platform.python_version(),
        },
        "figures": evaluate.evaluate_on(model, bank.test),
        "sanity": {"text": SANITY, "forms": parsed.form, "upos": parsed.upos},
    }
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
        "",
        f"- SHA-256 `{card['sha256']}`, {card['bytes']:,} bytes",
        f"- Licence of the model: {card['licence']}. Not for commercial use.",
        "- Data: Prague Arabic Dependency Treebank 1.0 as released in UD 1 (Hajič et al. 2009; AFP, Ummah, Xinhua,",
        "  An-Nahar, Al-Hayat, Assabah) and Arabic PUD (CoNLL 2017), brought to one habit by `pipeline.nlp.treebank`.",
        f"- Trained on {card['words']['train']:,} words in {card['sentences']['train']:,} sentences;"
        f" {card['words']['dev']:,} words for early stopping.",
        f"- Rebuild: `{card['command']}`",
        "",
        f"F1 in per cent on {len(card['held_out_documents'])} held-out documents"
        f" ({card['words']['test']:,} words), measures of the CoNLL 2018 shared task:",
        "",
        "| | " + " | ".join(measures) + " |",
        "|---" * (len(measures) + 1) + "|",
    ]
    for mode, scores in card["figures"].items():
        lines.append(
            f"| {mode.replace('_', ' ')} | " + " | ".join(f"{scores[m]:.2f}" for m in measures) + " |"
        )
    lines += [
        "",
        "raw: UDPipe cuts sentences and words itself; pipeline: this product's parser on given sentences;",
        "gold tokens: words given. Case and mood are not annotated: unvocalised text does not show them.",
        "",
    ]
    return "\n".join(lines)
