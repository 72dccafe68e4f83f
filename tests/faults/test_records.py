"""FAULTS C: records and identity (CSV: see the tests of formats)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.stages.ingest import doc_id_of
from tests.faults.invariants import TEXT, faulty, record

OTHER = TEXT + "وختم بالشكر.\n"


def test_fault_56_same_id_same_content(tmp_path: Path) -> None:
    line = record(id="7", outlet="alpha")
    found = faulty(tmp_path, {"x.jsonl": line, "y.jsonl": line})
    assert (found.document["other_sources"], found.reasons) == (["y.jsonl#1"], ["duplicate"])


def test_fault_57_same_id_other_content(tmp_path: Path) -> None:
    data = record(id="7", outlet="alpha") + record(id="7", outlet="alpha", text=OTHER)
    found = faulty(tmp_path, {"x.jsonl": data})
    first, second = found.documents
    assert first["doc_id"] != second["doc_id"] == second["doc_id"]
    assert (second["repairs"], second["previous_doc_id"]) == (["id_conflict@x.jsonl#1"], first["doc_id"])


def test_fault_58_same_id_other_outlet(tmp_path: Path) -> None:
    found = faulty(tmp_path, {"x.jsonl": record(id="7", outlet="beta") + record(id="7", outlet="gamma")})
    assert len({doc["doc_id"] for doc in found.documents}) == 2
    assert [doc["revision"] for doc in found.documents] == [1, 1]


def test_fault_59_no_id(tmp_path: Path) -> None:
    found = faulty(tmp_path, {"x.jsonl": record(), "y.jsonl": record(text=OTHER)})
    assert [doc["doc_id"] for doc in found.documents] == [
        doc_id_of(None, None, TEXT),
        doc_id_of(None, None, OTHER),
    ]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "a\x00b", "x" * 10_000, "=1+1", "\u202eid"])
def test_fault_60_hostile_ids(tmp_path: Path, name: str) -> None:
    found = faulty(tmp_path, {"x.jsonl": record(id=name)})
    assert found.document["record_id"] == name
    assert found.document["doc_id"][1:].isalnum()
    assert not [
        path for path in tmp_path.rglob("*") if path.name not in ("raw",) and path.parent.name != "raw"
    ]


def test_fault_61_bad_lines(tmp_path: Path) -> None:
    good = [record(id=str(n), text=f"{TEXT}{n}").strip() for n in range(4)]
    data = b"\xef\xbb\xbf" + b"\n".join(
        [good[0], b'{"text": "a"', good[1], b"", good[2] + b" " + good[2], good[3]]
    )
    found = faulty(tmp_path, {"x.jsonl": data})
    assert [doc["record_id"] for doc in found.documents] == ["0", "1", "3"]
    places = [reject["place"] for reject in found.rejects]
    assert places == [
        f"line {n}, byte {data.index(bad)}" for n, bad in ((2, b'{"text": "a"'), (5, good[2] + b" "))
    ]


@pytest.mark.parametrize(
    "extra",
    [
        '"text": "twice"',
        '"n": NaN',
        '"n": -Infinity',
        '"n": ' + "9" * 5000,
        '"n": ' + "[" * 100_000 + "]" * 100_000,
        '"n": 1e999',
    ],
    ids=["duplicate key", "nan", "infinity", "digits", "nesting", "range"],
)
def test_fault_62_json_that_python_lets_through(tmp_path: Path, extra: str) -> None:
    line = f'{{"text": {json.dumps(TEXT)}, {extra}}}'
    found = faulty(tmp_path, {"x.jsonl": line.encode() + b"\n" + record(text=OTHER)})
    assert (found.reasons, found.text) == (["bad_json"], OTHER)


@pytest.mark.parametrize(
    ("fields", "finding"),
    [
        ({"text": None}, "expected string, got null"),
        ({"text": ["x"]}, "expected string, got array"),
        ({"text": 5}, "expected string, got number"),
        ({"published_at": {"y": 1}}, "got object"),
    ],
)
def test_fault_63_wrong_types(tmp_path: Path, fields: dict[str, object], finding: str) -> None:
    found = faulty(tmp_path, {"x.jsonl": record(**fields)})
    assert found.reasons == ["schema"]
    assert finding in found.rejects[0]["detail"]


def test_fault_64_unknown_fields(tmp_path: Path) -> None:
    found = faulty(tmp_path, {"x.jsonl": record(tags=["ماء", {"b": 1}], عدد=3)})
    assert json.loads(found.document["extra"]) == {"tags": ["ماء", {"b": 1}], "عدد": 3}


def test_fault_66_a_live_page_grows(tmp_path: Path) -> None:
    versions = [
        record(id="live", outlet="alpha", text=TEXT * (n + 1), published_at=f"2026-11-01T{n:02}:00:00Z")
        for n in range(3)
    ]
    found = faulty(tmp_path, {"x.jsonl": b"".join(versions)})
    assert [doc["revision"] for doc in found.documents] == [1, 2, 3]
    assert [doc["previous_doc_id"] for doc in found.documents] == [
        None,
        *(d["doc_id"] for d in found.documents[:2]),
    ]


def test_fault_67_carried_by_another_outlet(tmp_path: Path) -> None:
    carried = f"خبر منقول\n\n{TEXT}\nالمصدر: رويترز\n"
    found = faulty(
        tmp_path,
        {"x.jsonl": record(outlet="alpha", text=TEXT), "y.jsonl": record(outlet="beta", text=carried)},
    )
    assert len(found.documents) == 2
    assert [(c["kind"], c["canonical"]) for c in found.credits] == [("agency", "رويترز")]


def test_fault_68_large_batches_are_cut(tmp_path: Path) -> None:
    from pipeline.rawread import read
    from pipeline.sources import digest, plan, scan

    data = b"".join(record(id=n, text=TEXT * 40) for n in range(300))
    (tmp_path / "x.jsonl").write_bytes(data)
    (batch,) = plan([(file, digest(tmp_path, file)) for file in scan(tmp_path).files], 10_000)
    tables = list(read(tmp_path, batch, target=10_000, max_bytes=1 << 20))
    assert sum(table.num_rows for table in tables) == 300
    assert max(table.nbytes for table in tables) < 3 << 20  # far from the 2 GiB of int32 offsets
