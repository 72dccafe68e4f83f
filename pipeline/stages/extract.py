"""extract: names and entities, and claims with source, cue, content and chain of transmission."""

from __future__ import annotations

import gc
import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from pipeline.nlp import cards, ner
from pipeline.schemas import ATTRIBUTIONS, CLAIMS, ENTITIES, MENTIONS, REJECTS, reject
from pipeline.stage import ModelUse, Params, Stage, Tables
from pipeline.text import coreference, entities, name_keys, names, spans, titles
from pipeline.text.chains import Claim, Span
from pipeline.text.claims_document import Block, Sentence, read
from pipeline.text.claims_frame import Name, own_name
from pipeline.text.claims_words import NO_TAGS, Tags

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
    further: tuple[spans.Kind, ...] = Field(
        default=("DATE", "QUANTITY"),
        description="Kinds of mentions that rules find beside names and titles; empty for none.",
        strict=False,
    )
    ner_model: str | None = Field(
        default=None, description="Path of an entity model; empty for the one that ships with the package."
    )
    ner_sha256: str | None = Field(
        default=None,
        description="SHA-256 that the entity model must have; empty for the shipped model's card.",
    )


Recognised = Sequence[Sequence[ner.Mention]]  # the names of each sentence of one document


class _Document(NamedTuple):
    """One document of a batch: its text, boundaries and parse."""

    doc_id: str
    text: str
    blocks: Mapping[int, Block]
    sentences: Sequence[Sentence]
    tags: Tags


