"""A buffer over byte chunks for formats that are read field by field: WARC and tar."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.streams import CHUNK, Chunks


class ByteStream:
    """Reads from chunks in which None marks missing bytes.

    ``broken`` is set when a read met such a gap (or the end); what follows the gap is read next. ``offset`` counts
    the bytes that were given out.
    """

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._data = b""
        self._at = 0
        self._gap = False
        self.offset = 0
        self.broken = False

    def _more(self) -> bool:
        """Fetch a chunk; False at a gap or at the end."""
        if self._gap:
            return False
        for chunk in self._chunks:
            if chunk is None:
                self._gap = True
                return False
            if chunk:
                self._data, self._at = self._data[self._at :] + chunk, 0
                return True
        return False

    def _give(self, count: int) -> bytes:
        out = self._data[self._at : self._at + count]
        self._at += len(out)
        self.offset += len(out)
        return out

    def at_end(self) -> bool:
        """True where nothing is left; a gap is stepped over and noted in ``broken``."""
        while self._at >= len(self._data):
            if not self._more():
                if not self._gap:
                    return True
                self._gap, self.broken = False, True
        return False

    def peek(self, count: int) -> bytes:
        """The next ``count`` bytes at most, without taking them."""
        while len(self._data) - self._at < count and self._more():
            pass
        return self._data[self._at : self._at + count]

    def read(self, count: int) -> bytes:
        """The next ``count`` bytes; fewer, and ``broken`` set, where bytes are missing."""
        out = self.peek(count)
        self._give(len(out))
        self.broken = len(out) < count
        return out

    def line(self, limit: int) -> bytes:
        """Up to and with the next line feed; without one where ``limit`` or missing bytes come first."""
        size = 256
        while True:
            data = self.peek(min(size, limit))
            end = data.find(b"\n")
            if end >= 0:
                return self._give(end + 1)
            if len(data) < size:
                self.broken = len(data) < limit
                return self._give(len(data))
            size *= 2

    def pieces(self, count: int) -> Iterator[bytes | None]:
        """The next ``count`` bytes in chunks, None at the end where some are missing."""
        while count > 0:
            if self._at >= len(self._data) and not self._more():
                self.broken = True
                yield None
                return
            out = self._give(min(count, CHUNK * 4))
            count -= len(out)
            yield out

    def find(self, mark: bytes) -> bool:
        """Drop everything before the next ``mark``, over gaps too; False where none is left."""
        while True:
            found = self._data.find(mark, self._at)
            if found >= 0:
                self.offset += found - self._at
                self._at = found
                return True
            keep = max(self._at, len(self._data) - len(mark) + 1)
            self.offset += keep - self._at
            self._at = keep
            if not self._more():
                if not self._gap:
                    return False
                self._data, self._at, self._gap = b"", 0, False
