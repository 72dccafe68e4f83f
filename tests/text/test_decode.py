"""Bytes to text: each encoding, each kind of damage, and the promise about valid UTF-8."""

from __future__ import annotations

import gzip
import itertools
import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.decode import decode, decode_bytes, mend, utf16_parity
from pipeline.text.mojibake import unscramble
from tests.conftest import bench_script

PAGE = (
    "الوزير يعلن موعد افتتاح السد الجديد\n\n"
    "قال وزير المياه إن السد الجديد سيُفتتح في مطلع الشهر المقبل، بعد أن أنهت الفرق الفنية أعمال الاختبار.\n"
    "وأضاف أن الكلفة لم تتجاوز 120 مليوناً، وأن العمل جرى على ثلاث مراحل من دون تأخير.\n"
)
SHORT = "قال الوزير إن الخطة جاهزة"


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\u2028", "\x85"])
def test_valid_utf8_comes_through_character_for_character(newline: str) -> None:
    text = PAGE.replace("\n", newline) + "\u200f\u00a0\u00ad\ufb50ﷺ"
    found = decode(text.encode())
    assert (found.text, found.encoding, found.problem) == (text, "utf-8", None)


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [
        ("cp1256", "windows-1256"),
        ("iso8859_6", "ISO-8859-6"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("text", [PAGE.replace("،", ","), SHORT])
def test_encodings_without_declaration(codec: str, encoding: str, text: str) -> None:
    found = decode(text.encode(codec))
    assert (found.text, found.encoding, found.repairs) == (text, encoding, ())


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig", "utf-32"])
def test_byte_order_mark_is_not_text(codec: str) -> None:
    assert decode(PAGE.encode(codec)).text == PAGE


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_byte_order_mark_of_utf16(codec: str) -> None:
    found = decode(("\ufeff" + PAGE).encode(codec))
    assert (found.text, found.encoding) == (PAGE, "utf-16")


def test_arabic_in_utf16_is_also_valid_utf8() -> None:
    data = SHORT.encode("utf-16-le")
    data.decode("utf-8")  # no error: this is why parity is looked at first
    assert decode(data).text == SHORT


def test_mac_arabic_is_never_read_wrong() -> None:
    data = SHORT.encode("mac_arabic") + b"\xa0\xae" + "سنة ١٩٩٠".encode("mac_arabic")
    found = decode(data)
    assert found.problem == "undecodable" or found.text.startswith(SHORT)


def test_ansi_latin_text_is_kept() -> None:
    found = decode("He said: “the plan is ready” — and left the room.".encode("cp1252"))
    assert (found.text, found.encoding) == (
        "He said: “the plan is ready” — and left the room.",
        "windows-1252",
    )


def test_one_bad_byte_stays_utf8() -> None:
    data = PAGE.encode()
    at = len("الوزير ".encode())
    found = decode(data[:at] + b"\xc7" + data[at:])
    assert found.text == PAGE[:7] + "\ufffd" + PAGE[7:]
    assert (found.encoding, found.repairs) == ("utf-8", (f"bad_byte@{at}:c7",))


def test_cut_inside_a_character() -> None:
    data = PAGE.strip(".\n").encode()[:-1]
    found = decode(data)
    assert found.text == PAGE.strip(".\n")[:-1] + "\ufffd"
    assert found.repairs == (f"truncated@{len(data) - 1}",)


def test_lines_of_two_encodings() -> None:
    lines = PAGE.split("\n")
    data = b"\n".join([lines[0].encode(), b"", lines[2].encode("cp1256"), lines[3].encode()])
    found = decode(data)
    assert found.text == "\n".join(lines[:4])
    assert found.repairs == ("mixed_encoding:windows-1256@line 3",)


def _misread(text: str, wrong: str) -> str:
    """``text`` as UTF-8 read with the wrong code page, undefined bytes as C1 controls (as browsers do)."""
    return "".join(bytes([b]).decode(wrong, "ignore") or chr(b) for b in text.encode())


@pytest.mark.parametrize("wrong", ["cp1252", "cp1256", "latin-1"])
def test_misread_utf8_is_undone(wrong: str) -> None:
    found = decode(_misread(PAGE, wrong).encode())
    assert found.text == PAGE
    assert found.repairs[0].startswith("mojibake@utf-8 read as windows-125")


def test_twice_misread_text_is_undone_twice() -> None:
    found = decode(_misread(_misread(PAGE, "cp1252"), "cp1252").encode())
    assert (found.text, len(found.repairs)) == (PAGE, 2)


@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
def test_code_page_read_as_latin_is_undone(codec: str) -> None:
    wrong = "".join(bytes([b]).decode(codec, "ignore") or chr(b) for b in PAGE.encode("cp1256"))
    found = decode(wrong.encode())
    assert (found.text, found.repairs) == (PAGE, ("mojibake@windows-1256 read as windows-1252",))


def test_one_misread_line_among_sound_ones() -> None:
    lines = PAGE.split("\n")
    lines[2] = _misread(lines[2], "cp1256")
    assert decode("\n".join(lines).encode()).text == PAGE


def test_misread_text_that_lost_bytes_is_not_guessed() -> None:
    lossy = _misread(PAGE, "cp1252").replace("\x81", "").replace("\x8a", "").replace("†", "")
    found = decode(lossy.encode())
    assert (found.problem, found.text) == ("mojibake", "")
    assert "%" in found.detail


@pytest.mark.parametrize(
    "text",
    [
        "نال المنتخب فقط، ثم حظ؛ ولفظ»، واحتفظ ¦ بط ط",
        "Ça coûte 5 € à l’été — déjà vu, Noël, façade, où, naïve",
        "La conférence sur l'Algérie: Ø et Ù sont des lettres",
        "Øresund, Ærø, Århus og Ù",
    ],
)
def test_sound_text_is_never_unscrambled(text: str) -> None:
    assert unscramble(text) == (text, (), 0.0)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"PK\x03\x04\x14\x00", "ZIP"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"\x7fELF\x02\x01", "ELF"),
        (b"\x1f\x8b\x08\x00", "gzip"),
    ],
)
def test_binary_files_are_named(head: bytes, kind: str) -> None:
    found = decode(head + bytes(range(256)))
    assert found.problem == "binary"
    assert kind in found.detail


