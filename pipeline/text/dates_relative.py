"""Time expressions that need a day of writing, as dates: أمس, الثلاثاء الماضي, مارس المقبل, قبل ثلاثة أيام, العام الجاري.

The grammar is a list of rules over the tables of ``months.yaml`` and ``time_words.yaml``; a rule is a pattern and a
function that turns a match and the day of writing into a value. Values are ISO 8601 with its extensions (ISO 8601-2,
"EDTF"): 2023-W37, 2014-33 (first quarter), 2015-22 (summer), 199X (decade), 18XX (century), a/b (interval),
{a,b} (both). What points into the story (اليوم التالي) or says nothing exact (السنوات الأخيرة) has no value. Nothing is
read from a clock.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple

from pipeline.text import dates_values as values
from pipeline.text.dates_find import day_number, months_of
from pipeline.text.dates_grammar import GAP, HIJRI_YEAR, YEAR, Words, calendar, pair, words
from pipeline.text.dates_values import Value

Match = re.Match[str]
Resolver = Callable[[Match, dt.date], Value | None]


class Rule(NamedTuple):
    """A form of words and what it means; ``span`` of the match is the expression itself."""

    name: str
    pattern: re.Pattern[str]
    value: Resolver


def _modifier(match: Match, group: str = "mod") -> str | None:
    found = match.groupdict().get(group)
    return str(words("modifiers").value(found)) if found else None


def _year_of(match: Match, written: dt.date) -> int | None:
    """The year that a match states, or names by the day of writing (من العام الماضي); None without one."""
    groups = match.groupdict()
    if groups.get("year"):
        return int(groups["year"])
    if groups.get("year_mod"):
        return values.shifted_year(written, _modifier(match, "year_mod") or "")
    return written.year if groups.get("this_year") else None


def _before(match: Match) -> list[str]:
    """The word before an expression, as a list of one or none."""
    start = match.start("x")
    return match.string[max(0, start - 40) : start].split()[-1:]


def _named(match: Match) -> bool:
    """True where a day and month are the name of an event or place: ثورة 25 يناير."""
    before = _before(match)
    return bool(before) and before[-1].lstrip("وفبل") in _lexicon("named_day_before", before[-1])


def _lexicon(section: str, word: str) -> frozenset[str]:
    table = words(section)
    return frozenset({word, word.lstrip("وفبل")} if word in table or word.lstrip("وفبل") in table else ())


def _day_month(match: Match, written: dt.date) -> Value | None:
    groups = match.groupdict()
    month, too = months_of(groups)
    day, year, mod = day_number(groups), _year_of(match, written), _modifier(match)
    if month != too or (year is None and mod is None and _named(match)):
        return Value(None, "day", "ambiguous")
    return values.day_in_month(written, year, month, day, mod)


def _days(match: Match, written: dt.date) -> Value | None:
    """3 إلى 5 مارس، 13 و14 مارس، من 28 مارس إلى 3 أبريل 2015."""
    groups = match.groupdict()
    month, _ = months_of(groups)
    first_month = months_of(groups, "from_month")[0] if groups.get("from_month") else month
    year, mod = _year_of(match, written), _modifier(match)
    last = values.day_in_month(written, year, month, int(groups["day"]), mod)
    if last is None or last.iso is None:
        return last
    end = dt.date.fromisoformat(last.iso)
    try:
        start = dt.date(end.year - (first_month > month), first_month, int(groups["from_day"]))
    except ValueError:
        return Value(None, "day", "impossible")
    if start >= end:
        return Value(last.iso, "day", last.certainty, last.other, from_group="day")
    both = groups["link"].strip() == "و" and "بين" not in (groups.get("open") or "")
    iso = f"{{{start},{end}}}" if both else f"{start}/{end}"
    return Value(iso, "day", last.certainty)


def _month(match: Match, written: dt.date) -> Value | None:
    month, too = months_of(match.groupdict())
    year, mod = _year_of(match, written), _modifier(match)
    if month != too and year is not None:
        return Value(f"{year}-{month:02}/{year}-{too:02}", "month", "resolved")
    if month != too:
        return Value(None, "month", "ambiguous")
    return values.month_near(written, year, month, mod)


def _months(match: Match, written: dt.date) -> Value | None:
    last = _month(match, written)
    if last is None or last.iso is None or len(last.iso) != 7:
        return last
    first = months_of(match.groupdict(), "from_month")[0]
    year, month = map(int, last.iso.split("-"))
    return Value(f"{year - (first > month)}-{first:02}/{last.iso}", "month", last.certainty)


def _hijri(match: Match, written: dt.date) -> Value | None:
    groups = match.groupdict()
    month = int(calendar("hijri").value(groups["hijri"] or ""))
    year = int(groups["hijri_year"]) if groups.get("hijri_year") else None
    day = day_number(groups) if groups.get("day") or groups.get("day_word") else None
    return values.hijri_near(written, year, month, day, _modifier(match))


def _day_word(match: Match, written: dt.date) -> Value | None:
    """أمس، اليوم الثلاثاء: a weekday beside the word wins over the publication date, by three days at most."""
    groups = match.groupdict()
    name = re.sub(" {2,}", " ", groups["word"])
    offset = int(words("days").value(name))
    if groups.get("weekday"):
        weekday = int(calendar("weekdays").value(groups["weekday"]))
        return values.weekday_beside(written, offset, weekday)
    before = _before(match)
    after = match.string[match.end() : match.end() + 24].split(" ", 2)[1:2]
    if name == "اليوم":
        if after and after[0].strip("،.:؛") in words("not_today_after"):
            return None
        if before and _lexicon("not_today_before", before[0]):
            return None
    if name == "الليلة" and after and after[0] in words("modifiers"):
        return None
    if name in ("الغد", "غد") and not groups.get("part") and match["x"] == name:
        return None  # a newspaper, a party
    if name == "غدا" and match.string[match.end() : match.end() + 1] not in ("", "،", ".", ")", "؟"):
        return Value(str(written + dt.timedelta(1)), "day", "inferred")  # without its sign also "became"
    return Value(str(written + dt.timedelta(offset)), "day", "resolved")


def _weekday(match: Match, written: dt.date) -> Value | None:
    before = _before(match)
    if before and _lexicon("not_weekday_before", before[0]):
        return None
    return values.weekday_near(written, int(calendar("weekdays").value(match["weekday"])), _modifier(match))


def _unit(match: Match, written: dt.date) -> Value | None:
    mod = "this" if match["this"] else _modifier(match)
    if mod is None:
        return None
    unit, named = str(_unit_forms().value(match["unit"])), match.groupdict().get("fiscal")
    if unit == "year" and match["year"]:  # العام الحالي 2015
        return Value(match["year"], "year", "stated")
    if unit in ("hour", "day") and mod != "told":
        return None
    found = values.unit_near(written, unit, mod)
    return found._replace(certainty="inferred") if named and found.iso else found


def _ago(match: Match, written: dt.date) -> Value | None:
    """قبل ثلاثة أيام، منذ نحو شهر. Counter-examples: قبل ثلاثة أيام من الاقتراع; بعد عامين (points into the story)."""
    unit, count = _counted(match)
    rest = match.string[match.end() : match.end() + 8]
    if match["way"] == "بعد" or (match["way"] == "قبل" and re.match(r" من(?!\w)| علي(?!\w)", rest)):
        return Value(None, unit, "told")
    if count is None:
        return Value(None, unit, "vague")
    found = values.ago(written, unit, count)
    rough = match.groupdict().get("about") or match.groupdict().get("half")
    return found._replace(certainty="approximate") if rough and found.iso else found


def _counted(match: Match) -> tuple[str, float | None]:
    groups = match.groupdict()
    for form, count in (("one", 1.0), ("two", 2.0)):
        if groups.get(form):
            return str(_unit_forms().value(groups[form])), count
    unit = str(_unit_forms().value(groups["many"] or ""))
    return unit, values.number(groups["n"]) if groups.get("n") else None


def _span_of_units(match: Match, written: dt.date) -> Value | None:
    """السنوات الخمس الماضية، الـ24 ساعة المقبلة، آخر ثلاثة أيام; without a number nothing exact: السنوات الأخيرة."""
    groups = match.groupdict()
    unit = str(_unit_forms().value(groups.get("unit") or groups["dual"] or ""))
    mod = _modifier(match) or "last"
    count = values.number(groups["n"]) if groups.get("n") else 2.0 if groups.get("dual") else None
    return (
        Value(None, unit, "vague" if mod != "told" else "told")
        if count is None
        else values.span(written, unit, count, mod)
    )


def _year(match: Match, written: dt.date) -> Value | None:
    groups = match.groupdict()
    if groups.get("hijri_year"):
        return values.hijri_year(int(groups["hijri_year"]))
    number, era = int(groups["any_year"]), groups.get("era")
    kind = str(words("eras").value(era)) if era else ""
    if kind == "bce":
        return Value(f"-{number - 1:04}" if number > 1 else "0000", "year", "stated")
    if kind == "ah":
        return values.hijri_year(number)
    if 1343 <= number <= 1500 and not kind:
        return values.hijri_year(number)
    return Value(f"{number:04}", "year", "stated") if kind == "ce" or 1000 <= number <= 2100 else None


def _years(match: Match, written: dt.date) -> Value | None:
    first, last = int(match["from_year"]), int(match["year"])
    if not 0 < last - first <= 150:
        return None
    both = match["link"].strip() == "و" and "بين" not in (match["open"] or "")
    return Value(f"{{{first},{last}}}" if both else f"{first}/{last}", "year", "stated")


def _part(match: Match, written: dt.date) -> Value | None:
    """صيف 2015، الربع الأول من العام الجاري، الصيف الماضي."""
    table = "seasons" if match["season"] else "parts_of_year"
    number = int(words(table).value((match["season"] or match["part_of_year"]).removeprefix("ال")) if table == "seasons" else words(table).value(match["part_of_year"]))  # fmt: skip
    year = _year_of(match, written)
    if year is not None:
        return Value(
            f"{year}-{number}",
            "season" if table == "seasons" else "part of year",
            "stated" if match["year"] else "resolved",
        )
    mod = "this" if match.groupdict().get("this") else _modifier(match)
    return values.season_near(written, number, mod) if mod and table == "seasons" else None


def _century(match: Match, written: dt.date) -> Value | None:
    groups = match.groupdict()
    mod = "this" if groups.get("this") else _modifier(match)
    if mod:
        return (
            values.century(written.year // 100 + 1 + values.SHIFT[mod], "") if mod in values.SHIFT else None
        )
    if not groups.get("n") and not groups.get("day_word"):
        return None
    number = int(groups["n"]) if groups.get("n") else int(words("ordinals").value(groups["day_word"]))
    return values.century(number, str(words("eras").value(groups["era"])) if groups.get("era") else "")


def _decade(match: Match, written: dt.date) -> Value | None:
    groups = match.groupdict()
    century = written.year // 100 + 1
    tens = int(words("decades").value(groups["decade"]))
    if groups.get("day_word") or groups.get("n"):
        century = int(groups["n"]) if groups.get("n") else int(words("ordinals").value(groups["day_word"]))
    elif mod := _modifier(match):
        if mod not in values.SHIFT:
            return None
        century += values.SHIFT[mod]
    else:  # في الثمانينات: the last ones that are over, unless someone's age is meant
        rest = match.string[match.end() : match.end() + 14]
        if re.match(r" من (?:عمر|العمر)", rest):
            return None
        past = tens + (century - 1) * 100 + 9 < written.year
        return Value(f"{(century - 1 if past else century - 2)}{tens // 10}X", "decade", "inferred")
    return Value(f"{century - 1}{tens // 10}X", "decade", "resolved" if groups.get("mod") else "stated")


@cache
def _unit_forms() -> Words:
    return values.unit_table(("one", "two", "many"))


Kind = Literal["one", "two", "many"]
INTERVALS = 3
"""How many rules come before the dates stated in full: those whose last part would else be taken for one."""


@cache
def rules() -> tuple[Rule, ...]:
    """All rules in the order in which they are tried; what an earlier one took, a later one leaves alone."""
    mod, year_mod = rf"(?P<mod>{words('modifiers').pattern})", rf"(?P<year_mod>{words('modifiers').pattern})"
    one, two, many = (values.unit_table((kind,)).pattern for kind in ("one", "two", "many"))
    weekday, month = rf"(?P<weekday>{calendar('weekdays').pattern})", pair()
    hijri = rf"(?P<hijri>{calendar('hijri').pattern})"
    ordinal = rf"(?P<day_word>{words('ordinals').pattern})"
    number = values.number_pattern()
    clitic = r"(?<!\w)(?:[وف]?[بلك]?)"
    figure = r"(?<![0-9A-Za-z:.,٫/\-])(?:ال ?)?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?"
    day = rf"(?:{figure}{GAP}(?:من )?|(?<!\w)[وفبل]?{ordinal}(?: من|(?<=غرة)|(?<=فاتح)|(?<=مستهل)) ){GAP}(?:شهر )?"
    years = r"(?:من )?(?:هذا )?(?:العام|السنة|عام|سنة)"
    of_year = rf"(?:{GAP}{mod}|{GAP}{years} {year_mod}|{GAP}(?:,|،)?{GAP}(?:من )?(?:(?:ال)?(?:عام|سنة) )?{YEAR}|{GAP}من (?P<this_year>هذا العام|هذه السنة))"
    maybe_year = rf"{of_year}?"
    before_day = r"(?<![0-9:.,٫/])(?P<from_day>[0-9]{1,2})"
    link = rf"{GAP}(?P<link>-|–|—|ـ|الي|وحتي|حتي|ولغاية|لغاية|و){GAP}(?:يوم )?"
    part = r"(?:(?P<part>صباح|مساء|ظهر|فجر|عصر|ليل|نهار|من|حتي) )?"
    era = rf"(?:{GAP}(?P<era>{words('eras').pattern}))"
    before_year = words("before_year").pattern
    after_year = r"(?=\s*(?:[.،؛:!؟)\]»\"”]|$)| (?:م|و\w+|في|من|الي|علي|عن|ان|بعد|قبل|حيث|التي|الذي|عندما|حين|مع|بين|بسبب|ضد|ب\w+|ل\w+|كان|كانت|لم|لن|ثم|او|بعدما|بينما|حول|عبر|خلال|حتي|لكن)(?!\w))"
    sources: tuple[tuple[str, str, Resolver], ...] = (
        ("days", rf"(?P<x>(?P<open>من |بين |بين يومي )?{before_day}{GAP}(?:من )?(?:{pair('from_month')})?{link}(?P<day>[0-9]{{1,2}}){GAP}(?:من )?(?:شهر )?{month}{maybe_year})", _days),
        ("years", rf"(?P<x>(?:(?P<open>بين عامي|بين سنتي|بين|من عام|من|عامي|سنتي|اعوام|عام|موسم|للعام|العام|الفترة) )?(?<![0-9./\-])(?P<from_year>(?:19|20)[0-9]{{2}}){GAP}(?P<link>-|–|—|/|الي|حتي|و){GAP}(?:عام |العام )?{YEAR}(?![./\-]))", _years),
        ("months", rf"(?P<x>(?:بين|من|الفترة) (?:شهري |شهر )?{pair('from_month')} ?(?:و|الي|حتي) ?(?:شهر )?{month}{maybe_year})", _months),
        ("day_month", rf"(?P<x>{day}{month}{maybe_year})", _day_month),
        ("hijri_day_month", rf"(?P<x>{day}{hijri}(?:{GAP}{mod})?)", _hijri),
        ("hijri_month", rf"{clitic}(?P<x>(?:شهر )?{hijri}{GAP}(?:{mod}|(?:من )?(?:(?:ال)?عام )?{HIJRI_YEAR}(?:{GAP}ه(?!\w))?))", _hijri),
        ("month", rf"{clitic}(?P<x>(?:شهر )?{month}{of_year})", _month),
        ("bare_month", rf"(?<!\w)[وف]?(?:في|خلال|منذ|حتي|بحلول|شهر|لشهر|بشهر|مطلع|نهاية|بداية|اواخر|اوائل|منتصف) (?P<x>(?:شهر )?{month})(?! ?[0-9])", _month),
        ("day_word", rf"(?<!\w)[وف]?(?:ب|ل(?=هذ))?{part}(?P<x>(?:ليلة |يوم |هذا |هذه )?(?P<word>{words('days').pattern})(?:{GAP}[،,(]?{GAP}(?:يوم )?{weekday}\)?)?)", _day_word),
        ("weekday", rf"{clitic}(?P<x>(?:يوم )?{weekday}(?: {mod})?)", _weekday),
        ("part_of_year", rf"{clitic}(?P<x>(?:(?P<season>(?:ال)?{words('seasons').pattern})|(?P<part_of_year>{words('parts_of_year').pattern}) من)(?: (?P<this>هذا) ?)?{of_year})", _part),
        ("decade", rf"{clitic}(?P<x>(?:ال)?(?P<decade>{words('decades').pattern})(?: (?:من )?القرن (?:{mod}|{ordinal}|(?:ال ?)?(?P<n>[0-9]{{1,2}})(?!\w))))", _decade),
        ("decade", r"(?<!\w)(?:في|منذ|خلال|حتي|مطلع|اواخر|اوائل|بداية|نهاية|منتصف) (?P<x>ال(?P<decade>" + words("decades").pattern + r"))", _decade),
        ("century", rf"{clitic}(?P<x>(?:(?P<this>هذا) )?القرن(?: (?:{mod}|{ordinal}|(?:ال ?)?(?P<n>[0-9]{{1,2}})(?!\w)){era}?)?)", _century),
        ("span", rf"{clitic}(?P<x>(?:ال ?)(?P<n>{number}) (?P<unit>{values.unit_table(('one', 'many')).pattern}) (?:{mod}|{words('recent').pattern}))", _span_of_units),
        ("span", rf"{clitic}(?P<x>(?:ال(?P<dual>{two})|(?:ال)?(?P<unit>{many}))(?: {words('few').pattern})?(?: (?:ال)?(?P<n>{number}))?(?: {words('few').pattern})? (?:{mod}|{words('recent').pattern}))", _span_of_units),
        ("unit", rf"{clitic}(?P<x>(?P<this>هذا |هذه )?ال(?P<unit>{one})(?: (?P<fiscal>المالي|المالية|الدراسي|الدراسية|الميلادي|الهجري|القضايي))?(?: {mod}(?: {YEAR}(?! ?[./-])(?: ?م(?!\w))?)?)?)", _unit),
        ("ago", rf"{clitic}(?P<x>(?P<way>قبل|منذ|بعد) (?:(?P<about>{words('about').pattern}) )?(?:(?P<two>{two})|(?:(?P<n>{number})|{words('some').pattern}) (?P<many>{values.unit_table(('one', 'many')).pattern})|(?P<one>{one})(?! ?[(0-9]))(?P<half> ونصف)?)", _ago),
        ("year", rf"{clitic}(?P<x>(?:العام|عام|السنة|سنة|للعام) \(?(?:(?P<any_year>[0-9]{{1,4}})(?![0-9,.٫/-][0-9]|[0-9]){era}|(?P<hijri_year>1[34][0-9]{{2}}){GAP}ه(?!\w)))", _year),
        ("year", rf"{clitic}(?P<x>(?:العام|عام|السنة|سنة|للعام) \(?(?P<any_year>[12][0-9]{{3}})(?![0-9])(?: ?م(?!\w))?)", _year),
        ("year", r"(?<![0-9A-Za-z:.,٫/\-])(?P<x>(?P<any_year>[0-9]{3,4}) ?(?P<era>م|ق\.?م|قبل الميلاد)(?!\w))", _ad),
        ("year", rf"(?<!\w)[وفبل]?{before_year} (?P<x>(?P<any_year>(?:19|20)[0-9]{{2}})(?![0-9]){after_year})", _year),
        ("year", r"\((?P<x>(?P<any_year>(?:19|20)[0-9]{2}))\)", _year),
        ("year", r"(?<![0-9A-Za-z:.,٫/\-])(?P<x>(?P<hijri_year>1[34][0-9]{2}) ?ه(?!\w))", _year),
    )  # fmt: skip
    return tuple(Rule(name, re.compile(source, re.IGNORECASE), value) for name, source, value in sources)


def _ad(match: Match, written: dt.date) -> Value | None:
    number = int(match["any_year"])
    if match["era"] == "م":  # also "metre"
        return Value(str(number), "year", "stated") if 1500 <= number <= 2100 else None
    return Value(f"-{number - 1:04}", "year", "stated")
