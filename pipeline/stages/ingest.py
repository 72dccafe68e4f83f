"""ingest: raw records to documents.

Every raw row becomes exactly one document or one reject. ``settle`` then sees the identities of the whole unit:
the same article twice, articles that were published before, and new versions of an article.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from functools import cache
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, field_validator, model_validator

from pipeline.limits import Limits
from pipeline.pages import from_html
from pipeline.resources import load
from pipeline.schemas import DOCUMENTS, RAW, REJECTS, reject
from pipeline.stage import Params, Settlement, Stage, Tables
from pipeline.text.dates import instant, parse_field, published
from pipeline.text.decode import replace_surrogates
from pipeline.text.identity import resolve
from pipeline.text.lang import language
from pipeline.text.record import Article, RecordError, from_json, from_text
from pipeline.text.record import FieldNames as FieldKeys
from pipeline.text.record_forms import from_csv, from_feed


class OutletRule(Params):
    """Names the outlet of the files whose path matches."""

    glob: str = Field(
        description="Path below the raw root: `*` and `?` stay within a folder, `**` crosses folders; `{outlet}` "
        "stands for one folder or part of a name and captures the outlet, as in `*/{outlet}/**`."
    )
    outlet: str | None = Field(
        default=None, min_length=1, description="The outlet; left out where `{outlet}` captures it."
    )

    @model_validator(mode="after")
    def _one_source(self) -> OutletRule:
        if self.glob.count("{outlet}") + (self.outlet is not None) != 1:
            raise ValueError("give either one {outlet} in glob, or outlet")
        return self


class FieldNames(Params):
    """Keys of a record (JSON, CSV, Parquet) that hold each column; the first key that is present counts, letter case does
    not."""

    id: tuple[str, ...] = Field(
        default=("id", "record_id", "guid", "uuid", "article_id"),
        strict=False,
        description="Identifier of the record.",
    )
    outlet: tuple[str, ...] = Field(
        default=("outlet", "source", "publisher", "source_name", "site"), strict=False, description="Outlet."
    )
    url: tuple[str, ...] = Field(
        default=("url", "link", "canonical_url"), strict=False, description="Address."
    )
    published_at: tuple[str, ...] = Field(
        default=(
            "published_at",
            "published",
            "publishedAt",
            "date",
            "pubDate",
            "datePublished",
            "date_publish",
            "publish_date",
            "created_at",
        ),
        strict=False,
        description="Time of publication.",
    )
    title: tuple[str, ...] = Field(default=("title", "headline"), strict=False, description="Headline.")
    text: tuple[str, ...] = Field(
        default=(
            "text",
            "body",
            "content",
            "articleBody",
            "article_body",
            "article_text",
            "full_text",
            "maintext",
            "article",
        ),
        strict=False,
        description="Article text; required.",
    )
    byline: tuple[str, ...] = Field(
        default=("byline", "author", "authors", "creator"), strict=False, description="Author line."
    )


class IngestParams(Params):
    """How raw records become documents."""

    outlets: tuple[OutletRule, ...] = Field(
        default=(),
        strict=False,
        description="Outlets by path, first match wins; a record's own outlet beats them.",
    )
    fields: FieldNames = Field(
        default=FieldNames(), description="Keys of JSON records, columns of CSV and Parquet files."
    )
    limits: Limits = Field(default=Limits(), description="Sizes above which raw input is refused.")
    date_order: dict[str, Literal["dmy", "mdy"]] = Field(
        default={},
        description="Order of day and month in numeric dates such as 03/04/2023, by outlet; `*` for all others.",
    )
    max_chars: int = Field(
        default=1_000_000, gt=0, description="Longest text of one document, in characters."
    )
    future_days: int = Field(
        default=2,
        ge=0,
        description="Days after the batch date from which a publication time is not believed.",
    )
    first_year: int = Field(
        default=1990, ge=1, description="Publication times before this year are not believed."
    )

    @field_validator("outlets")
    @classmethod
    def _globs_compile(cls, rules: tuple[OutletRule, ...]) -> tuple[OutletRule, ...]:
        for rule in rules:
            glob_pattern(rule.glob)
        return rules


@cache
def glob_pattern(glob: str) -> re.Pattern[str]:
    """Compile a path glob; ``{outlet}`` becomes a group.

    >>> glob_pattern("*/{outlet}/**").fullmatch("2026-11-01/alpha/x/1.txt")["outlet"]
    'alpha'
    >>> glob_pattern("alpha-*.txt").fullmatch("x/alpha-1.txt") is None
    True
    """
    forms = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "{outlet}": "(?P<outlet>[^/]+?)"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\{outlet\})", glob)
    made = [forms.get(part) or re.escape(part) for part in parts]
    for n, part in enumerate(parts[:-2]):
        if part == "{outlet}" and parts[n + 1] and parts[n + 2] in ("*", "**"):
            # What follows takes whatever is left: no later end of the outlet can fit where the first does not.
            made[n], made[n + 1] = f"(?>{made[n]}", f"{made[n + 1]})"
    return re.compile("".join(made), re.DOTALL)


def outlet_of(uri: str, rules: tuple[OutletRule, ...]) -> str | None:
    """Outlet of the first rule whose glob matches the whole path (record numbers left out).

    >>> outlet_of("2026-11-01/alpha/a.jsonl#3", (OutletRule(glob="*/{outlet}/*"),))
    'alpha'
    """
    path = re.sub(r"#[0-9]+$", "", uri)
    for rule in rules:
        match = glob_pattern(rule.glob).fullmatch(path)
        if match and (rule.outlet or not match["outlet"].endswith("!")):  # an archive's name is no outlet
            return rule.outlet or match["outlet"]
    return None


def doc_id_of(outlet: str | None, identity: str | None, text: str) -> str:
    """Identifier of a document: ``d`` and 16 hex digits of SHA-256 over outlet, record_id (else url) and text.

    >>> doc_id_of("alpha", "7", "خبر") == doc_id_of("alpha", "7", "خبر") != doc_id_of("beta", "7", "خبر")
    True
    """
    # Lengths before the parts: no two different triples give the same bytes.
    sha = hashlib.sha256()
    for part in (outlet or "", identity or "", text):
        data = part.encode("utf-8")
        sha.update(b"%d:" % len(data))
        sha.update(data)
    return "d" + sha.hexdigest()[:16]


def published_of(article: Article, params: IngestParams, date: str) -> tuple[dt.datetime | None, str | None]:
    """Publication time in UTC and its evidence: the record's field, else a publication line of the text.

    The evidence is ``field:<key>`` or ``text:<start>-<end>``, then ``;`` and the certainty unless the zone was given,
    then ``;`` and why the value was not believed, or what a Hijri date on the same line says against it.
    """
    order = params.date_order.get(article.outlet or "", params.date_order.get("*"))
    conflict = ""
    if article.date_field:
        key, value = article.date_field
        found = parse_field(value, order)
        conflict = found.conflict
        when, evidence, certainty = found.when, f"field:{key}", found.certainty
        if when is None and not published(article.text, order):
            return None, f"{evidence};{certainty};{found.note}"
    if not article.date_field or when is None:
        hit = published(article.text, order)
        if hit is None:
            return None, None
        when = instant(hit.iso) if hit.iso else None
        evidence, certainty, conflict = f"text:{hit.start}-{hit.end}", hit.certainty, hit.conflict
    evidence = evidence if certainty == "zoned" else f"{evidence};{certainty}"
    if when is None:
        return None, evidence
    latest = dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC) + dt.timedelta(
        days=params.future_days + 1
    )
    if when >= latest:
        return None, f"{evidence};later than the batch date"
    if when.year < params.first_year:
        return None, f"{evidence};before {params.first_year}"
    return when, f"{evidence};{conflict}" if conflict else evidence


def document(article: Article, uri: str, params: IngestParams, date: str) -> dict[str, Any]:
    """The row of ``documents``. Raises RecordError ``too_long``."""
    if len(article.text) > params.max_chars:
        raise RecordError("too_long", f"{len(article.text)} characters, the limit is {params.max_chars}")
    article.outlet = article.outlet or outlet_of(uri, params.outlets) or article.outlet_hint
    when, evidence = published_of(article, params, date)
    extra = None
    if article.extra:
        extra, marks = replace_surrogates(json.dumps(article.extra, ensure_ascii=False, sort_keys=True))
        article.repairs += [f"extra:{mark}" for mark in marks]
    return {
        "doc_id": doc_id_of(article.outlet, article.record_id or article.url, article.text),
        "source_uri": uri, "record_id": article.record_id, "outlet": article.outlet, "url": article.url,
        "title": article.title, "byline": article.byline, "published_at": when, "published_evidence": evidence,
        "lang": language(article.text), "encoding": article.encoding, "repairs": article.repairs,
        "content_sha256": hashlib.sha256(article.text.encode("utf-8")).hexdigest(), "text": article.text,
        "revision": 1, "previous_doc_id": None, "other_sources": [], "extra": extra,
    }  # fmt: skip


def next_action(reason: str) -> str:
    """What an operator can do about a reason code."""
    return str(load("reject_reasons.yaml")[reason]["next"])


def _article(form: str, payload: bytes, context: bytes | None, names: FieldKeys) -> Article:
    """The article that a raw record holds. Raises RecordError."""
    if form == "text":
        return from_text(payload)
    if form == "html":
        return from_html(payload, context)
    if form == "csv":
        return from_csv(payload, context or b",", names)
    if form == "feed":
        return from_feed(payload, context or b"")
    return from_json(payload, names, context)


def run(tables: Tables, params: IngestParams, date: str) -> dict[str, pa.Table]:
    """Turn one batch of ``raw`` into ``documents`` and ``rejects``; rows in = documents + rejects."""
    documents: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    names = {column: getattr(params.fields, column) for column in FieldNames.model_fields}
    for batch in tables["raw"].to_batches(max_chunksize=64):  # payloads become Python bytes a few at a time
        for row in batch.to_pylist():
            try:
                if row["problem"]:
                    raise RecordError(row["problem"], row["detail"] or "")
                article = _article(row["form"], row["payload"], row["context"], names)
                if row["detail"]:
                    article.repairs.append(row["detail"])
                documents.append(document(article, row["source_uri"], params, date))
            except RecordError as error:
                place = ", ".join(f"{name} {row[name]}" for name in ("line", "byte") if row[name] is not None)
                rejects.append(
                    reject(
                        "ingest", row["source_uri"], error.reason, error.detail, next_action(error.reason),
                        place=place or None, sha256=row["sha256"],
                    )
                )  # fmt: skip
    return {"documents": DOCUMENTS.table(documents), "rejects": REJECTS.table(rejects)}


SETTLE_READS = (
    "doc_id", "source_uri", "record_id", "outlet", "url", "published_at", "repairs", "revision", "previous_doc_id",
    "other_sources", "content_sha256",
)  # fmt: skip
AMENDED = pa.schema(
    [
        pa.field("doc_id", pa.string(), nullable=False),
        pa.field("source_uri", pa.string(), nullable=False),
        pa.field("keep", pa.bool_(), nullable=False),
        *(
            DOCUMENTS.schema.field(name)
            for name in ("revision", "previous_doc_id", "other_sources", "repairs")
        ),
    ]
)


def _former(previous: pa.Table, current: pa.Table, date: str) -> list[dict[str, Any]]:
    """Published rows up to ``date`` that share a doc_id or a part of an identity with the unit."""
    if not previous.num_rows:
        return []
    previous = previous.set_column(
        previous.schema.get_field_index("dt"), "dt", previous["dt"].cast(pa.string())
    )
    mask: Any = False
    for column in ("doc_id", "record_id", "url", "source_uri"):
        wanted = pc.unique(current[column].drop_null())
        mask = pc.or_(mask, pc.is_in(previous[column], value_set=wanted))
    rows: list[dict[str, Any]] = previous.filter(
        pc.and_(mask, pc.less_equal(previous["dt"], date))
    ).to_pylist()
    return rows


def settle(current: pa.Table, previous: pa.Table, params: IngestParams, date: str) -> Settlement:
    """Settle the identities of a unit.

    - One doc_id twice in the unit: the first source stays and lists the others; each other is a reject ``duplicate``.
    - A doc_id that an earlier night published: reject ``duplicate``, naming night and place.
    - Other text under the same identity (outlet and record_id, else outlet and url, else the path of a
      single-article file), in this unit or published up to ``date``: the next revision, naming the one before.
      Two versions within the unit are ordered by publication time, then source; both stay, and the later one
      carries the repair ``id_conflict@<source of the earlier one>``.
    - A document that this night published before keeps its revision: a forced rerun gives the same rows.

    ``current`` has the columns SETTLE_READS, ``previous`` also ``dt``.
    """
    before = {(row["doc_id"], row["source_uri"]): row for row in current.to_pylist()}
    kept, dropped = resolve(current.to_pylist(), _former(previous, current, date), date)
    changed = [{**row, "keep": True} for row in kept if row != before[row["doc_id"], row["source_uri"]]]
    changed += [{**row, "keep": False} for row, _ in dropped]
    changed.sort(key=lambda row: (row["source_uri"], row["doc_id"]))
    action = next_action("duplicate")
    rejects = [
        reject("ingest", row["source_uri"], "duplicate", detail, action, sha256=row["content_sha256"])
        for row, detail in dropped
    ]
    amendments = pa.Table.from_pylist([{n: row[n] for n in AMENDED.names} for row in changed], schema=AMENDED)
    return Settlement(amendments, REJECTS.table(rejects))


STAGE = Stage(
    name="ingest",
    reads={"raw": RAW.names},
    writes=("documents", "rejects"),
    params=IngestParams,
    run=run,
    settle=settle,
    settle_reads=SETTLE_READS,
    libraries=("hijridate",),
)
