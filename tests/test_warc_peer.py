"""Our WARC splitter against FastWARC: on files that are whole both see the same pages, in the same order."""

from __future__ import annotations

import gzip
import io
import json

import pytest

from pipeline.warc import warc_pages

fastwarc = pytest.importorskip("fastwarc.warc")

PAGES = [
    (
        "https://one.example/a",
        "<html><body><p>قال الوزير إن الأسعار مستقرة.</p></body></html>",
        200,
        "text/html",
    ),
    ("https://one.example/b", "<p>WARC/1.0 داخل النص</p>\r\n\r\n", 200, "text/html; charset=utf-8"),
    ("https://two.example/old", "", 301, "text/html"),
    ("https://two.example/c.png", "\x00\x01", 200, "image/png"),
    ("https://two.example/d", "نص بلا وسوم\n" * 500, 200, "text/plain"),
]


def archive(gzipped: bool) -> bytes:
    out = io.BytesIO()
    for url, body, status, kind in PAGES:
        payload = body.encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(payload)}\r\n\r\n"
        record = fastwarc.WarcRecord()
        record.init_headers(record_type=fastwarc.WarcRecordType.response)
        record.headers["WARC-Target-URI"] = url
        record.headers["WARC-Date"] = "2026-11-01T10:00:00Z"
        record.headers["Content-Type"] = "application/http; msgtype=response"
        record.set_bytes_content(head.encode() + payload)
        raw = io.BytesIO()
        record.write(raw)
        out.write(gzip.compress(raw.getvalue(), mtime=0) if gzipped else raw.getvalue())
    return out.getvalue()


def by_fastwarc(data: bytes) -> list[tuple[str, bytes]]:
    found = []
    for record in fastwarc.ArchiveIterator(io.BytesIO(data), parse_http=True):
        kind = (record.http_content_type or "").split(";")[0]
        if record.http_headers.status_code == 200 and kind in ("text/html", "text/plain"):
            found.append((record.headers["WARC-Target-URI"], record.reader.read()))
    return found


@pytest.mark.parametrize("chunk", [7, 64, 1 << 16])
def test_the_same_pages_as_fastwarc(chunk: int) -> None:
    data = archive(gzipped=False)
    damage: list[object] = []
    chunks = (data[i : i + chunk] for i in range(0, len(data), chunk))
    ours = []
    for _, piece in warc_pages(chunks, damage, 1 << 20):  # type: ignore[arg-type]
        if piece.damage is None:
            ours.append((json.loads(piece.context)["url"], bytes(piece.data)))
    assert damage == []
    assert ours == by_fastwarc(data)
    assert by_fastwarc(archive(gzipped=True)) == ours
