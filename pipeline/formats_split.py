"""Files of records to single records, streamed: JSON values, CSV rows, feed items. One bad record costs itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.streams import Chunks, Damage

_FIRST_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|$)")


class Piece(NamedTuple):
    """One record: bytes (or the damage that took them), byte offset, line from 1, what its file says about it."""

    data: bytes
    byte: int
    line: int
    damage: Damage | None = None
    context: bytes = b""


_END = b"\x00end"  # told from a chunk by identity


class Window:
    """Bytes of a stream that are not used yet; None chunks end what came before."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self.data = b""
        self.offset = 0  # of data[0] in the stream
        self.line = 1  # of data[0]
        self.ended = self.gap = False

    def more(self, size: int = 1) -> bool:
        """Fetch at least ``size`` bytes where there are as many; False where a gap or the end comes first."""
        pieces, got = [self.data], 0
        while got < size and not self.gap and not self.ended:
            chunk = next(self._chunks, _END)
            if chunk is _END:
                self.ended = True
            elif chunk is None:
                self.gap = True
            elif chunk:
                pieces.append(chunk)
                got += len(chunk)
        self.data = b"".join(pieces)
        return got >= size

    def drop(self, count: int) -> None:
        """Take ``count`` bytes off the front."""
        taken = self.data[:count]
        self.line += taken.count(b"\n") or taken.count(b"\r")
        self.offset += len(taken)
        self.data = self.data[count:]

    def over_gap(self) -> bool:
        """Forget what a gap broke off; False where no gap was met."""
        if self.gap:
            self.drop(len(self.data))
            self.gap = False
            return True
        return False


# -- CSV -------------------------------------------------------------------------------------------------------------


class CsvError(ValueError):
    """A row whose quotes do not close as they should."""


def _field(delimiter: bytes) -> re.Pattern[bytes]:
    mark = re.escape(delimiter)
    return re.compile(
        rb'(?:"(?P<quoted>(?:[^"]++|"")*+)" *+|(?P<open>"(?:[^"]++|"")*+)|(?P<plain>(?!")[^'
        + mark
        + rb"\r\n]*+))"
        rb"(?P<end>" + mark + rb"|\r\n|\n|\r|\Z)"
    )


def _row_end(data: bytes, field: re.Pattern[bytes], delimiter: bytes) -> tuple[int, int] | None:
    """(end, number of fields) of the first row in ``data``; None where ``data`` may end too early.

    Raises CsvError where a closing quote is followed by anything but the end of the field.
    """
    at = fields = 0
    while True:
        match = field.match(data, at)
        if match is None:
            raise CsvError("text behind a closing quote")
        cut = match["end"] == b"" or (match["end"] == b"\r" and match.end() == len(data))
        if cut or match["open"] is not None:
            return None
        fields += 1
        at = match.end()
        if match["end"] != delimiter:
            return at, fields


def delimiter_of(header: bytes) -> bytes:
    r"""The separator that splits a header into most fields; comma where none does.

    >>> delimiter_of(b"id;title;text\n"), delimiter_of(b"text\n")
    (b';', b',')
    """
    return max((b",", b";", b"\t", b"|"), key=header.count)


def csv_rows(chunks: Chunks, damage: list[Damage], limit: int) -> Iterator[Piece]:
    """Rows of a CSV or TSV file with a header line (RFC 4180; newlines inside quotes, any line break).

    ``context`` is the separator, then the header as it stands. A row with broken quotes or another number of fields
    than the header is damage ``bad_csv``: it costs its first line, reading goes on with the next.
    """
    window = Window(chunks)
    while not window.data.strip(b"\xef\xbb\xbf\r\n") and window.more():
        pass
    window.data = window.data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    delimiter = delimiter_of(_FIRST_LINE.match(window.data).group())  # type: ignore[union-attr]
    field = _field(delimiter)
    header, columns = b"", 0
    while True:
        found, problem = _next_row(window, field, delimiter, limit)
        if found is None and problem is None:
            return
        end, fields = found or (0, 0)
        data = window.data[:end]
        if (
            problem is None
            and columns
            and fields != columns
            and not _trailing(data, fields, columns, delimiter)
        ):
            problem = f"{fields} fields, the header has {columns}"
            end = _FIRST_LINE.match(data).end()  # type: ignore[union-attr]
        if problem is not None:
            if not columns:
                damage.append(Damage("bad_csv", f"the header cannot be read: {problem}"))
                return
            end = end or _FIRST_LINE.match(window.data).end()  # type: ignore[union-attr]
            reason = "too_long" if problem.startswith("longer") else "bad_csv"
            yield Piece(b"", window.offset, window.line, Damage(reason, problem))
            window.drop(max(end, 1))
            continue
        if not columns:
            header, columns = data.rstrip(b"\r\n"), fields
        elif data.strip(b"\r\n"):
            yield Piece(data, window.offset, window.line, None, delimiter + header)
        window.drop(end)


