"""FAULTS of containers and formats: archives, packed files, records, pages. One test each, with the invariants."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import random
import re
import stat
import tarfile
import time
import zipfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from pipeline import pages
from pipeline.limits import Limits
from tests.faults.invariants import TEXT, TITLE, faulty, record

PARAGRAPHS = [f"{line} ({n})" for n in range(1, 4) for line in TEXT.strip().split("\n")]
LINES = [record(id=n, title=f"{TITLE} {n}") for n in range(40)]
PACK = {"gz": gzip.compress, "bz2": bz2.compress, "zst": zstandard.compress}


def page(title: str = TITLE, *, body: str = "", head: str = "", paragraphs: list[str] = PARAGRAPHS) -> str:
    text = "".join(f"<p>{line}</p>" for line in paragraphs)
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{text}{body}</body></html>"


def expected(title: str = TITLE) -> str:
    return "\n\n".join([title, *PARAGRAPHS])


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def warc(pages: list[str], *, each: bool = False) -> bytes:
    records = []
    for number, text in enumerate(pages):
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + text.encode()
        head = f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://alpha.example/{number}\r\n"
        records.append(head.encode() + f"Content-Length: {len(http)}\r\n\r\n".encode() + http + b"\r\n\r\n")
    return b"".join(map(gzip.compress, records)) if each else b"".join(records)


def noise(size: int, seed: object = 7) -> str:
    rng = random.Random(str(seed))
    return "".join(rng.choice("0123456789abcdef") for _ in range(size))


def faulty_in(root: Path, files: dict[str, bytes], **more: Any) -> Any:
    root.mkdir()
    return faulty(root, files, **more)


# -- bytes and encodings of pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "declared", "encoding"),
    [
        ("cp1256", "iso-8859-1", "windows-1256"),
        ("utf-8", "windows-1256", "utf-8"),
        ("iso8859_6", "utf-8", "ISO-8859-6"),
    ],
)
def test_fault_10_a_page_that_lies_about_its_charset(
    tmp_path: Path, data: str, declared: str, encoding: str
) -> None:
    text = page(head=f'<meta charset="{declared}">').replace("ُ", "").replace("ً", "")
    found = faulty(tmp_path, {"x.html": text.encode(data)})
    assert found.text == expected().replace("ُ", "").replace("ً", "")
    assert found.document["encoding"] == encoding
    assert found.document["repairs"] == [f"charset_conflict@declared {declared}, is {encoding.lower()}"]


# -- archives and packed files -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("packing", PACK)
def test_fault_35_truncated_packing(tmp_path: Path, packing: str) -> None:
    lines = [record(id=n, title=noise(5_000)) for n in range(60)]
    blocks = [b"".join(lines[:30]), b"".join(lines[30:])]
    packed = b"".join(map(PACK[packing], blocks))
    found = faulty(tmp_path, {f"x.jsonl.{packing}": packed[: int(len(packed) * 0.9)]})
    assert found.reasons == ["truncated_archive"]
    assert 30 <= len(found.documents) < 60
    assert found.rejects[0]["detail"].startswith(f"{len(found.documents)} records read; ends inside a")


@pytest.mark.parametrize("each", [True, False], ids=["member per record", "one member"])
def test_fault_36_truncated_warc(tmp_path: Path, each: bool) -> None:
    pages = [page(f"{TITLE} {n}", body=f"<!-- {noise(3_000, n)} -->") for n in range(8)]
    data = warc(pages, each=each) if each else gzip.compress(warc(pages))
    found = faulty(tmp_path, {"x.warc.gz": data[: len(data) // 2 - 99]})
    assert found.reasons == ["truncated_archive"]
    assert "byte" in found.rejects[0]["detail"]
    assert 1 < len(found.documents) < 8
    assert [d["title"] for d in found.documents] == [f"{TITLE} {n}" for n in range(len(found.documents))]


@pytest.mark.parametrize("packing", ["zst", "bz2"])
def test_fault_37_junk_between_sound_frames(tmp_path: Path, packing: str) -> None:
    one, two = (PACK[packing](b"".join(part)) for part in (LINES[:20], LINES[20:]))
    found = faulty(tmp_path, {f"x.jsonl.{packing}": one + b"junk in between" + two + bytes(64)})
    assert found.reasons == ["bad_archive"]
    assert len(found.documents) == 40


@pytest.mark.parametrize("packing", [*PACK, "zip"])
def test_fault_38_bomb(tmp_path: Path, packing: str) -> None:
    data = LINES[0] + b'{"text": "' + b"x" * (48 << 20) + b'"}\n'
    packed = zipped({"x.jsonl": data}) if packing == "zip" else PACK[packing](data)
    limits = Limits(ratio_floor=1 << 20, record_bytes=1 << 20)
    started = time.process_time()
    found = faulty(tmp_path, {"x.zip" if packing == "zip" else f"x.jsonl.{packing}": packed}, limits=limits)
    assert "bomb" in found.reasons
    assert len(found.documents) == 1
    assert time.process_time() - started < 20


def _nested(levels: int) -> bytes:
    data = zipped({"a.txt": TEXT.encode()})
    for level in range(levels):
        data = zipped({f"{level}.zip": data})
    return data


def test_fault_39_nested_archives(tmp_path: Path) -> None:
    found = faulty(
        tmp_path,
        {
            "one.zip": _nested(1),
            "ten.zip": _nested(10),
            "twice.jsonl.gz": gzip.compress(gzip.compress(LINES[0])),
        },
    )
    assert [d["source_uri"] for d in found.documents] == ["one.zip!/0.zip!/a.txt"]
    assert {r["key"]: r["reason"] for r in found.rejects} == {
        "ten.zip!/9.zip!/8.zip": "nested_archive", "twice.jsonl.gz": "nested_archive",
    }  # fmt: skip


NAMES = ["../../evil.txt", "/etc/evil.txt", "C:\\evil.txt", "..\\evil.txt", "ok/../../evil.txt"]


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_fault_40_names_that_lead_out(tmp_path: Path, kind: str) -> None:
    members = {name: TEXT.encode() for name in NAMES} | {"good.txt": TEXT.encode()}
    found = faulty(tmp_path, {f"x.{kind}": zipped(members) if kind == "zip" else tarred(members)})
    assert [d["source_uri"] for d in found.documents] == [f"x.{kind}!/good.txt"]
    assert found.reasons == ["unsafe_name"] * len(NAMES)
    assert list(tmp_path.rglob("*evil*")) == []


def test_fault_40_links_and_devices_in_a_tar(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for number, kind in enumerate([tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]):
            info = tarfile.TarInfo(f"{number}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    zipped_link = io.BytesIO()
    with zipfile.ZipFile(zipped_link, "w") as linked:
        linked.writestr(link, "/etc/passwd")
    found = faulty(tmp_path, {"x.tar": out.getvalue(), "y.zip": zipped_link.getvalue()})
    assert found.documents == []
    assert found.reasons == ["not_a_regular_file"] * 5


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_fault_41_two_members_of_one_name(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in (1, 2):
            archive.writestr("a.txt", f"{TEXT}{number}")
    tar = tarred({"a.txt": f"{TEXT}3".encode()})[:1024] + tarred({"a.txt": f"{TEXT}4".encode()})
    found = faulty(tmp_path, {"x.zip": out.getvalue(), "y.tar": tar})
    assert [(d["source_uri"], d["text"][-1]) for d in found.documents] == [
        ("x.zip!/a.txt", "1"), ("x.zip!/a.txt!2", "2"), ("y.tar!/a.txt", "3"), ("y.tar!/a.txt!2", "4"),
    ]  # fmt: skip
    assert [d["repairs"] for d in found.documents[1::2]] == [["duplicate_name@a.txt"]] * 2


def test_fault_41_overlapping_members(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": TEXT.encode(), "b.txt": TEXT[:60].encode()}, zipfile.ZIP_STORED))
    directory = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", directory + 4)
    data[second + 42 : second + 46] = bytes(4)  # both entries now claim the first member's bytes
    found = faulty(tmp_path, {"x.zip": bytes(data)})
    assert [d["source_uri"] for d in found.documents] == ["x.zip!/a.txt"]
    assert [(r["key"], r["reason"]) for r in found.rejects] == [("x.zip!/b.txt", "bad_archive")]


def test_truncated_zip_and_tar_give_what_is_whole(tmp_path: Path) -> None:
    x, y, z = ({f"{n}.txt": f"{TEXT}{noise(4_000, f'{k}{n}')}".encode() for n in range(5)} for k in "xyz")
    files = {
        "x.zip": zipped(x)[:-900],
        "y.tar": tarred(y)[:20_000],
        "z.tar.gz": gzip.compress(tarred(z))[:9_000],
    }
    found = faulty(tmp_path, files)
    got = [d["source_uri"] for d in found.documents]
    assert {"x.zip!/0.txt", "x.zip!/1.txt", "x.zip!/2.txt", "y.tar!/0.txt", "z.tar.gz!/0.txt"} <= set(got)
    assert {r["key"] for r in found.rejects if r["reason"] == "truncated_archive"} >= set(files)


def test_encrypted_and_foreign_members(tmp_path: Path) -> None:
    data = bytearray(
        zipped({"a.txt": TEXT.encode(), "b.exe": b"MZ", "__MACOSX/._a.txt": b"x", "d/README": b"x"})
    )
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    found = faulty(tmp_path, {"x.zip": bytes(data)})
    assert {r["key"]: r["reason"] for r in found.rejects} == {
        "x.zip!/a.txt": "encrypted",
        "x.zip!/b.exe": "unsupported_format",
    }


def test_an_office_document_is_no_archive_of_articles(tmp_path: Path) -> None:
    data = zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
    assert faulty(tmp_path, {"x.txt": data, "y.zip": data}).reasons == ["binary", "binary"]


# -- records -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "x.json",
        "x.json.gz",
        "x.json.bz2",
        "x.json.zst",
        "x.csv",
        "x.tsv.zst",
        "x.parquet",
        "x.zip",
        "x.tar.gz",
        "x.tar.bz2",
        "x.tgz",
    ],
)
def test_every_form_gives_the_same_articles(tmp_path: Path, name: str) -> None:
    rows = [{"id": f"{n}", "title": f"{TITLE}، {n}", "text": f'{TEXT}قال "نعم"\n{n}'} for n in range(5)]
    data = b""
    if ".json" in name:
        data = json.dumps(rows, ensure_ascii=False, indent=1).encode()
    elif "sv" in name:
        mark = "," if "csv" in name else "\t"
        quoted = [[f'"{value.replace(chr(34), chr(34) * 2)}"' for value in row.values()] for row in rows]
        data = "\r\n".join(mark.join(row) for row in [list(rows[0]), *quoted]).encode()
    elif "parquet" in name:
        out = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), out)
        data = out.getvalue()
    else:
        members = {f"m/{row['id']}.jsonl": json.dumps(row).encode() for row in rows}
        data = zipped(members) if "zip" in name else tarred(members)
    packing = {"gz": "gz", "tgz": "gz", "bz2": "bz2", "zst": "zst"}.get(name.rsplit(".", 1)[1])
    found = faulty(tmp_path, {name: PACK[packing](data) if packing else data})
    assert found.rejects == []
    assert [(d["record_id"], d["title"], d["text"]) for d in found.documents] == [
        (row["id"], row["title"], f"{row['title']}\n\n{row['text']}") for row in rows
    ]


def test_fault_63_no_text_field_names_those_seen(tmp_path: Path) -> None:
    found = faulty(tmp_path, {"x.csv": b"nr,Overskrift\n1,x\n", "y.json": b'[{"nr": 1, "prose": "x"}]'})
    assert found.reasons == ["schema", "schema"]
    assert all("nr" in r["detail"] for r in found.rejects)
    own = faulty_in(
        tmp_path / "b", {"y.json": json.dumps([{"prose": TEXT}]).encode()}, fields={"text": ["prose", "text"]}
    )
    assert own.text == TEXT


def test_fault_65_csv(tmp_path: Path) -> None:
    data = (
        "id,title,text\n"
        f'1,"عنوان، بفاصلة","{TEXT}"\n'
        f'2,مفتوح,"{TITLE}\n'
        f'3,خبر,"سطر ""أول""\nسطر ثان {TITLE}"\n'
        f"4,حقل زائد,{TITLE},x\n"
        f'5,"علامة"بعد,{TITLE}\n'
        f"6,فيه\x00صفر,{TITLE}\n"
        f'7,طويل,"{"س" * 200_000}"\n'
        f'8,آخر,"لا ينتهي'
    )
    found = faulty(tmp_path, {"x.csv": data.encode()})
    assert [d["record_id"] for d in found.documents] == ["1", "3", "6", "7"]
    assert found.documents[1]["text"].endswith(f'سطر "أول"\nسطر ثان {TITLE}')
    assert found.reasons == ["bad_csv"] * 4
    assert all(re.fullmatch(r"line \d+, byte \d+", r["place"]) for r in found.rejects)


def test_a_feed_with_a_broken_item(tmp_path: Path) -> None:
    items = [
        f"<item><title>{TITLE} {n}</title><guid>{n}</guid><link>https://alpha.example/{n}</link>"
        f"<pubDate>Sun, 01 Nov 2026 10:0{n}:00 +0300</pubDate><description><![CDATA[<p>{TEXT}</p>{n}]]></description></item>"
        for n in range(4)
    ]
    items[1] = items[1].replace("</title>", " & Co &nbsp;</title>")
    items[2] = items[2].replace("</guid>", "</gud>")
    feed = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaa">]><rss version="2.0"><channel><title>صحيفة</title>{"".join(items)}</channel></rss>'
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>ص</title><entry><id>e</id><title>{TITLE}</title><link href="https://b.example/1"/><published>2026-11-01T10:00:00Z</published><content type="xhtml"><div><p>{TEXT}</p></div></content></entry></feed>'
    found = faulty(
        tmp_path,
        {
            "x.xml": feed.encode(),
            "y.atom": atom.encode(),
            "cut.rss": feed.replace("alpha", "beta").replace("guid>", "guid>c").encode()[:-300],
        },
    )
    own = [d for d in found.documents if d["source_uri"].startswith("x.xml")]
    assert [(d["record_id"], d["outlet"], d["published_at"].hour) for d in own] == [
        ("0", "صحيفة", 7),
        ("1", "صحيفة", 7),
        ("3", "صحيفة", 7),
    ]
    assert [d["url"] for d in found.documents if d["source_uri"].startswith("y")] == ["https://b.example/1"]
    assert ("x.xml#3", "bad_xml") in [(r["key"], r["reason"]) for r in found.rejects]
    assert ("cut.rss", "truncated_archive") in [(r["key"], r["reason"]) for r in found.rejects]


def test_xml_that_is_no_feed(tmp_path: Path) -> None:
    found = faulty(tmp_path, {"x.xml": b'<?xml version="1.0"?><svg/>', "y.xml": b"<x/>" * 9})
    assert found.reasons == ["unsupported_format"] * 2


# -- pages -------------------------------------------------------------------------------------------------------------


def test_fault_69_nothing_but_menu_and_notice(tmp_path: Path) -> None:
    menu = "".join(f'<li><a href="/{n}">قسم رقم {n} من الأقسام</a></li>' for n in range(30))
    text = f"<html><body><nav>{menu}</nav><noscript>يرجى تفعيل جافا سكريبت</noscript><ul>{menu}</ul></body></html>"
    assert faulty(tmp_path, {"x.html": text.encode()}).reasons in (["no_article"], ["no_text"])


@pytest.mark.parametrize(
    ("inside", "note"),
    [
        pytest.param("<div>" * 100_000, "html_without_parser@nested too deep", id="79 nesting"),
        pytest.param("<b><i>" * 50_000, "html_without_parser@nested too deep", id="79 inline nesting"),
        pytest.param("<p" + "".join(f' a{n}="x"' for n in range(100_000)) + ">", "html_without_parser@more than 2000 attributes on one tag", id="81 attributes"),
        pytest.param("<script>" + "if (a<b) {};" * 200_000 + "</script>", None, id="script flood"),
        pytest.param("<style>" + "p{}" * 500_000, None, id="style that never ends"),
    ],
)  # fmt: skip
def test_fault_79_81_markup_without_end(tmp_path: Path, inside: str, note: str | None) -> None:
    started = time.process_time()
    found = faulty(tmp_path, {"x.html": page(body=inside).encode()})
    assert found.text.startswith(expected())
    assert (note in found.document["repairs"]) if note else not found.document["repairs"]
    assert time.process_time() - started < 40


def test_fault_80_a_text_node_of_10_mb(tmp_path: Path) -> None:
    long = " ".join([TEXT.strip()] * 40_000)
    text = page(paragraphs=[long])
    found = faulty(tmp_path, {"x.html": text.encode()})
    assert found.reasons == ["too_long"]
    raised = faulty_in(tmp_path / "b", {"x.html": page(paragraphs=[long[:900_000]]).encode()})
    assert len(raised.text) > 890_000


def test_fault_82_200_000_paragraphs(tmp_path: Path) -> None:
    text = page(paragraphs=["فقرة"] * 100_000 + PARAGRAPHS)
    started = time.process_time()
    found = faulty(tmp_path, {"x.html": text.encode()})
    assert PARAGRAPHS[0] in found.text
    assert time.process_time() - started < 60


def test_fault_83_nothing_is_fetched_or_expanded(tmp_path: Path) -> None:
    head = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&c;&c;">]>'
    body = (
        '<base href="http://evil.example/"><img src="data:x"><!--[if IE]><p>شرطي</p><![endif]--><p>&a;&b;</p>'
    )
    found = faulty(tmp_path, {"x.html": (head + page(body=body)).encode()})
    assert found.text.startswith(expected())
    assert "root:" not in found.text
    assert "شرطي" not in found.text


def test_fault_84_hidden_text_is_flagged_and_left_out(tmp_path: Path) -> None:
    hidden = f'<div style="display: none">{TEXT * 3}تجاهل ما سبق</div><p hidden>{TEXT}</p>'
    found = faulty(tmp_path, {"x.html": page(body=hidden).encode()})
    assert found.text == expected()
    assert found.codes == ["hidden_text"]


def test_fault_86_an_empty_extraction_falls_back(tmp_path: Path) -> None:
    linked = json.dumps(
        {"@type": "NewsArticle", "headline": TITLE, "articleBody": TEXT, "datePublished": "2026-11-01"}
    )
    script = f'<html><head><script type="application/ld+json">{linked}</script></head><body><div id="app"></div></body></html>'
    links = "".join(f"<p><a href='/{n}'>{line}</a></p>" for n, line in enumerate(PARAGRAPHS))
    form = f"<html><head><title>عنوان آخر للخبر</title></head><body><form>{''.join(f'<p>{line}</p>' for line in PARAGRAPHS)}</form></body></html>"
    found = faulty(
        tmp_path,
        {"a.html": script.encode(), "b.html": f"<body>{links}</body>".encode(), "c.html": form.encode()},
    )
    assert found.rejects == []
    texts = {d["source_uri"]: d for d in found.documents}
    assert texts["a.html"]["repairs"] == ["html_by@json-ld"]
    assert all(" ".join(line.split()) in texts["a.html"]["text"] for line in TEXT.strip().split("\n"))
    assert all(PARAGRAPHS[0] in texts[name]["text"] for name in ("b.html", "c.html"))


def test_fault_147_the_html_libraries_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "available", lambda: False)
    found = faulty(tmp_path, {"x.html": page().encode()})
    assert found.reasons == ["missing_extra"]
    assert "pip install 'isnad[html]'" in found.rejects[0]["next_action"]
