"""Tweets inside the text of a page: found by their links and signatures, cut out at the exact character.

A scraped page loses the frame of an embedded post, so that its text runs on in the article's, often with no space
between: ``— Name (@handle) September 19, 2023في مارس``. What stays is the link (``pic.twitter.com/…``, ``t.co/…``)
and the signature. From these the post is measured backwards: a post in Latin letters starts where the Arabic
ends; an Arabic one at the start of its line, or of its sentence where the line is too long to be a post.
"""

from __future__ import annotations

import re

from pipeline.text.normalise import BIDI

MAX_POST = 400
"""Longest Arabic line taken for one post, in characters (a post has 280, links and signature come on top)."""
MAX_LATIN = 4_000
"""Longest run of Latin letters before a link that is taken for a post (long posts exist; articles are longer)."""

_MONTH = (
    "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}|janvier|février|mars|avril|mai|juin|juillet|août"
    "|septembre|octobre|novembre|décembre|يناير|فبراير|مارس|[اأإ]بريل|مايو|يونيو|يوليو|[اأ]غسطس|سبتمبر|[اأ]كتوبر"
    "|نوفمبر|ديسمبر|كانون الثاني|شباط|[اآ]ذار|نيسان|[اأ]يار|حزيران|تموز|[اآ]ب|[اأ]يلول|تشرين ال[اأ]ول|تشرين الثاني"
    "|كانون ال[اأ]ول"
)
_DATE = rf"(?:(?:{_MONTH})\s{{1,3}}\d{{1,2}}[,،]?\s{{1,3}}\d{{4}}|\d{{1,2}}\s{{1,3}}(?:{_MONTH})[,،]?\s{{1,3}}\d{{4}})"
_HANDLE = re.compile(rf"\(\s?[{BIDI}]?@\w{{1,30}}[{BIDI}]?\s?\)(?:[{BIDI}\s]{{0,3}}{_DATE})?")
_LINK = re.compile(r"(?:pic\.(?:twitter|x)\.com/|https?://t\.co/)[A-Za-z0-9]{1,10}…?")
_DASH = re.compile(r"[—–―]|&mdash;|(?<!-)--?(?!-)")
_ARABIC = re.compile(r"[\u0621-\u064a\u066e-\u06d3\u06fa-\u06ff\ufb50-\ufdff\ufe70-\ufefc]")
_LATIN = re.compile(r"[A-Za-z]")
_ARABIC_RUN, _LATIN_RUN = re.compile(f"{_ARABIC.pattern}+"), re.compile(f"{_LATIN.pattern}+")
_SENTENCE_END = re.compile(r"[.!؟?…»”\"]\s{0,3}")
_INTRODUCTION = re.compile(r":\s{0,3}")


def may_hold_posts(text: str) -> bool:
    """False where nothing can be ``evidence`` of a post.

    >>> may_hold_posts("قال الوزير إن الميناء مفتوح")
    False
    """
    return "@" in text or "t.co/" in text or "pic." in text


def evidence(text: str) -> list[tuple[int, int, bool]]:
    """Spans that only a post leaves behind: (start, end, is_signature), in order.

    A signature needs its dash: a handle in the author's own sentence is none. A bare t.co link counts where Latin
    text, a tag, a handle or another mark stands before it; after the article's own words it is just a link.

    >>> evidence("see pic.twitter.com/AbCdEfGhIj now — Me (@me) May 1, 2023")
    [(4, 30, False), (35, 57, True)]
    >>> evidence("غرد الوزير (@wazir) أمس"), evidence("التسجيل على الرابط: https://t.co/AbCdEfGhIj")
    ([], [])
    """
    if not may_hold_posts(text):
        return []
    found = [(m.start(), m.end(), False) for m in _LINK.finditer(text)]
    done = 0
    for m in _HANDLE.finditer(text):
        dashes = [d.start() for d in _DASH.finditer(text, max(done, m.start() - 80), m.start())]
        if dashes:
            found.append((dashes[0] if text[dashes[-1]] == "-" else dashes[-1], m.end(), True))
        done = m.end()
    found.sort()
    strong = [s or text.startswith("pic", a) for a, _, s in found]
    out = []
    for n, mark in enumerate(found):
        near = any(
            strong[k] and abs(found[k][0] - mark[0]) <= MAX_POST
            for k in range(max(0, n - 3), min(len(found), n + 4))
        )
        before = text[max(0, mark[0] - 120) : mark[0]]
        if strong[n] or near or "#" in before or "@" in before or is_latin(before[-40:]):
            out.append(mark)
    return out


