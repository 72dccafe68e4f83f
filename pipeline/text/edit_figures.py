"""Edits of figures and denials: what shows that a figure counts the same thing on both sides, and a denial denies."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.text.edit_kinds import cores, is_title
from pipeline.text.edit_names import one_name, one_place
from pipeline.text.edit_sides import Side
from pipeline.text.similarity import form
from pipeline.text.units import Unit, word_class

BEFORE, DAY_WITHIN = 5, 5
"""Units before a figure in which stands whose it is, and beside a figure in which stands of which day it is."""
FIXED_DAYS = frozenset({"day", "day_of_month"})
"""Date classes that place an event on a day of its own; امس and اليوم change with the day of writing."""


def other_figure(a: Side, i: int, b: Side, j: int) -> str:
    """Kind of the change from figure i of a to figure j of b: number, spelling, or wording where they count two things."""
    if _part(a, i, b, j) or _part(b, j, a, i) or _and_a_half(a, i, b, j) or _and_a_half(b, j, a, i):
        return "spelling"
    if a.enumerates(i) or b.enumerates(j):
        return "wording"  # points of two lists
    if _day_of_month(a, i) and _day_of_month(b, j):
        return "date"
    news = [_news(side, at, other) for side, at, other in ((a, i, b), (b, j, a))]
    for left, right in zip(*news, strict=True):
        same = any(one_name(x, y) or one_place(x, y) for x in left for y in right)
        if left and right and not same:
            return "wording"  # another team, another day
    return "number"


def _day_of_month(side: Side, at: int) -> bool:
    """True for the 27 of 27 من شهر يوليو."""
    return any(u.date.startswith("month") for u in side.units[at + 1 : at + 4]) and (
        at + 1 < len(side.units) and side.units[at + 1].form == "من"
    )


def _and_a_half(whole: Side, i: int, half: Side, j: int) -> bool:
    """True for 8 سنوات ونصف against 8.5."""
    one, two = whole.units[i].value or "", half.units[j].value or ""
    return two == f"{one}.5" and any("نصف" in u.form for u in whole.units[i + 1 : i + 4])


def _part(short: Side, i: int, long: Side, j: int) -> bool:
    """True where a number was cut in two: والحادية | عشرة against الحادية عشرة."""
    words, whole = short.units[i].form.split(), long.units[j].form.split()
    rest = [w for w in whole if w not in words]
    if len(words) >= len(whole) or not set(words) < set(whole):
        return False
    near = {c for u in (*short.units[max(0, i - 2) : i], *short.units[i + 1 : i + 3]) for c in cores(u.form)}
    return all(not near.isdisjoint(cores(w)) for w in rest)


def _news(side: Side, at: int, other: Side) -> tuple[list[str], list[str]]:
    """Words of names before a figure, and days on either side of it, in one clause with it, that the other text has nowhere."""
    lo, hi = at, at + 1
    while lo > max(0, at - BEFORE) and not side.units[lo].broken:
        lo -= 1
    while hi < min(len(side.units), at + DAY_WITHIN) and not side.units[hi].broken:
        hi += 1
    names = [u.form for u in side.units[lo:at] if u.name and u.key not in other.keys and not is_title(u.form)]
    near = side.units[max(lo, at - DAY_WITHIN) : hi]
    return names, [u.form for u in near if u.key not in other.keys and u.date in FIXED_DAYS]


def put_figure(side: Side, lo: int, hi: int, other: Side, at: int) -> str:
    """Kind of the figure in units [lo, hi) that ``other`` has not at ``at``: number, date for a year, wording for no count."""
    figure = next(u for u in side.units[lo:hi] if u.value is not None)
    before = side.units[lo - 1] if lo else None
    near = other.units[max(0, at - BEFORE) : at + BEFORE]
    if any(u.value is not None and u.value.rstrip(".") == (figure.value or "").rstrip(".") for u in near):
        return "wording"  # في الرابعة من عمره, of one who is four years old
    if side.enumerates(lo) or side.text[max(0, figure.start - 1) : figure.start].isalpha():
        return "wording"  # a point of a list; م2
    if (
        figure.value == "2"
        and figure.form.startswith("اثن")
        and before
        and before.form.endswith(("ين", "ان"))
    ):
        return "wording"  # رجلين اثنين
    if (side.units[hi : hi + 1] and side.units[hi].form == "مبروك") or side.units[hi - 1].form == "مبروك":
        return "wording"
    year = (
        (figure.value or "").isdigit() and 1300 <= int(figure.value or 0) <= 2100 and len(figure.surface) == 4
    )
    era = side.text[figure.end : figure.end + 2].lstrip()[:1] in ("ه", "م")
    if year and (era or any(u.form in word_class("year_words") for u in side.units[max(0, lo - 2) : lo])):
        return "date"
    return "number"


def comes_from(run: Sequence[Unit], after: Sequence[Unit]) -> bool:
    """True for القادم من الرياض, who comes from there: no day that comes."""
    return bool(after) and after[0].form == "من" and len(run) == 1 and run[0].form in _COMING


_COMING = frozenset(form(w) for w in ("القادم", "القادمة", "قادم", "قادمة"))


def joined_denial(side: Side, after: int, other: Side, at: int) -> bool:
    """True where the other text has the denial in one word: اللامحدود for غير المحدود."""
    if after >= len(side.units):
        return False
    denied = set(cores(side.units[after].form))
    return any(
        core.startswith("لا") and core[2:] in denied for u in other.around(at, at) for core in cores(u.form)
    )
