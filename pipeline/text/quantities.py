"""Quantities in text: a number in figures or words with the unit that it counts, or a share of a hundred.

خمسة ملايين دولار أميركي، 20 في المئة، 10 إلى 15 كيلومترا، نصف مليون نسمة، عشرات الأشخاص، يومين. A number without a unit is none: it may be
a score, a year, the number of a room. Numbers are those of ``numbers``, units those of ``quantity_units.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from pipeline.resources import load
from pipeline.text import numbers
from pipeline.text.dates_triggers import mapped, words_of
from pipeline.text.normalise import key

# A figure, a run of letters, or one mark: 1,200 / دولار / %.
_TOKEN = re.compile(r"[0-9]+(?:[.,٫٬][0-9]+)*|[^\W\d_]+|\S")
_SIGNS = frozenset("%٪$€£")
_SIGN = re.compile("[%٪$€£]")
_DIGIT = re.compile("[0-9]")
_LINKS = frozenset({"الي", "-", "–", "—", "او", "حتي"})
_CALENDAR = frozenset({"عام", "سنة", "شهر", "يوم"})
_GLUED = ("و", "ف", "ب", "ل")
_TWO = frozenset({"وب", "ول", "فب", "فل"})


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(key, words))


@cache
def _units() -> Mapping[str, frozenset[str]]:
    """folded unit → what may stand behind it (دولار أميركي, متر مربع, نقطة مئوية)."""
    states = load("places.yaml")["countries"]
    nations = _folded(a + ending for s in states for a in s.get("adjective", ()) for ending in ("", "ا", "ة"))
    found: dict[str, frozenset[str]] = {}
    for name, group in load("quantity_units.yaml").items():
        if isinstance(group, dict):
            behind = _folded(group.get("after", ())) | (nations if name == "money" else frozenset())
            found |= dict.fromkeys(_folded(group["one"]), behind)
    return found


@cache
def _duals() -> frozenset[str]:
    groups = load("quantity_units.yaml").values()
    return frozenset(f for g in groups if isinstance(g, dict) for f in _folded(g.get("dual", ())))


@cache
def _words(section: str) -> frozenset[str]:
    """A list of the lexicon: percent, fractions, vague."""
    return _folded(load("quantity_units.yaml")[section])


def _with_proclitics(words: Iterable[str]) -> frozenset[str]:
    return frozenset(a + b + word for word in words for a in ("", "و", "ف") for b in ("", "ب", "ل"))


@cache
def _alone_words() -> frozenset[str]:
    """The words that make a quantity without a number, with any proclitics."""
    return _with_proclitics(_duals() | _words("vague"))


@cache
def _counted() -> frozenset[str]:
    return frozenset(_units()) | _words("percent")


@cache
def _counting() -> frozenset[str]:
    words = numbers.words()
    return _with_proclitics(words | {"ال" + word for word in words})


def _may_hold(folded: str) -> bool:
    """Whether a folded text holds a sign, a word like يومين or عشرات, or a number and a unit; most hold none of them."""
    words = words_of(folded)
    if _SIGN.search(folded) or not _alone_words().isdisjoint(words):
        return True
    if _counted().isdisjoint(words):
        return False
    return _DIGIT.search(folded) is not None or not _counting().isdisjoint(words)


def find(text: str) -> list[tuple[int, int]]:
    """Return the spans of the quantities in ``text``, in order, without overlap; proclitics stay outside.

    >>> text = "بلغت الكلفة نحو 3,5 مليون دولار أميركي، بزيادة 20 في المئة عن عام 2015"
    >>> [text[a:b] for a, b in find(text)]
    ['3,5 مليون دولار أميركي', '20 في المئة']
    >>> text = "وبخمسةِ آلاف ريال بين 10 و15 كلم، وقتل عشرات الأشخاص خلال يومين"
    >>> [text[a:b] for a, b in find(text)]
    ['خمسةِ آلاف ريال', '10 و15 كلم', 'عشرات الأشخاص', 'يومين']
    >>> find("فاز الفريق 3-2 في الغرفة 12 عام 2015")
    []
    """
    folded, offsets = mapped(text)
    if not _may_hold(folded):
        return []
    tokens = list(_TOKEN.finditer(folded))
    forms = [m[0] for m in tokens]
    forms = [f[1:] if f[:2] in _TWO and _proclitic(f) == 2 else f for f in forms]
    out: list[tuple[int, int]] = []
    for first, last in _spans(forms):
        start, end = tokens[first].start() + _proclitic(tokens[first][0]), tokens[last - 1].end()
        out.append((offsets[start], offsets[end]))
    return out


def _spans(forms: Sequence[str]) -> list[tuple[int, int]]:
    """Runs of words [first, last) that make one quantity each."""
    found: list[tuple[int, int]] = []
    before = 0  # end of the number before, and where it began
    began = 0
    for number in numbers.parse(forms):
        last = _behind(forms, number)
        first = _before(forms, number, began, before)
        sign = first > 0 and forms[first - 1] in _SIGNS
        if last is None and sign:
            last = number.last
        if last is not None:
            found.append((first - (sign and forms[last - 1] not in _SIGNS), last))
        began, before = number.first, number.last
    alone = _alone_words()
    found += [(at, last) for at, f in enumerate(forms) if f in alone and (last := _alone(forms, at))]
    apart: list[tuple[int, int]] = []
    for span in sorted(found, key=lambda s: (s[0], -s[1])):
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return apart


def _at(forms: Sequence[str], at: int) -> str:
    return forms[at] if 0 <= at < len(forms) else ""


def _behind(forms: Sequence[str], number: numbers.Number) -> int | None:
    """The end of the quantity whose number this is; None where no unit follows."""
    at = number.last
    if _at(forms, at) in ("ونصف", "وربع") and _at(forms, at + 1)[2:] in numbers.scales():
        at += 2  # مليون ونصف المليون
    word = _at(forms, at)
    if word in _SIGNS or (word.startswith("بال") and word in _words("percent")):
        return at + 1
    if word == "في" and _at(forms, at + 1) in _words("percent"):
        return at + 2
    units = _units()
    if word not in units or (word in _CALENDAR and _is_date(forms, number)):
        return None
    behind, at = units[word], at + 1
    while _at(forms, at) in behind:
        at += 1
    return at + (_at(forms, at) in ("ونصف", "وربع"))


def _is_date(forms: Sequence[str], number: numbers.Number) -> bool:
    """Whether number and unit only stand side by side: في 2018 عام كامل, في القاعة 12 عام 2015."""
    year = forms[number.first].isdigit() and 1300 <= float(number.value) <= 2100
    return year or _at(forms, number.last + 1).isdigit()


def _before(forms: Sequence[str], number: numbers.Number, began: int, ended: int) -> int:
    """Where the quantity begins: at the number, a fraction before it, or the lower end of a range."""
    first = number.first
    if _at(forms, first - 1) in _words("fractions") and forms[first] in numbers.scales():
        return first - 1
    if ended == first - 1 and began < ended:
        link = forms[first - 1]
        if link in _LINKS or (link == "و" and _at(forms, began - 1) in ("بين", "وبين")):
            return began
    return first


def _alone(forms: Sequence[str], at: int) -> int | None:
    """The end of a quantity without a number: a dual (يومين), or a vague one (عشرات الأشخاص, مئات الآلاف من النازحين)."""
    word = forms[at][_proclitic(forms[at]) :]
    if word in _duals():
        return at + 1
    if word not in _words("vague"):
        return None
    vague, at = _words("vague"), at + 1
    while _at(forms, at)[2:] in vague:
        at += 1
    at += _at(forms, at) == "من"
    noun = _at(forms, at)
    return at + 1 if noun.startswith("ال") and noun[2:] in _units() else None


@lru_cache(maxsize=4096)
def _proclitic(form: str) -> int:
    """How many proclitics stand before a number or a dual (بخمسة, ويومين); لل words stay whole.

    >>> _proclitic("وخمسة"), _proclitic("بالخمسة"), _proclitic("واحد"), _proclitic("للخمسة"), _proclitic("وبيومين")
    (1, 1, 0, 0, 2)
    """
    known = _duals() | _words("vague") | _words("fractions")
    if form[:1] not in _GLUED or form in known or numbers.is_word(form) or form.startswith("لل"):
        return 0
    rest = form[1:].removeprefix("ال")
    if rest in known or numbers.is_word(rest):
        return 1
    return 2 * (form[0] in "وف" and form[1:2] in ("ب", "ل") and _proclitic(form[1:]) == 1)