def run(tables: Tables, params: ExtractParams, date: str) -> dict[str, pa.Table]:
    """Return mentions, claims, attributions and rejects of one batch of documents."""
    with _no_collection():
        return _run(tables, params)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold the cycle collector back: the values of a batch form no cycles, and it would walk models and lexicons each time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _run(tables: Tables, params: ExtractParams) -> dict[str, pa.Table]:
    recogniser = ner.load(params.ner_model, params.ner_sha256)
    documents = _documents(tables)
    out: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("mentions", "claims", "attributions", "rejects")
    }
    for document, recognised in zip(documents, _recognised(documents, recogniser), strict=True):
        try:
            found = recognised or recogniser.mentions(_lines(document))
            mentions, claim_rows, layers = _document(document, found, params)
        except Exception as error:
            detail = f"{type(error).__name__}: {error}"
            out["rejects"].append(
                reject("extract", document.doc_id, "extract_failed", detail, "report this text as a bug")
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


def _documents(tables: Tables) -> list[_Document]:
    blocks, sentences, tags = _blocks(tables), _sentences(tables), _tags(tables)
    return [
        _Document(doc_id, text, blocks.get(doc_id, {}), sentences.get(doc_id, []), tags.get(doc_id, NO_TAGS))
        for doc_id, text in _rows(tables["documents"], "doc_id", "text")
    ]


def _lines(document: _Document) -> list[str]:
    return [document.text[s.start : s.end] for s in document.sentences]


def _recognised(
    documents: Sequence[_Document], recogniser: ner.Recogniser
) -> Sequence[list[list[ner.Mention]] | None]:
    """The names of all documents, found together for speed; None for each where one of them makes that fail."""
    try:
        return recogniser.documents([_lines(d) for d in documents])
    except Exception:
        return [None] * len(documents)


def _rows(table: pa.Table, *columns: str) -> Iterable[tuple[Any, ...]]:
    return zip(*(table[c].to_pylist() for c in columns), strict=True)


def _blocks(tables: Tables) -> dict[str, dict[int, Block]]:
    found: dict[str, dict[int, Block]] = defaultdict(dict)
    for doc_id, block_no, kind, start, end in _rows(
        tables["blocks"], "doc_id", "block_no", "kind", "start", "end"
    ):
        found[doc_id][block_no] = Block(kind, start, end)
    return found


def _sentences(tables: Tables) -> dict[str, list[Sentence]]:
    found: dict[str, list[Sentence]] = defaultdict(list)
    for doc_id, *rest in _rows(tables["sentences"], "doc_id", "sent_no", "block_no", "start", "end"):
        found[doc_id].append(Sentence(*rest))
    return {doc_id: sorted(rows) for doc_id, rows in found.items()}


def _tags(tables: Tables) -> dict[str, Tags]:
    """document → the parts of speech of its syntactic words, cut out of the columns as they lie."""
    tokens = tables["tokens"]
    runs = pc.run_end_encode(tokens["doc_id"].combine_chunks())
    if len(runs.values) > len(runs.values.unique()):  # the rows of a document do not lie together
        tokens = tokens.sort_by("doc_id")
        runs = pc.run_end_encode(tokens["doc_id"].combine_chunks())
    starts, ends = (tokens[c].to_numpy().tolist() for c in ("start", "end"))
    coded = tokens["upos"].combine_chunks().dictionary_encode()
    upos = list(map(coded.dictionary.to_pylist().__getitem__, coded.indices.to_numpy().tolist()))
    found, first = {}, 0
    for doc_id, last in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        found[doc_id] = Tags(starts[first:last], ends[first:last], upos[first:last])
        first = last
    return found


def _document(
    document: _Document, recognised: Recognised, params: ExtractParams
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    mentions, found = _read(document, recognised, params)
    known = {row["entity_id"] for row in mentions if row["entity_id"]}
    claim_rows, layer_rows = [], []
    for claim in found:
        if claim.confidence >= params.min_confidence:
            row, layers = _rows_of(document.doc_id, document.text, claim, known)
            claim_rows.append(row)
            layer_rows += layers
    return mentions, claim_rows, layer_rows


def _read(
    document: _Document, recognised: Recognised, params: ExtractParams
) -> tuple[list[dict[str, Any]], list[Claim]]:
    """Rows of mentions, and the claims, of one document."""
    doc_id, text, blocks, sentences, tags = document
    mentions, by_sentence = _mentions(doc_id, text, sentences, recognised, tags, params.further)
    return mentions, read(text, blocks, sentences, sections=params.sections, names=by_sentence, tags=tags)


def claims_of(tables: Tables, params: ExtractParams) -> dict[str, list[Claim]]:
    """Return the claims of each document as values, with the traits that their confidence comes from."""
    recogniser = ner.load(params.ner_model, params.ner_sha256)
    return {d.doc_id: _read(d, recogniser.mentions(_lines(d)), params)[1] for d in _documents(tables)}


def _mentions(
    doc_id: str,
    text: str,
    sentences: Sequence[Sentence],
    recognised: Recognised,
    tags: Tags,
    further: Sequence[spans.Kind],
) -> tuple[list[dict[str, Any]], dict[int, list[Name]]]:
    """Rows of mentions, and the names of each sentence with their canonical form in the document."""
    named = _named(text, sentences, recognised)
    seen = [(text[start:end], kind) for _, start, end, kind in named]
    same = coreference.glosses(text, [(start, end) for _, start, end, _ in named])
    canonical = coreference.canonical(seen, same)
    marked: list[tuple[int, int, int, str, str | None]] = []
    by_sentence = defaultdict(list)
    for (sentence, start, end, kind), key in zip(named, seen, strict=True):
        name = canonical[key]
        by_sentence[sentence.sent_no].append(Name(start, end, kind, name))
        marked.append((start, end, sentence.sent_no, kind, name_keys.entity_id(kind, name)))
    firsts = [sentence.start for sentence in sentences]
    people = [(start, end) for _, start, end, kind in named if kind == "PER"]
    for start, end in titles.beside(text, people, tags):
        marked.append((start, end, sentences[bisect_right(firsts, start) - 1].sent_no, "TITLE", None))
    marked += _further(text, sentences, by_sentence, further)
    rows = [
        {
            "doc_id": doc_id, "mention_no": number, "sent_no": sent_no, "start": start, "end": end,
            "text": text[start:end], "type": kind, "entity_id": entity,
        }
        for number, (start, end, sent_no, kind, entity) in enumerate(sorted(marked, key=lambda m: m[:2]))
    ]  # fmt: skip
    return rows, by_sentence


def _further(
    text: str, sentences: Sequence[Sentence], named: Mapping[int, Sequence[Name]], kinds: Sequence[spans.Kind]
) -> Iterator[tuple[int, int, int, str, None]]:
    """Start, end, sentence and type of the mentions that are no names."""
    for sentence in sentences if kinds else ():
        first, number = sentence.start, sentence.sent_no
        own = [(name.start - first, name.end - first) for name in named.get(number, ())]
        for start, end, kind in spans.find(text[first : sentence.end], own, kinds):
            yield first + start, first + end, number, kind, None


def _named(
    text: str, sentences: Sequence[Sentence], recognised: Recognised
) -> list[tuple[Sentence, int, int, str]]:
    """Sentence, start, end and type of the names, trimmed, and cut where the document names two people by one span."""
    found: list[tuple[Sentence, int, int, str]] = []
    for sentence, line in zip(sentences, recognised, strict=True):
        for m in line:
            start, end = sentence.start + m.start, sentence.start + m.end
            first, last = names.trim(text[start:end], m.type)
            start, end = start + first, start + last
            kept = own_name(text[start:end]) if m.type == "PER" else 0
            if kept is not None:
                found.append((sentence, start + kept, end, m.type))
    cuts = coreference.cuts([(text[start:end], kind) for _, start, end, kind in found])
    for i, (first, second) in sorted(cuts.items(), reverse=True):
        sentence, start, end, kind = found[i]
        found[i : i + 1] = [(sentence, start, start + first, kind), (sentence, start + second, end, kind)]
    return found


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
