"""Batches of raw files as tables of raw records (schema ``RAW``); no operating system error escapes."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from pipeline import formats
from pipeline.limits import Limits
from pipeline.rawfiles import RawReader, UnreadableError
from pipeline.rawnames import from_uri
from pipeline.records import Content, Record, Rules, read_records
from pipeline.schemas import RAW
from pipeline.sources import BATCH_BYTES, RawBatch, RawProblem, cut
from pipeline.streams import CHUNK, Chunks, Damage

KEYS = ("text", "body", "content", "title", "headline")
_NEEDS_FILE = frozenset({"zip", "parquet"})  # kinds with a directory at their end


class _Rows:
    """Rows of one raw table in the making."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in RAW.names}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self.columns["source_uri"])

    def add(self, record: Record, file_sha256: str | None = None) -> None:
        """Add a record; a problem of a whole file carries the hash of the file."""
        problem = record.problem
        sha256 = file_sha256 if problem else hashlib.sha256(record.payload).hexdigest()
        values = {
            "source_uri": record.uri, "form": record.form, "payload": record.payload, "context": record.context,
            "line": record.line, "byte": record.byte, "problem": problem.reason if problem else None,
            "detail": problem.detail[:200] if problem else record.note, "sha256": sha256,
        }  # fmt: skip
        for name, column in self.columns.items():
            column.append(values[name])
        self.bytes += len(record.payload) + len(record.context or b"")

    def table(self) -> pa.Table:
        return RAW.columnar(self.columns)


def problem_table(problems: Sequence[RawProblem]) -> pa.Table:
    """The problems of a listing as raw rows, so that ingest accounts for them like any other input."""
    rows = _Rows()
    for problem in problems:
        rows.add(Record(problem.uri, "text", problem=Damage(problem.reason, problem.detail)))
    return rows.table()


def read(
    root: Path,
    batch: RawBatch,
    *,
    target: int,
    max_bytes: int = BATCH_BYTES,
    limits: Limits | None = None,
    keys: Collection[str] = KEYS,
) -> Iterator[pa.Table]:
    """Read a batch as raw tables, at least one, of about ``target`` rows and ``max_bytes`` each.

    A group of small files gives one table, more only where it is long. A large file is streamed and cut by content,
    so that an inserted record changes its own table only. ``keys`` are the JSON keys of a text or a title. Whatever
    cannot be read is a row with a problem: ``vanished``, ``permission``, ``unstable`` (not the bytes that the batch
    names), ``too_long``, ``truncated_archive`` … Memory: one table and one record, see ``records``.
    """
    rules = Rules(limits or Limits(), keys)
    alone = len(batch.files) == 1 and batch.form != "text"
    rows, given = _Rows(), False
    for uri, sha256 in batch.files:
        for record in _file(os.fspath(root), uri, sha256, rules, whole=not alone):
            size = len(record.payload)
            full = rows.bytes + size > max_bytes or (len(rows) >= 8 * target and not alone)
            if len(rows) and full:
                yield rows.table()
                rows, given = _Rows(), True
            rows.add(record, sha256 if record.uri == uri else None)
            if alone and record.problem is None and cut(record.payload, len(rows), target):
                yield rows.table()
                rows, given = _Rows(), True
    if len(rows) or not given:
        yield rows.table()


def _file(root: str, uri: str, sha256: str, rules: Rules, *, whole: bool) -> Iterator[Record]:
    """The records of one file; a small one is read ``whole`` first."""
    name = os.path.basename(from_uri(uri))
    damage: list[Damage] = []
    try:
        with RawReader(root, uri) as reader:
            kind = formats.by_name(name)
            limit = rules.limits.file_bytes
            if kind and kind[0] in formats.ARTICLES and not kind[1] and reader.size > limit:
                head = reader.read_at(0, formats.HEAD)
                if formats.settle(kind[0], head) in formats.ARTICLES and not formats.packing_of(head):
                    raise _Found("too_long", f"{reader.size} bytes, the limit is {limit}")
            if whole and reader.size <= limit:
                yield from _whole(reader, uri, name, sha256, rules)
                return
            hashed = hashlib.sha256()
            file = _file_where_needed(reader, sha256)
            content = Content(_chunks(reader, hashed.update), damage, file)
            held: Record | None = None
            for record in read_records(uri, name, content, rules):
                if held is not None:
                    yield held
                held = record
            changed = not reader.unchanged() if file else not damage and hashed.hexdigest() != sha256
            if changed and not damage:
                finding = Damage("unstable", "changed after it was listed")
                if held is not None and held.uri != uri:
                    yield held
                yield Record(uri, "json", problem=finding)
            elif held is not None:
                yield held
    except _Found as found:
        yield Record(uri, "text", problem=found.damage)
    except UnreadableError as error:
        yield Record(uri, "text", problem=Damage(error.reason, error.message))


class _Found(Exception):
    """A file that is not read any further."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.damage = Damage(reason, detail)


def _whole(reader: RawReader, uri: str, name: str, sha256: str, rules: Rules) -> Iterator[Record]:
    data = _read_all(reader, rules.limits.file_bytes)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _Found("unstable", "changed after it was listed")
    content = Content(iter([data]), [], io.BytesIO(data))
    yield from read_records(uri, name, content, rules)


def _read_all(reader: RawReader, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while size <= limit and (data := reader.read(1 << 20)):
        pieces.append(data)
        size += len(data)
    return b"".join(pieces)


def _chunks(reader: RawReader, seen: Callable[[bytes], None]) -> Chunks:
    while data := reader.read(CHUNK):
        seen(data)
        yield data


def _file_where_needed(reader: RawReader, sha256: str) -> BinaryIO | None:
    """The file for a format that is read at any place, after its content was compared with ``sha256``."""
    head = reader.read_at(0, formats.HEAD)
    if formats.sniff(head) not in _NEEDS_FILE:
        return None
    hashed = hashlib.sha256()
    at = 0
    while data := reader.read_at(at, 1 << 20):
        hashed.update(data)
        at += len(data)
    if hashed.hexdigest() != sha256:
        raise _Found("unstable", "changed after it was listed")
    return reader.file()
