"""FAULTS A, 1–30: bytes and encodings, each as a file beside sound ones."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from pipeline.text.normalise import fold, fold_map, strip_marks
from pipeline.text.numbers import figure
from tests.faults.invariants import PAGE, TEXT, TITLE, faulty
from tests.timing import growth

DATA = PAGE.encode()


def _misread(data: bytes, codec: str) -> str:
    return "".join(bytes([b]).decode(codec, "ignore") or chr(b) for b in data)


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("cp1256", "windows-1256"), ("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be")],
)
def test_fault_01_04_no_declaration(tmp_path: Path, codec: str, encoding: str) -> None:
    found = faulty(tmp_path, {"x.txt": PAGE.encode(codec)})
    assert (found.text, found.document["encoding"], found.rejects) == (PAGE, encoding, [])


def test_fault_02_iso_8859_6(tmp_path: Path) -> None:
    page = PAGE.replace("،", "\u060c")
    found = faulty(tmp_path, {"x.txt": page.encode("iso8859_6")})
    assert (found.text, found.document["encoding"]) == (page, "ISO-8859-6")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_fault_03_utf16_with_bom(tmp_path: Path, codec: str) -> None:
    assert faulty(tmp_path, {"x.txt": ("\ufeff" + PAGE).encode(codec)}).text == PAGE


def test_fault_05_utf8_with_bom(tmp_path: Path) -> None:
    found = faulty(tmp_path, {"x.txt": b"\xef\xbb\xbf" + DATA})
    assert (found.text, found.document["encoding"]) == (PAGE, "utf-8-sig")
    assert found.kinds()[0] == ("title", TITLE)


def test_fault_06_bom_in_the_middle(tmp_path: Path) -> None:
    found = faulty(tmp_path, {"x.txt": DATA + b"\xef\xbb\xbf" + DATA})
    assert (found.text, found.document["repairs"]) == (PAGE + "\ufeff" + PAGE, [f"inner_bom@{len(PAGE)}"])


def test_fault_07_one_bad_byte(tmp_path: Path) -> None:
    at = len("افتتاح ".encode())
    found = faulty(tmp_path, {"x.txt": DATA[:at] + b"\xc7" + DATA[at:]})
    assert (found.document["encoding"], found.document["repairs"]) == ("utf-8", [f"bad_byte@{at}:c7"])
    assert found.text.replace("\ufffd", "") == PAGE


def test_fault_08_cut_inside_a_character(tmp_path: Path) -> None:
    data = PAGE.rstrip(".\n").encode()[:-1]
    found = faulty(tmp_path, {"x.txt": data})
    assert (found.text, found.codes) == (PAGE.rstrip(".\n")[:-1] + "\ufffd", ["truncated"])


def test_fault_09_lines_of_two_encodings(tmp_path: Path) -> None:
    lines = PAGE.split("\n")
    data = b"\n".join(line.encode("cp1256" if n == 2 else "utf-8") for n, line in enumerate(lines))
    found = faulty(tmp_path, {"x.txt": data})
    assert (found.text, found.document["repairs"]) == (PAGE, ["mixed_encoding:windows-1256@line 3"])


@pytest.mark.parametrize("declared", ["charset=ISO-8859-1", "encoding: utf-8", '<meta charset="iso-8859-1">'])
def test_fault_10_false_declaration(tmp_path: Path, declared: str) -> None:
    page = f"{PAGE}{declared}\n"
    found = faulty(tmp_path, {"x.txt": page.encode("cp1256")})
    assert (found.text, found.document["encoding"]) == (page, "windows-1256")


@pytest.mark.parametrize(
    ("number", "wrong", "chain"),
    [
        (11, _misread(DATA, "cp1252"), "utf-8 read as windows-1252"),
        (12, _misread(DATA, "cp1256"), "utf-8 read as windows-1256"),
        (13, _misread(PAGE.encode("cp1256"), "cp1252"), "windows-1256 read as windows-1252"),
        (13, PAGE.replace("ُ", "").encode("iso8859_6").decode("cp1256"), "ISO-8859-6 read as windows-1256"),
    ],
    ids=["11", "12", "13", "13_one_code_page_as_the_other"],
)
def test_fault_11_12_13_misread(tmp_path: Path, number: int, wrong: str, chain: str) -> None:
    found = faulty(tmp_path, {f"{number}.txt": wrong.encode()})
    assert found.text in (PAGE, PAGE.replace("ُ", ""))
    assert found.document["repairs"] == [f"mojibake@{chain}"]


def test_fault_14_lossy_misreading(tmp_path: Path) -> None:
    lossy = _misread(DATA, "cp1252").replace("\x81", "").replace("\x8a", "").replace("†", "")
    found = faulty(tmp_path, {"x.txt": lossy.encode()})
    assert found.reasons == ["mojibake"]
    assert "%" in found.rejects[0]["detail"]


def test_fault_15_mac_arabic(tmp_path: Path) -> None:
    page = PAGE.replace("ُ", "").replace("،", ",")
    found = faulty(tmp_path, {"x.txt": page.encode("mac_arabic")})
    assert found.reasons == ["undecodable"] or found.text == page


def test_fault_16_question_marks(tmp_path: Path) -> None:
    assert faulty(tmp_path, {"x.txt": b"???? ??????? ?? ???\n????? ??? 12/5 ????????"}).reasons == [
        "text_destroyed"
    ]


@pytest.mark.parametrize(
    "head",
    [
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"%PDF-1.7\n",
        b"PK\x03\x04\x14\x00",
        b"SQLite format 3\x00",
        b"\x7fELF\x02\x01",
    ],
    ids=["jpeg", "pdf", "docx", "sqlite", "elf"],
)
def test_fault_17_binary(tmp_path: Path, head: bytes) -> None:
    found = faulty(tmp_path, {"x.txt": head + bytes(range(256)) * 4})
    assert found.documents == []
    assert set(found.reasons) <= {"binary", "truncated_archive", "bad_archive", "unsafe_name"}
    assert "x.txt" in {reject["key"] for reject in found.rejects}


@pytest.mark.parametrize(
    "data", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe"], ids=["empty", "blank", "bom", "bom16"]
)
def test_fault_18_empty(tmp_path: Path, data: bytes) -> None:
    assert faulty(tmp_path, {"x.txt": data}).reasons == ["empty"]


def test_fault_19_nul(tmp_path: Path) -> None:
    page = PAGE[:40] + "\x00" + PAGE[40:]
    found = faulty(
        tmp_path, {"x.txt": page.encode(), "y.jsonl": json.dumps({"id": 1, "text": page}).encode()}
    )
    assert [doc["repairs"] for doc in found.documents] == [["nul@40"]] * 2
    assert all("\x00" not in block["text"] for rows in found.blocks.values() for block in rows)


@pytest.mark.parametrize("char", ["\x01", "\x0b", "\x0c", "\x1c", "\x1e", "\x7f", "\x85", "\x9f"])
def test_fault_20_controls_break_no_line(tmp_path: Path, char: str) -> None:
    page = PAGE[:40] + char + PAGE[40:]
    found = faulty(tmp_path, {"x.txt": page.encode()})
    assert found.text == page
    assert found.codes == ([] if char == "\x85" else ["control"])  # NEL is white space
    assert len(found.kinds()) == 3
    assert char not in found.kept()


@pytest.mark.parametrize(
    "control", [*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"]
)
def test_fault_21_bidi_controls(tmp_path: Path, control: str) -> None:
    page = PAGE.replace("السد", f"{control}السد")
    found = faulty(tmp_path, {"x.txt": page.encode()})
    assert found.text == page  # kept in the raw map
    assert control not in found.kept()  # stripped from the analysis
    bad = (
        faulty(tmp_path / "name", {f"{control}x.pptx": b"x"}) if (tmp_path / "name").mkdir() is None else None
    )
    assert bad is not None
    assert control not in json.dumps(bad.rejects, ensure_ascii=False)  # cannot reorder a report


def test_fault_22_presentation_forms(tmp_path: Path) -> None:
    page = PAGE.replace("السد", "اﻟﺴﺪ").replace("لا", "ﻻ") + "محمد ﷺ\n"
    found = faulty(tmp_path, {"x.txt": page.encode()})
    assert found.text == page
    assert "السد الجديد" in found.kept()
    folded, offsets = fold_map(page)
    start = folded.index("السد")
    assert page[offsets[start] : offsets[start + 4]] == "اﻟﺴﺪ"


def test_fault_23_visual_order(tmp_path: Path) -> None:
    backwards = "\n".join(line[::-1] for line in PAGE.split("\n"))
    assert faulty(tmp_path, {"x.txt": backwards.encode()}).reasons == ["visual_order"]


def test_fault_24_marks_without_end(tmp_path: Path) -> None:
    page = PAGE + "ب" + "َ" * 20_000 + "ـ" * 20_000 + "ۖ\n"
    found = faulty(tmp_path, {"x.txt": page.encode()})
    assert found.text == page
    assert len(found.kept()) < len(PAGE) + 20
    assert growth(strip_marks, "ب" + "َ" * 20_000) < 3.5


def test_fault_25_zero_width_and_separators(tmp_path: Path) -> None:
    odd = "\u200c\u200d\u00ad\u00a0\u2028\u2029\x85"
    page = PAGE.replace("السد", f"ال{odd}سد", 1)
    found = faulty(
        tmp_path,
        {"x.txt": page.encode(), "y.jsonl": json.dumps({"id": 1, "text": page}, ensure_ascii=False).encode()},
    )
    assert [doc["text"] for doc in found.documents] == [page, page]
    assert [len(rows) for rows in found.blocks.values()] == [3, 3]


def test_fault_26_lone_surrogate(tmp_path: Path) -> None:
    texts = [f"{TEXT}0", TEXT + "\ud800", f"{TEXT}2"]
    lines = [json.dumps({"id": n, "text": text}).encode() for n, text in enumerate(texts)]
    found = faulty(tmp_path, {"x.jsonl": b"\n".join(lines)})
    assert [doc["repairs"] for doc in found.documents] == [[], [f"surrogate@{len(TEXT)}"], []]
    assert found.documents[1]["text"] == TEXT + "\ufffd"


def test_fault_27_outside_the_alphabet(tmp_path: Path) -> None:
    page = PAGE + "نهاية \uffff \ue000 \u0378 😀 \U0010fffd\n"
    found = faulty(tmp_path, {"x.txt": page.encode()})
    assert (found.text, found.codes) == (page, ["noncharacter"])
    (last,) = [b for b in found.blocks[found.document["doc_id"]] if "😀" in b["text"]]
    raw = page[last["start"] : last["end"]]
    assert len(page[: last["start"]].encode()) == len(DATA)
    assert len(raw.encode("utf-16-le")) // 2 == len(raw) + 2  # two characters beyond the basic plane


@pytest.mark.parametrize(
    ("line", "lang"),
    [
        ("وزیر گفت که این برنامه از سال آینده آغاز می شود و همه چیز برای آن آماده است.", "fa"),
        ("وزیر نے کہا کہ یہ منصوبہ اگلے سال سے شروع ہوگا اور اس پر کام جاری ہے۔", "ur"),
        ("وەزیر گوتی کە ئەم پلانە لە ساڵی داهاتوودا دەست پێ دەکات و هەموو شتێک ئامادەیە.", "ckb"),
    ],
)
def test_fault_28_neighbouring_languages(tmp_path: Path, line: str, lang: str) -> None:
    found = faulty(tmp_path, {"x.txt": f"{PAGE}\n{line}\n".encode()})
    (block,) = [b for b in found.blocks[found.document["doc_id"]] if b["text"][:4] == line[:4]]
    assert (block["lang"], block["text"]) == (lang, line)  # no letter folded


def test_fault_29_digits_of_declared_scripts_only(tmp_path: Path) -> None:
    page = PAGE + "بلغ العدد ٣ و3 و۳ و३ و² في تلك المدينة البعيدة.\n"
    assert faulty(tmp_path, {"x.txt": page.encode()}).text == page
    assert [figure(fold(digit)) for digit in ("٣", "3", "۳")] == [3, 3, 3]
    assert [figure(fold(digit)) for digit in ("३", "²", "३٣")] == [None, None, None]


@pytest.mark.parametrize("newline", ["\r", "\r\n", "\n", "mixed"])
def test_fault_30_newlines(tmp_path: Path, newline: str) -> None:
    chance = random.Random(1)
    ends = [chance.choice(["\r", "\r\n", "\n"]) if newline == "mixed" else newline for _ in PAGE.split("\n")]
    page = "".join(line + end for line, end in zip(PAGE.split("\n"), ends, strict=True))
    found = faulty(tmp_path, {"x.txt": page.encode()})
    assert found.text == page
    assert [text for _, text in found.kinds()] == [line for line in PAGE.split("\n") if line]
