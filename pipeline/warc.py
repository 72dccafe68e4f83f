"""WARC records (ISO 28500), strictly: the libraries end silently where a file is cut; here that is damage."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterator

from pipeline.bytestream import ByteStream
from pipeline.formats_split import Piece
from pipeline.streams import Chunks, Damage

_HEADER = 1 << 16  # bytes of a header block
_TYPES = {"text/html": "html", "application/xhtml+xml": "html", "text/plain": "text"}
_MARK = b"WARC/1."


def _fields(stream: ByteStream) -> dict[str, str]:
    """Header fields up to the blank line, names in lower case; the first of a name counts."""
    found: dict[str, str] = {}
    last, left = "", _HEADER
    while left > 0:
        line = stream.line(left)
        left -= len(line)
        if not line.strip():
            break
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        name, colon, value = text.partition(":")
        if text[0] in " \t" and last:
            found[last] += " " + text.strip()
        elif colon:
            last = name.strip().lower()
            found.setdefault(last, value.strip())
    return found


def warc_pages(  # noqa: PLR0912 – one step for each kind of record
    chunks: Chunks, damage: list[Damage], limit: int
) -> Iterator[tuple[str, Piece]]:
    """(form, piece) for each page of a WARC file: responses and resources in HTML or plain text with status 200.

    ``context`` is JSON with url, date and charset as the record has them. What is no page (requests, images,
    redirects …) is counted in one piece with damage ``not_an_article``. Damage: ``truncated_archive`` where the end
    of a record is missing, ``bad_archive`` where no record stands; reading goes on with the next record.
    """
    stream = ByteStream(chunks)
    skipped: Counter[str] = Counter()
    while not stream.at_end():
        if stream.peek(len(_MARK)) != _MARK:
            if stream.peek(1) in (b"\r", b"\n"):
                stream.read(1)
                continue
            damage.append(Damage("bad_archive", f"no WARC record here (byte {stream.offset})"))
            if not stream.find(_MARK):
                break
        start = stream.offset
        stream.line(_HEADER)
        header = _fields(stream)
        size = header.get("content-length", "")
        if not size.isdecimal() or len(size) > 18:
            finding = "ends inside a header" if stream.broken else "a record without Content-Length"
            damage.append(
                Damage("truncated_archive" if stream.broken else "bad_archive", f"{finding} (byte {start})")
            )
            stream.broken = False
            if not stream.find(_MARK):
                break
            continue
        kind = header.get("warc-type", "")
        body = _keep(stream, int(size), limit) if kind in ("response", "resource") else None
        if body is None:
            for _ in stream.pieces(int(size)):
                pass
        if stream.broken:
            damage.append(Damage("truncated_archive", f"ends inside a record (byte {start})"))
            stream.broken = False
            continue
        if kind not in ("response", "resource"):
            skipped[kind[:20] or "no type"] += 1
        elif body is None:
            long = Damage("too_long", f"{size} bytes, the limit is {limit}")
            yield "html", Piece(b"", start, 1, long)
        else:
            page = _page(kind, header, body, limit)
            if isinstance(page, str):
                skipped[page] += 1
            else:
                form, payload, context, problem = page
                yield form, Piece(b"" if problem else payload, start, 1, problem, context)
    if skipped:
        most = ", ".join(f"{count} {what}" for what, count in sorted(skipped.items()))
        other = Damage("not_an_article", f"{sum(skipped.values())} records are no pages: {most}")
        yield "html", Piece(b"", -1, 0, other)


def _keep(stream: ByteStream, size: int, limit: int) -> bytes | None:
    return stream.read(size) if size <= limit else None


def _page(
    kind: str, header: dict[str, str], body: bytes, limit: int
) -> str | tuple[str, bytes, bytes, Damage | None]:
    """Form, payload, context and problem of a page; a word for what is none."""
    http: dict[str, str] = {}
    problem = None
    if kind == "response":
        if not body.startswith(b"HTTP/"):
            return "no HTTP response"
        stream = ByteStream(iter([body]))
        status = stream.line(_HEADER).split(b" ", 2)[1:2]
        if status != [b"200"]:
            return f"status {status[0][:3].decode('ascii', 'replace') if status else '?'}"
        http = _fields(stream)
        body = body[stream.offset :]
        try:
            body = _decode(http, body, limit)
        except ValueError as error:
            problem = Damage("bad_archive", str(error))
    full = http.get("content-type", header.get("content-type", "") if kind == "resource" else "")
    media, _, rest = full.partition(";")
    media = media.strip().lower()
    form = _TYPES.get(media) or ("html" if not media and b"<html" in body[:1024].lower() else None)
    if form is None:
        return media[:40] or "no type"
    charset = rest.lower().partition("charset=")[2].strip(" \"'").partition(";")[0].strip()
    context = {"url": header.get("warc-target-uri", "").strip("<>"), "charset": charset[:40]}
    return form, body, json.dumps(context, ensure_ascii=True).encode(), problem


def _decode(http: dict[str, str], body: bytes, limit: int) -> bytes:
    """Undo transfer and content encodings. Raises ValueError."""
    if "chunked" in http.get("transfer-encoding", "").lower():
        body = _dechunk(body)
    coding = http.get("content-encoding", "").strip().lower()
    if coding in ("", "identity", "none"):
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise ValueError(f"content encoding {coding[:20]} is not read")
    engine = zlib.decompressobj(31 if "gzip" in coding else 15 if body[:1] == b"\x78" else -15)
    if "gzip" in coding and body[:2] != b"\x1f\x8b":
        return body  # the archive holds it unpacked already
    try:
        out = engine.decompress(body, limit + 1)
    except zlib.error as error:
        raise ValueError(f"content encoding {coding}: {error}") from None
    if len(out) > limit:
        raise ValueError(f"unpacks to more than {limit} bytes")
    if not engine.eof:
        raise ValueError(f"content encoding {coding}: the page ends too early")
    return out


def _dechunk(body: bytes) -> bytes:
    """Join the chunks of a chunked body; as it is where it is not chunked after all."""
    out: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\r\n", at)
        size = body[at : end if end >= 0 else at].partition(b";")[0].strip()
        try:
            count = int(size, 16)
        except ValueError:
            if not out:
                return body
            raise ValueError("chunked encoding is broken") from None
        if count == 0:
            return b"".join(out)
        piece = body[end + 2 : end + 2 + count]
        if len(piece) < count:
            raise ValueError("chunked encoding ends too early")
        out.append(piece)
        at = end + 2 + count + 2
