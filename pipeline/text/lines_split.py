"""From text to lines, and inside a line to pieces: what is glued to an article's text is cut off at its character."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.text.embeds import cut, evidence, is_latin, may_hold_posts
from pipeline.text.lang import ARABIC_LETTERS, line_language
from pipeline.text.lines_phrases import BULLETS, ENDS, GluedEnd, book
from pipeline.text.normalise import MIXED, key, makeup, simple_key

LONGEST_FOLDED = 450
"""Lines longer than this carry no cue: they are not folded (characters)."""

LONGEST_GLUED = 1_000
"""How far from the end of a line the page's own words are looked for (characters)."""

# A credit in brackets after the full stop: … أمس. (رويترز
_CLOSING_NOTE = re.compile(r"(?<=[.؟!])\s{0,3}\([^()]{2,40}$")
_CLOSERS = "»”\"'’)]}*؛"
# End mark of agency copy: // انتهى // 15:37 ت م
_END_MARK = re.compile(
    r"(?:/{2}|[-(*#]{1,3})\s{0,3}انته[ىي]\s{0,3}(?:/{2}|[-)*#]{1,3})(?:\s{0,3}\d{1,2}\s?:\s?\d{1,2}\s?(?:ت\s?م|جمت)?)?"
)
_ARABIC_WORD = re.compile(r"[\u0621-\u064a]{2}")
_LATIN_WORD = re.compile(r"[A-Za-z]{2}")
_PERSIAN = re.compile(r"[پچژگیکۀےٹڈڑںھہ]")


@dataclass
class Line:
    """One line, or one piece of a line, and what is decided about it.

    folded: ``key`` of the text without bullets at its start; empty for lines too long to hold a cue. length: in
    characters. prose: reads as a paragraph. cued: False where no phrase list can say anything about the line.
    """

    start: int
    end: int
    text: str
    folded: str
    words: int
    lang: str | None
    post: bool = False
    glued: str | None = None
    kind: str = ""
    reason: str = ""
    score: float = 0.0
    opens: bool = False
    cued: bool = True
    length: int = field(init=False)
    prose: bool = field(init=False)
    _stops: bool | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.length = self.end - self.start
        self.prose = self.length >= 110 or (self.length >= 45 and self.words >= 7 and self.stops)

    @property
    def stops(self) -> bool:
        """True where the line ends like a sentence; an ellipsis or a colon is no stop."""
        if self._stops is None:
            bare = self.text[-200:].rstrip(_CLOSERS + " \u200f\u200e")
            if "(" in bare:
                bare = _CLOSING_NOTE.sub("", bare)
            self._stops = bool(bare) and bare[-1] in ".!؟?" and not bare.endswith("..")
        return self._stops

    @property
    def headline(self) -> bool:
        """True for a line that could be a title: short, and no full stop at its end."""
        return (
            self.length <= 140
            and 3 <= self.words <= 22
            and not self.text.rstrip(" »”\"'").endswith((".", "،", ":", "؛"))
        )


def raw_lines(text: str) -> list[tuple[int, int]]:
    r"""Lines without white space at their ends; only \r\n, \r and \n break a line.

    >>> raw_lines(" a\r\n\r\nb\u2028c ")
    [(1, 2), (6, 9)]
    """
    out = []
    at = 0
    for line in (text.replace("\r", "\n") if "\r" in text else text).split("\n"):
        bare = line.strip()
        if bare:
            start = at if len(bare) == len(line) else at + len(line) - len(line.lstrip())
            out.append((start, start + len(bare)))
        at += len(line) + 1
    return out


