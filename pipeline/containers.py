"""Members of zip and tar archives, read one after the other and never written anywhere.

Names are only names here: members that try to leave the archive, links, devices and encrypted members are given as
problems. A cut or damaged archive gives the members before (and, where they can be found, behind) the damage.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from pipeline.bytestream import ByteStream
from pipeline.limits import Limits
from pipeline.streams import CHUNK, Chunks, Damage
from pipeline.unpack import METHODS, unzip_member

_BLOCK = 512
_LOCAL = b"PK\x03\x04"
_LOCAL_SIZE = 30
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass
class Member:
    """One member: its name as it stands, its bytes, or why it is not read. ``damage`` fills up while it is read."""

    name: str
    chunks: Chunks
    problem: Damage | None = None
    damage: list[Damage] = field(default_factory=list)


def unsafe(name: str) -> str | None:
    r"""What is wrong with a member's name; None where nothing is.

    >>> unsafe("a/b.txt"), unsafe("../b.txt"), unsafe("C:\\b.txt"), unsafe("/b.txt")
    (None, 'the name leads out of the archive', 'an absolute name', 'an absolute name')
    """
    if "\x00" in name:
        return "a NUL in the name"
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        return "an absolute name"
    if ".." in re.split(r"[/\\]", name):
        return "the name leads out of the archive"
    return None


def _refused(name: str, reason: str, finding: str) -> Member:
    return Member(name, iter(()), Damage(reason, finding))


# -- zip -------------------------------------------------------------------------------------------------------------


def zip_members(file: BinaryIO, damage: list[Damage], limits: Limits) -> Iterator[Member]:
    """Members of a zip archive in the order of its directory; of its local headers where the directory is missing.

    Damage: ``truncated_archive`` (no directory), ``bad_archive``, ``too_long`` (more members than the limit).
    """
    try:
        _check_directory(file, limits)
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        damage.append(Damage("truncated_archive", f"no directory at the end: {error}"[:120]))
        yield from _salvage(file, limits)
        return
    except (ValueError, NotImplementedError, struct.error, OverflowError) as error:
        damage.append(Damage("bad_archive", f"the directory cannot be read: {error}"[:120]))
        return
    infos = archive.infolist()
    if any(i.filename in ("[Content_Types].xml", "META-INF/MANIFEST.MF", "mimetype") for i in infos[:8]):
        damage.append(Damage("binary", "an Office document, book or program, not an archive of articles"))
        return
    if len(infos) > limits.members:
        damage.append(Damage("too_long", f"{len(infos)} members, the limit is {limits.members}"))
        infos = infos[: limits.members]
    ends = _ends(archive, infos)
    for info in infos:
        if info.is_dir():
            continue
        finding = unsafe(info.orig_filename)
        if finding:
            yield _refused(info.orig_filename, "unsafe_name", finding)
        elif (info.external_attr >> 16) & 0o170000 == 0o120000:
            yield _refused(info.filename, "not_a_regular_file", "a symbolic link")
        elif info.flag_bits & 1:
            yield _refused(info.filename, "encrypted", "the member is encrypted")
        elif info.compress_type not in METHODS:
            yield _refused(info.filename, "unsupported_format", f"compression method {info.compress_type}")
        elif info.header_offset + _LOCAL_SIZE + info.compress_size > ends[info.header_offset]:
            yield _refused(info.filename, "bad_archive", "overlaps another member")
        else:
            member = Member(info.filename, iter(()))
            packed = _packed(file, info.header_offset, info.compress_size, member.damage)
            member.chunks = unzip_member(
                info.compress_type, packed, member.damage, limits, (info.CRC, info.file_size)
            )
            yield member


def _check_directory(file: BinaryIO, limits: Limits) -> None:
    """Refuse a directory that would not fit into memory, before it is read. Raises ValueError."""
    size = file.seek(0, 2)
    file.seek(max(0, size - (1 << 16) - 64))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end >= 0 and len(tail) - end >= 22:
        (count,) = struct.unpack_from("<H", tail, end + 10)
        (directory,) = struct.unpack_from("<L", tail, end + 12)
        if count == 0xFFFF or directory == 0xFFFFFFFF:
            wide = tail.rfind(b"PK\x06\x06")
            directory = (
                struct.unpack_from("<Q", tail, wide + 40)[0] if wide >= 0 and len(tail) - wide >= 48 else size
            )
        if directory > max(limits.memory_bytes, 1 << 16):
            raise ValueError(f"{directory} bytes of names, the limit is {limits.memory_bytes}")
    file.seek(0)


def _ends(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> dict[int, int]:
    """Where the data of a member must have ended: at the next header, or at the directory."""
    starts = sorted({info.header_offset for info in archive.infolist()})
    ends = dict(zip(starts, [*starts[1:], archive.start_dir], strict=True))
    twice = {i.header_offset for i in infos}
    if len(twice) < len(infos):  # two members that share their data: all but the first overlap
        seen: set[int] = set()
        for info in infos:
            if info.header_offset in seen:
                info.header_offset = -1
            seen.add(info.header_offset)
        ends[-1] = -1
    return ends


def _packed(file: BinaryIO, offset: int, size: int, damage: list[Damage]) -> Iterator[bytes]:
    """The packed bytes of the member whose local header stands at ``offset``."""
    file.seek(offset)
    header = file.read(_LOCAL_SIZE)
    if len(header) < _LOCAL_SIZE or header[:4] != _LOCAL:
        damage.append(Damage("bad_archive", f"no member at byte {offset}"))
        return
    name, extra = struct.unpack_from("<HH", header, 26)
    at = offset + _LOCAL_SIZE + name + extra
    end = at + size
    while at < end:
        file.seek(at)
        data = file.read(min(CHUNK, end - at))
        if not data:
            return
        at += len(data)
        yield data


def _salvage(file: BinaryIO, limits: Limits) -> Iterator[Member]:
    """Members by their local headers, one behind the other, as far as the bytes go."""
    size = file.seek(0, 2)
    at = 0
    while at + _LOCAL_SIZE <= size:
        file.seek(at)
        header = file.read(_LOCAL_SIZE)
        if header[:4] != _LOCAL:
            return
        flags, method = struct.unpack_from("<HH", header, 6)
        crc, packed_size, plain_size, name_size, extra_size = struct.unpack_from("<LLLHH", header, 14)
        raw = file.read(name_size)
        name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        start = at + _LOCAL_SIZE + name_size + extra_size
        streamed = bool(flags & 8) and not packed_size
        end = size if streamed else start + packed_size
        member = Member(name, iter(()))
        finding = unsafe(name)
        if finding:
            member.problem = Damage("unsafe_name", finding)
        elif flags & 1:
            member.problem = Damage("encrypted", "the member is encrypted")
        elif method not in METHODS or (streamed and method == 0):
            member.problem = Damage("unsupported_format", f"compression method {method} without a directory")
        else:
            packed = _packed(file, at, min(end, size) - start, member.damage)
            expected = None if streamed else (crc, plain_size)
            member.chunks = unzip_member(method, packed, member.damage, limits, expected)
        if not name.endswith("/"):
            yield member
        for _ in member.chunks:
            pass
        if streamed:
            end = _next_local(file, start, size)
        at = max(end, at + _LOCAL_SIZE)


def _next_local(file: BinaryIO, start: int, size: int) -> int:
    """Offset of the next local header behind ``start``."""
    at, kept = start, b""
    while at < size:
        file.seek(at)
        data = kept + file.read(CHUNK)
        found = data.find(_LOCAL)
        if found >= 0:
            return at - len(kept) + found
        at += len(data) - len(kept)
        kept = data[-3:]
    return size


# -- tar -------------------------------------------------------------------------------------------------------------

_LONG = 1 << 20  # bytes of a long name or of extended headers
_ODD = {b"1": "a hard link", b"2": "a symbolic link", b"3": "a device", b"4": "a device", b"6": "a pipe"}
_PAX = re.compile(rb"[0-9]{1,20} (path|size)=([^\n]*)\n?")


def _number(data: bytes) -> int | None:
    """A number of a tar header: octal digits, or base 256 where the first bit is set."""
    if data[:1] in (b"\x80", b"\xff"):
        return int.from_bytes(data[1:], "big") if data[:1] == b"\x80" else None
    text = data.strip(b" \x00")
    try:
        return int(text or b"0", 8)
    except ValueError:
        return None


def _sound(header: bytes) -> bool:
    """True where the checksum of a header is right (POSIX: the sum of its bytes, the checksum field as blanks)."""
    stored = _number(header[148:156])
    return len(header) == _BLOCK and stored == sum(header) - sum(header[148:156]) + 8 * 32


def tar_members(  # noqa: PLR0912, PLR0915 – one step for each kind of header
    chunks: Chunks, damage: list[Damage], limits: Limits
) -> Iterator[Member]:
    """Members of a tar stream (ustar, GNU, pax). Damage: ``truncated_archive``, ``bad_archive`` (the next sound header
    is looked for), ``too_long``."""
    stream = ByteStream(chunks)
    long_name: str | None = None
    long_size: int | None = None
    count, lost, ended = 0, False, False
    while not stream.at_end():
        stream.broken = False
        header = stream.read(_BLOCK)
        if not header.strip(b"\x00"):
            ended = ended or len(header) == _BLOCK
            continue
        if ended and not header.startswith(b"ustar", 257):
            damage.append(Damage("bad_archive", f"data behind the end (byte {stream.offset - len(header)})"))
            return
        if not _sound(header):
            if not lost:
                reason = "truncated_archive" if len(header) < _BLOCK else "bad_archive"
                damage.append(Damage(reason, f"no member here (byte {stream.offset - len(header)})"))
            lost = True
            continue
        lost, ended = False, False
        size = _number(header[124:136])
        if size is None or size < 0:
            damage.append(Damage("bad_archive", f"a size that is no number (byte {stream.offset - _BLOCK})"))
            continue
        kind = header[156:157]
        if kind in (b"L", b"K", b"x", b"g", b"X"):
            body = stream.read(_padded(size)) if size <= _LONG else b""
            if size > _LONG or len(body) < size:
                damage.append(Damage("bad_archive", f"a name of {size} bytes (byte {stream.offset})"))
                return
            if kind == b"L":
                long_name = body[:size].rstrip(b"\x00").decode("utf-8", "surrogateescape")
            elif kind in (b"x", b"X"):
                found = dict(_PAX.findall(body[:size]))
                long_name = (
                    found[b"path"].decode("utf-8", "surrogateescape") if b"path" in found else long_name
                )
                long_size = int(found[b"size"]) if found.get(b"size", b"").isdigit() else None
            continue
        name = long_name or _name(header)
        size = long_size if long_size is not None else size
        long_name = long_size = None
        if kind == b"5" or (name.endswith("/") and not size):
            continue
        count += 1
        if count > limits.members:
            damage.append(Damage("too_long", f"more than {limits.members} members"))
            return
        finding = unsafe(name)
        if kind in _ODD:
            yield _refused(name, "not_a_regular_file", _ODD[kind])
            size = 0
        elif finding:
            yield _refused(name, "unsafe_name", finding)
        elif kind not in (b"0", b"\x00", b"7"):
            yield _refused(name, "unsupported_format", f"tar member of type {kind!r}")
        else:
            content = stream.pieces(size)
            member = Member(name, content)
            yield member
            size = 0
            for _ in content:
                pass
            if stream.broken:
                damage.append(Damage("truncated_archive", f"ends inside a member (byte {stream.offset})"))
                continue
            stream.read(-stream.offset % _BLOCK)
        for _ in stream.pieces(_padded(size)):
            pass
    if not ended and not damage:
        damage.append(Damage("truncated_archive", f"no end mark (byte {stream.offset})"))


def _padded(size: int) -> int:
    return size + -size % _BLOCK


def _name(header: bytes) -> str:
    prefix = header[345:500].split(b"\x00", 1)[0] if header[257:263] == b"ustar\x00" else b""
    name = header[:100].split(b"\x00", 1)[0]
    return (prefix + b"/" + name if prefix else name).decode("utf-8", "surrogateescape")
