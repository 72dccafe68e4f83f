"""Numbers in figures and in words, as values: "أربعة" and "4" are one number, "1,200" is "1200".

Figures with one separator and three digits after it are read as thousands ("1,200", "1.200"), else the separator
is the decimal mark ("4,8"); Arabic newswire uses both habits. The value is a canonical decimal string, so that no
comparison hangs on floating point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from pipeline.resources import load


class Number(NamedTuple):
    """Words [first, last) that make one number, and its value as a canonical string ("4", "4.8", "25000")."""

    first: int
    last: int
    value: str


@cache
def _table(name: str) -> Mapping[str, int]:
    return {str(k): int(v) for k, v in load("number_words.yaml")[name].items()}


@cache
def scales() -> frozenset[str]:
    """Folded words for a thousand, a million …, without the article."""
    return frozenset(_table("scales")) | frozenset(_table("duals"))


@cache
def words() -> frozenset[str]:
    """Every folded word that may be part of a cardinal."""
    tables = ("units", "tens", "hundreds", "scales", "duals", "teens_first")
    return frozenset(word for name in tables for word in _table(name))


def is_word(form: str) -> bool:
    """Whether a folded word is a cardinal or ordinal as listed: without proclitics and article."""
    return _known(form)


@cache
def vague() -> frozenset[str]:
    """Words of quantity without a value: عشرات, نصف …"""
    return frozenset(load("number_words.yaml")["vague"])


def figure(form: str) -> Decimal | None:
    """The value of a word of digits; None for other words.

    >>> figure("1,200"), figure("4٫8"), figure("1.200.000"), figure("عام")
    (Decimal('1200'), Decimal('4.8'), Decimal('1200000'), None)
    """
    if not form or not form[0].isdigit():
        return None
    plain = form.replace("٬", ",").replace("٫", ".").replace(",", ".")
    parts = plain.split(".")
    if not all(p.isascii() and p.isdigit() for p in parts):
        return None
    if len(parts) == 1:
        return Decimal(parts[0])
    if all(len(p) == 3 for p in parts[1:]) and parts[0] != "0" and len(parts[0]) <= 3 and "٫" not in form:
        return Decimal("".join(parts))
    if len(parts) == 2:
        return Decimal(plain)
    return None


def canonical(value: Decimal) -> str:
    """Plain notation without needless zeros.

    >>> canonical(Decimal("4.80")), canonical(Decimal("1E+3"))
    ('4.8', '1000')
    """
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


_BEFORE = {"و": ("وال", "و"), "ب": ("بال", "ب"), "ل": ("لل", "ل"), "ا": ("ال",)}


def _bare(word: str) -> str:
    """The word without و, ب, ل and the article, so that "والعشرين", "بأربعة" and "الأول" are found."""
    for prefix in _BEFORE.get(word[:1], ()):
        if word.startswith(prefix) and len(word) - len(prefix) >= 2:
            rest = word[len(prefix) :]
            if _known(rest):
                return rest
    return word


def _known(word: str) -> bool:
    return word in _vocabulary()


@cache
def _vocabulary() -> frozenset[str]:
    """All words of numbers, without و, ب, ل and the article."""
    names = ("units", "tens", "hundreds", "scales", "duals", "ordinals", "teens_first")
    return frozenset(word for name in names for word in _table(name))


@cache
def _role(word: str) -> tuple[str, Decimal] | None:
    """What a word does in a number: ("figure" | "unit" | "ten" | "hundred" | "scale" | "dual" | "teen", value)."""
    value = figure(word)
    if value is not None:
        return "figure", value
    if not _known(word):
        word = _bare(word)
    for table, role in (
        ("units", "unit"), ("tens", "ten"), ("hundreds", "hundred"), ("scales", "scale"), ("duals", "dual"),
        ("teens_first", "teen"),
    ):  # fmt: skip
        if word in _table(table):
            return role, Decimal(_table(table)[word])
    return None


def is_part(word: str) -> bool:
    """True for a word that may stand in a number: figures, units, tens, scales, ordinals …

    >>> is_part("وعشرين"), is_part("4.8"), is_part("عام")
    (True, True, False)
    """
    return word[0].isdigit() or _known(word) or (word[0] in _BEFORE and _known(_bare(word)))


# What may follow what inside one number: unit, then ten (خمسة وعشرين), hundred and scale multiply or add.
_FOLLOWS = {
    "figure": ("scale",),
    "unit": ("ten", "scale", "hundred", "teen10"),
    "teen": ("teen10",),
    "ten": ("scale",),
    "hundred": ("unit", "ten", "scale", "teen"),
    "scale": ("unit", "ten", "hundred", "figure", "teen"),
    "dual": ("unit", "ten", "hundred", "teen"),
    "teen10": ("scale",),
}


def parse(forms: Sequence[str]) -> list[Number]:
    """The numbers in a sequence of folded word forms, longest first, never overlapping.

    >>> parse("قتل اربعة وجرح خمسة وعشرون".split())
    [Number(first=1, last=2, value='4'), Number(first=3, last=5, value='25')]
    >>> parse("نحو 3 ملايين و 500 الف".split())
    [Number(first=1, last=6, value='3500000')]
    >>> parse("احد عشر جنديا في الف عام".split())
    [Number(first=0, last=2, value='11'), Number(first=4, last=5, value='1000')]
    >>> parse("مليار وثلاثة ملايين".split()), parse("قال احد الشهود".split())
    ([Number(first=0, last=3, value='1003000000')], [])
    """
    found: list[Number] = []
    last = 0
    for at, word in enumerate(forms):
        if at >= last and _role(word) is not None:
            number = _at(forms, at)
            if number is not None:
                found.append(number)
                last = number.last
    return found


def _at(forms: Sequence[str], at: int) -> Number | None:
    """The number that begins at word ``at``; None where there is none."""
    first = _role(forms[at])
    if first is None:
        return None
    role, value = first
    if role == "teen" and not any(map(_is_ten, forms[at + 1 : at + 2])):
        return None
    whole = role in (
        "scale",
        "dual",
    )  # مليار وثلاثة ملايين: what follows adds to a scale, no later scale multiplies it
    total, group = (value, Decimal(0)) if whole else (Decimal(0), value)
    last, amount = at + 1, value
    while last < len(forms):
        if role == "scale" and (rest := _smaller(forms, last, amount)):
            return Number(at, rest.last, canonical(total + group + Decimal(rest.value)))
        step = _role(forms[last])
        if step is None:
            break
        kind, amount = step
        if kind == "unit" and amount == 10 and role in ("unit", "teen"):
            kind = "teen10"
        joined = forms[last].startswith("و")
        if kind not in _FOLLOWS[role] or (kind in ("unit", "ten", "figure", "teen") and not joined):
            break
        if role == "figure" and kind == "scale" and joined:
            break
        total, group = _added(total, group, amount, kind, joined, times=kind == "hundred" and role == "unit")
        role, last = kind, last + 1
    return Number(at, last, canonical(total + group))


def _added(
    total: Decimal, group: Decimal, amount: Decimal, kind: str, joined: bool, *, times: bool
) -> tuple[Decimal, Decimal]:
    """(what is complete, what a scale may still multiply) after one more word of a number."""
    if kind == "scale":
        return (total + group, amount) if joined else (total + group * amount, Decimal(0))
    return total, group * amount if times else group + amount


def _smaller(forms: Sequence[str], at: int, scale: Decimal) -> Number | None:
    """The number in figures that goes on behind a scale and و: "17 ألفا و966", "3 ملايين و500 ألف"."""
    if forms[at] != "و" or at + 1 == len(forms) or figure(forms[at + 1]) is None:
        return None
    rest = _at(forms, at + 1)
    return rest if rest and Decimal(rest.value) < scale else None


def _is_ten(word: str) -> bool:
    return _table("units").get(word) == 10


@cache
def ordinal(form: str) -> int | None:
    """The value of an ordinal (الثالث); None for other words.

    >>> ordinal("الثالث"), ordinal("ثالثة"), ordinal("ثلاثة"), ordinal("والثالث")
    (3, 3, None, 3)
    """
    form = form[1:] if form.startswith("وال") else form
    return _table("ordinals").get(form[2:] if form.startswith("ال") else form)


def ordinal_at(forms: Sequence[str], at: int) -> Number | None:
    """The ordinal that begins at word ``at``, its value with a point behind; None where there is none.

    >>> ordinal_at("الحادية عشرة ليلا".split(), 0), ordinal_at("القرن الخامس والعشرين".split(), 1)
    (Number(first=0, last=2, value='11.'), Number(first=1, last=3, value='25.'))
    >>> ordinal_at("اليوم الثالث".split(), 1), ordinal_at("الحادية".split(), 0)
    (Number(first=1, last=2, value='3.'), None)
    """
    word = forms[at].removeprefix("و") if forms[at].startswith("وال") else forms[at]
    following = forms[at + 1] if at + 1 < len(forms) else ""
    value = ordinal(word)
    if value is None:
        value = 1 if word in ("الحادي", "الحادية", "حادي", "حادية") and following else None
        if value is None or not (_is_ten(following) or following.startswith("وال")):
            return None
    if value < 10 and word.startswith("ال") and _is_ten(following):
        return Number(at, at + 2, f"{10 + value}.")
    tens = _table("tens").get(following[3:]) if following.startswith("وال") else None
    if value < 10 and tens:
        return Number(at, at + 2, f"{tens + value}.")
    return None if word.startswith(("الحادي", "حادي")) else Number(at, at + 1, f"{value}.")
