"""ingest: every raw row becomes one document or one reject; identities are settled across nights."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.schemas import DOCUMENTS, RAW, REJECTS
from pipeline.stages.ingest import (
    SETTLE_READS,
    STAGE,
    FieldNames,
    IngestParams,
    OutletRule,
    doc_id_of,
    outlet_of,
    settle,
)

DATE = "2026-11-02"
TEXT = "قال وزير المياه إن السد الجديد سيُفتتح في مطلع الشهر المقبل."


def raw(*rows: dict[str, Any]) -> pa.Table:
    """Raw rows; payloads may be given as bytes, text or records."""
    full = []
    for number, row in enumerate(rows, 1):
        payload = row.pop("payload", b"")
        form = "text" if isinstance(payload, bytes | str) else "json"
        data = payload if isinstance(payload, bytes) else payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()  # fmt: skip
        uri = f"2026-11-02/alpha/{number}.txt" if form == "text" else f"2026-11-02/alpha/a.jsonl#{number}"
        base = {"source_uri": uri, "form": form, "payload": data, "sha256": hashlib.sha256(data).hexdigest()}
        full.append({**base, **row})
    return RAW.table(full)


def ingest(*rows: dict[str, Any], **params: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    table = raw(*rows)
    out = STAGE.run({"raw": table}, IngestParams(**params), DATE)
    assert out["documents"].schema.equals(DOCUMENTS.schema, check_metadata=True)
    assert out["rejects"].schema.equals(REJECTS.schema, check_metadata=True)
    assert table.num_rows == out["documents"].num_rows + out["rejects"].num_rows
    return out["documents"].to_pylist(), out["rejects"].to_pylist()


def one(row: dict[str, Any], **params: Any) -> dict[str, Any]:
    (document,), rejects = ingest(row, **params)
    assert rejects == []
    return document


def refused(row: dict[str, Any], **params: Any) -> dict[str, Any]:
    documents, (reject,) = ingest(row, **params)
    assert documents == []
    assert reject["stage"] == "ingest"
    assert reject["next_action"]
    assert len(reject["detail"]) <= 200
    return reject


def json_line(text: str) -> dict[str, Any]:
    return {"payload": text.encode(), "form": "json", "source_uri": "a.jsonl#1", "line": 4, "byte": 99}


# Documents


def test_text_file() -> None:
    doc = one({"payload": f"عنوان\r\nتاريخ النشر: 1 نوفمبر 2026\r\n{TEXT}\r\n"})
    assert doc["text"] == f"عنوان\r\nتاريخ النشر: 1 نوفمبر 2026\r\n{TEXT}\r\n"
    assert (doc["title"], doc["record_id"], doc["url"], doc["extra"]) == (None, None, None, None)
    assert (doc["lang"], doc["encoding"], doc["repairs"], doc["revision"]) == ("ar", "utf-8", [], 1)
    assert doc["published_at"] == dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    span, certainty = doc["published_evidence"].removeprefix("text:").split(";")
    start, end = map(int, span.split("-"))
    assert (doc["text"][start:end], certainty) == ("1 نوفمبر 2026", "day")
    assert doc["content_sha256"] == hashlib.sha256(doc["text"].encode()).hexdigest()


def test_record() -> None:
    record = {
        "id": 7, "outlet": "alpha", "link": "https://alpha.example/7", "date": "2026-11-01T10:00:00+03:00",
        "headline": "عنوان الخبر", "body": TEXT, "author": ["ليلى", "سامر"], "tags": ["ماء", {"b": 1, "a": 2}], "n": None,
    }  # fmt: skip
    doc = one({"payload": record})
    assert doc["text"] == f"عنوان الخبر\n\n{TEXT}"
    assert (doc["record_id"], doc["outlet"], doc["url"]) == ("7", "alpha", "https://alpha.example/7")
    assert (doc["title"], doc["byline"]) == ("عنوان الخبر", "ليلى، سامر")
    assert doc["published_at"] == dt.datetime(2026, 11, 1, 7, tzinfo=dt.UTC)
    assert doc["published_evidence"] == "field:date"
    assert doc["extra"] == '{"n": null, "tags": ["ماء", {"a": 2, "b": 1}]}'
    assert doc["doc_id"] == doc_id_of("alpha", "7", doc["text"])


@pytest.mark.parametrize("codec", ["cp1256", "utf-8-sig", "utf-16"])
def test_record_in_another_encoding(codec: str) -> None:
    line = json.dumps({"title": "موعد افتتاح السد الجديد في الشمال", "text": TEXT}, ensure_ascii=False)
    assert one({"payload": line.encode(codec), "form": "json"})["text"].endswith(TEXT)


def test_record_without_a_title_is_its_text() -> None:
    assert one({"payload": {"text": TEXT, "title": None}})["text"] == TEXT
    assert one({"payload": {"text": TEXT, "title": "  "}})["text"] == TEXT


def test_a_flash_is_its_headline() -> None:
    doc = one({"payload": {"text": "", "title": "عاجل: افتتاح السد"}})
    assert (doc["text"], doc["repairs"]) == ("عاجل: افتتاح السد", ["no_body@text"])


def test_lone_surrogates_are_repaired_everywhere() -> None:
    record = {"id": "\ud800", "title": "عنوان\udc00", "text": f"{TEXT} 😀 \ud800", "x": "\ud801"}
    line = json.dumps(record)
    doc = one(json_line(line))
    assert doc["text"].endswith("😀 \ufffd")
    assert (doc["record_id"], doc["title"]) == ("\ufffd", "عنوان\ufffd")
    assert doc["extra"] == '{"x": "\ufffd"}'
    assert {mark.partition("@")[0] for mark in doc["repairs"]} == {
        "surrogate", "title:surrogate", "id:surrogate", "extra:surrogate",
    }  # fmt: skip


def test_identifiers_are_values_never_paths() -> None:
    for name in ("../../etc/passwd", "a\x00b", "x" * 10_000, "=1+1"):
        assert one({"payload": {"id": name, "text": TEXT}})["record_id"] == name


def test_identity_of_documents() -> None:
    first = one({"payload": {"id": "7", "outlet": "alpha", "text": TEXT}})
    assert (
        one({"payload": {"id": "7", "outlet": "alpha", "text": TEXT}, "source_uri": "else.jsonl#9"})["doc_id"]
        == first["doc_id"]
    )
    others = [
        {"id": "8", "outlet": "alpha"},
        {"id": "7", "outlet": "beta"},
        {"outlet": "alpha"},
        {"url": "7", "outlet": "beta"},
    ]
    ids = {one({"payload": {**other, "text": TEXT}})["doc_id"] for other in others}
    assert first["doc_id"] not in ids
    assert len(doc_id_of(None, None, "")) == 17
    assert doc_id_of("ab", "c", "x") != doc_id_of("a", "bc", "x")


# Outlets


RULES = (
    OutletRule(glob="special/**", outlet="gamma"),
    OutletRule(glob="*/{outlet}/*"),
    OutletRule(glob="**/{outlet}-*.txt"),
    OutletRule(glob="**", outlet="rest"),
)


@pytest.mark.parametrize(
    ("uri", "outlet"),
    [
        ("special/x/y.txt", "gamma"),
        ("2026-11-01/alpha/1.txt", "alpha"),
        ("2026-11-01/alpha/a.jsonl#12", "alpha"),
        ("beta-77.txt", "beta"),
        ("a/b/c/beta-77-x.txt", "beta"),
        ("other.txt", "rest"),
    ],
)
def test_outlet_by_path(uri: str, outlet: str) -> None:
    assert outlet_of(uri, RULES) == outlet


def test_the_records_own_outlet_wins() -> None:
    assert one({"payload": {"text": TEXT, "outlet": "own"}}, outlets=RULES)["outlet"] == "own"
    assert one({"payload": {"text": TEXT}}, outlets=RULES[1:])["outlet"] is not None
    assert one({"payload": {"text": TEXT}})["outlet"] is None


@pytest.mark.parametrize("rule", [{"glob": "*"}, {"glob": "{outlet}/*", "outlet": "x"}, {"glob": "{outlet}/{outlet}"}, {"glob": "*", "outlet": ""}])  # fmt: skip
def test_rules_that_make_no_sense_are_refused(rule: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        OutletRule(**rule)


def test_params_take_lists_as_yaml_gives_them() -> None:
    params = IngestParams.model_validate(
        {"outlets": [{"glob": "{outlet}/*"}], "fields": {"text": ["inhalt"]}}
    )
    assert params.outlets[0].glob == "{outlet}/*"
    assert one({"payload": {"inhalt": TEXT}}, fields=params.fields)["text"] == TEXT
    for unknown in ({"outlet": []}, {"max_chars": "many"}, {"max_chars": 0}):
        with pytest.raises(ValidationError):
            IngestParams.model_validate(unknown)


def test_every_parameter_is_described() -> None:
    for model in (IngestParams, FieldNames, OutletRule):
        for name, info in model.model_fields.items():
            assert info.description, f"{model.__name__}.{name}"


# Dates


@pytest.mark.parametrize(
    ("value", "when", "evidence"),
    [
        ("2026-11-01", (2026, 11, 1), "field:published_at;day"),
        (1793527200, (2026, 11, 1, 10), "field:published_at"),
        ("2026-02-30", None, "field:published_at;impossible;no such date"),
        ("2026-11-09", None, "field:published_at;day;later than the batch date"),
        ("2026-11-04T23:00:00Z", (2026, 11, 4, 23), "field:published_at"),
        ("1971-01-01", None, "field:published_at;day;before 1990"),
        ("03/04/2026", (2026, 4, 3), "field:published_at;ambiguous"),
        ("21 جمادى الأولى 1448هـ الموافق 1 نوفمبر 2026", (2026, 11, 1), "field:published_at;day"),
        (
            "10 جمادى الأولى 1448هـ الموافق 1 نوفمبر 2026",
            (2026, 11, 1),
            "field:published_at;day;hijri date is 2026-10-21, 11 days apart",
        ),
    ],
)
def test_publication_from_the_field(value: object, when: tuple[int, ...] | None, evidence: str) -> None:
    doc = one({"payload": {"text": TEXT, "published_at": value}})
    assert doc["published_at"] == (dt.datetime(*when, tzinfo=dt.UTC) if when else None)  # type: ignore[arg-type, misc]
    assert doc["published_evidence"] == evidence


def test_the_text_helps_where_the_field_cannot() -> None:
    doc = one(
        {"payload": {"title": "عنوان", "text": f"نشر في: 1 نوفمبر 2026\n{TEXT}", "published_at": "قريباً"}}
    )
    assert doc["published_at"] == dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    assert doc["published_evidence"].startswith("text:")


def test_a_conflict_of_calendars_on_the_page_is_told() -> None:
    line = "10 جمادى الأولى 1448هـ الموافق 1 نوفمبر 2026"
    doc = one({"payload": {"title": "عنوان", "text": f"{line}\n{TEXT}"}})
    assert doc["published_at"] == dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    assert doc["published_evidence"].startswith("text:")
    assert doc["published_evidence"].endswith(";day;hijri date is 2026-10-21, 11 days apart")


def test_the_outlets_order_of_day_and_month() -> None:
    order = {"alpha": "mdy", "*": "dmy"}
    record = {"text": TEXT, "published_at": "03/04/2026"}
    assert one({"payload": {**record, "outlet": "alpha"}}, date_order=order)["published_at"].month == 3
    doc = one({"payload": {**record, "outlet": "beta"}}, date_order=order)
    assert (doc["published_at"].month, doc["published_evidence"]) == (4, "field:published_at;day")


# Rejects


@pytest.mark.parametrize(
    ("line", "reason", "finding"),
    [
        ('{"text": "x"', "bad_json", "delimiter"),
        ('{"text": "x"} {"text": "y"}', "bad_json", "more than one value"),
        ('{"text": "x", "text": "y"}', "bad_json", "duplicate key 'text'"),
        ('{"text": "x", "a": {"b": 1, "b": 2}}', "bad_json", "duplicate key 'b'"),
        ('{"text": "x", "n": NaN}', "bad_json", "NaN"),
        ('{"text": "x", "n": -Infinity}', "bad_json", "-Infinity"),
        ('{"text": "x", "n": 1e999}', "bad_json", "out of range"),
        ('{"text": "x", "n": ' + "9" * 5000 + "}", "bad_json", "5000 digits"),
        ('{"text": "x", "n": ' + "[" * 100_000 + "]" * 100_000 + "}", "bad_json", "nested"),
        ("[" * 100_000, "bad_json", "nested"),
        ('["text"]', "schema", "expected object, got array"),
        ("null", "schema", "got null"),
        ('{"title": "x"}', "schema", "text: expected string, got nothing"),
        ('{"text": null}', "schema", "text: expected string, got null"),
        ('{"text": ["x"]}', "schema", "text: expected string, got array"),
        ('{"text": 5}', "schema", "text: expected string, got number"),
        ('{"text": "x", "date": {"y": 2026}}', "schema", "date: expected string or number, got object"),
        ('{"text": "x", "id": true}', "schema", "id: expected string or number, got boolean"),
        ('{"text": "x", "author": [1]}', "schema", "author: expected string or array"),
        ('{"text": "", "title": " "}', "empty", "neither"),
        ('{"text": "???? ????? ???? ??"}', "text_destroyed", "?"),
    ],
)
def test_bad_records(line: str, reason: str, finding: str) -> None:
    reject = refused(json_line(line))
    assert (reject["reason"], reject["key"], reject["place"]) == (reason, "a.jsonl#1", "line 4, byte 99")
    assert finding in reject["detail"]


def test_deep_brackets_inside_a_string_are_text() -> None:
    assert one(json_line(json.dumps({"text": TEXT + "[" * 500})))["text"].endswith("[")


def test_problems_of_the_reader_pass_through() -> None:
    reject = refused({"payload": b"", "problem": "vanished", "detail": "gone"})
    assert (reject["reason"], reject["detail"], reject["place"]) == ("vanished", "gone", None)


def test_too_long() -> None:
    assert refused({"payload": TEXT * 10}, max_chars=100)["reason"] == "too_long"


def test_one_bad_row_leaves_the_others_as_they_are() -> None:
    rows = [{"payload": f"{TEXT} {n}"} for n in range(3)]
    alone, _ = ingest(*[dict(row) for row in rows])
    uris = [doc["source_uri"] for doc in alone]
    bad = {"payload": b"\xff\xd8\xff\xe0" + b"\x00" * 9, "source_uri": "bad.txt"}
    mixed, rejects = ingest(*[{**row, "source_uri": uri} for row, uri in zip(rows, uris, strict=True)], bad)
    assert mixed == alone
    assert [r["reason"] for r in rejects] == ["binary"]


@given(
    st.lists(st.one_of(st.binary(max_size=80), st.text(max_size=40).map(str.encode)), max_size=6),
    st.booleans(),
)
def test_whatever_comes_in_is_accounted_for(payloads: list[bytes], as_json: bool) -> None:
    form = "json" if as_json else "text"
    documents, _ = ingest(*[{"payload": data, "form": form} for data in payloads])
    for doc in documents:
        assert doc["content_sha256"] == hashlib.sha256(doc["text"].encode()).hexdigest()


# Settlement


NOTHING = DOCUMENTS.empty().select(SETTLE_READS).append_column("dt", pa.array([], pa.string()))


def night(*records: dict[str, Any], date: str = DATE, uri: str = "a.jsonl") -> list[dict[str, Any]]:
    rows = [{"payload": dict(record), "source_uri": f"{uri}#{n}"} for n, record in enumerate(records, 1)]
    documents, _ = ingest(*rows)
    return documents


def settled(
    documents: list[dict[str, Any]], previous: pa.Table = NOTHING, date: str = DATE
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Documents after the amendments, and the rejects."""
    current = DOCUMENTS.table(documents).select(SETTLE_READS)
    decided = settle(current, previous, IngestParams(), date)
    assert decided.rejects.schema.equals(REJECTS.schema, check_metadata=True)
    changes = {(a["doc_id"], a["source_uri"]): a for a in decided.amendments.to_pylist()}
    out = []
    for doc in documents:
        change = changes.pop((doc["doc_id"], doc["source_uri"]), None)
        if change is None or change.pop("keep"):
            out.append({**doc, **(change or {})})
    assert not changes
    assert len(documents) == len(out) + decided.rejects.num_rows
    assert len({doc["doc_id"] for doc in out}) == len(out)
    return out, decided.rejects.to_pylist()


