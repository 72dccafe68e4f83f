"""Undo text that was decoded with the wrong encoding, where the evidence is overwhelming.

Four accidents are common in Arabic: UTF-8 read as windows-1252 (Ø§Ù„), UTF-8 read as windows-1256 (ط§ظ„), a
single-byte Arabic encoding read as windows-1252 (ÇáÚÑÈ), and one single-byte Arabic encoding read as the other
(اهُزٍز). Each has a reading of characters back into bytes; bytes that then form valid UTF-8, line for line, or Arabic
words, prove the accident.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from pipeline.text.legacy import MIN_MARGIN, MIN_SCORE, NAMES, arabic_score, vote

MIN_PAIRS = 3  # multi-byte sequences that a line must hold
PROVEN = 20  # sequences undone from which lines with a single one are undone too
MIN_COVER = 0.8  # share of its non-ASCII characters that they must cover
MAX_DAMAGE = 0.02  # share of sequences that may be broken; beyond it the text is not guessed at
MAX_ROUNDS = 3


def _table(codec: str) -> dict[int, str]:
    """Map the characters of a misreading to Latin-1 characters that stand for the bytes."""
    table = {code: chr(code) for code in range(0x80, 0xA0)}
    for byte in range(0x80, 0x100):
        char = bytes([byte]).decode(codec, "ignore")
        if char:
            table[ord(char)] = chr(byte)
    return table


_TABLES = {"windows-1252": _table("cp1252"), "windows-1256": _table("cp1256")}
_SEQUENCE = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_LEAD = re.compile("[\xd8-\xdb]")
# Cheap gates, so that clean text costs one search each: an image of C2, C3, D8 or D9 before one of 80–BF.
_GATES = {
    "windows-1252": re.compile("[ÂÃØÙ][\u0080-¿ŒœŠšŽžŸƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]"),
    "windows-1256": re.compile("[طظ][^\u0000-\u007f\u0621-\u063a\u0641-\u0652]"),
}
_HIGH_LATIN = re.compile("[À-ÿ]")
_NON_ASCII = re.compile("[^\x00-\x7f]")
_ARABIC = re.compile("[\u0621-\u064a]")
_SAMPLE = 20_000  # characters whose words are counted


class Unscrambled(NamedTuple):
    """The text, the misreadings undone (outermost first), and the share of broken sequences that stayed."""

    text: str
    chain: tuple[str, ...]
    damage: float


def _decode(match: re.Match[str]) -> str:
    return match.group().encode("latin-1").decode("utf-8", "replace")


def _utf8_line(line: str, codec: str, min_pairs: int) -> tuple[str, int, int]:
    """Undo UTF-8 read as ``codec`` in one line; returns the line, sequences undone and sequences broken."""
    byte_text = line.translate(_TABLES[codec])
    pieces: list[str] = []
    good = covered = at = 0
    for match in _SEQUENCE.finditer(byte_text):
        char = _decode(match)
        if "\ufffd" in char:
            continue
        pieces += (line[at : match.start()], char)
        at = match.end()
        good += 1
        covered += match.end() - match.start()
    if good < min_pairs or covered < MIN_COVER * len(_NON_ASCII.findall(line)):
        return line, 0, 0
    broken = len(_LEAD.findall(_SEQUENCE.sub("", byte_text)))
    return "".join((*pieces, line[at:])), good, broken


def undo_utf8(text: str, codec: str) -> tuple[str, int, int]:
    """Undo UTF-8 that was read as ``codec`` (``windows-1252`` or ``windows-1256``), line by line.

    Returns the text, the sequences undone and the sequences found broken.

    >>> undo_utf8("Ø§Ù„Ø®Ø¨Ø±", "windows-1252")
    ('الخبر', 5, 0)
    >>> undo_utf8("ط§ظ„ط®ط¨ط±", "windows-1256")
    ('الخبر', 5, 0)
    >>> undo_utf8("وقال فقط، ثم صمت", "windows-1256")
    ('وقال فقط، ثم صمت', 0, 0)
    """
    if not _GATES[codec].search(text):
        return text, 0, 0
    lines = [_utf8_line(line, codec, MIN_PAIRS) for line in text.split("\n")]
    if sum(good for _, good, _ in lines) >= PROVEN:
        lines = [_utf8_line(line, codec, 1) for line in text.split("\n")]
    return "\n".join(line for line, _, _ in lines), sum(n for _, n, _ in lines), sum(n for _, _, n in lines)


def undo_legacy(text: str) -> tuple[str, str | None]:
    """Undo a single-byte Arabic encoding that was read as windows-1252; returns the text and the encoding.

    >>> undo_legacy("ÞÇá ÇáæÒíÑ Åä ÇáÎØÉ ÌÇåÒÉ Ýí ãæÚÏåÇ")
    ('قال الوزير إن الخطة جاهزة في موعدها', 'windows-1256')
    >>> undo_legacy("Le ministère a déclaré")
    ('Le ministère a déclaré', None)
    """
    high = len(_HIGH_LATIN.findall(text))
    if high < 8 or high < len(re.findall("[A-Za-z\u0621-\u064a]", text)):
        return text, None
    lines = text.split("\n")
    wrong = [not _ARABIC.search(line) and bool(_HIGH_LATIN.search(line)) for line in lines]
    byte_lines = [line.translate(_TABLES["windows-1252"]) for line in lines]
    # A character with no byte is not part of the accident: its line stays.
    wrong = [w and all(ord(c) < 256 for c in b) for w, b in zip(wrong, byte_lines, strict=True)]
    found = vote("\n".join(b for w, b in zip(wrong, byte_lines, strict=True) if w).encode("latin-1"))
    if found is None:
        return text, None
    undone = [
        b.encode("latin-1").decode(found.encoding, "replace") if w else line
        for w, b, line in zip(wrong, byte_lines, lines, strict=True)
    ]
    return "\n".join(undone), NAMES[found.encoding]


@cache
def _swap(right: str, wrong: str) -> dict[int, str]:
    """Map what ``wrong`` gives for the bytes from A0 (Latin-1 where it defines none) to what ``right`` gives."""
    single = ((bytes([byte]), chr(byte)) for byte in range(0xA0, 0x100))
    pairs = ((byte.decode(wrong, "ignore") or latin, byte.decode(right, "ignore")) for byte, latin in single)
    return {ord(seen): meant for seen, meant in pairs if meant}


_SWAPS = (("iso8859_6", "cp1256"), ("cp1256", "iso8859_6"))
_RUNNING = (" من ", " في ", " على ", " أن ", " إلى ", " عن ", "وقال ")
_RUN_EVERY = 120  # characters within which nearly all sound text has one of them, and misread text has none
_START = 3_000
_MIN_SWAPPED = 5  # evidence words


def undo_swapped(text: str) -> tuple[str, str | None]:
    """Undo ISO-8859-6 read as windows-1256, or the reverse; returns the text and the accident.

    Both give Arabic letters, so the words must tell: next to none as it stands, many the other way. The reverse loses
    letters (ISO-8859-6 has no place for ظ ف ق ك and others): its U+FFFD stay for the caller to judge.

    >>> wrong = "قال وزير المياه إن السد الجديد جاهز وإن العمل انتهى".encode("iso8859_6").decode("cp1256")
    >>> undo_swapped(wrong)
    ('قال وزير المياه إن السد الجديد جاهز وإن العمل انتهى', 'ISO-8859-6 read as windows-1256')
    >>> undo_swapped("طقس لطيف")
    ('طقس لطيف', None)
    """
    start = text[:_START]
    if sum(map(start.count, _RUNNING)) * _RUN_EVERY > len(start) or _ARABIC.search(start) is None:
        return text, None
    score, _ = arabic_score(text[:_SAMPLE])
    for right, wrong in _SWAPS:
        undone = text.translate(_swap(right, wrong))
        better, words = arabic_score(undone[:_SAMPLE])
        if words >= _MIN_SWAPPED and better >= MIN_SCORE and better >= 3 * score + MIN_MARGIN:
            return undone, f"{NAMES[right]} read as {NAMES[wrong]}"
    return text, None


def unscramble(text: str) -> Unscrambled:
    """Undo every misreading that is evident, repeatedly (text may have been misread more than once).

    >>> unscramble("Ø§Ù„Ø®Ø¨Ø±")
    Unscrambled(text='الخبر', chain=('utf-8 read as windows-1252',), damage=0.0)
    >>> unscramble("خبر سليم").chain
    ()
    """
    chain: list[str] = []
    damage = 0.0
    for _ in range(MAX_ROUNDS):
        before = text
        for codec in ("windows-1252", "windows-1256"):
            undone, good, broken = undo_utf8(text, codec)
            if good and broken <= MAX_DAMAGE * (good + broken):
                text = undone
                chain.append(f"utf-8 read as {codec}")
            elif good:
                damage = max(damage, broken / (good + broken))
        text, encoding = undo_legacy(text)
        if encoding:
            chain.append(f"{encoding} read as windows-1252")
        text, swapped = undo_swapped(text)
        if swapped:
            chain.append(swapped)
            damage = max(damage, text.count("\ufffd") / max(len(_ARABIC.findall(text)), 1))
        if text == before:
            break
    return Unscrambled(text, tuple(chain), damage)
