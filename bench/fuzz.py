"""Mutate documents and check that each is accounted for: python bench/fuzz.py [--seconds 600] [--seed 1] [--shared ../shared]

Raw rows (text files and JSON records, in several encodings) are damaged by seeded mutations and run through ingest and
clean. What must hold for every one: it ends as one document or one reject with a known reason; offsets reproduce their
text; every character that is no white space lies in exactly one block; nothing raises; time stays in proportion to size.
Without --shared only the texts below are mutated; with it real articles too. Exit code 1 where anything was found.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import news  # noqa: E402

from pipeline.resources import load  # noqa: E402
from pipeline.schemas import RAW  # noqa: E402
from pipeline.stages import clean, ingest  # noqa: E402
from pipeline.text.normalise import readable  # noqa: E402

DATE = "2026-11-02"
BATCH = 64
SLOW = 4e-6, 0.05  # CPU seconds per byte and beside them that a document may take: ten times the usual
REASONS = frozenset(load("reject_reasons.yaml")) | {"no_article"}
ENCODINGS = (
    "utf-8",
    "utf-8",
    "utf-8",
    "utf-8-sig",
    "cp1256",
    "iso8859_6",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "mac_arabic",
)

PAGES = (
    "عاصفة رملية تغلق الميناء الشرقي في الوادي\n\nتاريخ النشر: 20 سبتمبر 2023\n\nسفن تنتظر قبالة الميناء (أ ف ب)\n\n"
    "أغلقت هيئة الموانئ في مدينة الوادي الميناء الشرقي أمام السفن صباح الأحد بعد عاصفة رملية شديدة.\n\n"
    "وقال مدير الميناء سالم الحداد: «إن الإغلاق سيستمر حتى مساء الاثنين» قبالة سواحل الوادي.\n\n"
    "اقرأ المزيد\n\nميناء الوادي يستقبل أول سفينة\n\nوأضاف أن 26% من السفن غادرت عند الساعة 15:30.\n\n"
    "المصدر: رويترز\n\nإقرأ أيضاً:\n\nشركة نجم تكشف عن هاتف جديد\n\n"
    "كشفت شركة الهواتف الناشئة نجم عن جهازها الجديد بثلاث عدسات خلفية ومعالج حديث، وتبيعه ابتداء من مطلع الخريف.\n",
    "عاجل: افتتاح السد الجديد\n",
    "الوزير يزور المدرسة\n15:37 ت م\nالوادي 26 شوال 1436 هـ الموافق 11 أغسطس 2015 م واس\n"
    "زار وزير التعليم أمس مدرسة في شمال البلاد، والتقى المعلمين والطلاب، وتفقد الصفوف الجديدة.\n// انتهى //\n",
    "مباراة النهائي\n\nالنتيجة 3-2\n\nفاز الفريق الأزرق على ضيفه بثلاثة أهداف لاثنين في المباراة التي جرت مساء السبت على أرضه.\n\n"
    "The match was great pic.twitter.com/abc123\n— Sport (@sport) September 9, 2023في مارس الماضي خسر الفريق نفسه.\n\n"
    "تابعونا على فيسبوك وتويتر\nفيسبوك تويتر واتساب\nكلمات دلالية: المباراة الفريق\n",
    "The minister said on Monday that the plan will start in May, according to two officials.\n\nHe gave no figures.\n",
    "قصيدة\n\nيا ليلُ طُلْ أو لا تَطُلْ\nلا بُدَّ لي أنْ أسهرَك\nلو باتَ عندي قمري\nما بتُّ أرعى قمرَك\n",
    "وزیر گفت که این برنامه از سال آینده آغاز می شود و همه شهرها را در بر می گیرد.\n",
)
FLOODS = (
    "\u202e", "\u200f", "\u2067", "\x00", "\ufffd", "ـ", "َ", "\u0610", " ", "\u00a0", "\t", "\n", "\r", "\u2028", "\x85", "\x0b", "(", ")", "«",
    "»", '"', "'", ".", "..", "،", "؟", "!", "-", "–", "/", "|", ":", "#", "@", "1", "٣", "12/", "1.", "ا", "ال", "و ", "a", "A ", "ﻻ", "ﷲ",
    "\u200c", "\ufeff", "\uffff", "😀", "\U0010fffd", "<b>", "&amp;", "{", "[", "\\", "http://", "www.", "@a ", "#و ", "قال ", "؛", "ً",
)  # fmt: skip
PIECES = (
    "اقرأ أيضاً:", "إقرأ أيضا", "المصدر: وكالات", "المصدر: رويترز", "(أ ف ب)", "تاريخ النشر: 30 فبراير 2023", "نشر في 03/04/2023",
    "٤ ربيع الأول ١٤٤٥هـ", "31 محرم 1600 هـ", "أمس الثلاثاء الماضي", "20th, September 2023 GMT", "2023-13-45T99:99:99Z", "// انتهى //",
    "https://t.co/abc", "— Name (@name) March 1, 2023", "pic.twitter.com/x", "للمزيد: عنوان آخر", "بقلم: سعاد الحلبي", "تصوير: سالم",
    "كلمات دلالية:", "تابعونا على تويتر", "*نقلاً عن الشروق", "-----", "وقال الوزير: «نعم», وأضاف: \"لا", "سنة ١٩٩٠", "999999999999999999999",
    "1/1/1", "99/99/9999", "15:99", "26 %", "²³½", "१२३", "\ud800", "\udfff", "Ø§Ù„Ø®Ø¨Ø±", "ط§ظ„ط®ط¨ط±", "ÇáÚÑÈ íÞæáæä Ðáß ÏÇÆãÇ",
)  # fmt: skip
Mutation = Callable[[random.Random, str], str]


def _span(chance: random.Random, size: int) -> tuple[int, int]:
    start = chance.randrange(size + 1)
    return start, min(size, start + chance.choice((1, 1, 2, 5, 20, 200)))


def _flood(chance: random.Random, text: str) -> str:
    at, _ = _span(chance, len(text))
    return text[:at] + chance.choice(FLOODS) * chance.choice((1, 2, 3, 7, 50, 400)) + text[at:]


def _sprinkle(chance: random.Random, text: str) -> str:
    char, every = chance.choice(FLOODS), chance.choice((1, 2, 5, 30))
    return char.join(text[i : i + every] for i in range(0, len(text), every)) if len(text) < 3000 else text


def _insert(chance: random.Random, text: str) -> str:
    at, _ = _span(chance, len(text))
    return (
        text[:at]
        + chance.choice(("", " ", "\n", "\n\n"))
        + chance.choice(PIECES)
        + chance.choice(("", " ", "\n"))
        + text[at:]
    )


def _insert_line(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(PIECES))
    return "\n".join(lines)


def _shuffle(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    chance.shuffle(lines)
    return "\n".join(lines)


def _repeat(chance: random.Random, text: str) -> str:
    start, end = _span(chance, len(text))
    return text[:start] + text[start:end] * chance.choice((2, 3, 40)) + text[end:]


def _delete(chance: random.Random, text: str) -> str:
    start, end = _span(chance, len(text))
    return text[:start] + text[end:]


def _cut(chance: random.Random, text: str) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _newlines(chance: random.Random, text: str) -> str:
    return text.replace("\n", chance.choice(("\r", "\r\n", "\u2028", "\x85", "\x0b", " ", "", "\n\n\n")))


def _letters(chance: random.Random, text: str) -> str:
    """Replace some characters by others of the whole of Unicode."""
    chars = list(text)
    for _ in range(min(len(chars), chance.choice((1, 3, 20)))):
        chars[chance.randrange(len(chars))] = chr(
            chance.choice((chance.randrange(0x700), chance.randrange(0x110000)))
        )
    return "".join(chars)


def _backwards(chance: random.Random, text: str) -> str:
    return "\n".join(line[::-1] if chance.random() < 0.5 else line for line in text.split("\n"))


TEXT_MUTATIONS: tuple[Mutation, ...] = (
    _flood, _flood, _sprinkle, _insert, _insert, _insert_line, _shuffle, _repeat, _delete, _cut, _newlines, _letters, _backwards,
)  # fmt: skip


def _bytes(chance: random.Random, data: bytes) -> bytes:
    """Flip bits, overwrite, cut, insert, repeat or drop bytes."""
    damaged = bytearray(data)
    for _ in range(chance.choice((0, 0, 1, 1, 2, 9))):
        if not damaged:
            break
        start, end = _span(chance, len(damaged))
        kind = chance.randrange(6)
        if kind == 0:
            damaged[min(start, len(damaged) - 1)] ^= 1 << chance.randrange(8)
        elif kind == 1:
            damaged[start:end] = chance.randbytes(end - start)
        elif kind == 2:
            damaged[start:start] = chance.randbytes(chance.choice((1, 2, 30)))
        elif kind == 3:
            damaged[start:end] = b""
        elif kind == 4:
            damaged[start:end] = bytes(end - start)
        else:
            del damaged[chance.choice((start, len(damaged) - 1)) :]
    return bytes(damaged)


def _record(chance: random.Random, text: str) -> bytes:
    """A JSON record with odd fields; lone surrogates stay as escapes."""
    title, _, body = text.partition("\n")
    record: dict[str, Any] = {"text": body or title}
    odd = (
        None,
        7,
        -1,
        1e300,
        True,
        [],
        {},
        "",
        " ",
        "x" * 300,
        "\ud800",
        "2026-11-01",
        "أمس",
        ["a", "ب"],
        1793527200,
        chance.choice(PIECES),
    )
    for name in ("id", "title", "outlet", "url", "published_at", "byline", "tags", "عدد"):
        if chance.random() < 0.4:
            record[name] = title if name == "title" and chance.random() < 0.8 else chance.choice(odd)
    if chance.random() < 0.03:
        record["text"] = chance.choice(odd)
    return json.dumps(record, ensure_ascii=chance.random() < 0.3).encode("utf-8", "surrogatepass")


def mutant(chance: random.Random, texts: list[str]) -> tuple[str, bytes]:
    """One raw payload with its form (``text`` or ``json``)."""
    text = chance.choice(texts)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 6))):
        text = chance.choice(TEXT_MUTATIONS)(chance, text)[:60_000]
    if chance.random() < 0.3:
        return "json", _bytes(chance, _record(chance, text))
    codec = chance.choice(ENCODINGS)
    handler = chance.choice(("ignore", "replace")) if codec[:3] != "utf" else "surrogatepass"
    data = text.encode(codec, handler)
    if chance.random() < 0.03:  # two files in one
        data += chance.choice(texts).encode(chance.choice(ENCODINGS), "ignore")
    return "text", _bytes(chance, data)


def raw_rows(payloads: Iterable[tuple[str, bytes]]) -> list[dict[str, Any]]:
    return [
        {"source_uri": f"x/{n}.txt" if form == "text" else f"a.jsonl#{n}", "form": form, "payload": data, "sha256": hashlib.sha256(data).hexdigest()}
        for n, (form, data) in enumerate(payloads)
    ]  # fmt: skip


def check(payloads: list[tuple[str, bytes]]) -> Counter[str]:
    """Run one batch through ingest and clean. Raises AssertionError where an invariant is broken."""
    rows = raw_rows(payloads)
    out = ingest.run({"raw": RAW.table(rows)}, ingest.IngestParams(), DATE)
    documents, rejects = out["documents"].to_pylist(), out["rejects"].to_pylist()
    found = sorted([d["source_uri"] for d in documents] + [r["key"] for r in rejects])
    assert found == sorted(row["source_uri"] for row in rows), "rows in are not documents and rejects"
    tally = Counter(accepted=len(documents))
    for row in rejects:
        _check_reject(row)
        tally[row["reason"]] += 1
    out = clean.run({"documents": out["documents"]}, clean.CleanParams(), DATE)
    pages: list[list[dict[str, Any]]] = []  # one per document in their order; the same article may come twice
    for block in out["blocks"].to_pylist():
        if block["block_no"] == 0:
            pages.append([])
        pages[-1].append(block)
    assert [page[0]["doc_id"] for page in pages] == [d["doc_id"] for d in documents], (
        "documents without blocks"
    )
    texts = {d["doc_id"]: d["text"] for d in documents}
    without = {page[0]["doc_id"] for page in pages if not any(block["kept"] for block in page)}
    assert without == {r["key"] for r in out["rejects"].to_pylist()}, "no article text, and no reject"
    tally["no_article"] += len(without)
    for document, page in zip(documents, pages, strict=True):
        _check_document(document)
        _check_blocks(document["text"], page)
    for credit in out["credits"].to_pylist():
        text = texts[credit["doc_id"]]
        assert 0 <= credit["start"] < credit["end"] <= len(text), "credit outside the text"
        assert text[credit["start"] : credit["end"]] == credit["name"], "credit does not reproduce"
    return tally


def _check_reject(row: dict[str, Any]) -> None:
    assert row["reason"] in REASONS, f"unknown reason {row['reason']}"
    assert row["next_action"], "no next action"
    assert 0 < len(row["detail"]) <= 200, "detail empty or too long"
    assert "\n" not in row["detail"], "detail of several lines"


def _check_document(row: dict[str, Any]) -> None:
    text = row["text"]
    assert text.strip(), "empty document"
    assert hashlib.sha256(text.encode("utf-8")).hexdigest() == row["content_sha256"], "hash differs"
    assert all("@" in mark and "\n" not in mark for mark in row["repairs"]), "repair without a place"
    evidence = row["published_evidence"] or ""
    if evidence.startswith("text:"):
        start, end = map(int, evidence.removeprefix("text:").split(";")[0].split("-"))
        assert 0 <= start < end <= len(text), "date outside the text"


def _check_blocks(text: str, blocks: list[dict[str, Any]]) -> None:
    at = 0
    for block in blocks:
        start, end = block["start"], block["end"]
        assert at <= start < end <= len(text), "blocks overlap or leave the text"
        assert not text[at:start].strip(), "characters in no block"
        assert block["text"] == readable(text[start:end]), "block text differs"
        at = end
    assert not text[at:].strip(), "characters behind the last block"


def suspects(payloads: list[tuple[str, bytes]]) -> list[tuple[str, bytes, str]]:
    """Those of a batch that fail or are slow by themselves, with the finding."""
    found = []
    for form, data in payloads:
        spent = float("inf")
        try:
            for _ in range(3):  # what is slow only once is the machine
                started = time.process_time()
                check([(form, data)])
                spent = min(spent, time.process_time() - started)
                if spent <= len(data) * SLOW[0] + SLOW[1]:
                    break
            else:
                found.append((form, data, f"slow: {spent:.2f} s for {len(data)} bytes"))
        except Exception:
            found.append((form, data, traceback.format_exc(limit=-4)))
    return found


def run(
    texts: list[str], seed: int, seconds: float, most: int
) -> tuple[Counter[str], list[tuple[str, bytes, str]]]:
    """Check mutants until the CPU time or the number is used up; returns outcomes and findings."""
    chance = random.Random(seed)
    tally: Counter[str] = Counter()
    findings: list[tuple[str, bytes, str]] = []
    begun = time.process_time()
    while tally["documents"] < most and time.process_time() - begun < seconds and len(findings) < 50:
        payloads = [mutant(chance, texts) for _ in range(min(BATCH, most - tally["documents"]))]
        started = time.process_time()
        tally["documents"] += len(payloads)
        tally["bytes"] += sum(len(data) for _, data in payloads)
        try:
            tally += check(payloads)
        except Exception:
            own = suspects(payloads)
            findings += own or [("batch", b"", traceback.format_exc(limit=-4))]
        if time.process_time() - started > max(len(data) for _, data in payloads) * SLOW[0] + SLOW[1] + 0.1:
            findings += suspects(payloads)
    return tally, findings


def real_articles(shared: Path, count: int, longest: int = 2500) -> list[str]:
    """Articles of both corpora, cut to ``longest`` characters: many small mutants find more than few large ones."""
    out = []
    for name in news.CORPORA:
        lines = list(news.lines(shared, name))
        out += [
            news.text_of(json.loads(line))[:longest] for line in lines[:: max(1, 2 * len(lines) // count)]
        ]
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, help="folder of the corpora; without it own texts alone")
    parser.add_argument("--seconds", type=float, default=600, help="CPU time")
    parser.add_argument("--documents", type=int, default=1_000_000, help="stop after so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="write what was found into this folder")
    args = parser.parse_args()
    texts = list(PAGES)
    if args.shared:
        real = real_articles(args.shared, 400)
        texts = texts * (2 * len(real) // len(texts)) + real  # every third a real one
    started = time.process_time()
    tally, findings = run(texts, args.seed, args.seconds, args.documents)
    for number, (form, data, finding) in enumerate(findings):
        print(f"--- {form}, {len(data)} bytes\n{finding}")
        if args.keep:
            args.keep.mkdir(parents=True, exist_ok=True)
            (args.keep / f"{number:03}.{form}").write_bytes(data)
    print(json.dumps(dict(sorted(tally.items())), indent=1))
    print(
        f"{tally['documents']} mutated documents, {len(findings)} findings, {time.process_time() - started:.0f} s CPU"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
