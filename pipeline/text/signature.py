"""Recognise binary files by their first bytes."""

from __future__ import annotations

SIGNATURES: tuple[tuple[bytes, int, str], ...] = (
    (b"\xff\xd8\xff", 0, "JPEG image"),
    (b"\x89PNG\r\n\x1a\n", 0, "PNG image"),
    (b"GIF87a", 0, "GIF image"),
    (b"GIF89a", 0, "GIF image"),
    (b"WEBP", 8, "WebP image"),
    (b"%PDF-", 0, "PDF document"),
    (b"PK\x03\x04", 0, "ZIP archive or Office document"),
    (b"PK\x05\x06", 0, "ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "old Office document"),
    (b"{\\rtf", 0, "RTF document"),
    (b"SQLite format 3\x00", 0, "SQLite database"),
    (b"\x7fELF", 0, "ELF program"),
    (b"MZ\x90\x00", 0, "Windows program"),
    (b"\xca\xfe\xba\xbe", 0, "Java class"),
    (b"\x00asm", 0, "WebAssembly module"),
    (b"\x1f\x8b\x08", 0, "gzip archive"),
    (b"BZh91AY&SY", 0, "bzip2 archive"),
    (b"\xfd7zXZ\x00", 0, "xz archive"),
    (b"\x28\xb5\x2f\xfd", 0, "zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", 0, "7z archive"),
    (b"Rar!\x1a\x07", 0, "RAR archive"),
    (b"ustar", 257, "tar archive"),
    (b"PAR1", 0, "Parquet file"),
    (b"ARROW1\x00\x00", 0, "Arrow file"),
    (b"ID3\x03", 0, "MP3 audio"),
    (b"ID3\x04", 0, "MP3 audio"),
    (b"OggS\x00", 0, "Ogg media"),
    (b"ftyp", 4, "MP4 media"),
    (b"\x1aE\xdf\xa3", 0, "Matroska media"),
)
HEAD = 512  # bytes that ``signature`` looks at


def signature(data: bytes) -> str | None:
    """Name the binary format that ``data`` starts like, or return None.

    >>> signature(b"%PDF-1.7 ..."), signature("نص".encode())
    ('PDF document', None)
    """
    for magic, at, name in SIGNATURES:
        if data[at : at + len(magic)] == magic:
            return name
    return None
