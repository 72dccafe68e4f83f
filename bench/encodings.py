"""Measure the decoder on real articles: python bench/encodings.py [--shared ../shared] [--documents 1000]

Each article (title, blank line, text) is re-encoded in every way that FAULTS A names and decoded again without any
declaration. Counted: exact; refused (rejected with a reason); flagged (not exact, but ``repairs`` say so); silent (not
exact and nothing says so, the only outcome that does harm). Characters that a code page cannot hold are replaced before,
see ``held``. With ``--clean`` every article of both corpora is decoded as it is: none may come out changed or flagged.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import news  # noqa: E402

from pipeline.text.decode import decode  # noqa: E402

Case = tuple[bytes, str]  # the bytes and the text that they hold
_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "•": "*", "\u00a0": " "}
)


def held(text: str, codec: str) -> str:
    """The text as an author with this code page would have written it, so that it survives the round trip.

    Per character that the code page lacks: NFKC (presentation forms, digits of other scripts), then plain quotation
    marks, dashes and dots, then removal.
    """
    out = []
    for char in text:
        for form in (char, unicodedata.normalize("NFKC", char), char.translate(_PLAIN), _digit(char)):
            if form and _fits(form, codec):
                out.append(form)
                break
    return "".join(out)


def _digit(char: str) -> str:
    return str(unicodedata.digit(char)) if unicodedata.digit(char, None) is not None else ""


def _fits(text: str, codec: str) -> bool:
    # A code page that maps two bytes to one character (Mac Arabic) still has to give the text back.
    try:
        return text.encode(codec).decode(codec) == text
    except UnicodeError:
        return False


def plain(codec: str, bom: bytes = b"") -> Callable[[str, random.Random], Case]:
    """Re-encode the whole text."""

    def encode(text: str, _: random.Random) -> Case:
        kept = held(text, codec)
        return bom + kept.encode(codec), kept

    return encode


def one_bad_byte(text: str, chance: random.Random) -> Case:
    """Insert or overwrite one byte so that the data is no UTF-8; each byte that fits nowhere is one U+FFFD."""
    data = text.encode()
    while True:
        at, byte = chance.randrange(len(data)), bytes([chance.randrange(0x80, 0x100)])
        bad = data[:at] + byte + data[at + chance.randrange(2) :]
        marked = bad.decode("utf-8", "surrogateescape")
        if any("\udc80" <= c <= "\udcff" for c in marked):
            return bad, "".join("\ufffd" if "\udc80" <= c <= "\udcff" else c for c in marked)


def mixed_lines(text: str, chance: random.Random) -> Case:
    """Paragraphs (sentences, where there are fewer than four) in UTF-8 and windows-1256 by turns, at random."""
    lines = text.split("\n")
    if sum(bool(line.strip()) for line in lines) < 4:
        lines = text.replace(". ", ".\n").split("\n")
    old = [chance.random() < 0.5 for _ in lines]
    kept = [held(line, "cp1256") if flag else line for flag, line in zip(old, lines, strict=True)]
    data = b"\n".join(
        line.encode("cp1256" if flag else "utf-8") for flag, line in zip(old, kept, strict=True)
    )
    return data, "\n".join(kept)


def code_page_864(text: str, _: random.Random) -> Case:
    """The code page of DOS, which holds shaped letters: one of the shapes of each letter."""
    table: dict[int, str] = {}
    for byte in range(0x80, 0x100):
        shape = bytes([byte]).decode("cp864", "ignore")
        for letter in unicodedata.normalize("NFKC", shape)[:1]:
            table.setdefault(ord(letter), shape)
    kept = held(text.translate(table), "cp864")
    return kept.encode("cp864"), kept


ENCODINGS: dict[str, Callable[[str, random.Random], Case]] = {
    "UTF-8": plain("utf-8"),
    "UTF-8 with BOM": plain("utf-8", b"\xef\xbb\xbf"),
    "UTF-16 LE with BOM": plain("utf-16-le", b"\xff\xfe"),
    "UTF-16 BE with BOM": plain("utf-16-be", b"\xfe\xff"),
    "UTF-16 LE": plain("utf-16-le"),
    "UTF-16 BE": plain("utf-16-be"),
    "windows-1256": plain("cp1256"),
    "ISO-8859-6": plain("iso8859_6"),
    "UTF-8, one bad byte": one_bad_byte,
    "UTF-8 and windows-1256 lines": mixed_lines,
}
"""The ten that FAULTS A 1–5, 7 and 9 name."""

OTHERS: dict[str, Callable[[str, random.Random], Case]] = {
    "UTF-32 LE with BOM": plain("utf-32-le", b"\xff\xfe\x00\x00"),
    "UTF-32 BE with BOM": plain("utf-32-be", b"\x00\x00\xfe\xff"),
    "Mac Arabic": plain("mac_arabic"),
    "code page 720": plain("cp720"),
    "code page 864": code_page_864,
}
"""Read, or refused, but never read wrong."""


def misread(data: bytes, codec: str) -> str:
    """Bytes read with the wrong code page as browsers do it: undefined bytes become C1 controls."""
    return "".join(bytes([byte]).decode(codec, "ignore") or chr(byte) for byte in data)


def _chain(*steps: tuple[str, str]) -> Callable[[str, random.Random], Case]:
    """Each step: the encoding that the text was in, the one that it was read with."""

    def wreck(text: str, _: random.Random) -> Case:
        kept = held(text, steps[0][0])
        wrong = kept
        for right, read_as in steps:
            wrong = misread(wrong.encode(right), read_as)
        return wrong.encode(), kept

    return wreck


CHAINS: dict[str, Callable[[str, random.Random], Case]] = {
    "UTF-8 read as windows-1252": _chain(("utf-8", "cp1252")),
    "UTF-8 read as windows-1256": _chain(("utf-8", "cp1256")),
    "UTF-8 read as Latin-1": _chain(("utf-8", "latin-1")),
    "windows-1256 read as windows-1252": _chain(("cp1256", "cp1252")),
    "ISO-8859-6 read as Latin-1": _chain(("iso8859_6", "latin-1")),
    "UTF-8 read as windows-1252, twice": _chain(("utf-8", "cp1252"), ("utf-8", "cp1252")),
}
"""The six mojibake chains (FAULTS A 11–13 and their repetitions)."""

MORE_CHAINS: dict[str, Callable[[str, random.Random], Case]] = {
    "windows-1256 read as Latin-1": _chain(("cp1256", "latin-1")),
    "UTF-8 read as windows-1256, twice": _chain(("utf-8", "cp1256"), ("utf-8", "cp1256")),
    "UTF-8 read as windows-1256, then 1252": _chain(("utf-8", "cp1256"), ("utf-8", "cp1252")),
    "windows-1256 read as ISO-8859-6": _chain(("cp1256", "iso8859_6")),
    "ISO-8859-6 read as windows-1256": _chain(("iso8859_6", "cp1256")),
}


def outcome(case: Case) -> str:
    """exact, refused, flagged or silent."""
    data, text = case
    found = decode(data)
    if found.problem:
        return "refused"
    if found.text == text:
        return "exact"
    return "flagged" if found.repairs else "silent"


def articles(shared: Path, count: int | None) -> Iterator[str]:
    """Titles and texts, evenly over both corpora; all of them where count is None."""
    for name in news.CORPORA:
        lines = list(news.lines(shared, name))
        wanted = len(lines) if count is None else count // len(news.CORPORA)
        for number in range(wanted):
            yield news.text_of(json.loads(lines[number * len(lines) // wanted]))


def measure(
    title: str, ways: dict[str, Callable[[str, random.Random], Case]], texts: list[str]
) -> Counter[str]:
    """Print one row per way; returns the outcomes of all of them."""
    print(f"{title:<42}{'exact':>9}{'refused':>9}{'flagged':>9}{'silent':>9}")
    total: Counter[str] = Counter()
    for name, way in ways.items():
        chance = random.Random(name)
        counts = Counter(outcome(way(text, chance)) for text in texts)
        share = counts["exact"] / len(texts)
        print(
            f"  {name:<40}{share:>9.2%}{counts['refused']:>9}{counts['flagged']:>9}{counts['silent']:>9}",
            flush=True,
        )
        total += counts
    print(
        f"  {'all':<40}{total['exact'] / total.total():>9.3%}{total['refused']:>9}{total['flagged']:>9}{total['silent']:>9}"
    )
    return total


def clean_corpus(shared: Path) -> int:
    """Decode every article as it is; returns how many came out changed, refused or with a mojibake repair."""
    count = wrong = 0
    for text in articles(shared, None):
        count += 1
        found = decode(text.encode())
        if found.text != text or found.problem or any("mojibake" in mark for mark in found.repairs):
            wrong += 1
            print(f"  changed: {found.problem} {found.repairs[:2]} {text[:60]!r}")
    print(f"clean articles: {count}, changed or refused: {wrong}")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=HERE.parent.parent / "shared")
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--clean", action="store_true", help="also decode all articles as they are")
    args = parser.parse_args()
    if not (args.shared / "data" / "news").is_dir():
        print(f"no corpora at {args.shared / 'data' / 'news'}", file=sys.stderr)
        return 2
    started = time.process_time()
    texts = list(articles(args.shared, args.documents))
    print(f"{len(texts)} articles, {sum(map(len, texts))} characters")
    ten = measure("encodings", ENCODINGS, texts)
    measure("other encodings", OTHERS, texts)
    chains = measure("misread", CHAINS, texts)
    measure("misread, others", MORE_CHAINS, texts)
    wrong = clean_corpus(args.shared) if args.clean else 0
    print(f"{time.process_time() - started:.0f} s CPU")
    good = ten["exact"] >= 0.999 * ten.total() and not ten["silent"] and not wrong
    return 0 if good and chains["exact"] >= 0.995 * chains.total() and not chains["silent"] else 1


if __name__ == "__main__":
    sys.exit(main())
