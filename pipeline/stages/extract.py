"""extract: names and entities, and claims with source, cue, content and chain of transmission."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, Literal, NamedTuple

import pyarrow as pa
from pydantic import Field

from pipeline.nlp import cards, ner
from pipeline.schemas import ATTRIBUTIONS, CLAIMS, ENTITIES, MENTIONS, REJECTS, reject
from pipeline.stage import ModelUse, Params, Stage, Tables
from pipeline.text import claims, coreference, entities, name_keys, names, titles
from pipeline.text.chains import Claim, Span
from pipeline.text.claims_frame import Frame, Name, own_name
from pipeline.text.claims_words import Token, words_of
from pipeline.text.quotes import Quote, pair

Section = Literal["title", "lead", "body", "embed", "tail"]


class ExtractParams(Params):
    """Parameters of extract."""

    sections: tuple[Section, ...] = Field(
        default=("title", "lead", "body"),
        description="Parts of the page that claims are read from; add embed or tail to read those too.",
        strict=False,
    )
    min_confidence: float = Field(
        default=0.0, ge=0.0, le=1.0, description="Claims below this confidence are left out."
    )
    ner_model: str | None = Field(
        default=None, description="Path of an entity model; empty for the one that ships with the package."
    )
    ner_sha256: str | None = Field(
        default=None,
        description="SHA-256 that the entity model must have; empty for the shipped model's card.",
    )


class _Sentence(NamedTuple):
    sent_no: int
    block_no: int
    start: int
    end: int


class _Block(NamedTuple):
    kind: str
    start: int
    end: int


def run(tables: Tables, params: ExtractParams, date: str) -> dict[str, pa.Table]:
    """Return mentions, claims, attributions and rejects of one batch of documents."""
    recogniser = ner.load(params.ner_model, params.ner_sha256)
    blocks, sentences, tokens = _blocks(tables), _sentences(tables), _tokens(tables)
    out: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("mentions", "claims", "attributions", "rejects")
    }
    documents = tables["documents"]
    for doc_id, text in zip(documents["doc_id"].to_pylist(), documents["text"].to_pylist(), strict=True):
        try:
            mentions, claim_rows, layers = _document(
                doc_id,
                text,
                blocks.get(doc_id, {}),
                sentences.get(doc_id, []),
                tokens.get(doc_id, []),
                recogniser,
                params,
            )
        except Exception as error:
            detail = f"{type(error).__name__}: {error}"
            out["rejects"].append(
                reject("extract", doc_id, "extract_failed", detail, "report this text as a bug")
            )
            continue
        out["mentions"] += mentions
        out["claims"] += claim_rows
        out["attributions"] += layers
    return {
        "mentions": MENTIONS.table(out["mentions"]),
        "claims": CLAIMS.table(out["claims"]),
        "attributions": ATTRIBUTIONS.table(out["attributions"]),
        "rejects": REJECTS.table(out["rejects"]),
    }


def _rows(table: pa.Table, *columns: str) -> Iterable[tuple[Any, ...]]:
    return zip(*(table[c].to_pylist() for c in columns), strict=True)


def _blocks(tables: Tables) -> dict[str, dict[int, _Block]]:
    found: dict[str, dict[int, _Block]] = defaultdict(dict)
    for doc_id, block_no, kind, start, end in _rows(
        tables["blocks"], "doc_id", "block_no", "kind", "start", "end"
    ):
        found[doc_id][block_no] = _Block(kind, start, end)
    return found


def _sentences(tables: Tables) -> dict[str, list[_Sentence]]:
    found: dict[str, list[_Sentence]] = defaultdict(list)
    for doc_id, *rest in _rows(tables["sentences"], "doc_id", "sent_no", "block_no", "start", "end"):
        found[doc_id].append(_Sentence(*rest))
    return {doc_id: sorted(rows) for doc_id, rows in found.items()}


def _tokens(tables: Tables) -> dict[str, list[Token]]:
    """document → (start, end, part of speech) of its syntactic words, sorted."""
    found: dict[str, list[Token]] = defaultdict(list)
    for doc_id, *token in _rows(tables["tokens"], "doc_id", "start", "end", "upos"):
        found[doc_id].append(tuple(token))
    return {doc_id: sorted(tokens) for doc_id, tokens in found.items()}


def _document(
    doc_id: str,
    text: str,
    blocks: Mapping[int, _Block],
    sentences: Sequence[_Sentence],
    tokens: Sequence[Token],
    recogniser: ner.Recogniser,
    params: ExtractParams,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    mentions, by_sentence = _mentions(doc_id, text, sentences, recogniser)
    frames = []
    quotes: dict[int, list[Quote]] = {}
    for sentence in sentences:
        block = blocks[sentence.block_no]
        if block.kind not in params.sections:
            continue
        if sentence.block_no not in quotes:
            quotes[sentence.block_no] = pair(text, block.start, block.end)
        marks = quotes[sentence.block_no]
        words = words_of(text, sentence.start, sentence.end, marks, tokens)
        named = by_sentence.get(sentence.sent_no, [])
        frames.append(
            Frame(sentence.sent_no, block.kind, sentence.block_no, sentence.start, sentence.end, text, words, marks, named)
        )  # fmt: skip
    claim_rows, layer_rows = [], []
    known = {row["entity_id"] for row in mentions if row["entity_id"]}
    for claim in claims.extract(frames):
        if claim.confidence < params.min_confidence:
            continue
        row, layers = _rows_of(doc_id, text, claim, known)
        claim_rows.append(row)
        layer_rows += layers
    return mentions, claim_rows, layer_rows


def _mentions(
    doc_id: str, text: str, sentences: Sequence[_Sentence], recogniser: ner.Recogniser
) -> tuple[list[dict[str, Any]], dict[int, list[Name]]]:
    """Rows of mentions, and the names of each sentence with their canonical form in the document."""
    spans: list[tuple[_Sentence, int, int, str]] = []
    found = recogniser.mentions([text[s.start : s.end] for s in sentences])
    for sentence, line in zip(sentences, found, strict=True):
        for m in line:
            start, end = sentence.start + m.start, sentence.start + m.end
            first, last = names.trim(text[start:end], m.type)
            start, end = start + first, start + last
            kept = own_name(text[start:end]) if m.type == "PER" else 0
            if kept is not None:
                spans.append((sentence, start + kept, end, m.type))
    for i, (first, second) in sorted(
        coreference.cuts([(text[s:e], kind) for _, s, e, kind in spans]).items(), reverse=True
    ):
        sentence, start, end, kind = spans[i]
        spans[i : i + 1] = [(sentence, start, start + first, kind), (sentence, start + second, end, kind)]
    seen = [(text[start:end], kind) for _, start, end, kind in spans]
    same = coreference.glosses(text, [(start, end) for _, start, end, _ in spans])
    canonical = coreference.canonical(seen, same)
    marked: list[tuple[int, int, int, str, str | None]] = []
    by_sentence = defaultdict(list)
    for (sentence, start, end, kind), key in zip(spans, seen, strict=True):
        name = canonical[key]
        by_sentence[sentence.sent_no].append(Name(start, end, kind, name))
        marked.append((start, end, sentence.sent_no, kind, name_keys.entity_id(kind, name)))
    firsts = [sentence.start for sentence in sentences]
    for start, end in titles.beside(text, [(start, end) for _, start, end, kind in spans if kind == "PER"]):
        marked.append((start, end, sentences[bisect_right(firsts, start) - 1].sent_no, "TITLE", None))
    rows = [
        {
            "doc_id": doc_id, "mention_no": number, "sent_no": sent_no, "start": start, "end": end,
            "text": text[start:end], "type": kind, "entity_id": entity,
        }
        for number, (start, end, sent_no, kind, entity) in enumerate(sorted(marked, key=lambda m: m[:2]))
    ]  # fmt: skip
    return rows, by_sentence


def claim_id(doc_id: str, cue: Span, content: Sequence[Span]) -> str:
    """Identifier of a claim: "c" + 16 hex digits of SHA-256 over document, cue and content positions.

    >>> claim_id("d1", (0, 3), [(8, 20)])[0], len(claim_id("d1", (0, 3), [(8, 20)]))
    ('c', 17)
    """
    parts = [doc_id, *(str(n) for span in (cue, *content) for n in span)]
    return "c" + hashlib.sha256("\t".join(parts).encode()).hexdigest()[:16]


def _entity(kind: str | None, name: str | None, named: Set[str]) -> str | None:
    """The entity of a source, if it is one of those that the document names (the experts are none)."""
    number = name_keys.entity_id(kind, name) if kind and name else None
    return number if number in named else None


def _rows_of(
    doc_id: str, text: str, claim: Claim, named: Set[str]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The claims row and the attributions rows of one claim; ``named`` are the entities of the document."""
    number, speaker = claim_id(doc_id, claim.cue, claim.content), claim.speaker
    row = {
        "claim_id": number, "doc_id": doc_id, "sent_no": claim.sent_no, "section": claim.section,
        "speaker_start": speaker.start, "speaker_end": speaker.end,
        "speaker_text": speaker.text if speaker.start is not None else None,
        "speaker_mention": speaker.mention, "speaker_name": speaker.name,
        "speaker_entity_id": _entity(speaker.type, speaker.entity, named), "speaker_type": speaker.type,
        "cue_start": claim.cue[0], "cue_end": claim.cue[1], "cue_text": text[claim.cue[0] : claim.cue[1]],
        "cue_lemma": claim.lemma,
        "content": [{"start": s, "end": e} for s, e in claim.content],
        "content_text": " ".join(text[s:e] for s, e in claim.content),
        "quoted": [{"start": s, "end": e} for s, e in claim.quoted],
        "kind": claim.kind, "stance": claim.stance, "said_at": claim.said_at, "confidence": claim.confidence,
        "rule": claim.rule,
    }  # fmt: skip
    layers = [
        {
            "claim_id": number, "layer": i, "relation": layer.relation, "name": layer.source.name or layer.source.text,
            "text": layer.source.text, "start": layer.source.start, "end": layer.source.end,
            "entity_id": _entity(layer.source.type, layer.source.entity, named),
            "cue_start": layer.cue[0] if layer.cue else None, "cue_end": layer.cue[1] if layer.cue else None,
            "carried": layer.carried,
        }
        for i, layer in enumerate(claim.layers)
    ]  # fmt: skip
    return row, layers


