"""Measure a UDPipe model on the held-out documents of the treebank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ufal.udpipe import Pipeline, ProcessingError

from pipeline.errors import ModelError
from pipeline.nlp import conll18, conllu, treebank, udpipe
from pipeline.nlp.conllu import Sentence, Word

MODES = ("raw", "pipeline", "gold_tokens")


def paragraphs(sentences: Sequence[Sentence]) -> str:
    """Return the plain text: sentences of one paragraph on one line, a blank line between paragraphs."""
    out: list[str] = []
    for sentence in sentences:
        if "newpar" in sentence.meta or not out:
            out.append(sentence.text)
        else:
            out[-1] += " " + sentence.text
    return "\n\n".join(out) + "\n"


def _blank(sentence: Sentence) -> str:
    """Return the tokens of ``sentence`` in CoNLL-U without annotation."""
    rows = [f"{i}\t{w.form}" + "\t_" * 8 for i, w in enumerate(sentence.words, 1)]
    return "\n".join(rows) + "\n\n"


def evaluate_udpipe(model: Path, data: Path, *, part: str = "test") -> dict[str, dict[str, float]]:
    """Return F1 in per cent per mode and measure on the held-out documents of the treebank in ``data``.

    raw: UDPipe cuts sentences and words itself; pipeline: this product's parser on given sentences; gold_tokens:
    words given, so F1 is accuracy. Raises ModelError or FileNotFoundError.
    """
    return evaluate_on(model, treebank.build(data).part(part))


def evaluate_on(model: Path, gold: Sequence[Sentence]) -> dict[str, dict[str, float]]:
    """Return F1 in per cent per mode and measure of the model file on ``gold``."""
    parser = udpipe.load(str(model))
    seen = treebank.fold(gold) if parser.fold else gold
    inputs = {
        "raw": ("tokenizer", paragraphs(seen)),
        "gold_tokens": ("conllu", "".join(_blank(s) for s in seen)),
    }
    out: dict[str, dict[str, float]] = {}
    for mode, (reader, text) in inputs.items():
        pipe = Pipeline(parser.model.model, reader, Pipeline.DEFAULT, Pipeline.DEFAULT, "conllu")
        error = ProcessingError()
        result = pipe.process(text, error)
        if error.occurred():
            raise ModelError(f"UDPipe: {error.message}", place=f"model {model}")
        out[mode] = _rounded(conll18.evaluate(seen, list(conllu.parse(result.split("\n")))))
    parsed = parser.parse([sentence.text for sentence in gold])
    out["pipeline"] = _rounded(conll18.evaluate(gold, [_sentence(words) for words in parsed]))
    return {mode: out[mode] for mode in MODES}


def _rounded(scores: dict[str, conll18.Score]) -> dict[str, float]:
    return {name: round(score.f1, 2) for name, score in scores.items()}


def _sentence(parsed: udpipe.Parsed) -> Sentence:
    columns = (parsed.form, parsed.lemma, parsed.upos, parsed.feats, parsed.head, parsed.deprel)
    return Sentence(
        [
            Word(form, lemma, upos, "_", conllu.pairs(feats or "_"), head, deprel)
            for form, lemma, upos, feats, head, deprel in zip(*columns, strict=True)
        ]
    )