def _glued(line: str, first: bool, ends: Sequence[GluedEnd]) -> list[tuple[int, int, str | None]]:
    """Cut a line where the page's own words are glued to it: (start, end, kind or None) pieces. ends: the words that the
    text can hold at all.

    >>> line = "وغادر الوفد مساء.رابط الخبر بصحيفة الوادي: غادر"
    >>> [(line[s:e], kind) for s, e, kind in _glued(line, False, book().glued_end)]
    [('وغادر الوفد مساء.', None), ('رابط الخبر بصحيفة الوادي: غادر', 'boilerplate')]
    """
    start, end = 0, len(line)
    pieces: list[tuple[int, int, str | None]] = []
    if first:
        for phrase, kind in book().glued_start:
            if line.startswith(phrase) and len(line) > len(phrase) + 3:
                pieces.append((0, len(phrase), kind))
                start = len(phrase)
    tails: list[tuple[int, int, str | None]] = []
    mark = _END_MARK.search(line, max(start, end - 60)) if "انته" in line[-60:] else None
    if mark and mark.start() > start + 12:
        tails.append((mark.start(), end, "boilerplate"))
        end = mark.start()
    for glue in ends:
        begin = max(start, end - min(glue.max, LONGEST_GLUED))
        if not glue.within(line, begin, end):
            continue
        pattern, _, kind, _, stop = glue
        m = pattern.search(line, begin, end)
        if m is None or (m.start() <= start + 12 and (stop or m.start() > start)):
            continue
        if m.start() == start:
            return [*pieces, (start, end, kind), *reversed(tails)]
        before = line[start : m.start()].rstrip()
        rest = line[m.end() : end]
        if stop and (
            before[-1] not in ENDS + _CLOSERS or any(c in ".!؟" for c in rest) or not rest.strip(BULLETS)
        ):
            continue
        tails.append((m.start(), end, kind))
        end = m.start()
    return [*pieces, (start, end, None), *reversed(tails)]


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def split(text: str) -> list[Line]:
    """All lines and pieces of the text, in order; every character that is no white space lies in exactly one."""
    spans = raw_lines(text)
    arabic_page = not is_latin(text[:1_000])
    posts = may_hold_posts(text)
    ends = [glue for glue in book().glued_end if glue.within(text, 0, len(text))]
    out: list[Line] = []
    for number, (start, end) in enumerate(spans):
        line = text[start:end]
        for left, right, kind in _glued(line, number < 3, ends):
            s, e = (left, right) if right - left == len(line) else _strip(line, left, right)
            if s >= e:
                continue
            pieces = [(0, e - s, False)] if kind or not posts else cut(line[s:e], arabic_page)
            for a, b, post in pieces:
                out.append(_line(text, start + s + a, start + s + b, post, kind))
    return out


def _line(text: str, start: int, end: int, post: bool, glued: str | None) -> Line:
    piece = text[start:end]
    made = makeup(piece)
    folded, long = "", end - start > LONGEST_FOLDED
    if not long:
        folded = (key(piece) if made == MIXED else simple_key(piece, made)).lstrip(BULLETS)
    spaced = long or (made != MIXED and "  " not in piece)
    words = piece.count(" ") + 1 if spaced else len(piece.split())
    return Line(start, end, piece, folded, words, line_language(piece, made != MIXED), post, glued)


def _foreign(line: Line) -> bool:
    return line.lang is not None and line.lang not in ARABIC_LETTERS


def mark_posts(lines: list[Line]) -> None:
    """Extend posts over the lines around: a signature or link speaks for the lines of its post above it.

    In an Arabic page the whole run of Latin lines around is the post; of Arabic lines above a lone signature the
    nearest one, and further ones as long as they show signs of a post (#, @, a link).
    """
    if not any(x.post for x in lines):
        return
    arabic = sum(x.length for x in lines if x.lang in ARABIC_LETTERS)
    latin = sum(x.length for x in lines if _foreign(x))
    arabic_page = arabic >= latin
    for i, line in enumerate(lines):
        if not line.post:
            continue
        j = i - 1
        while arabic_page and j >= 0 and _foreign(lines[j]) and not lines[j].post and is_latin(lines[j].text):
            lines[j].post = True
            j -= 1
        if j == i - 1 and _only_signature(line.text) and j > 0 and lines[j].length <= 420:
            lines[j].post = True
            j -= 1
            while (
                j > 0
                and lines[j].length <= 420
                and any(c in lines[j].text for c in "#@")
                and not lines[j].post
            ):
                lines[j].post = True
                j -= 1


def _only_signature(text: str) -> bool:
    marks = evidence(text)
    return bool(marks) and marks[0][0] <= 2
