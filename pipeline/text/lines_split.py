"""From text to lines, and inside a line to pieces: what is glued to an article's text is cut off at its character."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from pipeline.text.embeds import cut, evidence, is_latin
from pipeline.text.lang import ARABIC_LETTERS, line_language
from pipeline.text.lines_phrases import BULLETS, ENDS, book
from pipeline.text.normalise import key

LONGEST_FOLDED = 450
"""Lines longer than this carry no cue: they are not folded (characters)."""

LONGEST_GLUED = 1_000
"""How far from the end of a line the page's own words are looked for (characters)."""

_LINE = re.compile(r"[^\r\n]+")
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

    folded: ``key`` of the text without bullets at its ends; empty for lines too long to hold a cue.
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
    opens: bool = field(default=False)

    @cached_property
    def length(self) -> int:
        return self.end - self.start

    @cached_property
    def stops(self) -> bool:
        """True where the line ends like a sentence; an ellipsis or a colon is no stop."""
        bare = _CLOSING_NOTE.sub("", self.text[-200:].rstrip(_CLOSERS + " \u200f\u200e"))
        return bool(bare) and bare[-1] in ".!؟?" and not bare.endswith("..")

    @cached_property
    def prose(self) -> bool:
        """True for a line that reads as a paragraph."""
        return self.length >= 110 or (self.length >= 45 and self.words >= 7 and self.stops)

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
    for m in _LINE.finditer(text):
        line = m[0]
        start = m.start() + len(line) - len(line.lstrip())
        end = m.end() - len(line) + len(line.rstrip())
        if start < end:
            out.append((start, end))
    return out


def _glued(line: str, first: bool) -> list[tuple[int, int, str | None]]:
    """Cut a line where the page's own words are glued to it: (start, end, kind or None) pieces.

    >>> line = "وغادر الوفد مساء.رابط الخبر بصحيفة الوادي: غادر"
    >>> [(line[s:e], kind) for s, e, kind in _glued(line, False)]
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
    hit = book().glued.search(line, max(start, end - LONGEST_GLUED), end)
    for pattern, kind, limit, stop in book().glued_end if hit else ():
        m = pattern.search(line, max(start, end - limit), end)
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
    out: list[Line] = []
    for number, (start, end) in enumerate(spans):
        line = text[start:end]
        for left, right, kind in _glued(line, number < 3):
            s, e = _strip(line, left, right)
            if s >= e:
                continue
            pieces = [(0, e - s, False)] if kind else cut(line[s:e], arabic_page)
            for a, b, post in pieces:
                out.append(_line(text, start + s + a, start + s + b, post, kind))
    return out


def _line(text: str, start: int, end: int, post: bool, glued: str | None) -> Line:
    piece = text[start:end]
    folded = key(piece).lstrip(BULLETS) if end - start <= LONGEST_FOLDED else ""
    words = piece.count(" ") + 1 if end - start > LONGEST_FOLDED else len(piece.split())
    return Line(start, end, piece, folded, words, line_language(piece), post, glued)


def _foreign(line: Line) -> bool:
    return line.lang is not None and line.lang not in ARABIC_LETTERS


def mark_posts(lines: list[Line]) -> None:
    """Extend posts over the lines around: a signature or link speaks for the lines of its post above it.

    In an Arabic page the whole run of Latin lines around is the post; of Arabic lines above a lone signature the
    nearest one, and further ones as long as they show signs of a post (#, @, a link).
    """
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