def finish(tables: Tables, params: ExtractParams, date: str) -> dict[str, pa.Table]:
    """Return the entities of the whole unit, from all its mentions."""
    published = dict(_rows(tables["documents"], "doc_id", "published_at"))
    columns = ("doc_id", "start", "end", "text", "type", "entity_id")
    seen = (entities.Mention(*row) for row in _rows(tables["mentions"], *columns))
    return {"entities": ENTITIES.table(entities.rows(seen, published))}


def models(params: ExtractParams) -> tuple[ModelUse, ...]:
    """The entity model that ``run`` loads."""
    if params.ner_model:
        return (ModelUse(params.ner_model, params.ner_sha256),)
    shipped = cards.folder() / ner.SHIPPED.rsplit("/", 1)[-1]
    return (ModelUse(str(shipped), params.ner_sha256 or ner.shipped_sha256()),)


STAGE = Stage(
    name="extract",
    reads={
        "documents": ("doc_id", "text"),
        "blocks": ("doc_id", "block_no", "kind", "start", "end"),
        "sentences": ("doc_id", "sent_no", "block_no", "start", "end"),
        "tokens": ("doc_id", "start", "end", "upos"),
    },
    writes=("mentions", "claims", "attributions", "rejects"),
    params=ExtractParams,
    run=run,
    finish=finish,
    finish_reads={
        "mentions": ("doc_id", "start", "end", "text", "type", "entity_id"),
        "documents": ("doc_id", "published_at"),
    },
    finish_writes=("entities",),
    libraries=("numpy", "pyahocorasick", "rapidfuzz"),
    models=models,
)
