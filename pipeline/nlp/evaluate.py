"""Measure a UDPipe model on the held-out documents of the treebank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ufal.udpipe import Pipeline, ProcessingError

from pipeline.errors import ModelError
from pipeline.nlp import conll18, conllu, treebank, udpipe
from pipeline.nlp.conllu import Sentence, Word
from pipeline.text.sentences import split

MODES = ("raw", "udpipe", "gold_tokens", "as_annotated")


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

    raw: this product from raw text, its own sentences and words; udpipe: UDPipe alone from raw text, one line per
    paragraph; gold_tokens: words given, so F1 is accuracy; as_annotated: raw, against the treebank with the words
    that nobody analysed left whole and taken for names (see ``unanalysed``). Raises ModelError or FileNotFoundError.
    """
    gold, annotated = (treebank.build(data, mended=mended).part(part) for mended in (True, False))
    return evaluate_on(model, gold, annotated)


def evaluate_on(
    model: Path, gold: Sequence[Sentence], annotated: Sequence[Sentence] | None = None
) -> dict[str, dict[str, float]]:
    """Return F1 in per cent per mode and measure of the model file on ``gold``."""
    parser = udpipe.load(str(model))
    seen = treebank.fold(gold) if parser.fold else gold
    inputs = {
        "udpipe": ("tokenizer", paragraphs(seen)),
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
    for mode, trees in (("raw", gold), ("as_annotated", annotated)):
        if trees is not None:
            out[mode] = _rounded(conll18.evaluate(trees, _from_text(parser, paragraphs(trees))))
    return {mode: out[mode] for mode in MODES if mode in out}


def _from_text(parser: udpipe.Parser, text: str) -> list[Sentence]:
    """Return what the product makes of raw ``text``: sentences of each line, words of each sentence."""
    at, found = 0, []
    for line in text.split("\n"):
        found += [text[a:b] for a, b in split(text, at, at + len(line))]
        at += len(line) + 1
    return [_sentence(words) for words in parser.parse(found)]


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