def test_unknown_binary() -> None:
    data = random.Random(7).randbytes(4000)
    assert decode(data).problem == "binary"


@pytest.mark.parametrize(
    "data", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe", "\ufeff \u200f\u00a0".encode()]
)
def test_nothing_to_read(data: bytes) -> None:
    assert decode(data).problem == "empty"


def test_question_marks_for_letters() -> None:
    assert decode(b"???? ??????? ?? ???\n????? ??? 12/5 ????????").problem == "text_destroyed"
    assert decode("لماذا؟ كيف؟ أين??? قال إنه لا يعرف ما حدث".encode()).problem is None


def test_backward_text() -> None:
    assert decode("\n".join(line[::-1] for line in PAGE.split("\n")).encode()).problem == "visual_order"


def test_controls_stay_and_are_flagged() -> None:
    text = PAGE[:5] + "\x00" + PAGE[5:9] + "\x0b\x7f" + PAGE[9:] + "\ufeff" + "\uffff"
    found = decode(text.encode())
    assert found.text == text
    flagged = [f"nul@5", f"control@10,11", f"inner_bom@{len(text) - 2}", f"noncharacter@{len(text) - 1}"]  # noqa: F541
    assert found.repairs == tuple(flagged)


def test_bytes_without_evidence_are_refused() -> None:
    assert decode(bytes(0x80 | b for b in random.Random(3).randbytes(300))).problem == "undecodable"


def test_mostly_broken_utf8_is_refused() -> None:
    data = bytearray(SHORT.encode() * 3)
    for at in range(0, len(data), 4):
        data[at] = 0xFE
    assert decode(bytes(data)).problem in ("damaged", "undecodable")


def test_a_large_foreign_file_takes_linear_memory() -> None:
    data = (PAGE.replace("\n", " ") * 3000).encode("cp1256")
    assert decode(data).encoding == "windows-1256"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_utf8_round_trip(extra: str) -> None:
    text = PAGE + extra
    found = decode(text.encode())
    if not any(mark.startswith("mojibake") for mark in found.repairs):
        assert found.text == text


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from(PAGE.split()), min_size=4, max_size=40),
    st.sampled_from(["cp1256", "utf-16-le", "utf-8"]),
)
def test_words_round_trip(words: list[str], codec: str) -> None:
    text = "قال إن " + " ".join(words)
    assert decode(text.encode(codec)).text == text


@given(st.binary(max_size=400))
def test_any_bytes_give_encodable_text_or_a_problem(data: bytes) -> None:
    found = decode(data)
    found.text.encode("utf-8")
    assert bool(found.problem) == (found.text == "")
    assert "\n" not in "".join(found.repairs)


@given(st.text(max_size=50))
def test_mend_leaves_no_surrogate(text: str) -> None:
    from pipeline.text.decode import Decoded

    mend(Decoded(text, "")).text.encode("utf-8")


def test_parity_needs_evidence() -> None:
    assert utf16_parity(b"ab\x00\x00") is None
    assert utf16_parity(PAGE.encode()) is None


