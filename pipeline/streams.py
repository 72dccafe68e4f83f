"""Streams of raw bytes, chunk by chunk: unpacking with limits, UTF-16 to UTF-8, splitting into lines.

All functions take and give iterators of byte chunks, in which None marks a place where bytes are missing.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pipeline.limits import Limits
from pipeline.text.decode import utf16_parity
from pipeline.text.signature import HEAD, signature

CHUNK = 1 << 16
Chunks = Iterator[bytes | None]
_OUT = CHUNK * 16
_MEMBER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f].{4}[\x00\x02\x04][\x00-\x0d\xff]", re.DOTALL)
_MEMBER_SIZE = 10
_BLANK_RUN = re.compile(rb"(?:\r?\n)+")


class Damage(NamedTuple):
    """What is wrong with a container: reason code and finding."""

    reason: str
    detail: str


class _Gunzip:
    """Unpacks gzip members as they come. ``pieces`` is a loop over two states: between members, inside one."""

    def __init__(self, read: Callable[[], bytes], damage: list[Damage], limits: Limits) -> None:
        self.read, self.damage, self.limits = read, damage, limits
        self.data = b""  # packed bytes not yet used
        self.taken = self.made = self.members = 0
        self.lost = False  # looking for the next sound member; the damage is reported already
        self.pending = False  # the inflater holds output back

    def report(self, reason: str, finding: str) -> None:
        place = f"member {max(self.members, 1)}, packed byte {self.taken - len(self.data)}"
        self.damage.append(Damage(reason, f"{finding} ({place})"))

    def more(self) -> bool:
        data = self.read()
        self.taken += len(data)
        self.data += data
        return bool(data)

    def pieces(self) -> Iterator[bytes | None]:
        while self.next_member():
            yield from self.member()

    def next_member(self) -> bool:
        """Move to the next member header, past padding and junk; False at the end of the data."""
        while True:
            if self.members and not self.lost:
                self.data = self.data.lstrip(b"\x00")  # padding of tapes and block devices
            if len(self.data) < _MEMBER_SIZE and self.more():
                continue
            if not self.data:
                return False
            start = _MEMBER.search(self.data)
            if not self.lost and (start is None or start.start() > 0):
                cut = self.data[:1] == b"\x1f" and len(self.data) < _MEMBER_SIZE
                self.report("truncated_archive" if cut else "bad_archive", "no gzip member here")
                self.lost = True
            if start is not None:
                self.data = self.data[start.start() :]
                self.members += 1
                self.lost = False
                return True
            # Keep what may be the first bytes of a header.
            self.data = self.data[1 - _MEMBER_SIZE :] if len(self.data) >= _MEMBER_SIZE else b""

    def member(self) -> Iterator[bytes | None]:
        inflater = zlib.decompressobj(31)
        while not inflater.eof:
            if not self.data and not self.pending and not self.more():
                self.report("truncated_archive", "ends inside a member")
                yield None
                return
            saved = inflater.copy()
            try:
                out = inflater.decompress(self.data, _OUT)
            except zlib.error as error:
                yield self.salvage(saved)
                self.report("bad_archive", str(error).rpartition(": ")[2] or "corrupt data")
                yield None
                self.lost, self.pending = True, False
                return
            self.data = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            self.pending = len(out) == _OUT
            self.made += len(out)
            yield out
            if self.bomb():
                self.report("bomb", f"unpacks to {self.made} bytes and more from {self.taken}")
                yield None
                self.data, self.read = b"", bytes
                return
        self.pending = False

    def salvage(self, inflater: zlib._Decompress) -> bytes:
        """Feed byte by byte up to the error: what zlib discards with a block at once comes out so."""
        out: list[bytes] = []
        for at in range(len(self.data)):
            try:
                out.append(inflater.decompress(self.data[at : at + 1]))
            except zlib.error:
                self.data = self.data[at + 1 :]
                return b"".join(out)
        self.data = b""
        return b"".join(out)

    def bomb(self) -> bool:
        over = self.made > self.limits.ratio_floor and self.made > self.limits.ratio * self.taken
        return over or self.made > self.limits.unpacked_bytes


def inflate(read: Callable[[], bytes], damage: list[Damage], limits: Limits) -> Iterator[bytes | None]:
    """Unpack gzip members; ``read`` gives the next packed bytes, empty at the end.

    Damage is appended as it is met: ``bad_archive`` (bad checksum, corrupt data, junk; the next sound member is
    looked for), ``truncated_archive``, ``bomb`` (ratio or size over the limits; unpacking stops).
    """
    return _Gunzip(read, damage, limits).pieces()


def as_utf8(chunks: Iterator[bytes | None]) -> Iterator[bytes | None]:
    """Turn a UTF-16 stream (by mark or parity) into UTF-8, so that lines can be split; others pass unchanged."""
    first = next(chunks, None)
    if first is None:
        return
    marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    codec = marks.get(first[:2]) or utf16_parity(first)
    if codec is None:
        yield first
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(codec)("replace")
    yield decoder.decode(first).removeprefix("\ufeff").encode("utf-8")
    for chunk in chunks:
        yield None if chunk is None else decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", True).encode("utf-8", "replace")


def no_binary(chunks: Iterator[bytes | None], damage: list[Damage]) -> Iterator[bytes | None]:
    """Pass the chunks on unless the first one starts like a binary format, which is damage ``binary``."""
    first = next(chunks, None)
    kind = signature(first[:HEAD]) if first else None
    if kind:
        damage.append(Damage("binary", f"starts like: {kind}"))
    elif first is not None:
        yield first
        yield from chunks


class Line(NamedTuple):
    """One line: number from 1, byte offset, bytes without the line break, or None above the limit; its size."""

    number: int
    byte: int
    data: bytes | None
    size: int


def split_lines(chunks: Iterator[bytes | None], limit: int) -> Iterator[Line]:
    r"""Split at ``\n`` only, holding at most ``limit`` bytes of a line; a None chunk drops the line it breaks.

    One ``\r`` before the break and a byte order mark at the start are taken off; blank lines are counted only.

    >>> [line.data for line in split_lines(iter([b"a\r\nb", b"c\n", "\u2028".encode()]), 10)]
    [b'a', b'bc', b'\xe2\x80\xa8']
    >>> list(split_lines(iter([b"abcdef\ng"]), 3))
    [Line(number=1, byte=0, data=None, size=6), Line(number=2, byte=7, data=b'g', size=1)]
    """
    pending: list[bytes] = []
    size = offset = 0
    number = 1

    def line() -> Line:
        if size > limit:
            return Line(number, offset, None, size)
        data = b"".join(pending).removesuffix(b"\r")
        return Line(number, offset, data.removeprefix(b"\xef\xbb\xbf") if offset == 0 else data, size)

    for chunk in chunks:
        if chunk is None:
            offset, size, pending = offset + size, 0, []
            continue
        at = 0
        while (end := chunk.find(b"\n", at)) >= 0:
            size += end - at
            pending.append(chunk[at:end])
            if size:
                yield line()
            offset, size, pending, number, at = offset + size + 1, 0, [], number + 1, end + 1
            blank = _BLANK_RUN.match(chunk, at)
            if blank:  # a hundred million line breaks must cost no more than any other bytes
                offset, number, at = (
                    offset + blank.end() - at,
                    number + chunk.count(b"\n", at, blank.end()),
                    blank.end(),
                )
        size += len(chunk) - at
        if size > limit:
            pending = []
        else:
            pending.append(chunk[at:])
    if size:
        yield line()
