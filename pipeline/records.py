"""One raw file to its records: unpack, recognise, split; whatever cannot be read is a record with a problem.

A record is named by the way to it: ``file``, ``file#n`` for record n inside a file, ``archive!/member`` and
``archive!/member#n`` inside an archive. Memory: one record, except for zip and Parquet files inside archives.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import BinaryIO

from pipeline import formats
from pipeline.containers import Member, tar_members, zip_members
from pipeline.formats_json import json_records
from pipeline.formats_parquet import parquet_rows
from pipeline.formats_split import Piece, csv_rows, feed_items
from pipeline.limits import Limits
from pipeline.rawnames import to_uri
from pipeline.streams import CHUNK, Chunks, Damage, as_utf8, split_lines
from pipeline.text.signature import signature
from pipeline.unpack import MAGIC, unpack
from pipeline.warc import warc_pages

_FORM = {"csv": "csv", "feed": "feed"}  # form of a record by the kind of its file; JSON for the others


@dataclass(frozen=True, slots=True)
class Record:
    """One record: how to read it (``form``), its bytes, its place in the unpacked file, what its file says about it
    (``context``), what was noted on the way (``note``); or the problem that took it."""

    uri: str
    form: str
    payload: bytes = b""
    line: int | None = None
    byte: int | None = None
    problem: Damage | None = None
    context: bytes | None = None
    note: str | None = None


@dataclass(frozen=True)
class Rules:
    """What the reading needs to know: limits, and the keys that tell a record from an envelope."""

    limits: Limits
    keys: Collection[str]


@dataclass
class Content:
    """The bytes of a file or member: a stream, and the file itself where it can be read at any place.

    ``damage`` fills up while the stream is read.
    """

    chunks: Chunks
    damage: list[Damage]
    file: BinaryIO | None = None


def read_records(  # noqa: PLR0912 – one step for each layer around a record
    uri: str, name: str, content: Content, rules: Rules, level: int = 0
) -> Iterator[Record]:
    """The records of the file or member ``uri``; ``name`` is its file name, ``level`` counts the archives around it.

    A damaged file gives its readable records and then one record that names the damage.
    """
    promised = formats.by_name(name)
    damage = content.damage
    if promised is None:
        suffix = name[name.rfind(".") :] if "." in name else ""
        kind = f"ending {to_uri(suffix)[:20]}" if suffix else "no ending"
        yield Record(uri, "text", problem=Damage("unsupported_format", f"{kind}; read are {formats.READ}"))
        return
    kind, packing = promised
    head, chunks = _peek(content.chunks)
    found = formats.packing_of(head)
    if packing and not found and head and _starts_like(packing, head):
        found = packing  # cut inside its first bytes
    note = None
    if found:
        content.file = None
        if found != packing:
            note = f"wrong_extension@{found} data in a file named {to_uri(name)[-40:]}"
        chunks = unpack(found, _puller(chunks), damage, rules.limits)
        head, chunks = _peek(chunks)
        if formats.packing_of(head):
            yield Record(
                uri,
                "text",
                problem=Damage("nested_archive", f"{formats.packing_of(head)} data inside {found} data"),
            )
            return
    elif packing and head:
        note = f"wrong_extension@not {packing} data in a file named {to_uri(name)[-40:]}"
    actual = formats.settle(kind, head)
    if actual != kind:
        note = note or f"wrong_extension@{actual} in a file named {to_uri(name)[-40:]}"
        kind = actual
    problem = _unreadable(kind, head, level, rules)
    if problem:
        yield Record(uri, "text", problem=problem)
        return
    content = Content(chunks, damage, content.file)
    if kind in formats.ARTICLES:
        yield _article(uri, kind, content, rules, note)
        return
    count = 0
    for record in _records(uri, kind, content, rules, level):
        count += 1
        yield record if note is None or record.problem else replace(record, note=note)
    if not damage and not count:
        damage.append(Damage("empty", "no record"))
    if damage:
        finding = "; ".join(item.detail for item in damage[:5])
        reason = damage[0].reason
        binary = signature(head[:512])
        if not count and binary and promised[0] in formats.ARTICLES:  # it only starts like an archive
            reason, finding = "binary", f"starts like: {binary}; {finding}"
        yield Record(uri, "json", problem=Damage(reason, f"{count} records read; {finding}"))


def _unreadable(kind: str, head: bytes, level: int, rules: Rules) -> Damage | None:
    if kind == "xml":
        return Damage("unsupported_format", "XML, but neither RSS nor Atom")
    if kind in formats.ARCHIVES and level > rules.limits.nesting:
        return Damage(
            "nested_archive", f"an archive inside {level} archives, the limit is {rules.limits.nesting}"
        )
    if kind not in ("zip", "tar", "parquet", "text", "html"):
        binary = signature(head[:512])
        return Damage("binary", f"starts like: {binary}") if binary else None
    return None


def _starts_like(packing: str, head: bytes) -> bool:
    return len(head) < 3 and MAGIC[packing].startswith(head)


def _peek(chunks: Chunks) -> tuple[bytes, Chunks]:
    """The first bytes (up to a gap), and the chunks with them still in front."""
    first: list[bytes | None] = []
    head = b""
    for chunk in chunks:
        first.append(chunk)
        if chunk is None:
            break
        head += chunk[: formats.HEAD]
        if len(head) >= formats.HEAD:
            break
    return head, chain(first, chunks)


class _Puller:
    """Chunks as a function that gives the next bytes, empty at the end; a gap ends them."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks

    def __call__(self) -> bytes:
        for chunk in self._chunks:
            if chunk is None:
                return b""
            if chunk:
                return chunk
        return b""


