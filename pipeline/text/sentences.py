"""Cut a block into sentences.

A line break ends a sentence, and so do ``. ! ? ؟ …`` outside quotation marks. Not stops are: the point within a
number or an abbreviation, ``..`` unless a new sentence opens after it, and a point glued between short pieces
(ام.اي). The last stop of a quotation is one where a new sentence opens behind the mark (“سنعود.” وأضاف). Quotation marks are paired by position and spacing, because pages mix them (” … ″); a mark without its
partner in the same line protects nothing, so one bad mark never swallows the rest of the page. Linear in the text.
"""

from __future__ import annotations

import re
from functools import cache

from pipeline import resources
from pipeline.text.normalise import fold

_LINE = re.compile(r"[^\r\n]+")
_STOPS = re.compile(r"[.!?؟…]+")
# Double marks of every kind; single ones are names and apostrophes.
_MARK = re.compile("[\"«»“”„‟″]|''")
_CLOSERS = "\"”“″»)]}'’"
_OPENERS = "([{«“„\"'"
_WORD_BEFORE = re.compile(r"[^\s(«»“”\"\[]{1,30}\Z")
_WORD_AFTER = re.compile(r"\w*")
_NUMBER_BEFORE = re.compile(r"\d\s?\Z")
_YEAR = re.compile("[0-9]{4}")
_ARABIC = re.compile("[\u0621-\u064a]")


@cache
def _words(group: str, script: str | None = None) -> frozenset[str]:
    found = resources.load("sentence_ends.yaml")[group]
    return frozenset(fold(word) for word in (found[script] if script else found))


def split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the sentence spans inside ``text[start:end]``, in order, without white space at their ends.

    >>> text = "قال نعم. وذهب د. علي 4.5 كلم!"
    >>> [text[a:b] for a, b in split(text, 0, len(text))]
    ['قال نعم.', 'وذهب د. علي 4.5 كلم!']
    """
    out: list[tuple[int, int]] = []
    for match in _LINE.finditer(text, start, end):
        out.extend(_split_line(text, match.start(), match.end()))
    return out


def _split_line(text: str, start: int, end: int) -> list[tuple[int, int]]:
    quoted = quotations(text, start, end)
    out: list[tuple[int, int]] = []
    begin, q = start, 0
    lettered, seen = False, start  # whether a letter stands between begin and seen
    for match in _STOPS.finditer(text, start, end):
        at, stop = match.span()
        if at < begin:
            continue
        while q < len(quoted) and quoted[q][1] <= at:
            q += 1
        if q < len(quoted) and quoted[q][0] <= at:
            if not _closes(text, stop, quoted[q][1], end):
                continue
        elif not _ends(text, begin, at, stop, end):
            continue
        cut = _after_closers(text, stop, end)
        lettered = lettered or any(char.isalpha() for char in text[seen:at])
        seen = cut
        if lettered:
            _add(text, begin, cut, out)
            begin, lettered = cut, False
    _add(text, begin, end, out)
    return out


def _add(text: str, start: int, end: int, out: list[tuple[int, int]]) -> None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    if left < len(piece):
        out.append((start + left, start + len(piece.rstrip())))


def _after_closers(text: str, at: int, end: int) -> int:
    """Take in closing brackets and marks that are glued to the stop and not glued to a next word."""
    stop = at
    while stop < end and text[stop] in _CLOSERS:
        stop += 1
    return stop if stop == end or text[stop].isspace() else at


def _ends(text: str, begin: int, at: int, stop: int, end: int) -> bool:
    """Tell whether the marks ``text[at:stop]`` end the sentence that began at ``begin``."""
    rest = _after_closers(text, stop, end)
    follows = text[rest : rest + 1] if rest < end else ""
    marks = text[at:stop]
    if not follows:
        return True
    if marks == "..":
        return follows.isspace() and _opens(text, rest, end)
    if not follows.isspace():
        return _glued(text, at, stop, end, marks)
    return marks != "." or not _abbreviation(text, begin, at)


def _closes(text: str, stop: int, closed: int, end: int) -> bool:
    """Tell whether the stop before a closing mark ends the sentence: the quotation ends with it, and a new sentence opens."""
    return closed - stop in (1, 2) and text[closed : closed + 1].isspace() and _opens(text, closed, end)


def _opens(text: str, at: int, end: int) -> bool:
    while at < end and text[at].isspace():
        at += 1
    word = _WORD_AFTER.match(text, at, end)
    return word is not None and fold(word[0]) in _words("openers")


def _glued(text: str, at: int, stop: int, end: int, marks: str) -> bool:
    """A stop without a space after it ends a sentence between two whole Arabic words (انتهى.وقال).

    The word before may stand in marks, before a space (كما قال .وأضاف), or be a year; shorter figures number a list.
    """
    after = _WORD_AFTER.match(text, stop, end)
    if after is None or not _ARABIC.match(after[0]):
        return False
    if "؟" in marks or "!" in marks:
        return True
    if marks == ".." or len(after[0]) < 3:
        return False
    edge = at - (at > 0 and text[at - 1] in " \u00a0")
    edge -= edge > 0 and text[edge - 1] in _CLOSERS
    before = _WORD_BEFORE.search(text, max(0, edge - 30), edge)
    letters = before[0].rpartition(".")[2] if before else ""
    return len(letters) >= 3 and (_ARABIC.search(letters) is not None or _YEAR.fullmatch(letters) is not None)


def _abbreviation(text: str, begin: int, at: int) -> bool:
    """Tell whether the single point at ``at`` belongs to an abbreviation or an initial."""
    found = _WORD_BEFORE.search(text, max(begin, at - 30), at)
    if found is None:
        return False
    word = fold(found[0])
    numbered = _NUMBER_BEFORE.search(text, max(begin, found.start() - 2), found.start())
    if numbered and word in _words("after_number"):
        return False
    if word.isascii():
        return (len(word) == 1 and word.isalpha()) or word.lower() in _words("abbreviations", "latin")
    if word in _words("no_abbreviations"):
        return False
    bare = word[1:] if len(word) > 1 and word[0] in "ولب" else word
    return any((len(w) == 1 and w.isalpha()) or w in _words("abbreviations", "arabic") for w in (word, bare))


def quotations(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return the spans between double quotation marks in one line, marks included.

    A mark can open where space or an opening bracket stands before it, and close where none does; guillemets
    go by their shape, unless they are the wrong way round. A second opening mark of the same family cancels the
    first. An open mark at the end of the line is dropped.

    >>> quotations('قال ”نعم. لا″ ثم "ذهب', 0, 21)
    [(4, 13)]
    """
    out: list[tuple[int, int]] = []
    opened: int | None = None
    opener = ""
    for match in _MARK.finditer(text, start, end):
        at, stop = match.span()
        mark = match[0]
        before = text[at - 1] if at > start else " "
        after = text[stop] if stop < end else " "
        free = before.isspace() or before in _OPENERS or before in ":-–،/"
        opens = free and not after.isspace()
        if opened is None:
            if opens or mark == "«":
                opened, opener = at, mark
        elif (mark in "«»") == (opener in "«»"):
            if mark in "«»":
                opens = mark == opener
            if not opens:
                out.append((opened, stop))
                opened = None
            else:
                opened = at
    return out