def publish(documents: list[dict[str, Any]], date: str) -> pa.Table:
    table = DOCUMENTS.table(documents).select(SETTLE_READS)
    return table.append_column("dt", pa.array([date] * table.num_rows, pa.string()))


def article(text: str = TEXT, **fields: Any) -> dict[str, Any]:
    return {"id": "7", "outlet": "alpha", "text": text, **fields}


def test_nothing_to_settle_changes_nothing() -> None:
    decided = settle(
        DOCUMENTS.table(night(article(), article(id="8"))).select(SETTLE_READS), NOTHING, IngestParams(), DATE
    )
    assert (decided.amendments.num_rows, decided.rejects.num_rows) == (0, 0)


def test_twins_fold_into_the_first_source() -> None:
    documents = night(*[article()] * 11)
    (kept,), rejects = settled(list(reversed(documents)))
    assert kept["source_uri"] == "a.jsonl#1"
    assert kept["other_sources"] == [f"a.jsonl#{n}" for n in range(2, 12)]  # 10 after 9, not after 1
    assert {r["reason"] for r in rejects} == {"duplicate"}
    assert [r["key"] for r in rejects] == kept["other_sources"]


def test_same_article_on_a_later_night_is_a_duplicate() -> None:
    first, _ = settled(night(article()))
    documents, (reject,) = settled(night(article(), uri="b.jsonl"), publish(first, "2026-11-01"))
    assert documents == []
    assert reject["detail"] == "published on 2026-11-01 from a.jsonl#1"


