"""What each line of a page is: golden pages, properties that hold for every text, and growth with length."""

from __future__ import annotations

import doctest
import json
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text import (
    credits,
    embeds,
    lines,
    lines_page,
    lines_phrases,
    lines_rules,
    lines_second,
    lines_split,
    lines_tail,
)
from pipeline.text.lines import KEPT, classify

CASES = json.loads((Path(__file__).parents[1] / "golden" / "lines.json").read_text("utf-8"))


def build(parts: list[list[str]]) -> tuple[str, list[tuple[str, str]]]:
    """Text of a golden page and its (kind, piece) list; a part is kind, piece and what stands after it."""
    text = "".join(p[1] + (p[2] if len(p) > 2 else "\n\n") for p in parts)
    return text.rstrip("\n"), [(p[0], p[1]) for p in parts]


@pytest.mark.parametrize(
    "module",
    [lines, lines_split, lines_phrases, lines_page, lines_rules, lines_second, lines_tail, embeds, credits],
)
def test_doctests(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_golden(case: dict[str, Any], request: pytest.FixtureRequest) -> None:
    if case.get("known_failure"):
        request.applymarker(pytest.mark.xfail(strict=True, reason=case["known_failure"]))
    text, want = build(case["parts"])
    got = [(b.kind, text[b.start : b.end]) for b in classify(text, case.get("title"))]
    assert got == want


def check(text: str, title: str | None = None) -> None:
    blocks = classify(text, title)
    covered = [i for b in blocks for i in range(b.start, b.end)]
    assert covered == sorted(set(covered)), "blocks overlap or are out of order"
    inside = set(covered)
    assert all(i in inside for i, c in enumerate(text) if not c.isspace()), "a character lies in no block"
    for b in blocks:
        assert not text[b.start].isspace()
        assert not text[b.end - 1].isspace()
        assert b.kept == (b.kind in KEPT)
        assert b.reason
        assert 0 < b.score <= 1
    assert classify(text, title) == blocks


SCRAPS = st.sampled_from(
    ["قال الوزير إن السفن عادت إلى الميناء أمس.", "اقرأ المزيد", "المصدر: وكالات", "(أ ف ب)", "\n", "\n\n", "\r", "\r\n", " ", ".", ":",
     "pic.twitter.com/AbCdEfGhIj", "https://t.co/AbCdEfGhIj", "— Name (@name) May 1, 2023", "— اسم (@name) ١ مايو ٢٠٢٣", "English words here",
     "// انتهى //", "سمات الوادي", "كلمات دلالية: أ ب", "Next Previous", "تاريخ النشر: 3 مايو 2023", "ملخص", "\u2028", "\x85", "\u200f", "🔴", "-"]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(SCRAPS, max_size=30).map("".join))
def test_every_character_lies_in_one_block(text: str) -> None:
    check(text)


def asked_all(page: lines_page.Page, i: int) -> tuple[lines_rules.Rule, ...]:
    page.lines[i].cued = True
    return lines_rules.RULES


def same_by_all_rules(text: str, title: str | None = None) -> None:
    """The rules that a line need not ask say nothing about it."""
    blocks = classify(text, title)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "applicable", asked_all)
        assert classify(text, title) == blocks


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["name"])
def test_golden_by_all_rules(case: dict[str, Any]) -> None:
    same_by_all_rules(build(case["parts"])[0], case.get("title"))


@settings(deadline=None)
@given(st.lists(SCRAPS, max_size=30).map("\n".join))
def test_lines_ask_only_the_rules_that_can_hold(text: str) -> None:
    same_by_all_rules(text)


def test_every_phrase_is_a_cue() -> None:
    """Each phrase of the lists, put where it speaks for a line, keeps its line from being passed over."""
    book = lines_phrases.book()
    kinds = (book.boilerplate, book.related, book.keywords, book.date, book.caption, book.embed)
    opening = [p for k in kinds for p in (*k.whole, *k.label.phrases, *k.start.phrases)]
    opening += [p for _, labels in book.credit_labels for p in labels.phrases]
    opening += [
        *book.author.phrases,
        *book.invitation.phrases,
        *book.summary,
        *book.tags,
        *book.share,
        *book.section,
    ]
    inside = [limited.phrase for k in kinds for limited in k.any]
    lines_of_cues = [*opening, *(f"{p}: نعم" for p in opening), *(f"نعم {p} لا" for p in inside)]
    assert [x for x in lines_of_cues if not book.cued(x, len(x))] == []
    assert not book.cued("ذهب الولد", 9)


