"""Unpacking of zstd and bzip2 streams and of single zip members, chunk by chunk, with limits and named damage.

Like ``streams.inflate`` for gzip: damage is appended as it is met, None marks a place where bytes are missing, and
what lies before and after a damaged frame is kept. The libraries themselves end silently where a file is cut.
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import zstandard

from pipeline.limits import Limits
from pipeline.streams import CHUNK, Chunks, Damage, inflate

_OUT = CHUNK * 16
_WINDOW = 128 << 20  # bytes of history that a zstd frame may ask for
_SKIPPABLE = b"\x2a\x4d\x18"
MAGIC = {"gz": b"\x1f\x8b\x08", "zst": b"\x28\xb5\x2f\xfd", "bz2": b"BZh"}
# A zstd block of 4 bytes may unpack to 128 KiB, so little is fed at a time; bzip2 can be told how much to give back.
_STEP = {"zst": 256, "bz2": CHUNK}


class _Decoder(Protocol):
    """One frame: ``eof`` once it has ended, ``unused_data`` what came after it."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes) -> bytes: ...


class _Bzip2:
    """bzip2 with bounded output: call again with nothing while ``pending``."""

    def __init__(self) -> None:
        self._engine = bz2.BZ2Decompressor()

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    @property
    def pending(self) -> bool:
        return not self._engine.eof and not self._engine.needs_input

    def decompress(self, data: bytes) -> bytes:
        return self._engine.decompress(data, _OUT)


class _Deflate:
    """Bare deflate, as zip members have it, with bounded output."""

    def __init__(self) -> None:
        self._engine = zlib.decompressobj(-15)
        self.pending = False

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    def decompress(self, data: bytes) -> bytes:
        out = self._engine.decompress(self._engine.unconsumed_tail + data, _OUT)
        self.pending = bool(self._engine.unconsumed_tail) or len(out) == _OUT
        return out


def _decoder(kind: str) -> _Decoder:
    if kind == "bz2":
        return _Bzip2()
    if kind == "deflate":
        return _Deflate()
    found: _Decoder = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
    return found


class _Frames:
    """Unpacks the frames of one packed stream."""

    def __init__(self, kind: str, read: Callable[[], bytes], damage: list[Damage], limits: Limits) -> None:
        self.kind, self.read, self.damage, self.limits = kind, read, damage, limits
        self.magic, self.step = MAGIC[kind], _STEP[kind]
        self.data = b""
        self.at = 0  # first byte of ``data`` that is not used
        self.taken = self.made = self.frames = 0
        self.lost = False

    def report(self, reason: str, finding: str) -> None:
        place = f"frame {max(self.frames, 1)}, packed byte {self.taken - len(self.data) + self.at}"
        self.damage.append(Damage(reason, f"{finding} ({place})"))

    def more(self) -> bool:
        data = self.read()
        self.taken += len(data)
        self.data, self.at = self.data[self.at :] + data, 0
        return bool(data)

    def left(self) -> int:
        return len(self.data) - self.at

    def pieces(self) -> Chunks:
        while self.next_frame():
            yield from self.frame()

    def next_frame(self) -> bool:
        """Move to the next frame, past skippable ones and junk; False at the end of the data."""
        while True:
            while self.left() < 8 and self.more():
                pass
            if not self.left():
                return False
            head = self.data[self.at : self.at + 8]
            if head.startswith(self.magic):
                self.frames += 1
                self.lost = False
                return True
            if self.kind == "zst" and head[1:4] == _SKIPPABLE and 0x50 <= head[0] <= 0x5F:
                self.skip(8 + int.from_bytes(head[4:8], "little"))
                continue
            if not self.frames and not self.lost and self.magic.startswith(head):
                self.report("truncated_archive", "ends inside the first header")
                return False
            if self.frames and not self.lost and not self.data[self.at :].strip(b"\x00"):
                self.at = len(self.data)  # padding
                continue
            if not self.lost:
                self.report("bad_archive", f"no {self.kind} frame here")
                self.lost = True
            found = self.data.find(self.magic, self.at)
            self.at = found if found >= 0 else max(self.at, len(self.data) - 7)
            if found < 0 and not self.more():
                return False

    def skip(self, count: int) -> None:
        while count > self.left():
            count -= self.left()
            self.at = len(self.data)
            if not self.more():
                return
        self.at += count

    def frame(self) -> Chunks:
        engine = _decoder(self.kind)
        while not engine.eof:
            pending = getattr(engine, "pending", False)
            if not pending and not self.left() and not self.more():
                self.report("truncated_archive", "ends inside a frame")
                yield None
                return
            piece = b"" if pending else self.data[self.at : self.at + self.step]
            try:
                out = engine.decompress(piece)
            except (OSError, ValueError, EOFError, zstandard.ZstdError) as error:
                self.report("bad_archive", (str(error).splitlines() or ["corrupt data"])[0][:80])
                self.at += 1  # look for the next frame behind this one's header
                self.lost = True
                yield None
                return
            self.at += len(piece)
            if engine.eof:
                self.at -= len(engine.unused_data)
            self.made += len(out)
            if out:
                yield out
            finding = bomb(self.made, self.taken, self.limits)
            if finding:
                self.report("bomb", finding)
                yield None
                self.data, self.at, self.read = b"", 0, bytes
                return


