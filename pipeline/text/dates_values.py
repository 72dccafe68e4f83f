"""The calendar arithmetic behind time expressions: from a modifier and the day of writing to a value.

Values are ISO 8601 with its extensions (ISO 8601-2, "EDTF"). The source of the Hijri months is hijridate (Umm al-Qura).
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Literal, NamedTuple

from hijridate import Gregorian

from pipeline.resources import load
from pipeline.text import numbers
from pipeline.text.dates_find import hijri_to_date
from pipeline.text.dates_grammar import Words, either

How = Literal[
    "stated", "resolved", "inferred", "approximate", "ambiguous", "vague", "told", "impossible", "undated"
]
SHIFT = {"last": -1, "before_last": -2, "next": 1, "after_next": 2, "this": 0}
NEAR = 120
"""Days within which a day and month without a year is taken for the nearest one; farther ones are ambiguous."""


class Value(NamedTuple):
    """iso: value or None. granularity: unit of its ends. certainty: how it is known. other: further readings.

    certainty: ``stated`` in full; ``resolved`` by the day of writing; ``inferred``: the nearest of several readings;
    ``approximate``; ``ambiguous``; ``vague`` (no exact value meant); ``told`` (counts from a day in the story);
    ``impossible``; ``undated`` (no day of writing given). from_group: group of the match at which it really begins.
    """

    iso: str | None
    granularity: str
    certainty: How
    other: tuple[str, ...] = ()
    from_group: str = ""


@cache
def unit_table(forms: tuple[str, ...]) -> Words:
    """Words of the units of time in the given forms (one, two, many)."""
    units = load("time_words.yaml")["units"]
    return Words({unit: [word for form in forms for word in table[form]] for unit, table in units.items()})


@cache
def number_pattern() -> str:
    """A number up to 999 in figures or up to three words."""
    data = load("number_words.yaml")
    names = either([*data["units"], *data["tens"], *data["teens_first"], "مية", "ميه"])
    articled = f"(?:ال)?{names}"
    return rf"(?:[0-9]{{1,3}}(?![0-9.,٫])|{articled}(?: و?{articled}){{0,2}})"


def number(words: str) -> float | None:
    """The value of a number in figures or words; None where it is none.

    >>> number("ثلاثة"), number("خمسة وعشرين"), number("12"), number("الخمس")
    (3.0, 25.0, 12.0, 5.0)
    """
    forms = [w.removeprefix("ال") for w in words.split()]
    found = numbers.parse(forms)
    return float(found[0].value) if len(found) == 1 else None


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def shifted_year(written: dt.date, mod: str) -> int | None:
    """The year that العام with a modifier names; None where that points into the story."""
    return written.year + SHIFT[mod] if mod in SHIFT else None


def day_in_month(written: dt.date, year: int | None, month: int, day: int, mod: str | None) -> Value:
    """A day and month: of the year stated, else as the modifier says, else the nearest one to the day of writing.

    >>> day_in_month(dt.date(2015, 7, 20), None, 8, 3, None)
    Value(iso='2015-08-03', granularity='day', certainty='inferred', other=('2014-08-03',), from_group='')
    """
    if mod == "told":
        return Value(None, "day", "told")
    if year is not None:
        found = _date(year, month, day)
        return Value(str(found), "day", "resolved") if found else Value(None, "day", "impossible")
    # 29 February: eight years lie between 1896 and 1904, and two are needed either way.
    around = [d for y in range(written.year - 17, written.year + 18) if (d := _date(y, month, day))]
    if not around:
        return Value(None, "day", "impossible")
    past, future = [d for d in around if d < written], [d for d in around if d > written]
    if mod == "this":
        same = _date(written.year, month, day)
        if same is None:
            return Value(None, "day", "impossible")
        return Value(str(same), "day", "resolved" if month == written.month else "inferred")
    if mod:
        found = {"last": past[-1], "before_last": past[-2], "next": future[0], "after_next": future[1]}[mod]
        return Value(str(found), "day", "resolved")
    ranked = sorted(around, key=lambda d: (abs((d - written).days), d))
    near = abs((ranked[0] - written).days) <= NEAR
    return Value(str(ranked[0]), "day", "inferred" if near else "ambiguous", (str(ranked[1]),))


def month_near(written: dt.date, year: int | None, month: int, mod: str | None) -> Value:
    """A month, found as a day is.

    >>> month_near(dt.date(2015, 7, 20), None, 3, "last").iso, month_near(dt.date(2015, 7, 20), None, 3, "next").iso
    ('2015-03', '2016-03')
    """
    if mod == "told":
        return Value(None, "month", "told")
    if year is not None:
        return Value(f"{year}-{month:02}", "month", "resolved")
    this = written.year * 12 + written.month - 1
    around = [y * 12 + month - 1 for y in range(written.year - 3, written.year + 4)]
    if mod == "this":
        certainty: How = "resolved" if month == written.month else "inferred"
        return Value(f"{written.year}-{month:02}", "month", certainty)
    past, future = [m for m in around if m < this], [m for m in around if m > this]
    if mod:
        found = {"last": past[-1], "before_last": past[-2], "next": future[0], "after_next": future[1]}[mod]
        return Value(_month_iso(found), "month", "resolved")
    ranked = sorted(around, key=lambda m: (abs(m - this), m))
    return Value(_month_iso(ranked[0]), "month", "ambiguous", (_month_iso(ranked[1]),))


def _month_iso(months: int) -> str:
    return f"{months // 12}-{months % 12 + 1:02}"


def hijri_near(written: dt.date, year: int | None, month: int, day: int | None, mod: str | None) -> Value:
    """A Hijri month, or a day in it, as Gregorian days; approximate by a day.

    >>> hijri_near(dt.date(2015, 7, 20), None, 9, None, "last").iso
    '2015-06-18/2015-07-16'
    """
    unit = "month" if day is None else "day"
    if mod == "told":
        return Value(None, unit, "told")
    try:
        now = Gregorian(written.year, written.month, written.day).to_hijri()
    except OverflowError:  # written outside the tables (1924–2077)
        return Value(None, unit, "ambiguous")
    this = now.year * 12 + now.month
    if year is None:
        around = [(now.year + n) * 12 + month for n in range(-2, 3)]
        if mod == "last":
            chosen = max(m for m in around if m < this or (m == this and day is not None and day < now.day))
        elif mod == "next":
            chosen = min(m for m in around if m > this or (m == this and day is not None and day > now.day))
        elif mod == "this":
            chosen = now.year * 12 + month
        elif mod is None:
            chosen = min(around, key=lambda m: (abs(m - this), m))
        else:
            return Value(None, unit, "ambiguous")
        year = (chosen - 1) // 12
    try:
        first = hijri_to_date(year, month, day or 1)
        if day is not None:
            return Value(str(first), "day", "approximate")
        following = hijri_to_date(year + month // 12, month % 12 + 1, 1)
    except ValueError:
        return Value(None, unit, "impossible")
    return Value(f"{first}/{following - dt.timedelta(1)}", "month", "approximate")


def hijri_year(year: int) -> Value:
    """A year AH as the Gregorian days that it spans; outside the tables as the years it touches.

    >>> hijri_year(1436).iso, hijri_year(300).iso
    ('2014-10-25/2015-10-13', '0912/0913')
    """
    try:
        last = hijri_to_date(year + 1, 1, 1) - dt.timedelta(1)
        return Value(f"{hijri_to_date(year, 1, 1)}/{last}", "year", "approximate")
    except ValueError:
        first = 621.57 + year * 0.970224
        return Value(f"{int(first):04}/{int(first + 0.97):04}", "year", "approximate")


def weekday_beside(written: dt.date, offset: int, weekday: int) -> Value:
    """The day with this weekday that lies nearest to ``offset`` days from the day of writing.

    A page that says «اليوم الثلاثاء» and is dated Wednesday was written the day before.

    >>> weekday_beside(dt.date(2015, 7, 22), 0, 1)
    Value(iso='2015-07-21', granularity='day', certainty='inferred', other=('2015-07-22',), from_group='')
    """
    meant = written + dt.timedelta(offset)
    found = meant + dt.timedelta((weekday - meant.weekday() + 3) % 7 - 3)
    if found == meant:
        return Value(str(found), "day", "resolved")
    return Value(str(found), "day", "inferred", (str(meant),))


def weekday_near(written: dt.date, weekday: int, mod: str | None) -> Value:
    """A weekday: the last or next one as the modifier says, else the latest up to the day of writing.

    >>> weekday_near(dt.date(2015, 7, 21), 1, "last").iso, weekday_near(dt.date(2015, 7, 21), 1, None)[0:3]
    ('2015-07-14', ('2015-07-21', 'day', 'inferred'))
    """
    back = (written.weekday() - weekday) % 7
    latest = written - dt.timedelta(back)
    if mod == "told":
        return Value(None, "day", "told")
    if mod in ("last", "before_last"):
        strict = latest if back else latest - dt.timedelta(7)
        return Value(str(strict - dt.timedelta(7 * (mod == "before_last"))), "day", "resolved")
    if mod in ("next", "after_next"):
        return Value(str(latest + dt.timedelta(7 + 7 * (mod == "after_next"))), "day", "resolved")
    if mod == "this":
        return Value(str(latest if back < 4 else latest + dt.timedelta(7)), "day", "inferred")
    return Value(str(latest), "day", "inferred", (str(latest + dt.timedelta(7)),))


def unit_near(written: dt.date, unit: str, mod: str) -> Value:
    """الأسبوع الماضي، الشهر المقبل، هذا العام.

    >>> [unit_near(dt.date(2015, 7, 21), unit, "last").iso for unit in ("week", "month", "year", "century")]
    ['2015-W29', '2015-06', '2014', '19XX']
    """
    if mod == "told":
        return Value(None, unit, "told")
    step = SHIFT[mod]
    if unit == "week":
        return Value(_week(written + dt.timedelta(7 * step)), "week", "resolved")
    if unit == "month":
        return Value(_month_iso(written.year * 12 + written.month - 1 + step), "month", "resolved")
    if unit == "year":
        return Value(str(written.year + step), "year", "resolved")
    if unit == "decade":
        return Value(f"{written.year // 10 + step}X", "decade", "ambiguous")
    return Value(f"{written.year // 100 + step}XX", "century", "resolved")


def _week(day: dt.date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


DAYS = {"hour": 1 / 24, "day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12, "decade": 120, "century": 1200}


def moved(written: dt.date, unit: str, count: float) -> dt.date | None:
    """The day ``count`` units away; the last of the month where the month has no such day."""
    if unit in DAYS:
        days = int(count * DAYS[unit])
        return written + dt.timedelta(days) if abs(days) < 300_000 else None
    months = written.year * 12 + written.month - 1 + round(count * MONTHS[unit])
    if not 12 <= months < 9999 * 12:
        return None
    last = (dt.date(months // 12 + months % 12 // 11, (months + 1) % 12 + 1, 1) - dt.timedelta(1)).day
    return dt.date(months // 12, months % 12 + 1, min(written.day, last))


def ago(written: dt.date, unit: str, count: float) -> Value:
    """A point ``count`` units back, as exact as its unit: قبل ثلاثة أيام a day, قبل عامين a year.

    >>> [ago(dt.date(2015, 7, 21), u, n).iso for u, n in (("day", 3), ("week", 2), ("month", 8), ("year", 25))]
    ['2015-07-18', '2015-W28', '2014-11', '1990']
    """
    day = moved(written, unit, -count)
    if day is None:
        return Value(None, unit, "vague")
    if unit == "hour":
        iso = str(written) if count <= 2 else None
        return Value(iso, "hour", "approximate" if iso else "vague")
    shown = {"day": str(day), "week": _week(day), "month": str(day)[:7], "year": f"{day.year:04}"}
    return Value(shown.get(unit, f"{day.year // 10:03}X"), unit if unit in shown else "decade", "resolved")


def span(written: dt.date, unit: str, count: float, mod: str) -> Value:
    """The ``count`` units up to the day of writing, or from it: السنوات الخمس الماضية.

    >>> span(dt.date(2015, 7, 21), "day", 3, "next").iso, span(dt.date(2015, 7, 21), "year", 5, "last").iso
    ('2015-07-21/2015-07-24', '2010/2015')
    """
    if mod not in ("last", "next"):
        return Value(None, unit, "told" if mod == "told" else "vague")
    other = moved(written, unit, count if mod == "next" else -count)
    if other is None:
        return Value(None, unit, "vague")
    ends = sorted((written, other))
    size = {"year": 4, "decade": 4, "century": 4, "month": 7}.get(unit, 10)
    iso = "/".join(d.isoformat()[:size] for d in ends)
    return Value(iso, {4: "year", 7: "month", 10: "day"}[size], "resolved")


def season_near(written: dt.date, number: int, mod: str) -> Value:
    """The season (21 spring to 24 winter, of the northern year) that a modifier names.

    >>> season_near(dt.date(2018, 2, 20), 22, "last").iso, season_near(dt.date(2018, 2, 20), 22, "next").iso
    ('2017-22', '2018-22')
    """
    if mod == "told":
        return Value(None, "season", "told")
    first_month = {21: 3, 22: 6, 23: 9, 24: 12}[number]
    begun = written.year if written.month >= first_month else written.year - 1
    running = begun * 12 + first_month <= written.year * 12 + written.month < begun * 12 + first_month + 3
    if mod == "this":
        year = begun if running else written.year
    elif mod in ("last", "before_last"):
        year = begun - running - (mod == "before_last")
    else:
        year = begun + 1 + (mod == "after_next")
    return Value(f"{year}-{number}", "season", "inferred" if number == 24 else "resolved")


def century(number: int, era: str) -> Value:
    """A century by its number: the 19th is 18XX; of the Hijri calendar the years that it touches.

    >>> century(19, "").iso, century(5, "bce").iso, century(8, "ah").iso
    ('18XX', '-04XX', '1301/1398')
    """
    if era == "ah":
        first, last = hijri_year((number - 1) * 100 + 1).iso, hijri_year(number * 100).iso
        return Value(f"{(first or '')[:4]}/{(last or '')[-4:]}", "century", "approximate")
    if not 1 <= number <= 30:
        return Value(None, "century", "impossible")
    sign = "-" if era == "bce" else ""
    return Value(f"{sign}{number - 1:02}XX", "century", "stated")