def _trailing(data: bytes, fields: int, columns: int, delimiter: bytes) -> bool:
    """True for a blank line, and where all that is too much are empty fields at the end."""
    line = data.rstrip(b"\r\n")
    return not line or (fields > columns and line.endswith(delimiter * (fields - columns)))


def _next_row(
    window: Window, field: re.Pattern[bytes], delimiter: bytes, limit: int
) -> tuple[tuple[int, int] | None, str | None]:
    """The row at the front of the window, or what is wrong with it; neither at the end."""
    while True:
        try:
            found = _row_end(window.data, field, delimiter) if window.data else None
        except CsvError as error:
            return None, str(error)
        if found:
            return found, None
        if len(window.data) > limit:
            return None, f"longer than {limit} bytes, or a quote that never closes"
        if window.more(max(1 << 16, len(window.data))) or (not window.gap and not window.ended):
            continue
        if window.gap:
            window.over_gap()
            continue
        if not window.data:
            return None, None
        try:
            found = _row_end(window.data + b"\n", field, delimiter)
        except CsvError as error:
            return None, str(error)
        if found is None:
            return None, "a quote that never closes"
        return (min(found[0], len(window.data)), found[1]), None


# -- feeds -----------------------------------------------------------------------------------------------------------

_ITEM = re.compile(rb"<(?P<name>(?:[\w.-]+:)?(?:item|entry))(?=[\s>])")
_ROOT_END = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_MAX_HEAD = 1 << 16


def feed_items(chunks: Chunks, damage: list[Damage], limit: int) -> Iterator[Piece]:
    """Items of an RSS feed, entries of an Atom feed, as they stand; ``context`` is what comes before the first.

    Nothing but the single items is ever parsed, so that no entity declared by a feed is expanded. A feed without
    its closing tag is damage ``truncated_archive``.
    """
    window = Window(chunks)
    head, closed = b"", False
    while True:
        start = _ITEM.search(window.data)
        if start is None:
            closed = closed or bool(_ROOT_END.search(window.data))
            if not head:
                if len(window.data) > _MAX_HEAD:
                    damage.append(Damage("unsupported_format", "XML, but neither RSS nor Atom"))
                    return
            else:
                window.drop(max(0, len(window.data) - 64))
            if not window.more(1) and not window.over_gap():
                break
            continue
        head = head or window.data[: start.start()][:_MAX_HEAD] or b" "
        window.drop(start.start())
        end = _item_end(window.data, start["name"])
        while end is None and len(window.data) <= limit and window.more(max(1 << 16, len(window.data))):
            end = _item_end(window.data, start["name"])
        end = end or _item_end(window.data, start["name"])
        if end is None or end > limit:
            if len(window.data) > limit:
                finding = Damage("too_long", f"longer than {limit} bytes, or an item that never ends")
                yield Piece(b"", window.offset, window.line, finding)
                window.drop(end or len(start.group()))
            elif not window.over_gap():
                damage.append(Damage("truncated_archive", "ends inside an item"))
                return
            continue
        yield Piece(window.data[:end], window.offset, window.line, None, head)
        window.drop(end)
    if not head and not closed:
        damage.append(Damage("unsupported_format", "XML, but neither RSS nor Atom"))
    elif not closed:
        damage.append(Damage("truncated_archive", "the feed is not closed"))


def _item_end(data: bytes, name: bytes) -> int | None:
    """End of the item at the front of ``data``, whose closing tag may also stand inside CDATA or a comment."""
    marks = re.compile(rb"<!\[CDATA\[|<!--|</" + re.escape(name) + rb"\s*>")
    at = 0
    while match := marks.search(data, at):
        close = {b"<!": b"]]>", b"<!-": b"-->"}.get(
            match.group()[:3] if match.group() == b"<!--" else match.group()[:2]
        )
        if close is None:
            return match.end()
        at = data.find(close, match.end())
        if at < 0:
            return None
    return None
