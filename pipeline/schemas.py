"""Every table of the product, declared once: columns with type and meaning, key, version, checks.

``docs/tables.md`` is generated from here. Offsets are Unicode code points into ``documents.text``, half open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

S, I, F, B = pa.string(), pa.int32(), pa.float32(), pa.bool_()
T = pa.timestamp("us", tz="UTC")
SPAN = pa.struct([pa.field("start", I, nullable=False), pa.field("end", I, nullable=False)])
EDIT = pa.struct(
    [pa.field(n, S, nullable=False) for n in ("op", "kind")]
    + [pa.field(n, I, nullable=False) for n in ("a_start", "a_end", "b_start", "b_end")]
)


def _list(of: pa.DataType) -> pa.DataType:
    return pa.list_(pa.field("item", of, nullable=False))


@dataclass(frozen=True)
class Column:
    """One column: ``nullable`` columns may hold nulls, ``values`` names the closed set of a code column."""

    name: str
    type: pa.DataType
    doc: str
    nullable: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableSpec:
    """One table. ``spans`` lists (start, end, text) column triples that must reproduce documents.text;
    ``exact`` is False where the text column is a normalised copy and only the offsets are checked."""

    name: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    version: int = 1
    spans: tuple[tuple[str, str, str | None], ...] = ()
    published: bool = True

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema, with table name and version in its metadata."""
        fields = [pa.field(c.name, c.type, nullable=c.nullable) for c in self.columns]
        return pa.schema(fields, metadata={"isnad.table": self.name, "isnad.version": str(self.version)})

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def empty(self) -> pa.Table:
        """A table of no rows with the full schema."""
        return self.schema.empty_table()

    def table(self, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
        """Build the table from row mappings; a missing key is null. Raises pyarrow errors on wrong types."""
        return pa.Table.from_pylist([dict(r) for r in rows], schema=self.schema)

    def columnar(self, columns: Mapping[str, Any]) -> pa.Table:
        """Build the table from a mapping column → sequence or array (the fast way for large tables)."""
        arrays = [pa.array(columns[c.name], type=c.type) for c in self.columns]
        return pa.Table.from_arrays(arrays, schema=self.schema)


def _c(name: str, type_: pa.DataType, doc: str, *values: str) -> Column:
    optional = name.endswith("?")
    return Column(name.rstrip("?"), type_, doc, optional, values)


SECTIONS = ("title", "lead", "body", "embed", "tail")
BLOCK_KINDS = (
    "title", "lead", "body", "caption", "credit", "date", "related", "embed", "keywords", "boilerplate",
    "duplicate_lead", "tail",
)  # fmt: skip
KEPT_KINDS = ("title", "lead", "body")
STANCES = ("neutral", "assert", "doubt", "deny", "ask", "order")
EDIT_KINDS = (
    "spelling", "number", "date", "name", "polarity", "loaded_word", "attribution_dropped",
    "attribution_added", "quote_drift", "wording",
)  # fmt: skip
LINK_RELATIONS = (
    "same", "edited", "paraphrase", "attribution_dropped", "attribution_changed", "quote_drift", "contradicts",
)  # fmt: skip

DOC_ID = _c("doc_id", S, "Document; see documents.doc_id.")

DOCUMENTS = TableSpec(
    "documents",
    "One row per accepted article: the decoded text that all offsets point into, and where it came from.",
    ("doc_id",),
    (
        _c("doc_id", S, "Stable identifier: hash of outlet, record_id (else url) and text; the same article at "
           "another path keeps it."),
        _c("source_uri", S, "Path below the raw root, `#n` for record n (from 1) inside a file."),
        _c("record_id?", S, "The identifier that the input itself gave."),
        _c("outlet?", S, "Outlet: from the record, else from the configured globs."),
        _c("url?", S, "Address that the input gave."),
        _c("title?", S, "Title of the record, where the input has a separate one."),
        _c("byline?", S, "Author line that the input gave."),
        _c("published_at?", T, "When the article was published, as far as the input or its text says."),
        _c("published_evidence?", S, "Rule and characters that published_at comes from, such as `field:published_at` "
           "or `text:12-30`, with its precision and any doubt after semicolons."),
        _c("lang", S, "Main language of the text (ISO 639-1; `und` where undecided)."),
        _c("encoding", S, "Encoding that the bytes were decoded with."),
        _c("repairs", _list(S), "Repairs made while decoding, as `code@detail`; empty for clean input."),
        _c("content_sha256", S, "SHA-256 of `text` in UTF-8."),
        _c("text", S, "Decoded text of the record: exactly the file's characters for a UTF-8 .txt; title + two "
           "newlines + text for a record with a separate title."),
        _c("revision", I, "1 for the first version of this article that was seen, then counting up."),
        _c("previous_doc_id?", S, "The version that this one replaced."),
        _c("other_sources", _list(S), "Further places of the raw folder that hold the very same article."),
        _c("extra?", S, "Input fields that have no column of their own, as a JSON object."),
    ),
)  # fmt: skip

BLOCKS = TableSpec(
    "blocks",
    "One row per line or part of a line: what it is, whether it belongs to the article, and why.",
    ("doc_id", "block_no"),
    (
        DOC_ID,
        _c("block_no", I, "Position in the document, from 0."),
        _c("start", I, "First character of the block in documents.text."),
        _c("end", I, "One past its last character."),
        _c("kind", S, "What the block is.", *BLOCK_KINDS),
        _c("kept", B, "True for title, lead and body: what later stages read."),
        _c("lang?", S, "Language of the block (ISO 639-1)."),
        _c("text", S, "Normalised text for reading; the exact characters are documents.text[start:end]."),
        _c("reason", S, "Rule that typed the block."),
        _c("score", F, "Confidence of the rule, 0 to 1."),
        _c("line_key?", pa.int64(), "The same number for the same line of one outlet."),
        _c("if_repeated?", S, "What it is where its outlet repeats it.", "credit", "boilerplate", "notice"),
    ),
    spans=(("start", "end", None),),
)

CREDITS = TableSpec(
    "credits",
    "Agencies, outlets, photographers and authors that the page itself names as its source.",
    ("doc_id", "credit_no"),
    (
        DOC_ID,
        _c("credit_no", I, "Position in the document, from 0."),
        _c("kind", S, "Who is credited.", "agency", "outlet", "photo", "author"),
        _c("name", S, "The name as written."),
        _c("canonical", S, "Normalised name from the lexicon, else the name itself."),
        _c("start", I, "First character of the name."),
        _c("end", I, "One past its last character."),
    ),
    spans=(("start", "end", "name"),),
)

SENTENCES = TableSpec(
    "sentences",
    "Sentences of the kept blocks.",
    ("doc_id", "sent_no"),
    (
        DOC_ID,
        _c("sent_no", I, "Position in the document, from 0."),
        _c("block_no", I, "Block that holds the sentence."),
        _c("start", I, "First character; never white space."),
        _c("end", I, "One past the last character; never white space before it."),
        _c("text", S, "documents.text[start:end]."),
    ),
    spans=(("start", "end", "text"),),
)

TOKENS = TableSpec(
    "tokens",
    "Syntactic words with Universal Dependencies annotation.",
    ("doc_id", "sent_no", "token_no"),
    (
        DOC_ID,
        _c("sent_no", I, "Sentence; see sentences.sent_no."),
        _c("token_no", I, "Position in the sentence, from 1 (as in CoNLL-U)."),
        _c("start", I, "First character of the word, or of the surface token that holds it."),
        _c("end", I, "One past the last character."),
        _c(
            "form",
            S,
            "Syntactic word; equals documents.text[start:end] unless the model splits a surface token.",
        ),
        _c("lemma", S, "Lemma."),
        _c("upos", S, "Universal part-of-speech tag."),
        _c("feats?", S, "Morphological features, `Name=Value|…`."),
        _c("head", I, "token_no of the head, 0 for the root."),
        _c("deprel", S, "Universal dependency relation."),
    ),
    spans=(("start", "end", None),),
)

MENTIONS = TableSpec(
    "mentions",
    "Named entities in the kept text.",
    ("doc_id", "mention_no"),
    (
        DOC_ID,
        _c("mention_no", I, "Position in the document, from 0."),
        _c("sent_no", I, "Sentence; see sentences.sent_no."),
        _c("start", I, "First character; proclitics are left out, the article is kept."),
        _c("end", I, "One past the last character."),
        _c("text", S, "documents.text[start:end]."),
        _c("type", S, "Entity type.", "PER", "ORG", "LOC", "TITLE", "DATE", "QUANTITY", "EVENT"),
        _c("entity_id?", S, "Entity; see entities.entity_id. Null for types that are no entities (TITLE, DATE, QUANTITY)."),
    ),
    spans=(("start", "end", "text"),),
)  # fmt: skip

ENTITIES = TableSpec(
    "entities",
    "The people, organisations and places named in the night.",
    ("entity_id",),
    (
        _c(
            "entity_id",
            S,
            "Stable identifier, the same every night for the same type and name, however spelt.",
        ),
        _c("name", S, "Canonical name: the fullest one of most documents."),
        _c("type", S, "Entity type.", "PER", "ORG", "LOC", "TITLE", "EVENT"),
        _c("aliases", _list(S), "Other spellings seen, sorted."),
        _c("latin", S, "Transliteration for readers of Latin script."),
        _c("n_docs", I, "Documents of the night that mention it."),
        _c("n_mentions", I, "Mentions in the night."),
        _c("first_seen?", T, "Earliest publication time of a document of the night that mentions it."),
        _c(
            "same_as?",
            S,
            "Entity of the night with the fuller name or the commoner spelling that this one stands for; "
            "null where nothing proves it.",
        ),
        _c(
            "same_as_evidence?",
            S,
            "What proves it: `title:` a title that both bear, `names:` how many rare names the "
            "two texts share; `spelling,` before it where the names differ in spelling only.",
        ),
    ),
)

CLAIMS = TableSpec(
    "claims",
    "Everything that the text presents as coming from a source other than its author: source, cue, content.",
    ("claim_id",),
    (
        _c("claim_id", S, "Stable identifier: document and position of the cue and content."),
        DOC_ID,
        _c("sent_no", I, "Sentence of the cue."),
        _c("section", S, "Part of the page.", *SECTIONS),
        _c("speaker_start?", I, "First character of the speaker's noun phrase (or clitic) in the cue's clause."),
        _c("speaker_end?", I, "One past its last character."),
        _c("speaker_text?", S, "documents.text[speaker_start:speaker_end]."),
        _c("speaker_mention", S, "How the speaker is expressed.", "name", "nominal", "pronoun", "elided", "implicit"),
        _c("speaker_name?", S, "Canonical name: the fullest in the document, trade name of agencies, state for capital."),
        _c("speaker_entity_id?", S, "Entity; see entities.entity_id."),
        _c("speaker_type?", S, "Entity type of the speaker.", "PER", "ORG", "LOC"),
        _c("cue_start", I, "First character of the reporting word."),
        _c("cue_end", I, "One past its last character."),
        _c("cue_text", S, "documents.text[cue_start:cue_end]."),
        _c("cue_lemma", S, "Lemma of the cue in the lexicon."),
        _c("content", _list(SPAN), "Spans of what is claimed, in order."),
        _c("content_text", S, "The content's characters, spans joined by one space."),
        _c("quoted", _list(SPAN), "Verbatim stretches, without the quotation marks."),
        _c("kind", S, "direct: the quotes cover the content; indirect: none; mixed: part.", "direct", "mixed", "indirect"),
        _c("stance", S, "How the cue frames the content.", *STANCES),
        _c("said_at?", S, "When it was said, as written, or an ISO date where resolved."),
        _c("confidence", F, "Estimated probability that an annotator finds this claim too: a report at this cue whose "
           "content overlaps by half or more. It says nothing about the speaker. Fitted on annotated articles."),
        _c("rule", S, "Rule that produced the claim."),
    ),
    spans=(("speaker_start", "speaker_end", "speaker_text"), ("cue_start", "cue_end", "cue_text")),
)  # fmt: skip

ATTRIBUTIONS = TableSpec(
    "attributions",
    "The chain of transmission of each claim, outermost source first; the last layer is the speaker.",
    ("claim_id", "layer"),
    (
        _c("claim_id", S, "Claim; see claims.claim_id."),
        _c("layer", I, "0 is the outermost source."),
        _c("relation", S, "relay: passes the words on; speaker: whose words they are.", "relay", "speaker"),
        _c("name?", S, "Canonical name of the source."),
        _c("text?", S, "The source as written."),
        _c("start?", I, "First character of the source."),
        _c("end?", I, "One past its last character."),
        _c("entity_id?", S, "Entity; see entities.entity_id."),
        _c("cue_start?", I, "First character of this layer's own cue."),
        _c("cue_end?", I, "One past its last character."),
        _c("carried", B, "True where the layer is inherited from an earlier claim (وأضاف)."),
    ),
)

STORIES = TableSpec(
    "stories",
    "Which story each document tells, and its part in it.",
    ("doc_id",),
    (
        DOC_ID,
        _c("story_id", S, "Story; documents of one story share it."),
        _c("role", S, "Part of the document in the story.", "origin", "copy", "rewrite", "single"),
        _c("score", F, "Share of the document's words that the story's other documents share, 0 to 1."),
    ),
)

REUSE = TableSpec(
    "reuse",
    "Aligned passages of two documents, with every edit. a is the earlier document, then the smaller doc_id.",
    ("a_doc_id", "b_doc_id", "link_no"),
    (
        _c("a_doc_id", S, "The earlier document."),
        _c("b_doc_id", S, "The later document."),
        _c("link_no", I, "Position among the links of the pair, from 0."),
        _c("a_start", I, "First character of the passage in a."),
        _c("a_end", I, "One past its last character."),
        _c("b_start", I, "First character of the passage in b."),
        _c("b_end", I, "One past its last character."),
        _c("relation", S, "How close the words are.", "verbatim", "edited", "paraphrase"),
        _c("scope", S, "What the passage is in the two documents.", "story", "background", "template"),
        _c("similarity", F, "Similarity of the two passages, 0 to 1."),
        _c(
            "edits",
            _list(EDIT),
            "Word-level operations (insert, delete, replace, move) with kind and offsets.",
        ),
    ),
)

CLAIM_LINKS = TableSpec(
    "claim_links",
    "Claims of two documents that say the same, or contradict each other.",
    ("a_claim_id", "b_claim_id"),
    (
        _c("a_claim_id", S, "Claim of the earlier document."),
        _c("b_claim_id", S, "Claim of the later document."),
        _c("relation", S, "How the two differ.", *LINK_RELATIONS),
        _c("similarity", F, "Similarity of the two contents, 0 to 1."),
    ),
)

CLAIM_GROUPS = TableSpec(
    "claim_groups",
    "Who else carries a claim, and how many independent origins it has.",
    ("claim_id",),
    (
        _c("claim_id", S, "Claim; see claims.claim_id."),
        _c("group_id", S, "Group; claims that say the same share it."),
        _c("n_docs", I, "Documents in the group."),
        _c("n_outlets", I, "Outlets in the group."),
        _c("n_origins", I, "Independent origins after copies and relays are folded together."),
    ),
)

ORIGINS = TableSpec(
    "origins",
    "Where the text of each document comes from.",
    ("doc_id",),
    (
        DOC_ID,
        _c("origin?", S, "Agency, outlet or doc_id that the text comes from."),
        _c("kind", S, "What the origin is.", "agency", "outlet", "document", "own"),
        _c("evidence", S, "What says so, such as `credit:0` or `copy-of:<doc_id>`."),
        _c("score", F, "Confidence, 0 to 1."),
    ),
)

REJECTS = TableSpec(
    "rejects",
    "Every input that did not become a document, or a document that a stage could not process.",
    ("stage", "key"),
    (
        _c("stage", S, "Stage that rejected it.", "ingest", "clean", "segment", "extract", "align"),
        _c("key", S, "source_uri in ingest, doc_id later."),
        _c("reason", S, "Reason code."),
        _c("detail", S, "What was found, at most 200 characters."),
        _c("place?", S, "Line, byte or offset."),
        _c("next_action", S, "What an operator can do."),
        _c("content_sha256?", S, "SHA-256 of the raw bytes."),
    ),
)

# Not published: what the reader of the raw folder hands to ingest.
RAW = TableSpec(
    "raw",
    "One row per raw record: its bytes as they lie in the file, or the reason why they could not be read.",
    ("source_uri",),
    (
        _c("source_uri", S, "Path below the raw root, `#n` for record n (from 1) inside a file."),
        _c("form", S, "How to read the payload.", "text", "json", "html", "csv", "feed"),
        _c(
            "payload",
            pa.large_binary(),
            "The raw bytes (a Parquet row as JSON); empty where they could not be read.",
        ),
        _c(
            "context?",
            pa.binary(),
            "What its file says about the record: the key of a JSON object, separator and header "
            "of a CSV file, the head of a feed, url and charset of a WARC response as JSON.",
        ),
        _c("line?", I, "Line of the record in its file, from 1."),
        _c("byte?", pa.int64(), "Byte offset of the record in its (decompressed) file."),
        _c("problem?", S, "Reason code where the bytes could not be read."),
        _c("detail?", S, "What was found; without a problem, a note for `documents.repairs`."),
        _c("sha256?", S, "SHA-256 of the payload."),
    ),
    published=False,
)

PUBLISHED: tuple[TableSpec, ...] = (
    DOCUMENTS, BLOCKS, CREDITS, SENTENCES, TOKENS, MENTIONS, ENTITIES, CLAIMS, ATTRIBUTIONS, STORIES, REUSE,
    CLAIM_LINKS, CLAIM_GROUPS, ORIGINS, REJECTS,
)  # fmt: skip
TABLES: Mapping[str, TableSpec] = {spec.name: spec for spec in (*PUBLISHED, RAW)}


def reject(
    stage: str,
    key: str,
    reason: str,
    detail: str,
    next_action: str,
    *,
    place: str | None = None,
    sha256: str | None = None,
) -> dict[str, str | None]:
    """One row for ``rejects``; the detail is cut at 200 characters so that no article text leaks into logs."""
    return {
        "stage": stage, "key": key, "reason": reason, "detail": detail[:200], "place": place,
        "next_action": next_action, "content_sha256": sha256,
    }  # fmt: skip