def test_new_text_under_the_same_id_is_the_next_revision() -> None:
    first, _ = settled(night(article()))
    second, rejects = settled(night(article(TEXT + " وأضاف."), uri="b.jsonl"), publish(first, "2026-11-01"))
    assert rejects == []
    assert (second[0]["revision"], second[0]["previous_doc_id"]) == (2, first[0]["doc_id"])
    history = pa.concat_tables([publish(first, "2026-10-30"), publish(second, "2026-11-01")])
    third, _ = settled(night(article(TEXT + " وختم.")), history)
    assert (third[0]["revision"], third[0]["previous_doc_id"]) == (3, second[0]["doc_id"])


def test_a_forced_rerun_gives_the_same_rows() -> None:
    first, _ = settled(night(article()))
    changed = night(article(TEXT + " وأضاف."))
    second, _ = settled(changed, publish(first, DATE))
    assert second[0]["revision"] == 2
    again, _ = settled(changed, publish(second, DATE))
    assert again == second


@pytest.mark.parametrize(
    "fields", [{"outlet": "beta"}, {"id": "8"}, {"id": None, "url": "https://x.example/1"}]
)
def test_another_identity_is_another_article(fields: dict[str, Any]) -> None:
    first, _ = settled(night(article()))
    (doc,), rejects = settled(night(article(TEXT + " وأضاف.", **fields)), publish(first, "2026-11-01"))
    assert (doc["revision"], doc["previous_doc_id"], rejects) == (1, None, [])


