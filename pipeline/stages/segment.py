"""Segment: the sentences of the kept blocks and their words with Universal Dependencies annotation.

documents, blocks → sentences, tokens. Offsets lead to the exact characters of ``documents.text`` for every model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pydantic import Field

from pipeline.nlp import cards
from pipeline.schemas import SENTENCES, TOKENS
from pipeline.stage import ModelUse, Params, Stage, Tables
from pipeline.text.sentences import split

if TYPE_CHECKING:
    from pipeline.nlp import udpipe


class SegmentParams(Params):
    """Parameters of ``segment``."""

    model: str = Field(
        default=cards.DEFAULT,
        min_length=1,
        description="UDPipe model: the name of a shipped one (`isnad models list`) or the path of a .udpipe file.",
    )
    sha256: str | None = Field(
        default=None,
        pattern="^[0-9a-fA-F]{64}$",
        description="SHA-256 that the model file must have; by default that of the card beside it, if there is one.",
    )


def models(params: SegmentParams) -> tuple[ModelUse, ...]:
    """Return the UDPipe file that ``run`` loads and the clitic classifier that belongs to it, if any."""
    path, expected = cards.resolve(params.model)
    parser = ModelUse(path, params.sha256 or expected)
    words = cards.clitics_of(path, parser.sha256)
    return (parser, ModelUse(*words)) if words else (parser,)


def cut(tables: Tables) -> dict[str, list[Any]]:
    """Return the columns of ``sentences``: kept blocks in order of document and position, cut into sentences."""
    documents = tables["documents"]
    texts = dict(zip(documents["doc_id"].to_pylist(), documents["text"].to_pylist(), strict=True))
    kept = tables["blocks"].filter(tables["blocks"]["kept"])
    kept = kept.sort_by([("doc_id", "ascending"), ("start", "ascending"), ("block_no", "ascending")])
    columns: dict[str, list[Any]] = {name: [] for name in SENTENCES.names}
    previous, number = None, 0
    places = (kept[name].to_pylist() for name in ("doc_id", "block_no", "start", "end"))
    for doc_id, block_no, start, end in zip(*places, strict=True):
        if doc_id != previous:
            previous, number = doc_id, 0
        text = texts[doc_id]
        for a, b in split(text, start, end):
            for name, value in zip(SENTENCES.names, (doc_id, number, block_no, a, b, text[a:b]), strict=True):
                columns[name].append(value)
            number += 1
    return columns


def annotate(columns: dict[str, list[Any]], parser: udpipe.Parser) -> pa.Table:
    """Return the ``tokens`` of the sentences in ``columns``, built column by column."""
    words: dict[str, list[Any]] = {name: [] for name in TOKENS.names}
    parsed = parser.parse(columns["text"])
    places = zip(columns["doc_id"], columns["sent_no"], columns["start"], parsed, strict=True)
    for doc_id, sent_no, offset, sentence in places:
        size = len(sentence)
        words["doc_id"].extend([doc_id] * size)
        words["sent_no"].extend([sent_no] * size)
        words["token_no"].extend(range(1, size + 1))
        words["start"].extend([offset + start for start in sentence.start])
        words["end"].extend([offset + end for end in sentence.end])
        for name in ("form", "lemma", "upos", "feats", "head", "deprel"):
            words[name].extend(getattr(sentence, name))
    return TOKENS.columnar(words)


def run(tables: Tables, params: SegmentParams, date: str) -> dict[str, pa.Table]:
    """Sentences and words of one batch of documents. Raises ModelError where the model cannot be used."""
    from pipeline.nlp import udpipe  # spaCy takes seconds to import; only the workers that parse need it

    use = models(params)[0]
    columns = cut(tables)
    return {
        "sentences": SENTENCES.columnar(columns),
        "tokens": annotate(columns, udpipe.load(use.path, use.sha256)),
    }


STAGE = Stage(
    name="segment",
    reads={
        "documents": ("doc_id", "text"),
        "blocks": ("doc_id", "block_no", "start", "end", "kept"),
    },
    writes=("sentences", "tokens"),
    params=SegmentParams,
    run=run,
    libraries=("ufal.udpipe", "spacy-udpipe", "spacy"),
    models=models,
)
