"""Bytes to text, with the evidence: which encoding, what was repaired, or why it cannot be read.

Order: byte order mark, UTF-16 by the parity of its high bytes (Arabic in UTF-16 is also valid UTF-8!), strict
UTF-8, binary signatures, UTF-8 with a few bad bytes, lines of two encodings, and a vote between the
single-byte Arabic encodings. Valid UTF-8 comes through character for character.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from pipeline.text.lang import function_words
from pipeline.text.legacy import NAMES, vote
from pipeline.text.mojibake import MAX_DAMAGE, unscramble
from pipeline.text.signature import signature

SHOWN = 5  # places listed per repair; the rest is counted
FEW_BAD = 5  # valid multi-byte characters that UTF-8 needs for each bad byte
MAX_CONTROLS = 0.05  # share of control characters above which bytes are no text
_ESCAPED = re.compile("[\udc80-\udcff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK = re.compile(r"[\s\ufeff\u200b-\u200f\u2060\x00]*")
_FLAGS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("nul", re.compile("\x00")),
    ("control", re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")),
    ("inner_bom", re.compile("\ufeff")),
    ("noncharacter", re.compile("[\ufdd0-\ufdef\ufffe\uffff]")),
)
_ANY_FLAG = re.compile("|".join(pattern.pattern for _, pattern in _FLAGS))
_ARABIC_WORD = re.compile("[\u0621-\u063a\u0641-\u064a]{2,}")


@dataclass(frozen=True)
class Decoded:
    """Text with its provenance. ``repairs`` are ``code@place``; byte places count from the start of the input,
    others are character offsets. Where ``problem`` is set the text must not be used."""

    text: str
    encoding: str
    repairs: tuple[str, ...] = ()
    problem: str | None = None
    detail: str = ""


def places(code: str, at: Iterable[object], total: int | None = None) -> tuple[str, ...]:
    """Write the places of one kind of repair, few in full and the rest (of ``total``) counted.

    >>> places("nul", [3, 9]), places("nul", [])
    (('nul@3,9',), ())
    >>> places("nul", range(8)), places("nul", range(5), 8)
    (('nul@0,1,2,3,4+3',), ('nul@0,1,2,3,4+3',))
    """
    items = [str(item) for item in at]
    if not items:
        return ()
    count = len(items) if total is None else total
    more = f"+{count - SHOWN}" if count > SHOWN else ""
    return (f"{code}@{','.join(items[:SHOWN])}{more}",)


def _spots(code: str, pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    """Places of a character class in ``text``; no list of all of them is built, there may be millions."""
    first = [match.start() for match in islice(pattern.finditer(text), SHOWN)]
    return places(code, first, pattern.subn("", text)[1]) if first else ()


def replace_surrogates(text: str) -> tuple[str, tuple[str, ...]]:
    """Replace lone surrogates, which no UTF-8 can hold, by U+FFFD.

    >>> replace_surrogates("ab\\ud800c")
    ('ab\ufffdc', ('surrogate@2',))
    """
    return _SURROGATE.sub("\ufffd", text), _spots("surrogate", _SURROGATE, text)


def _cut_tail(data: bytes) -> int:
    """Length of the character cut off at the end of UTF-8 ``data``, 0 where none is.

    >>> _cut_tail("خبر".encode()[:-1]), _cut_tail("خبر".encode())
    (1, 0)
    """
    for size in (1, 2, 3):
        lead = data[-size] if size <= len(data) else 0
        if lead >= 0xC2:
            wanted = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            return size if lead < 0xF5 and size < wanted else 0
        if lead < 0x80:
            return 0
    return 0


def utf8_with_marks(data: bytes, start: int = 0) -> tuple[str, tuple[str, ...], int, int]:
    """Decode UTF-8, each bad byte as one U+FFFD; ``start`` is the byte offset of ``data`` in the input.

    Returns text, repairs (byte offset and value), valid multi-byte characters, bad bytes.

    >>> utf8_with_marks("خب".encode() + b"\\xc7" + "ر".encode())
    ('خب\ufffdر', ('bad_byte@4:c7',), 3, 1)
    >>> utf8_with_marks("خبر".encode()[:-1])
    ('خب\ufffd', ('truncated@4',), 2, 0)
    """
    cut = _cut_tail(data)
    body = data[: len(data) - cut] if cut else data
    text = body.decode("utf-8", "surrogateescape")
    first: list[str] = []
    byte_at, at = start, 0
    for match in islice(_ESCAPED.finditer(text), SHOWN):
        byte_at += len(text[at : match.start()].encode("utf-8"))
        first.append(f"{byte_at}:{ord(match.group()) - 0xDC00:02x}")
        byte_at, at = byte_at + 1, match.end()
    marked, bad = _ESCAPED.subn("\ufffd", text)
    valid = len(text) - len(text.encode("ascii", "ignore")) - bad
    repairs = places("bad_byte", first, bad)
    text = marked
    if cut:
        text += "\ufffd"
        repairs += (f"truncated@{start + len(body)}",)
    return text, repairs, valid, bad


_BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def _wide(data: bytes, codec: str, label: str, start: int = 0) -> Decoded:
    """Decode UTF-16 or UTF-32; broken units become U+FFFD."""
    unit = 4 if "32" in codec else 2
    cut = len(data) % unit
    body = data[: len(data) - cut] if cut else data
    text = body.decode(codec, "surrogatepass" if unit == 2 else "replace")
    text, repairs = replace_surrogates(text)
    if cut:
        text += "\ufffd"
        repairs += (f"truncated@{start + len(body)}",)
    return Decoded(text, label, repairs)


def utf16_parity(data: bytes) -> str | None:
    """Recognise UTF-16 without a byte order mark by the high byte of its units; returns the codec or None.

    In Arabic text nearly every unit has the high byte 06 (letters) or 00 (space, digits), always on one side.

    >>> utf16_parity("خبر عاجل".encode("utf-16-le")), utf16_parity("خبر عاجل".encode("utf-16-be"))
    ('utf-16-le', 'utf-16-be')
    >>> utf16_parity("خبر عاجل".encode()) is None
    True
    """
    sample = data[: 1 << 16]
    if len(sample) < 8 or not (b"\x00" in sample or b"\x06" in sample):
        return None
    sides = sample[0::2], sample[1::2]
    for high, codec in ((1, "utf-16-le"), (0, "utf-16-be")):
        side, other = sides[high], sides[1 - high]
        usual = sum(side.count(bytes([value])) for value in (0x00, 0x06, 0x20, 0xFE, 0xFB))
        nul = side.count(b"\x00")
        control = nul + side.count(b"\x06")
        if (
            usual >= 0.9 * len(side)
            and control >= 0.7 * len(side)
            and other.count(b"\x00") <= 0.02 * len(other)
        ):
            return codec
    return None


def _latin(data: bytes) -> bool:
    """True where windows-1252 and windows-1256 read the high bytes alike and most letters are ASCII."""
    counts = {byte: data.count(bytes([byte])) for byte in (*b"etaoinsrETAOINSR", *range(0x80, 0x100))}
    high = {byte: n for byte, n in counts.items() if byte >= 0x80 and n}
    letters = sum(n for byte, n in counts.items() if byte < 0x80)
    return letters > 2 * sum(high.values()) and all(
        bytes([b]).decode("cp1252", "ignore") == bytes([b]).decode("cp1256") for b in high
    )


def _single_byte(data: bytes) -> Decoded | None:
    """Decode a single-byte encoding where the evidence is clear."""
    found = vote(data)
    if found is None:
        return Decoded(data.decode("cp1256"), "windows-1252") if _latin(data) else None
    text = data.decode(found.encoding, "surrogateescape")
    marked, bad = _ESCAPED.subn("\ufffd", text)
    if bad * 50 > len(text):
        return None
    first = [f"{m.start()}:{ord(m.group()) - 0xDC00:02x}" for m in islice(_ESCAPED.finditer(text), SHOWN)]
    return Decoded(marked, NAMES[found.encoding], places("bad_byte", first, bad))


def _mixed(data: bytes) -> Decoded | None:
    """Decode lines of UTF-8 and lines of a single-byte encoding in one file; None where it is no such file."""
    lines = data.split(b"\n")
    marked = [utf8_with_marks(line) for line in lines]
    legacy = [bad > 0 and valid < FEW_BAD * bad for _, _, valid, bad in marked]
    if not any(legacy) or not any(
        valid > 1 for (_, _, valid, _), old in zip(marked, legacy, strict=True) if not old
    ):
        return None
    found = vote(b"\n".join(line for line, old in zip(lines, legacy, strict=True) if old))
    if found is None:
        return None
    pieces: list[str] = []
    repairs: tuple[str, ...] = ()
    numbers: list[int] = []
    at = 0
    for number, (line, old) in enumerate(zip(lines, legacy, strict=True), 1):
        if old:
            pieces.append(line.decode(found.encoding, "replace"))
            numbers.append(number)
        else:
            text, marks, _, _ = utf8_with_marks(line, at)
            pieces.append(text)
            repairs += marks
        at += len(line) + 1
    mixed = places(f"mixed_encoding:{NAMES[found.encoding]}", (f"line {n}" for n in numbers))
    return Decoded("\n".join(pieces), "utf-8", mixed + repairs[: 2 * SHOWN])


def _fail(reason: str, detail: str, encoding: str = "") -> Decoded:
    return Decoded("", encoding, (), reason, detail)


def decode_bytes(data: bytes) -> Decoded:
    """Decode ``data`` by evidence, without looking for damage in the text itself.

    Problems: ``empty``, ``binary``, ``damaged`` (evidently UTF-8 with too many bad bytes), ``undecodable``.

    >>> decode_bytes("خبر".encode("utf-8-sig"))
    Decoded(text='خبر', encoding='utf-8-sig', repairs=(), problem=None, detail='')
    >>> decode_bytes("قال الوزير إن الخطة جاهزة".encode("cp1256")).encoding
    'windows-1256'
    >>> decode_bytes(b"%PDF-1.4").problem
    'binary'
    """
    if not data:
        return _fail("empty", "no bytes")
    kind = signature(data)
    if kind:
        return _fail("binary", f"starts like: {kind}")
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return _wide(data[len(bom) :], codec, codec[:-3], len(bom))
    codec_16 = utf16_parity(data)
    if codec_16:
        return _wide(data, codec_16, codec_16)
    start = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    encoding = "utf-8-sig" if start else "utf-8"
    body = data[start:]
    try:
        return Decoded(body.decode("utf-8"), encoding)
    except UnicodeDecodeError:
        return _not_quite_utf8(body, encoding, start)


def _not_quite_utf8(body: bytes, encoding: str, start: int) -> Decoded:
    controls = sum(body.count(bytes([c])) for c in range(32) if c not in b"\t\n\r\f\v")
    if controls > MAX_CONTROLS * len(body):
        return _fail("binary", f"{controls} control bytes of {len(body)}")
    text, repairs, valid, bad = utf8_with_marks(body, start)
    mixed = _mixed(body) if bad > 2 else None
    if mixed is not None:
        return replace(mixed, encoding=encoding)
    if valid >= FEW_BAD * bad and (valid or not bad):
        return Decoded(text, encoding, repairs)
    single = _single_byte(body) if not start else None
    if single is not None:
        return single
    if valid > bad:
        return _fail("damaged", f"{bad} bad bytes beside {valid} valid characters", encoding)
    return _fail(
        "undecodable", f"no encoding is evident; {bad} bytes are not UTF-8, the first: {''.join(repairs[:1])}"
    )


def text_destroyed(text: str) -> str | None:
    """Tell where most letters were replaced by question marks; returns the finding.

    >>> text_destroyed("???? ????? ?? ???????")
    '18 of 18 characters are ? or U+FFFD'
    >>> text_destroyed("ماذا قال الوزير؟ وماذا بعد??") is None
    True
    """
    lost = text.count("?") + text.count("\ufffd")
    if lost < 8:
        return None
    solid = len(text) - sum(text.count(c) for c in " \n\r\t\u00a0")
    return f"{lost} of {solid} characters are ? or U+FFFD" if lost > 0.5 * solid else None


def visual_order(text: str) -> str | None:
    """Tell where Arabic runs backwards, as some PDF extractors leave it; returns the finding.

    >>> visual_order("ةنيدملا ىلإ حابصلا يف ريزولا لصو مث ةمصاعلا نم ةراشإ تءاج")
    '9 words read backwards, 0 forwards'
    >>> visual_order("وصل الوزير في الصباح إلى المدينة") is None
    True
    """
    sample = text[:4_000]
    if sample.count(" ال") > sample.count("لا "):  # the usual case, cheaply
        return None
    known = function_words("ar")
    forward = backward = 0
    for word in _ARABIC_WORD.findall(sample):
        if word in known or word.startswith("ال") or word[-1] in "ةى":
            forward += 1
        elif word[::-1] in known or (word.endswith("لا") and len(word) > 4) or word[0] in "ةى":
            backward += 1
    finding = f"{backward} words read backwards, {forward} forwards"
    return finding if backward >= 5 and backward > 4 * forward else None


_CHECKS: tuple[tuple[str, Callable[[str], str | None]], ...] = (
    ("text_destroyed", text_destroyed),
    ("visual_order", visual_order),
)


def mend(found: Decoded) -> Decoded:
    """Repair and judge the text itself: surrogates, mojibake, letters lost; flag what stays in it.

    Problems: ``empty``, ``mojibake`` (evident, but bytes were lost), ``text_destroyed``, ``visual_order``.

    >>> mend(Decoded("Ø§Ù„Ø®Ø¨Ø±", "utf-8"))
    Decoded(text='الخبر', encoding='utf-8', repairs=('mojibake@utf-8 read as windows-1252',), problem=None, detail='')
    >>> mend(Decoded(" \\n ", "utf-8")).problem
    'empty'
    """
    if found.problem:
        return found
    text, marks = replace_surrogates(found.text)
    if _BLANK.fullmatch(text):
        return replace(found, text="", problem="empty", detail=f"{len(text)} blank characters, no text")
    undone = unscramble(text)
    if undone.damage > MAX_DAMAGE:
        lost = f"{undone.damage:.0%} of the misread characters lost bytes"
        return replace(found, text="", problem="mojibake", detail=lost)
    text = undone.text
    repairs = [*found.repairs, *marks, *(f"mojibake@{step}" for step in undone.chain)]
    for reason, check in _CHECKS:
        finding = check(text)
        if finding:
            return replace(found, text="", problem=reason, detail=finding)
    if _ANY_FLAG.search(text):
        for code, pattern in _FLAGS:
            repairs += _spots(code, pattern, text)
    return replace(found, text=text, repairs=tuple(repairs))


def decode(data: bytes) -> Decoded:
    """Decode the bytes of one text file: ``mend(decode_bytes(data))``.

    For valid UTF-8 that is not mojibake ``text`` is exactly the file's characters, newlines included, without
    a byte order mark at the start. The text can always be encoded as UTF-8.

    >>> decode("خبر\\r\\n".encode()).text
    'خبر\\r\\n'
    """
    return mend(decode_bytes(data))
