"""The records of a JSON document, streamed: an array of records, one record, or an object that holds records."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from pipeline.formats_split import Piece, Window
from pipeline.streams import Chunks, Damage

_OUTSIDE = re.compile(rb'["\[\]{},]')
_INSIDE = re.compile(rb'["\\]')
_SPACE = re.compile(rb"[ \t\r\n]*+")
_SCALAR = re.compile(rb'[^\[\]{},"\s]*+')
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_MAX_DESCENT = 4  # objects inside objects in which records are looked for


class _Scanner:
    """Finds the end of one value, over any cuts between chunks; nothing is parsed."""

    def __init__(self) -> None:
        self.depth = self.at = 0
        self.string = False

    def end(self, data: bytes) -> int | None:  # noqa: PLR0912 – one step for each kind of token
        """End of the value that starts ``data``, where it lies in ``data``; call again with more of it otherwise."""
        while True:
            if self.string:
                match = _INSIDE.search(data, self.at)
                if match is None:
                    self.at = len(data)
                    return None
                if match.group() == b"\\":
                    if match.end() == len(data):
                        self.at = match.start()
                        return None
                    self.at = match.end() + 1
                    continue
                self.string, self.at = False, match.end()
                if not self.depth:
                    return self.at
                continue
            if not self.depth and self.at:  # a number or word: ends where something else begins
                scalar = _SCALAR.match(data, 0)
                assert scalar is not None
                return scalar.end() if scalar.end() < len(data) else None
            match = _OUTSIDE.search(data, self.at) if self.depth else re.match(rb'["\[{]', data)
            if match is None:
                self.at = len(data) if self.depth else 1
                if not self.depth:
                    continue
                return None
            token, self.at = match.group(), match.end()
            if token == b'"':
                self.string = True
            elif token in b"[{":
                self.depth += 1
            elif token in b"]}":
                self.depth -= 1
                if not self.depth:
                    return self.at


def json_records(
    chunks: Chunks, damage: list[Damage], limit: int, memory: int, keys: Collection[str]
) -> Iterator[Piece]:
    """The records of a JSON file: items of a top-level array, else see ``_object``; several values in a row are read
    one after the other, as in JSON Lines.

    ``limit`` bounds a record, ``memory`` an object that holds records, in bytes; ``keys`` tell a record from an
    envelope. Damage: ``truncated_archive`` where the end is missing, ``bad_json`` where no value stands.
    """
    window = Window(chunks)
    depth, count = 0, 0
    while True:
        _blank(window, depth)
        if not window.data:
            if depth or window.gap:
                damage.append(Damage("truncated_archive", f"ends inside the array (byte {window.offset})"))
            return
        first = window.data[:1]
        if not depth and first == b"[":
            depth = 1
            window.drop(1)
        elif depth and first == b"]":
            depth = 0
            window.drop(1)
        elif first in b"]},:":
            place = f"line {window.line}, byte {window.offset}"
            damage.append(Damage("bad_json", f"a value is expected, not {first.decode()} ({place})"))
            return
        else:
            envelope = not depth and first == b"{"
            offset, line = window.offset, window.line
            data, size = _value(window, memory if envelope else limit)
            if data is None and size < 0:
                finding = f"ends inside a record (line {line}, byte {offset})"
                damage.append(Damage("truncated_archive", finding))
                return
            count += 1
            if data is None:
                yield Piece(b"", offset, line, Damage("too_long", f"{size} bytes, the limit is {limit}"))
            elif envelope:
                yield from _object(data, offset, line, limit, frozenset(keys))
            else:
                yield Piece(data, offset, line)


def _blank(window: Window, depth: int) -> None:
    """Skip white space, and the commas of an array."""
    while True:
        data = window.data
        start = 3 if window.offset == 0 and data.startswith(b"\xef\xbb\xbf") else 0
        at = _SPACE.match(data, start).end()  # type: ignore[union-attr]
        while depth and data[at : at + 1] == b",":
            at = _SPACE.match(data, at + 1).end()  # type: ignore[union-attr]
        window.drop(at)
        if window.data or not window.more(1):
            return


def _value(window: Window, limit: int) -> tuple[bytes | None, int]:
    """The value at the front of the window and its size; no bytes above ``limit``; size -1 where it is cut off."""
    scanner = _Scanner()
    dropped = 0
    while (end := scanner.end(window.data)) is None:
        if dropped + len(window.data) > limit:  # hold no more of it, only look for its end
            keep = 1 if scanner.at >= len(window.data) else len(window.data) - scanner.at
            dropped += len(window.data) - keep
            scanner.at -= len(window.data) - keep
            window.drop(len(window.data) - keep)
        before = len(window.data)
        if not window.more(1 << 16) and len(window.data) == before:
            if scanner.depth == 0 and not scanner.string and window.data and not window.gap:
                end = len(window.data)
                break
            return None, -1
    size = dropped + end
    data = window.data[:end] if size <= limit else None
    window.drop(end)
    return data, size


def _members(data: bytes, start: int) -> Iterator[tuple[bytes, int, int]]:
    """(key as it stands, start, end of its value) of the object that starts at ``start``; ends at bad syntax."""
    at = start + 1
    while True:
        at = _SPACE.match(data, at).end()  # type: ignore[union-attr]
        key = _STRING.match(data, at)
        if key is None:
            return
        at = _SPACE.match(data, key.end()).end()  # type: ignore[union-attr]
        if data[at : at + 1] != b":":
            return
        at = _SPACE.match(data, at + 1).end()  # type: ignore[union-attr]
        end = _end_of(data, at)
        if end is None:
            return
        yield key.group()[1:-1], at, end
        at = _SPACE.match(data, end).end()  # type: ignore[union-attr]
        if data[at : at + 1] != b",":
            return
        at += 1


def _end_of(data: bytes, at: int) -> int | None:
    """End of the value at ``at``."""
    if data[at : at + 1] not in (b"{", b"["):
        match = _STRING.match(data, at) or _SCALAR.match(data, at)
        return match.end() if match else None
    depth, here = 0, at
    while match := _OUTSIDE.search(data, here):
        token, here = match.group(), match.end()
        if token == b'"':
            string = _STRING.match(data, match.start())
            if string is None:
                return None
            here = string.end()
        elif token in b"[{":
            depth += 1
        elif token in b"]}":
            depth -= 1
            if not depth:
                return here
    return None


def _object(data: bytes, offset: int, line: int, limit: int, keys: frozenset[str]) -> Iterator[Piece]:
    """The records of a top-level object: itself where it has a text or a title; else the objects in its arrays and
    among its values, such as {"articles": [{…}, …]} or {"id-1": {…}, …}; itself where there are none, so that the
    reject names its keys."""
    found = list(_search(data, 0, keys, 0))
    if not found:
        found = [(b"", 0, len(data))]
    counted = 0
    for key, start, end in found:
        line, counted = line + data.count(b"\n", counted, start), start
        if end - start > limit:
            finding = Damage("too_long", f"{end - start} bytes, the limit is {limit}")
            yield Piece(b"", offset + start, line, finding)
        else:
            yield Piece(data[start:end], offset + start, line, None, key)


def _search(data: bytes, start: int, keys: frozenset[str], level: int) -> Iterator[tuple[bytes, int, int]]:
    members = list(_members(data, start))
    if any(key.decode("utf-8", "replace") in keys and data[at : at + 1] == b'"' for key, at, _ in members):
        end = _end_of(data, start)
        yield b"", start, len(data) if end is None else end
        return
    for key, at, _ in members:
        if data[at : at + 1] == b"[":
            for item in _items(data, at):
                yield b"", *item
        elif data[at : at + 1] == b"{" and level < _MAX_DESCENT:
            for inner, first, last in _search(data, at, keys, level + 1):
                yield inner or (key if first == at else b""), first, last


def _items(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Start and end of the objects of an array; none where it holds anything else."""
    at = _SPACE.match(data, start + 1).end()  # type: ignore[union-attr]
    while data[at : at + 1] == b"{":
        end = _end_of(data, at)
        if end is None:
            return
        yield at, end
        at = _SPACE.match(data, end).end()  # type: ignore[union-attr]
        if data[at : at + 1] == b",":
            at = _SPACE.match(data, at + 1).end()  # type: ignore[union-attr]