def test_the_url_identifies_where_there_is_no_id() -> None:
    first, _ = settled(night(article(id=None, url="https://x.example/1")))
    (doc,), _ = settled(
        night(article(TEXT + " وأضاف.", id=None, url="https://x.example/1")), publish(first, "2026-11-01")
    )
    assert doc["revision"] == 2


def test_the_path_identifies_single_article_files_only() -> None:
    old, _ = ingest({"payload": TEXT, "source_uri": "x/a.txt"})
    new, _ = ingest({"payload": TEXT + " وأضاف.", "source_uri": "x/a.txt"})
    (doc,), _ = settled(new, publish(old, DATE))
    assert (doc["revision"], doc["previous_doc_id"]) == (2, old[0]["doc_id"])
    (doc,), _ = settled(night({"text": TEXT + " وأضاف."}), publish(night({"text": TEXT}), DATE))
    assert doc["revision"] == 1


def test_later_nights_do_not_reach_back() -> None:
    later = publish(night(article(TEXT + " وأضاف.")), "2026-11-09")
    (doc,), rejects = settled(night(article()), later)
    assert (doc["revision"], rejects) == (1, [])


def test_two_versions_in_one_unit_are_both_kept_and_named() -> None:
    records = [
        article(TEXT + " الثانية", published_at="2026-11-01T10:00:00Z"),
        article(TEXT + " الأولى", published_at="2026-11-01T09:00:00Z"),
        article(TEXT + " الثالثة", published_at="2026-11-01T11:00:00Z"),
    ]
    documents, rejects = settled(night(*records))
    assert rejects == []
    second, first, third = documents
    assert [d["revision"] for d in (first, second, third)] == [1, 2, 3]
    assert [d["previous_doc_id"] for d in (first, second, third)] == [None, first["doc_id"], second["doc_id"]]
    assert second["repairs"] == ["id_conflict@a.jsonl#2"]
    again, _ = settled(night(*records), publish(documents, DATE))
    assert again == documents


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=9), st.randoms())
def test_settlement_does_not_depend_on_row_order(cases: list[tuple[str, str]], shuffle: Any) -> None:
    documents = night(*[article(f"{TEXT} {text}", id=name) for name, text in cases])
    mixed = list(documents)
    shuffle.shuffle(mixed)
    first, second = settled(documents), settled(mixed)
    assert sorted(first[0], key=lambda d: d["doc_id"]) == sorted(second[0], key=lambda d: d["doc_id"])
    assert first[1] == second[1]