@pytest.mark.parametrize(
    ("mark", "below"),
    [
        ("@s_alhaddad", ["alhaddad@example.org", "للتواصل مع الكاتب ارسل رسالة SMS", "تبدأ بالرمز (12) ثم مسافة", "12345 - Alif", "67890 - Ba"]),
        ("* استشاري في طب العيون", ["مدير مركز الوادي التخصصي للعيون في المدينة الشرقية", "s.alhaddad@example.org"]),
    ],
)  # fmt: skip
def test_the_page_s_own_last_lines_do_not_hide_a_byline_above_them(mark: str, below: list[str]) -> None:
    text = "\n\n".join(["عاصفة تغلق الميناء", PARAGRAPH * 2, PARAGRAPH * 3, mark, *below])
    blocks = classify(text)
    assert [b.reason for b in blocks if text[b.start : b.end] == mark] == ["byline"]
    once = "\n\n".join(text[b.start : b.end] for b in blocks if b.kept)
    assert all(b.kept for b in classify(once))


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    check(text)
    check(text, text[:20])


PARAGRAPH = "وقال مدير الميناء سالم الحداد إن الإغلاق سيستمر حتى مساء الاثنين قبالة الوادي. "
WIDE = {
    "one line": lambda n: PARAGRAPH * (n // len(PARAGRAPH)),
    "many lines": lambda n: "سطر قصير\n" * (n // 9),
    "lines of five words": lambda n: "سطر قصير من خمس كلمات\n" * (n // 22),
    "credits": lambda n: "عنوان الصفحة هنا\n" + "المصدر: وكالات\n" * (n // 15),
    "questions": lambda n: (PARAGRAPH * 2 + "\nمتى تعود السفن الكبيرة إلى الميناء الشرقي؟\n") * (n // 205),
    "many paragraphs": lambda n: (PARAGRAPH * 2 + "\n") * (n // (2 * len(PARAGRAPH))),
    "spaces": lambda n: "عنوان" + " " * n + "نص",
    "posts in one line": lambda n: "نص عربي — Name (@name) May 1, 2023" * (n // 35),
    "links": lambda n: "https://t.co/AbCdEfGhIj " * (n // 24),
    "links and tags": lambda n: "#وسم pic.twitter.com/AbCdEfGhIj نص. " * (n // 36),
    "handles": lambda n: "(@name) " * (n // 8),
    "dashes": lambda n: "— - " * (n // 4),
    "brackets": lambda n: "(" * n,
    "closed brackets": lambda n: "() " * (n // 3),
    "headings": lambda n: "اقرأ المزيد\n" * (n // 12),
    "related and prose": lambda n: (
        ("اقرأ المزيد\n" + PARAGRAPH * 2 + "\n") * (n // (2 * len(PARAGRAPH) + 12))
    ),
    "headlines": lambda n: (PARAGRAPH * 2 + "\nلاعب كرة مصاب يعود إلى تدريبات منتخب الشباب\n") * (n // 210),
    "keywords": lambda n: "كلمات دلالية: " * (n // 14),
    "dates": lambda n: "3 مايو 2023 " * (n // 12),
    "colons": lambda n: ":" * n,
    "marks": lambda n: "ب" + "َ" * n,
    "underscores": lambda n: "_" * n,
    "signature lines": lambda n: "نص عربي قصير\n— Name (@name) May 1, 2023\n" * (n // 44),
    "latin lines": lambda n: "English words here\n" * (n // 19) + "pic.twitter.com/AbCdEfGhIj",
}


@pytest.mark.parametrize("shape", WIDE)
def test_time_grows_with_length_only(shape: str) -> None:
    def seconds(n: int) -> float:
        text = WIDE[shape](n)
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            classify(text)
            best = min(best, time.process_time() - start)
        return best

    classify(PARAGRAPH)
    small, large = seconds(25_000), seconds(100_000)
    assert large < 0.05 or large <= small * 4 * 2.5, (
        f"{small:.3f} s for 25,000 characters, {large:.3f} s for 100,000"
    )


@pytest.mark.slow
def test_ten_megabytes_in_one_line_and_fifty_thousand_lines() -> None:
    start = time.process_time()
    classify(PARAGRAPH * (10_000_000 // len(PARAGRAPH)))
    classify("سطر قصير من خمس كلمات\n" * 50_000)
    assert time.process_time() - start < 60
