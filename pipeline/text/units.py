"""A passage as the sequence of units that an edit can touch: words, with numbers in figures or words as one unit.

Each unit knows what decides the kind of an edit: number value, date word, negation, whether it stands inside
quotation marks, inside a name, inside the naming of a source.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate, chain, compress, pairwise, repeat
from typing import NamedTuple

from pipeline.resources import load
from pipeline.text import numbers
from pipeline.text.normalise import BIDI
from pipeline.text.quotes import pair
from pipeline.text.similarity import WORD, Word, form, key, masked

Spans = Sequence[tuple[int, int]]

_DOUBLE = re.compile("[\"«»“”„‟″‹›〝〞]|''|``|\\(\\(")
_ENTITY_MARKS = {
    **dict.fromkeys(("&#8220;", "&ldquo;", "&#8222;"), "“"), **dict.fromkeys(("&#8221;", "&rdquo;"), "”"),
    **dict.fromkeys(("&laquo;", "&#171;"), "«"), **dict.fromkeys(("&raquo;", "&#187;"), "»"),
    **dict.fromkeys(("&quot;", "&#34;"), '"'),
}  # fmt: skip
_MARK_ENTITY = re.compile("|".join(_ENTITY_MARKS))
_LINE = re.compile("[^\n]+")
_BREAK = re.compile("[،,.؛;:!؟?\n()\\-–—]")
_PROCLITICS = ("ب", "ل", "ك", "و", "ف")


class Unit(NamedTuple):
    """One unit: alignment key, folded form, characters [start, end), and its properties.

    value: canonical number ("4", ordinals "4.", times "11:30", "1.22~" if unsure) or None. date: "day", "relative", "month:N", "year", "figures", or "". broken: punctuation or a
    line end stands between the unit before and this one.
    """

    key: str
    form: str
    surface: str
    start: int
    end: int
    value: str | None
    date: str
    quoted: bool
    name: bool
    broken: bool


@cache
def word_class(name: str) -> frozenset[str]:
    """Folded forms of a class of edit_words.yaml."""
    return frozenset(form(w) for w in load("edit_words.yaml")[name])


@cache
def _months() -> Mapping[str, str]:
    """First word of each month name → ``month:N``; كانون and تشرين wait for their second word."""
    table: dict[str, str] = {}
    for number, names in load("edit_words.yaml")["months"].items():
        for name in names:
            table[" ".join(form(w) for w in name.split())] = f"month:{number}"
    return table


@cache
def date_class(folded: str) -> str:
    """The date class of one folded form, or "".

    >>> date_class(form("الثلاثاء")), date_class(form("أمس")), date_class(form("شباط")), date_class(form("وزير"))
    ('day', 'relative', 'month:2', '')
    """
    known = _date_words()
    if folded in known:
        return known[folded]
    return known.get(folded[1:], "") if len(folded) > 3 and folded[0] in _PROCLITICS else ""


@cache
def _date_words() -> Mapping[str, str]:
    """The date class of every form that has one."""
    plain = {name: word_class(words) for name, words in (("relative", "relative"), ("day", "days"))}
    return {**_months(), **{word: name for name, words in plain.items() for word in words}}


@cache
def _month_starts() -> frozenset[str]:
    """First words of the months that have two."""
    return frozenset(name.split()[0] for name in _months() if " " in name)


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Stretches between quotation marks, without the marks, line by line; sorted and disjoint.

    >>> t = 'قال "نعم" ثم «لا».'; [t[a:b] for a, b in quoted_spans(t)]
    ['نعم', 'لا']
    """
    found: list[tuple[int, int]] = []
    if "&" in text:
        text = _MARK_ENTITY.sub(lambda m: _ENTITY_MARKS[m[0]].rjust(len(m[0])), text)
    for line in _LINE.finditer(text):
        if _DOUBLE.search(text, *line.span()):
            found.extend((q.inner_start, q.inner_end) for q in pair(text, *line.span()))
    return found


def inside(spans: Spans, at: int) -> bool:
    """True where a sorted, disjoint span holds position ``at``."""
    i = bisect_right(spans, (at, 1 << 60)) - 1
    return i >= 0 and spans[i][0] <= at < spans[i][1]