def test_lone_surrogate_in_utf16() -> None:
    found = decode_bytes(b"\xff\xfe" + SHORT.encode("utf-16-le") + b"\x00\xd8" + " نص".encode("utf-16-le"))
    assert found.text == SHORT + "\ufffd نص"
    assert found.repairs == (f"surrogate@{len(SHORT)}",)


@pytest.mark.parametrize("codec", ["cp1256", "iso8859_6"])
@pytest.mark.parametrize(
    "title", ["وزير يفتتح سداً جديداً شمالاً", "رئيس جمعية خيرية يزور مدرسة", "سقوط جرحى جراء حريق كبير"]
)
def test_titles_without_function_words(codec: str, title: str) -> None:
    assert decode(title.encode(codec)).text == title


def test_vocalised_text() -> None:
    text = "قَالَ الوَزِيرُ إِنَّ الخُطَّةَ جَاهِزَةٌ فِي مَوْعِدِهَا"
    assert decode(text.encode("cp1256")).text == text


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp720", PAGE),
        ("cp864", "ﻗﺎﻝ ﺍﻟﻮﺯﻳﺮ ﺇﻥ ﺍﻟﺨﻄﺔ ﺟﺎﻫﺰﺓ " * 5),
        ("koi8_r", "Министр сказал, что новый план готов"),
        ("cp1251", "Министр сказал, что новый план готов"),
        ("cp1253", "Ο υπουργός είπε ότι το σχέδιο είναι έτοιμο"),
        ("cp1255", "השר אמר כי התוכנית מוכנה"),
        ("gb18030", "部长说新计划已经准备好了"),
        ("shift_jis", "大臣は新しい計画が準備できたと述べた"),
        ("euc_kr", "장관은 새 계획이 준비됐다고 말했다"),
        ("cp1254", "Bakan yeni planın hazır olduğunu söyledi, şimdi çalışıyor"),
    ],
)
def test_other_code_pages_are_not_taken_for_arabic(codec: str, text: str) -> None:
    assert decode(text.encode(codec, "ignore")).problem in ("undecodable", "binary")


ACCIDENTS = {
    "utf-8": lambda text: text.encode(),
    "windows-1256": lambda text: text.encode("cp1256"),
    "ISO-8859-6": lambda text: text.encode("iso8859_6"),
    "UTF-16-LE": lambda text: text.encode("utf-16-le"),
    "Mac Arabic": lambda text: text.encode("mac_arabic"),
    "UTF-8 read as 1252": lambda text: _misread(text, "cp1252").encode(),
    "UTF-8 read as 1256": lambda text: _misread(text, "cp1256").encode(),
    "1256 read as 1252": lambda text: "".join(
        bytes([b]).decode("cp1252", "ignore") or chr(b) for b in text.encode("cp1256")
    ).encode(),
}


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_real_articles_are_read_exactly_or_refused(shared: Path, accident: str) -> None:
    counts: Counter[str] = Counter()
    for path in sorted((shared / "data" / "news").glob("*.jsonl.gz")):
        with gzip.open(path) as file:
            texts = [json.loads(line)["text"] for line in itertools.islice(file, 0, None, 150)]
        for text in texts:
            try:
                data = ACCIDENTS[accident](text)
            except UnicodeEncodeError:
                continue  # holds characters that this encoding has not
            found = decode(data)
            counts["exact" if found.text == text else found.problem or "wrong"] += 1
    assert counts["wrong"] == 0
    assert counts["exact"] >= 0.98 * counts.total() > 50


# The full scale is bench/encodings.py; here texts of our own, each way of encoding and of misreading.

_PARTS = [line for line in PAGE.split("\n") if line]
OWN = [
    "\n".join(
        (
            f"{_PARTS[n % 3]} {n}",
            "",
            _PARTS[(n + 1) % 3] * (1 + n % 3),
            _PARTS[(n + 2) % 3],
            f"{n} مليوناً وأكثر",
        )
    )
    for n in range(20)
]


@pytest.mark.parametrize("group", ["ENCODINGS", "CHAINS"])
def test_every_way_of_encoding_and_misreading(group: str) -> None:
    bench = bench_script("encodings")
    for name, way in getattr(bench, group).items():
        chance = random.Random(name)
        counts = Counter(bench.outcome(way(text, chance)) for text in OWN)
        assert counts == {"exact": len(OWN)}, name


@pytest.mark.parametrize("group", ["OTHERS", "MORE_CHAINS"])
def test_other_encodings_are_never_read_wrong_in_silence(group: str) -> None:
    bench = bench_script("encodings")
    for name, way in getattr(bench, group).items():
        chance = random.Random(name)
        counts = Counter(bench.outcome(way(text, chance)) for text in OWN)
        assert counts["silent"] == 0, name