def _puller(chunks: Chunks) -> _Puller:
    return _Puller(chunks)


def _article(uri: str, kind: str, content: Content, rules: Rules, note: str | None) -> Record:
    """A file that holds one article."""
    limit = rules.limits.file_bytes
    data, whole = _collect(content.chunks, limit)
    if len(data) > limit:
        return Record(uri, kind, problem=Damage("too_long", f"more than {limit} bytes"))
    if not whole and not content.damage:
        content.damage.append(Damage("truncated_archive", "ends too early"))
    if content.damage:
        finding = "; ".join(item.detail for item in content.damage[:3])
        return Record(
            uri, kind, problem=Damage(content.damage[0].reason, f"{len(data)} bytes read; {finding}")
        )
    return Record(uri, kind, data, note=note)


def _collect(chunks: Chunks, limit: int) -> tuple[bytes, bool]:
    """The bytes up to a little over ``limit``; False where some are missing."""
    pieces: list[bytes] = []
    size, whole = 0, True
    for chunk in chunks:
        if chunk is None:
            whole = False
            continue
        pieces.append(chunk)
        size += len(chunk)
        if size > limit:
            break
    return b"".join(pieces), whole


def _records(uri: str, kind: str, content: Content, rules: Rules, level: int) -> Iterator[Record]:
    limits, damage = rules.limits, content.damage
    if kind in formats.ARCHIVES:
        members = (
            tar_members(content.chunks, damage, limits) if kind == "tar" else _zip(content, damage, limits)
        )
        yield from _members(uri, members, rules, level)
    elif kind == "warc":
        for number, (form, piece) in enumerate(warc_pages(content.chunks, damage, limits.record_bytes), 1):
            yield _numbered(uri, number, form, piece)
    elif kind == "jsonl":
        number = 0
        for line in split_lines(as_utf8(content.chunks), limits.record_bytes):
            if line.data is not None and not line.data.strip():
                continue
            number += 1
            long = Damage("too_long", f"{line.size} bytes, the limit is {limits.record_bytes}")
            problem = long if line.data is None else None
            yield _numbered(uri, number, "json", Piece(line.data or b"", line.byte, line.number, problem))
    else:
        yield from _split(uri, kind, content, rules)


def _split(uri: str, kind: str, content: Content, rules: Rules) -> Iterator[Record]:
    limits, damage = rules.limits, content.damage
    if kind == "parquet":
        file = content.file or _in_memory(content, damage, limits)
        if file is None:
            return
        pieces = parquet_rows(file, damage, limits.record_bytes, limits.memory_bytes * 4)
    elif kind == "csv":
        pieces = csv_rows(as_utf8(content.chunks), damage, limits.record_bytes)
    elif kind == "feed":
        pieces = feed_items(as_utf8(content.chunks), damage, limits.record_bytes)
    else:
        chunks = as_utf8(content.chunks)
        pieces = json_records(chunks, damage, limits.record_bytes, limits.memory_bytes, rules.keys)
    first = next(pieces, None)
    second = next(pieces, None)
    if kind == "json" and first is not None and second is None and first.byte <= 3 and not damage:
        # A file that is one record is named like a text file: its path is its identity.
        yield replace(_numbered(uri, 1, "json", first), uri=uri)
        return
    rest = (piece for piece in (first, second) if piece is not None)
    for number, piece in enumerate(chain(rest, pieces), 1):
        yield _numbered(uri, number, _FORM.get(kind, "json"), piece)


def _numbered(uri: str, number: int, form: str, piece: Piece) -> Record:
    line = piece.line if piece.line > 0 else None
    byte = piece.byte if piece.byte >= 0 else None
    return Record(f"{uri}#{number}", form, piece.data, line, byte, piece.damage, piece.context or None)


def _in_memory(content: Content, damage: list[Damage], limits: Limits) -> BinaryIO | None:
    data, whole = _collect(content.chunks, limits.memory_bytes)
    if len(data) > limits.memory_bytes:
        damage.append(Damage("too_long", f"more than {limits.memory_bytes} bytes inside another file"))
        return None
    if not whole and not damage:
        damage.append(Damage("truncated_archive", "ends too early"))
    return io.BytesIO(data)


def _zip(content: Content, damage: list[Damage], limits: Limits) -> Iterator[Member]:
    file = content.file or _in_memory(content, damage, limits)
    if file is not None:
        yield from zip_members(file, damage, limits)


def _members(uri: str, members: Iterator[Member], rules: Rules, level: int) -> Iterator[Record]:
    """The records of every member; a name that comes again gets ``!2``, ``!3`` … at its end."""
    seen: set[str] = set()
    for member in members:
        parts = [part for part in member.name.replace("\\", "/").split("/") if part not in ("", ".")]
        if member.problem is None and (not parts or any(map(formats.ignored, parts))):
            continue
        base = path = f"{uri}!/{to_uri(member.name)}"
        number = 1
        while path in seen:
            number += 1
            path = f"{base}!{number}"
        seen.add(path)
        if member.problem is not None:
            yield Record(path, "text", problem=member.problem)
            continue
        inner = Content(member.chunks, member.damage)
        for record in read_records(path, parts[-1], inner, rules, level + 1):
            twin = f"duplicate_name@{to_uri(member.name)[-80:]}" if number > 1 else None
            yield record if twin is None or record.problem else replace(record, note=record.note or twin)


def file_chunks(file: BinaryIO) -> Chunks:
    """The bytes of an open file from its start."""
    file.seek(0)
    return iter(lambda: file.read(CHUNK) or None, None)