def bomb(made: int, taken: int, limits: Limits) -> str | None:
    """What is wrong where ``taken`` packed bytes gave ``made`` bytes; None where nothing is.

    >>> bomb(1 << 20, 10, Limits()) is None
    True
    >>> bomb(1 << 30, 1 << 10, Limits())
    'unpacks to 1073741824 bytes and more from 1024'
    """
    over = made > limits.ratio_floor and made > limits.ratio * taken
    if over or made > limits.unpacked_bytes:
        return f"unpacks to {made} bytes and more from {taken}"
    return None


def unpack(kind: str, read: Callable[[], bytes], damage: list[Damage], limits: Limits) -> Chunks:
    """Unpack a ``gz``, ``zst`` or ``bz2`` stream; ``read`` gives the next packed bytes, empty at the end.

    Damage: ``bad_archive`` (corrupt data, junk; the next frame is looked for), ``truncated_archive``, ``bomb``.
    """
    if kind == "gz":
        return inflate(read, damage, limits)
    return _Frames(kind, read, damage, limits).pieces()


METHODS = {0: "stored", 8: "deflate", 12: "bz2", 93: "zst"}


def unzip_member(
    method: int,
    packed: Iterator[bytes],
    damage: list[Damage],
    limits: Limits,
    expected: tuple[int, int] | None,
) -> Iterator[bytes | None]:
    """Unpack the data of one zip member; ``expected`` are its CRC-32 and size, None where they are not known.

    Damage: ``truncated_archive``, ``bad_archive`` (corrupt, wrong checksum or size), ``bomb``.
    """
    engine: Any = None if method == 0 else _decoder(METHODS[method])
    step = _STEP.get(METHODS[method], CHUNK)
    crc = made = taken = 0
    for data in packed:
        taken += len(data)
        for at in range(0, len(data), step):
            piece: bytes | None = data[at : at + step]
            while piece is not None and not (engine is not None and engine.eof):
                try:
                    out = piece if engine is None else engine.decompress(piece)
                except (OSError, ValueError, EOFError, zlib.error, zstandard.ZstdError) as error:
                    damage.append(Damage("bad_archive", f"{str(error)[:80]} (unpacked byte {made})"))
                    yield None
                    return
                crc, made = zlib.crc32(out, crc), made + len(out)
                if out:
                    yield out
                finding = bomb(made, taken, limits)
                if finding:
                    damage.append(Damage("bomb", finding))
                    yield None
                    return
                piece = b"" if getattr(engine, "pending", False) else None
    if engine is not None and not engine.eof:
        damage.append(Damage("truncated_archive", f"ends inside the member (unpacked byte {made})"))
        yield None
    elif expected is not None and expected != (crc, made):
        reason = "truncated_archive" if engine is None and made < expected[1] else "bad_archive"
        damage.append(
            Damage(reason, f"{made} bytes with checksum {crc:08x}, not {expected[1]} with {expected[0]:08x}")
        )
        yield None
