"""A raw folder full of bad input: nothing lost, everything else untouched, bounded memory."""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipeline.limits import Limits
from pipeline.rawread import problem_table, read
from pipeline.sources import UnreadableError, digest, plan, scan
from pipeline.stages.ingest import STAGE, IngestParams
from tests.conftest import REPO

TEXT = (
    "قال وزير المياه إن السد الجديد سيُفتتح في مطلع الشهر المقبل، بعد أن أنهت الفرق الفنية أعمال الاختبار.\n"
)
GOOD = 12


def _good(root: Path) -> None:
    for n in range(GOOD):
        (root / f"good{n:02}.txt").write_text(f"خبر رقم {n}\n{TEXT}", "utf-8")
    lines = [json.dumps({"id": n, "text": f"{TEXT}{n}"}, ensure_ascii=False) for n in range(GOOD)]
    (root / "good.jsonl").write_text("\n".join(lines), "utf-8")


BAD: dict[str, tuple[bytes, str]] = {
    "jpeg.txt": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200), "binary"),
    "pdf.txt": (b"%PDF-1.4\n", "binary"),
    "docx.txt": (b"PK\x03\x04" + bytes(100), "binary"),
    "empty.txt": (b"", "empty"),
    "blank.txt": (b"\xef\xbb\xbf \r\n\t", "empty"),
    "asked.txt": (b"???? ??? ????? ??", "text_destroyed"),
    "noise.txt": (bytes(0x80 | (n * 89 + n // 7) % 128 for n in range(400)), "undecodable"),
    "mirror.txt": ("\n".join(line[::-1] for line in (TEXT * 3).split("\n")).encode(), "visual_order"),
    "page.html": (b"<p>x</p>", "no_article"),
    "page.pptx": (b"PK\x03\x04", "unsupported_format"),
    "cut.jsonl.gz": (gzip.compress(b'{"text": "x"}\n' * 9)[:-9], "truncated_archive"),
    "none.jsonl": (b"\n\n", "empty"),
    "bad.jsonl": (b'{"text": \n', "bad_json"),
    "wrong.jsonl": (b'{"text": 1}\n', "schema"),
}


def night(root: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Documents and rejects of a folder, through listing, digests, batches, reading and ingest."""
    listing = scan(root)
    files, tables = [], [problem_table(listing.problems)]
    for file in listing.files:
        try:
            files.append((file, digest(root, file)))
        except UnreadableError as error:
            pytest.fail(str(error))
    for batch in plan(files, 4):
        tables += read(root, batch, target=4, limits=Limits())
    seen = {uri.partition("#")[0] for table in tables for uri in table["source_uri"].to_pylist()}
    assert seen == {file.uri for file, _ in files} | {problem.uri for problem in listing.problems}
    out = [STAGE.run({"raw": table}, IngestParams(), "2026-11-02") for table in tables]
    documents = pa.concat_tables(piece["documents"] for piece in out)
    rejects = pa.concat_tables(piece["rejects"] for piece in out)
    assert sum(table.num_rows for table in tables) == documents.num_rows + rejects.num_rows
    return documents.sort_by("source_uri").to_pylist(), rejects.sort_by("key").to_pylist()


def test_every_bad_file_is_named_and_no_good_one_is_touched(tmp_path: Path) -> None:
    _good(tmp_path)
    clean, rejects = night(tmp_path)
    assert (len(clean), rejects) == (2 * GOOD, [])
    for name, (data, _) in BAD.items():
        (tmp_path / name).write_bytes(data)
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop").symlink_to(tmp_path)
    documents, rejects = night(tmp_path)
    assert [doc for doc in documents if doc["source_uri"].startswith("good")] == clean
    found = {reject["key"].partition("#")[0]: reject["reason"] for reject in rejects}
    expected = {name: reason for name, (_, reason) in BAD.items()}
    assert found == {**expected, "pipe.txt": "not_a_regular_file", "loop": "link_loop"}
    assert all(reject["next_action"] and len(reject["detail"]) <= 200 for reject in rejects)
    for name in (*BAD, "pipe.txt", "loop"):
        (tmp_path / name).unlink()
    assert night(tmp_path)[0] == clean


def test_each_bad_line_costs_itself_alone(tmp_path: Path) -> None:
    good = [json.dumps({"id": n, "text": f"{TEXT}{n}"}, ensure_ascii=False).encode() for n in range(4)]
    bad = [
        b'{"text": "a"} {"text": "b"}',
        b'{"text": "a"',
        b"\xff\xfe\xfd",
        b'{"text": NaN}',
        b"[" * 100_000,
        b"\x00\x00",
    ]
    lines = [good[0], bad[0], good[1], *bad[1:], good[2], b"", good[3]]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    documents, rejects = night(tmp_path)
    assert sorted(doc["record_id"] for doc in documents) == ["0", "1", "2", "3"]
    assert [reject["place"].partition(",")[0] for reject in rejects] == [
        f"line {n}" for n in (2, 4, 5, 6, 7, 8)
    ]


def test_a_catalogue_of_repairs_reaches_the_document(tmp_path: Path) -> None:
    data = TEXT.encode()
    cases = {
        "cp1256.txt": (TEXT.encode("cp1256"), "windows-1256", []),
        "iso.txt": (TEXT.replace("،", " ").encode("iso8859_6"), "ISO-8859-6", []),
        "u16.txt": (TEXT.encode("utf-16-be"), "utf-16-be", []),
        "one.txt": (data[:20] + b"\xc7" + data[20:], "utf-8", ["bad_byte@20:c7"]),
        "nul.txt": (data + b"\x00", "utf-8", [f"nul@{len(TEXT)}"]),
        "twice.txt": (data.decode("cp1256").encode(), "utf-8", ["mojibake@utf-8 read as windows-1256"]),
    }
    for name, (content, _, _) in cases.items():
        (tmp_path / name).write_bytes(content)
    documents, rejects = night(tmp_path)
    assert rejects == []
    assert {d["source_uri"]: (d["encoding"], d["repairs"]) for d in documents} == {
        name: (encoding, repairs) for name, (_, encoding, repairs) in cases.items()
    }


def _peak(root: Path, code: str) -> int:
    """Peak memory in MiB of a fresh process that runs ``code`` with ``root`` set."""
    source = f"from pathlib import Path\nroot = Path({str(root)!r})\n" + textwrap.dedent(code)
    source += "\nimport resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, cwd=REPO, check=True
    )
    return int(done.stdout.split()[-1])


READ_ALL = """
from pipeline.rawread import read
from pipeline.sources import digest, plan, scan
listing = scan(root)
for batch in plan([(f, digest(root, f)) for f in listing.files], 64):
    for table in read(root, batch, target=64, max_bytes=8 << 20):
        table = None
"""


@pytest.mark.slow
def test_a_single_line_of_200_mb_takes_bounded_memory(tmp_path: Path) -> None:
    (tmp_path / "small.jsonl").write_bytes(b'{"text": "x"}\n')
    base = _peak(tmp_path, READ_ALL)
    with (tmp_path / "line.jsonl").open("wb") as file:
        file.write(b'{"text": "')
        for _ in range(200):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n')
    with (tmp_path / "long.txt").open("wb") as file:
        for _ in range(200):
            file.write("ن".encode() * (1 << 19))
    assert _peak(tmp_path, READ_ALL) < base + 100


@pytest.mark.slow
def test_a_long_archive_is_streamed(tmp_path: Path) -> None:
    (tmp_path / "small.jsonl").write_bytes(b'{"text": "x"}\n')
    base = _peak(tmp_path, READ_ALL)
    with gzip.open(tmp_path / "a.jsonl.gz", "wb", compresslevel=1) as file:
        for n in range(60):
            lines = (
                b'{"id": %d, "text": "%s"}\n' % (n * 1000 + i, os.urandom(1000).hex().encode())
                for i in range(1000)
            )
            file.writelines(lines)
    assert _peak(tmp_path, READ_ALL) < base + 120


@pytest.mark.slow
def test_many_small_files_are_listed_fast(tmp_path: Path) -> None:
    for folder in range(20):
        (tmp_path / str(folder)).mkdir()
        for n in range(1000):
            (tmp_path / str(folder) / f"{n}.txt").write_bytes(b"x")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    assert len(scan(tmp_path).files) == 20_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 5