def is_latin(text: str, share: float = 0.7) -> bool:
    """True where Latin letters outnumber Arabic ones clearly.

    >>> is_latin("Russia and إيران agree"), is_latin("شركة Google"), is_latin("2023 - 2024")
    (True, False, False)
    """
    if _LATIN.search(text) is None:
        return False
    latin = sum(map(len, _LATIN_RUN.findall(text)))
    arabic = sum(map(len, _ARABIC_RUN.findall(text)))
    return latin >= share * (latin + arabic)


def _start_of_post(text: str, floor: int, mark: int, arabic_page: bool) -> int:
    """Where the post that ends in the evidence at ``mark`` begins, not before ``floor``."""
    before = text[floor:mark]
    if not before.strip():
        return mark
    tail = before[-MAX_LATIN:]
    arabic = [m.end() for m in _ARABIC.finditer(tail)]
    run = tail[arabic[-1] :] if arabic else tail
    whole = arabic_page and len(tail) == len(before)
    if is_latin(run) and (arabic or whole) and len(run) > 15:
        # Latin post after Arabic text: the Arabic sentence keeps its closing marks.
        lead = re.match(r"[\s.!؟?…»”\"،:)\]]*", run) if arabic else None
        return mark - len(run) + (lead.end() if lead else 0)
    if len(before) <= MAX_POST and floor == 0:
        introduced = [m.end() for m in _INTRODUCTION.finditer(before)]
        own = introduced and len(before) - introduced[-1] > 20 and "تغريد" in before[: introduced[-1]]
        return floor + introduced[-1] if own else floor
    window = before[-MAX_POST:]
    ends = [m.end() for m in _SENTENCE_END.finditer(window) if m.end() < len(window) - 3]
    return mark - len(window) + ends[-1] if ends else mark


def cut(text: str, arabic_page: bool = True) -> list[tuple[int, int, bool]]:
    """Cut one line at its embedded posts: (start, end, is_post) pieces that cover it, white space at ends left out.

    On a page in Latin letters (arabic_page=False) only the length tells a post from the article's own text.

    >>> line = "قال ذلك.We stand by it. pic.twitter.com/AbCdEfGhIj — Me (@me) May 1, 2023ثم غادر."
    >>> [(line[s:e], post) for s, e, post in cut(line)]
    [('قال ذلك.', False), ('We stand by it. pic.twitter.com/AbCdEfGhIj — Me (@me) May 1, 2023', True), ('ثم غادر.', False)]
    >>> cut("سطر بلا تغريدة")
    [(0, 14, False)]
    """
    marks = evidence(text)
    if not marks:
        return _trimmed(text, [(0, len(text), False)])
    posts: list[tuple[int, int]] = []
    for start, end, signature in marks:
        floor = posts[-1][1] if posts else 0
        if start < floor:
            continue
        gap = text[floor:start]
        joins = posts and (not gap.strip() or (signature and len(gap) <= 80 and not _ARABIC.search(gap)))
        if joins:
            posts[-1] = (posts[-1][0], end)
        else:
            posts.append((_start_of_post(text, floor, start, arabic_page), end))
    pieces: list[tuple[int, int, bool]] = []
    done = 0
    for start, end in posts:
        pieces += [(done, start, False), (start, end, True)]
        done = end
    pieces.append((done, len(text), False))
    return _trimmed(text, pieces)


def _trimmed(text: str, pieces: list[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """Pieces without white space at their ends; what holds no letter or digit goes to the neighbour before."""
    out: list[tuple[int, int, bool]] = []
    for left, right, post in pieces:
        piece = text[left:right]
        start, end = left + len(piece) - len(piece.lstrip()), right - len(piece) + len(piece.rstrip())
        if start >= end:
            continue
        if out and not any(c.isalnum() for c in text[start:end]):
            out[-1] = (out[-1][0], end, out[-1][2])
        else:
            out.append((start, end, post))
    return out