def _flags(spans: Spans, places: Sequence[int]) -> list[bool]:
    """``inside`` for many places in order, in one pass."""
    found, n = [False] * len(places), 0
    for start, end in spans:
        n = bisect_left(places, start, n)
        while n < len(places) and places[n] < end:
            found[n] = True
            n += 1
    return found


PERCENT = "%"
"""Key of the unit في المئة: what stands in words there is a sign elsewhere."""
_BIDI = dict.fromkeys(ord(c) for c in BIDI if c != "-") | dict.fromkeys(
    (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
_UNSURE = re.compile(rf"\d[.,٫٬]?[ر{BIDI}][.,٫٬]?\d")
_WEEKDAYS = frozenset(form(w) for w in ("الاثنين", "الإثنين", "الثلاثاء", "الأربعاء"))
_PERCENT_WORDS = frozenset(form(w) for w in ("المئة", "المائة"))
_PERCENT_ONE = frozenset(form(w) for w in ("بالمئة", "بالمائة"))
_YESTERDAY = frozenset(form(w) for w in ("أمس", "الأمس", "البارحة"))
_SERVANT = frozenset({"عبد", "وعبد", "لعبد", "بعبد"})


def _joined_words(text: str, row: list[Word]) -> list[Word]:
    """Words that are one for an edit: figures with a separator, a time of day, في المئة, عبد with the name after it.

    >>> from pipeline.text.similarity import words
    >>> t = "الساعة 11:30 بنسبة 0.\u200f7 في المئة بلغت 375،526،840"
    >>> [w.form for w in _joined_words(t, words(t))]
    ['الساعة', '11:30', 'بنسبة', '0.7', '%', 'بلغت', '375,526,840']
    >>> t = "عبد الله و عبدالله"; len({w.key for w in _joined_words(t, words(t)) if w.form != "و"})
    1
    """
    found: list[Word] = []
    for word in row:
        last = found[-1] if found else None
        merged = None
        if last is None:
            pass
        elif word.form[0].isdigit() and last.form[0].isdigit():
            merged = _figures(last.form, word.form, text[last.end : word.start].translate(_BIDI))
        elif word.form[0].isdigit() and last.form == "ر" and len(found) > 1 and found[-2].form.isdigit():
            if (
                found[-2].end == last.start and last.end == word.start
            ):  # 22ر1, the decimal mark of some agencies
                found.pop()
                last = found[-1]
                merged = f"{last.form}.{word.form}"
        elif last.form in _SERVANT and word.form.startswith("ال") and text[last.end : word.start].isspace():
            merged = last.form + word.form
        elif last.form == "في" and word.form in _PERCENT_WORDS:
            merged = PERCENT
        if merged is not None and last is not None:
            found[-1] = Word(merged, _figures_key(merged), last.start, word.end)
        elif word.form in _PERCENT_ONE:
            found.append(Word(PERCENT, PERCENT, word.start, word.end))
        else:
            found.append(word)
    return found


def _figures_key(merged: str) -> str:
    """The key; of a date in figures its parts sorted, since both 1436/10/7 and 7/10/1436 are written."""
    return "/".join(sorted(p.lstrip("0") for p in merged.split("/"))) if "/" in merged else key(merged)


def _figures(left: str, right: str, gap: str) -> str | None:
    """Two runs of digits as one figure or time of day; None where the gap does not join them."""
    if gap in (".", ",", "٫", "٬"):
        return f"{left}{gap}{right}"
    if gap == "،" and len(right) <= 3 and len(re.split("[,.]", left)[0]) <= 3:
        return f"{left},{right}"
    if gap.strip() == "/" and left.rpartition("/")[2].isdigit() and right.isdigit() and left.count("/") < 2:
        return f"{left}/{right}"
    if (
        gap == ":"
        and len(left) <= 2
        and len(right) == 2
        and (left + right).isdecimal()
        and int(left) < 25
        and int(right) < 60
    ):
        return f"{left}:{right}"
    return None


def _no_date(forms: Sequence[str], at: int, gap: str) -> bool:
    """True for صفر in a score and for الجمعة in a Friday sermon."""
    last = forms[at - 1] if at else ""
    if forms[at] == "صفر":
        return not (gap == " " and (last == "شهر" or last.isdigit()))
    return forms[at].endswith("جمعة") and last.removeprefix("ال") in _SERMONS


_SERMONS = frozenset(form(w) for w in ("خطبة", "خطب", "صلاة", "خطبتي", "خطيب"))


@cache
def _is_rank(folded: str) -> bool:
    return numbers.ordinal(folded) is not None or folded.removeprefix("و") in ("الحادي", "الحادية")


def _sure(value: str, surface: str) -> str:
    """The value, with "~" where a direction mark or ر inside leaves open which part stands before the point."""
    return f"{value}~" if _UNSURE.search(surface) else value


class _Lexeme(NamedTuple):
    """What a surface form is by itself. ``special``: its unit hangs on the words beside it; ``percent``: المئة, which
    makes one unit with في before it."""

    key: str
    form: str
    date: str
    special: bool
    percent: bool


class _Lexemes(dict[str, _Lexeme]):
    """Lexemes by surface form, made on first sight."""

    def __missing__(self, surface: str) -> _Lexeme:
        folded = form(surface)
        found = self[surface] = _Lexeme(
            key(folded), folded, date_class(folded), _is_special(folded), folded in _PERCENT_WORDS
        )
        return found


class _Gaps(dict[str, bool]):
    """True for what stands between two words and parts them; short gaps are remembered."""

    def __missing__(self, gap: str) -> bool:
        found = _BREAK.search(gap) is not None
        if len(gap) <= 8:
            self[gap] = found
        return found


_LEXEMES, _GAPS = _Lexemes(), _Gaps()
_SPLIT = re.compile(f"({WORD.pattern})")


def _is_special(folded: str) -> bool:
    """True for a word that may be one unit with its neighbours, or whose class they decide."""
    return (
        folded[0].isdigit()
        or folded in _PERCENT_WORDS or folded in _PERCENT_ONE or folded in _SERVANT or folded == "ر"
        or folded in _month_starts() or folded == "صفر" or folded.endswith("جمعة")
        or numbers.is_part(folded) or _is_rank(folded)
    )  # fmt: skip


def units(text: str, start: int, end: int, quoted: Spans = (), names: Spans = ()) -> list[Unit]:
    """The units of text[start:end]; ``quoted`` and ``names`` are sorted spans over the text.

    >>> [u.key for u in units("زيارة لمدة أربعة أيام", 0, 21)]
    ['زيار', 'لمد', '#4', 'ايام']
    >>> [u.date for u in units("أمس الثلاثاء 5 تموز", 0, 19)]
    ['relative', 'day', 'day_of_month', 'month:7']
    """
    blanked = text.find("&", start, end) >= 0
    parts = _SPLIT.split((masked(text) if blanked else text)[start:end])
    surfaces = parts[1::2]
    if not surfaces:
        return []
    edges = list(accumulate(map(len, parts), initial=start))
    begins, ends = edges[1:-1:2], edges[2::2]
    # What was blanked may hold a mark that parts two words: it is looked for in the text itself.
    gaps = [text[lo:hi] for lo, hi in pairwise(edges[2:])][::2] if blanked else parts[2:-1:2]
    keys, forms, dates, special, percent = zip(*map(_LEXEMES.__getitem__, surfaces), strict=True)
    in_quotes, in_names = _flags(quoted, begins), _flags(names, begins)
    broken = chain((True,), map(_GAPS.__getitem__, gaps))
    rows = zip(keys, forms, surfaces, begins, ends, repeat(None), dates, in_quotes, in_names, broken)  # fmt: skip
    found = list(map(tuple.__new__, repeat(Unit), rows))
    if not any(special):
        return found
    # Most words stand for themselves. The others are read anew, with the words beside them.
    joined: list[Unit] = []
    at = 0
    for lo, hi in _stretches(forms, special, percent):
        joined.extend(found[at:lo])
        words_here = [Word(forms[n], keys[n], begins[n], ends[n]) for n in range(lo, hi)]
        flags = {begins[n]: (in_quotes[n], in_names[n]) for n in range(lo, hi)}
        here = _read(text, words_here, start, flags)
        joined.extend([found[lo], *here[1:]] if lo else here)
        at = hi
    joined.extend(found[at:])
    return _dated(joined)


def _stretches(
    forms: Sequence[str], special: Sequence[bool], percent: Sequence[bool]
) -> list[tuple[int, int]]:
    """Words [lo, hi) around the special ones: each with a word on both sides, so that its surroundings are known.

    A first word that is not the first of all stands for itself.
    """
    found: list[tuple[int, int]] = []
    for at in compress(range(len(special)), special):
        # في before المئة is part of that unit: its own surroundings come along.
        lo = max(0, at - 2 if percent[at] and forms[at - 1] == "في" else at - 1)
        hi = min(len(special), at + 2)
        if found and lo < found[-1][1]:
            found[-1] = found[-1][0], hi
        else:
            found.append((lo, hi))
    return found


def _read(text: str, row: list[Word], before: int, flags: Mapping[int, tuple[bool, bool]]) -> list[Unit]:
    """The units of neighbouring words, numbers and dates of several words as one. flags: (quoted, name) by start."""
    row = _joined_words(text, row)
    forms = [w.form for w in row]
    whole = {n.first: n for n in numbers.parse(forms)}
    months, two_words = _months(), _month_starts()
    found: list[Unit] = []
    at = 0
    while at < len(row):
        number = whole.get(at)
        if number and number.last == at + 1 and forms[at] in _WEEKDAYS:
            number = None  # يوم الاثنين, and not "the two"
        last = number.last if number else at + 1
        date = "" if number else "figures" if "/" in forms[at] else date_class(forms[at])
        if date and _no_date(forms, at, text[before : row[at].start]):
            date = ""
        if not number and forms[at] in two_words and " ".join(forms[at : at + 2]) in months:
            date, last = months[" ".join(forms[at : at + 2])], at + 2
        rank = numbers.ordinal_at(forms, at) if not number and not date and _is_rank(forms[at]) else None
        if rank:
            last = rank.last
        word, close = row[at], row[last - 1].end
        folded = word.form if last == at + 1 else " ".join(forms[at:last])
        quoted, name = flags[word.start]
        found.append(
            Unit(
                key=f"#{number.value}" if number else (word.key if last == at + 1 else key(folded)),
                form=folded,
                surface=text[word.start : close],
                start=word.start,
                end=close,
                value=_sure(number.value, text[word.start : close])
                if number
                else rank.value
                if rank
                else folded
                if ":" in folded
                else None,
                date=date,
                quoted=quoted,
                name=name,
                broken=not found
                or (text[before : word.start] != " " and bool(_BREAK.search(text, before, word.start))),
            )
        )
        at, before = last, close
    return found


def _dated(row: list[Unit]) -> list[Unit]:
    """Mark years, and numbers next to a month (5 تموز, الخامس من تموز), as dates."""
    for i in [n for n, u in enumerate(row) if u.value is not None]:
        u = row[i]
        if u.value == "1." and any(
            n.form in _YESTERDAY for n in (*row[max(0, i - 1) : i], *row[i + 1 : i + 3])
        ):
            row[i] = u._replace(value=None, date="relative")  # أول من أمس, أمس الأول
            continue
        if u.value is None or not u.value.rstrip(".").isdigit():
            continue
        left, right = row[i - 1] if i else None, row[i + 1] if i + 1 < len(row) else None
        if right and right.form == "من" and i + 2 < len(row):
            right = row[i + 2]
        value = int(u.value.rstrip("."))
        near_month = (left and left.date.startswith("month")) or (right and right.date.startswith("month"))
        if 1300 <= value <= 2100 and (near_month or (left and left.form in word_class("year_words"))):
            row[i] = u._replace(date="year")
        elif near_month and value <= 31:
            row[i] = u._replace(date="day_of_month")
    return row
