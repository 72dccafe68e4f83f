"""Edits of names: what shows that a name was changed, put in or left out, beyond what a recogniser took for one.

A recogniser takes common nouns for names, and lists of officials are easily aligned one off. So a name edit needs a
word that is no common noun, and another name in its place needs the same surroundings outside of the whole name.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from functools import cache, lru_cache

from rapidfuzz.distance import Indel

from pipeline.resources import load
from pipeline.text import name_keys
from pipeline.text.edit_kinds import cores, is_title, same_sound, same_spelling
from pipeline.text.edit_sides import Side
from pipeline.text.names import fold_name, is_given, lexicon_entry, metonym
from pipeline.text.similarity import background, form, stop_keys
from pipeline.text.units import Unit, word_class

MISSPELT = 0.75
"""Likeness of two words, neither of them known as Arabic, from which they are one foreign name in two spellings."""
TELLING = "فلاديمير"
"""A word of many consonants: beside it ``name_keys`` knows a short name without its long vowels as well."""
ANCHORS = 3
"""Of the two words before and the two behind two names, how many must be the same so that one stands for the other."""
NEAR_PLACE = 4
"""Units on either side among which a state may stand under the name of its capital."""
NAMED = 0.6
"""Share of the telling words of a run that are names, from which it is a name put in or left out."""


@cache
def _proper_words() -> frozenset[str]:
    """Folded names that are frequent enough to stand among the common words: states, capitals, statesmen."""
    countries = load("places.yaml")["countries"]
    places = {n for s in countries for n in (s["name"], *s.get("other", ()), *s.get("capital", ()))}
    return frozenset(form(w) for w in (*load("edit_words.yaml")["common_names"], *places) if " " not in w)


@cache
def _is_proper(folded: str, key: str) -> bool:
    if set(cores(folded)) & word_class("titles"):
        return False
    if not _proper_words().isdisjoint((folded, *cores(folded)[:2])) or is_given(fold_name(folded)):
        return True
    return key not in background() and folded not in word_class("common_nouns") and len(folded) > 2


def proper(unit: Unit) -> bool:
    """True for a word of a name that is no common noun: of مجلس الأمن no word, of وزير الخارجية لافروف the last."""
    return unit.name and unit.value is None and not unit.date and _is_proper(unit.form, unit.key)


@lru_cache(maxsize=65536)
def one_name(a: str, b: str) -> bool:
    """True for two spellings of one name that are not Arabic: نتنياهو and نتانياهو, but not سالم and سليم.

    >>> one_name("نتنياهو", "نتانياهو"), one_name("بوتين", "بوتن"), one_name("سالم", "سليم"), one_name("حسن", "حسين")
    (True, True, False, False)
    """
    if same_spelling(a, b) or same_sound(a, b):
        return True
    one, two = (name_keys.key("PER", f"{TELLING} {w}") for w in (a, b))
    if one == two:
        return True
    if any(name_keys.is_exact(fold_name(w)) or is_given(fold_name(w)) for w in (a, b)):
        return False
    return Indel.normalized_similarity(a, b) >= MISSPELT


@lru_cache(maxsize=65536)
def one_place(a: str, b: str) -> bool:
    """True for a state and its capital, or two names of one state, which newswire uses for each other.

    >>> one_place("طهران", "إيران"), one_place("المجر", "هنغاريا"), one_place("مصر", "سوريا")
    (True, True, False)
    """
    places = [{x for w in cores(form(s)) if (x := metonym(w) or lexicon_entry("LOC", w))} for s in (a, b)]
    return not places[0].isdisjoint(places[1])


def other_name(a: Side, i: int, b: Side, j: int, aligned: Set[tuple[int, int]]) -> str:
    """Kind of the change from unit i of a to unit j of b, both parts of names: name, spelling or wording."""
    one, two = a.units[i], b.units[j]
    if one_name(one.form, two.form):
        return "spelling"
    if not (proper(one) and proper(two)) or one_place(one.form, two.form):
        return "wording"
    if one.key in b.keys or two.key in a.keys:
        return "wording"  # both texts name both: the order of a list, another part of the name
    return "name" if _surrounded(a, i, b, j, aligned) else "wording"


def _surrounded(a: Side, i: int, b: Side, j: int, aligned: Set[tuple[int, int]]) -> bool:
    """True where the words around two whole names are the same, so that one name stands for the other."""
    common = 0
    for step in (-1, 1):
        x, y = i + step, j + step
        while _named(a, x) and _named(b, y):  # the rest of both names, of the same length
            x, y = x + step, y + step
        for n in range(2):
            p, q = x + n * step, y + n * step
            # Nothing stands there on either side: as good as one word in common.
            outside = n == 0 and not (0 <= p < len(a.units)) and not (0 <= q < len(b.units))
            if (p, q) in aligned or outside:
                common += 1
            elif n == 0:
                return False
    return common >= ANCHORS


def _named(side: Side, at: int) -> bool:
    return 0 <= at < len(side.units) and side.units[at].name


def names_somebody(side: Side, lo: int, hi: int, other: Side, at: int) -> bool:
    """True where units [lo, hi), which ``other`` has not at ``at``, put in or leave out a name."""
    run = side.units[lo:hi]
    telling = [u for u in run if u.date or u.key not in stop_keys() or proper(u)]
    if not any(proper(u) for u in run) or NAMED * len(telling) > sum(u.name and not u.date for u in telling):
        return False
    if (
        _is_office(run)
        or _is_dateline(side, lo, hi)
        or _is_adjective(side, lo, run)
        or _stands_there(run, other, at)
    ):
        return False
    return not _torn(side, lo, hi, other, at)


def _is_office(run: Sequence[Unit]) -> bool:
    """True for an office put in beside a name that stays: رئيس جمهورية مصر العربية."""
    return not word_class("offices").isdisjoint(cores(run[0].form)) and not any(
        is_given(fold_name(u.form)) for u in run
    )


def _is_adjective(side: Side, lo: int, run: Sequence[Unit]) -> bool:
    """True for a definite word behind a definite noun that is no title: الفريق الكروي."""
    before = side.units[lo - 1] if lo else None
    return (
        before is not None and run[0].form.startswith("ال") and before.form.startswith("ال")
        and not proper(before) and not is_title(before.form) and run[0].form.endswith(("ي", "ية"))
    )  # fmt: skip


def _stands_there(run: Sequence[Unit], other: Side, at: int) -> bool:
    """True where the other text has the name after all: glued to a word, elsewhere, just outside of the passage."""
    beside = other.units[max(0, at - 1) : at + 1]
    if any(u.form != w.form and u.form.endswith(w.form) for u in beside for w in run if proper(w)):
        return True  # الدكتورسالم: written together with the word before
    gone = {c for n, u in enumerate(other.units) if n not in other.aligned for c in cores(u.form)}
    if all(not gone.isdisjoint(cores(u.form)) for u in run if proper(u)):
        return True  # it stands elsewhere, joined to a preposition
    near = other.units[max(0, at - NEAR_PLACE) : at + NEAR_PLACE]
    if any(one_place(u.form, v.form) for u in run if proper(u) for v in near if v.name and u.key != v.key):
        return True  # the state beside its capital
    return any(u.surface in other.beyond(at) for u in run if proper(u))


def _is_dateline(side: Side, lo: int, hi: int) -> bool:
    """True for the place and agency that open a text: بيروت - رويترز:"""
    before = side.text[max(0, side.units[lo].start - 3) : side.units[lo].start]
    after = side.text[side.units[hi - 1].end : side.units[hi - 1].end + 3].lstrip(" )")
    return "\n" in before and after[:1] in ("-", "–", "—", ":", "ـ", "/", "(")


def _torn(side: Side, lo: int, hi: int, other: Side, at: int) -> bool:
    """True where the rest of the name that the run belongs to is no name of the same person or place over there.

    Of محمد [بن نايف] against سلمان بن عبدالعزيز the rest is another name; سعود and السعودية only share a stem.
    """
    own = side.units
    first, last = lo, hi
    while first and own[first - 1].name and not own[first].broken:
        first -= 1
    while last < len(own) and own[last].name and not own[last].broken:
        last += 1
    rest = [n for n in (*range(first, lo), *range(hi, last)) if not is_title(own[n].form)]
    if any(n not in side.aligned for n in rest if proper(own[n])):
        return True
    beside = ((lo - 1, at - 1), (hi, at))
    return any(
        x in rest and 0 <= y < len(other.units) and own[x].key == other.units[y].key
        and set(cores(own[x].form)).isdisjoint(cores(other.units[y].form))
        for x, y in beside
    )  # fmt: skip


def renamed(a: Side, left: Sequence[Unit], b: Side, right: Sequence[Unit]) -> bool:
    """True where one run of names stands for another: each has a proper word that the other text has nowhere."""
    news = [[u for u in run if proper(u) and u.key not in side.keys] for run, side in ((left, b), (right, a))]
    if not (news[0] and news[1]):
        return False
    return not any(one_name(x.form, y.form) or one_place(x.form, y.form) for x in news[0] for y in news[1])
