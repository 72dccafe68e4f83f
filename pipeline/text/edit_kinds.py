"""The kind of an edit: which difference between two words, or which run of words put in or left out, says what.

From the most telling to the plainest: spelling, date, number, polarity, loaded word, name, wording; the naming of
a source is told first for runs. What belongs to which class is data (loaded_words, polarity, edit_words .yaml).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from rapidfuzz.distance import Indel

from pipeline.resources import load
from pipeline.text.similarity import form, key, stop_keys
from pipeline.text.units import PERCENT, Unit, word_class

ALIKE = 0.7
"""Likeness (Indel ratio of two forms) from which two words count as one word changed."""
MAX_SOURCE = 12
"""Longest naming of a source, in units; a longer run took the words themselves along."""
MAX_SAID = 3
"""Telling words that may go along with a source: more of them are a sentence left out, not a source."""


@cache
def _lexicon() -> tuple[Mapping[str, frozenset[str]], frozenset[tuple[str, str]], frozenset[str]]:
    """Loaded sets by word key, pairs of opposite forms, negations."""
    loaded: dict[str, set[str]] = {}
    lexicon = load("loaded_words.yaml")
    for name, members in lexicon["sets"].items():
        for member in members:
            loaded.setdefault(key(form(member)), set()).add(name)
    # Members of one side are plain synonyms of each other: only a change of sides is loaded.
    for number, (one, two) in enumerate(lexicon["opposed"]):
        for x in one:
            for y in two:
                for word in (x, y):
                    loaded.setdefault(key(form(word)), set()).add(f"{number}:{x}:{y}")
    pairs = [(form(a), form(b)) for a, b in load("polarity.yaml")["opposites"]]
    both = frozenset([*pairs, *((b, a) for a, b in pairs)])
    negations = frozenset(form(w) for w in load("polarity.yaml")["negations"])
    return {k: frozenset(v) for k, v in loaded.items()}, both, negations


@cache
def _cores(folded: str) -> tuple[str, ...]:
    """The form as it is and without و ف ب ل ك and the article: what a lexicon may list."""
    found = [folded]
    for _ in range(2):
        last = found[-1]
        if len(last) > 3 and last[0] in "وفبلك":
            found.append(last[1:])
    found.extend(w[2:] for w in tuple(found) if w.startswith("ال") and len(w) > 4)
    found.extend(w[:-1] for w in tuple(found) if w.endswith("ا") and len(w) > 4)
    return tuple(found)


def _loaded(a: Unit, b: Unit) -> bool:
    """True for two words of one loaded set; وقال and قال are one word."""
    if a.key == b.key or _loaded_sets(a.key, a.form).isdisjoint(_loaded_sets(b.key, b.form)):
        return False
    return _listed(a.form).isdisjoint(_listed(b.form)) and set(_cores(a.form)).isdisjoint(_cores(b.form))


@cache
def _listed(folded: str) -> frozenset[str]:
    """The entries of the loaded sets that a word may be: بضربه and لضربة are one."""
    return frozenset(key(c) for c in _cores(folded)) & _lexicon()[0].keys()


@cache
def _plain_words() -> frozenset[str]:
    """Words that share the key of a loaded word and are none."""
    return frozenset(form(w) for w in load("loaded_words.yaml")["plain"])


@cache
def _loaded_sets(word_key: str, folded: str) -> frozenset[str]:
    """The loaded sets that a word belongs to, most often none."""
    table = _lexicon()[0]
    if not _plain_words().isdisjoint(_cores(folded)):
        return frozenset()
    return frozenset().union(*(table.get(key(c), frozenset()) for c in (word_key, *_cores(folded))))


def _opposite(a: Unit, b: Unit) -> bool:
    return not _opposites(a.form).isdisjoint(_cores(b.form))


@cache
def _opposites(folded: str) -> frozenset[str]:
    """What the lexicon opposes to a word, most often nothing."""
    cores = _cores(folded)
    return frozenset(y for x, y in _lexicon()[1] if x in cores)


def is_negation(run: Sequence[Unit], at: int) -> bool:
    """True for a word that denies what follows it; لا سيما and لا يزال deny nothing."""
    if run[at].form not in _lexicon()[2]:
        return False
    return at + 1 == len(run) or run[at + 1].form not in _harmless()


@cache
def _harmless() -> frozenset[str]:
    return frozenset(form(w) for w in load("polarity.yaml")["harmless"])


# Letters that transliteration of one foreign sound varies between (غ ج ق ك for g, ت ط for t …); vowels vary freely.
_SOUNDS = str.maketrans({**dict.fromkeys("غجقكگ", "g"), **dict.fromkeys("تطث", "t"), **dict.fromkeys("سصزذظ", "s"),
                         **dict.fromkeys("بپ", "b"), **dict.fromkeys("فڤ", "f"), **dict.fromkeys("هحخ", "h"),
                         **dict.fromkeys("دض", "d"), **dict.fromkeys("اويءةى", None)})  # fmt: skip


def same_sound(a: str, b: str) -> bool:
    """True for two spellings of one foreign name: consonants of one sound, vowels free in long names only.

    >>> same_sound("غورباتشوف", "جورباتشيف"), same_sound("شويغو", "شويجو"), same_sound("محمد", "محمود")
    (True, True, False)
    """
    left, right = a.translate(_SOUNDS), b.translate(_SOUNDS)
    return left == right and (len(left) >= 5 or (len(left) >= 2 and len(a) == len(b)))


def same_spelling(a: str, b: str) -> bool:
    """True where two forms differ in ة/ه, final hamza or a doubled alef only.

    >>> same_spelling("حكومة", "حكومه"), same_spelling("شي", "شيء"), same_spelling("كتب", "كتاب")
    (True, True, False)
    """
    return _plain(a) == _plain(b)


@cache
def _plain(folded: str) -> str:
    return re.sub("ا{2,}", "ا", folded.replace("ة", "ه").replace("ء", ""))


def likeness(a: Unit, b: Unit) -> float:
    """How far b is what a became: class first, then letters; 0 where they have nothing to do with each other."""
    if a.value is not None and b.value is not None:
        if (":" in a.value) == (":" in b.value):
            return 1.0 if a.value == b.value else 0.8
        return 0.0
    if a.date and b.date:
        return 0.9 if a.date.partition(":")[0] == b.date.partition(":")[0] else 0.5
    if _opposite(a, b) or _loaded(a, b):
        return 0.9
    if (a.value is None) != (b.value is None) or carries(a.form) != carries(b.form):
        return 0.0
    if {a.form, b.form} <= word_class("attribution_prepositions"):
        return 0.9
    alike = Indel.normalized_similarity(a.form, b.form, score_cutoff=ALIKE)
    if a.name and b.name:
        return max(0.5, alike)
    return alike


@cache
def carries(folded: str) -> bool:
    """True for a verb of passing on (نقلت) and for وفق: it names a carrier, so it is no other wording of saying."""
    return not _carriers().isdisjoint(_cores(folded))


@cache
def passes_on(folded: str) -> bool:
    """True for نقل and its forms and for وفق: they name a second source, whoever speaks."""
    return any(c.startswith("نقل") or c in word_class("attribution_prepositions") for c in _cores(folded))


@cache
def _is_title(folded: str) -> bool:
    return not word_class("titles").isdisjoint(_cores(folded))


@cache
def _carriers() -> frozenset[str]:
    return word_class("carry_verbs") | word_class("attribution_prepositions")


def pair_kind(a: Unit, b: Unit) -> str | None:
    """Kind of the difference between two units that stand for each other; None where there is none."""
    if a.surface == b.surface:
        return None
    tests: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("spelling", lambda: _same_thing(a, b)),
        ("wording", lambda: a.date == b.date == "relative" and same_day(a.form, b.form)),
        ("date", lambda: bool(a.date and b.date)),
        ("number", lambda: a.value is not None and b.value is not None),
        ("polarity", lambda: _opposite(a, b)),
        ("loaded_word", lambda: _loaded(a, b)),
        ("name", lambda: a.name and b.name and a.key != b.key),
    )
    return next((kind for kind, holds in tests if holds()), "wording")


def _same_thing(a: Unit, b: Unit) -> bool:
    """True where only the spelling differs: the same value, month or word, or one foreign name in two scripts."""
    return (
        (a.value is not None and b.value is not None and same_value(a.value, b.value))
        or (a.date.startswith("month") and a.date == b.date)
        or (a.date != "" and a.date == b.date and a.key == b.key)
        or same_spelling(a.form, b.form)
        or {a.form, b.form} <= _FATHERS
        or (a.name and b.name and a.value is None and same_sound(a.form, b.form))
    )


@cache
def _days() -> Mapping[str, int]:
    """Relative word → number of its group of synonyms."""
    groups = load("edit_words.yaml")["relative_same"]
    return {form(word): number for number, group in enumerate(groups) for word in group}


def same_day(a: str, b: str) -> bool:
    """True for two words that place an event alike.

    >>> same_day(form("الجاري"), form("الحالي")), same_day(form("أمس"), form("اليوم"))
    (True, False)
    """
    groups = [{_days()[c] for c in _cores(folded) if c in _days()} for folded in (a, b)]
    return not groups[0].isdisjoint(groups[1])


def same_value(a: str, b: str) -> bool:
    """True for one value; "~" marks a figure that text from right to left may have turned round.

    >>> same_value("22.1", "1.22~"), same_value("09.47~", "947"), same_value("4.", "4"), same_value("4.8", "8.4")
    (True, True, True, False)
    """
    left, right = (v.rstrip("~").rstrip(".") for v in (a, b))
    if left == right or "~" not in a + b:
        return left == right
    return sorted(c for c in left if c in "123456789") == sorted(c for c in right if c in "123456789")


def speaks(row: Sequence[Unit]) -> bool:
    """True where a word of the row is a verb of saying, so that somebody is named or meant as the source."""
    verbs = word_class("speech_verbs") | word_class("relay_verbs")
    return any(not verbs.isdisjoint(_cores(u.form)) for u in row)


_FATHERS = frozenset(form(w) for w in ("أبو", "أبا", "أبي"))


class Naming(NamedTuple):
    """A source that the claims layer found in the text: its cue and the words that name it, as characters."""

    cue_start: int
    cue_end: int
    start: int
    end: int


def naming_of_source(run: Sequence[Unit], namings: Sequence[Naming]) -> int | None:
    """Index in the run where the naming of a source begins; None where the run holds none.

    A phrase with وفق, a verb of passing on with a noun for a source, or a cue that the claims layer
    found with its source: a cue alone (قال, نفى) names nobody.
    """
    forms = [u.form for u in run]
    for i, folded in enumerate(forms[:3]):
        if len(forms) - i > MAX_SOURCE:
            continue
        if folded == "كما" and speaks(run[i + 1 : i + 2]) and _names_source(run[i + 2 :]):
            return i
        begin, end = run[i].start, run[i].end
        known = [n for n in namings if begin <= n.cue_start < end]
        if known and not any(run[0].start <= n.start and n.end <= run[-1].end for n in known):
            return None  # words of the source stay: it is named in another way
        if folded == "علي" and forms[i + 1 : i + 2] == ["حد"]:
            return i  # على حد قول فلان
        if folded in word_class("attribution_prepositions"):
            if known or _names_source(run[i + 1 :]):
                return i
        elif known:
            close = max(max(n.end, n.cue_end) for n in known)
            if sum(u.start >= close and u.key not in stop_keys() for u in run) <= MAX_SAID:
                return i
        elif (
            folded in word_class("relay_verbs")
            and any(_is_source(f) for f in forms[i + 1 : i + 4])
            and sum(u.key not in stop_keys() for u in run[i + 4 :]) <= MAX_SAID
        ):
            return i
    return None


def closes_sentence(run: Sequence[Unit]) -> bool:
    """True for a naming that stands behind what was said: كما أفادت, على حد قول."""
    return run[0].form in ("كما", "علي")


def _names_source(rest: Sequence[Unit]) -> bool:
    """True where what follows وفق is a source (the police, a name, a title in quotes, what somebody said), not a plan."""
    for u in rest[:2]:
        if u.name or u.quoted or _is_source(u.form) or speaks([u]):
            return True
        if u.form not in ("ما", "ل", "عن", "الي", "لما") and not speaks([u]):
            return False
    return False


def source_keys(run: Sequence[Unit]) -> frozenset[str]:
    """Keys of the words that tell a source in a run from others: no function words, no cues, no وكالة or مصدر."""
    plain = stop_keys()
    return frozenset(
        u.key
        for u in run
        if u.key not in plain
        and not _is_source(u.form)
        and not set(_cores(u.form)) & (word_class("relay_verbs") | word_class("attribution_prepositions"))
    )


def _is_source(folded: str) -> bool:
    nouns = word_class("source_nouns")
    return any(c in nouns for c in _cores(folded))


def run_kind(run: Sequence[Unit], other: Sequence[Unit], after: Sequence[Unit] = ()) -> str:
    """Kind of a run of units that one side has and the other has not.

    other: units around the place on both sides. after: what follows the run on its own side.
    """
    stops = stop_keys()
    if all(u.key == PERCENT for u in run):
        return "spelling"
    if all(u.form in word_class("blessings") for u in run):
        return "wording"
    telling = [
        u for u in run if u.key not in stops and u.form not in word_class("year_words") and u.key != PERCENT
    ]
    if any(u.date for u in run) and all(u.date for u in telling):
        months = {u.date for u in run if u.date.startswith("month")}
        return "spelling" if months and months <= {u.date for u in other} else "date"
    denied = [n for n in range(len(run)) if is_negation([*run, *after], n)]
    if (
        len(run) <= 2
        and denied
        and (after or denied[-1] < len(run) - 1)
        and all(n in denied or run[n].key in stops for n in range(len(run)))
    ):
        return "polarity"
    values = {u.value for u in run if u.value is not None and u.value.isdigit() and not u.date}
    if len(run) <= 2 and values:
        return "spelling" if values <= {u.value for u in other} else "number"
    if telling and all(u.name for u in telling):
        return "wording" if all(_is_title(u.form) for u in telling) else "name"
    return "wording"


def rewrite_kind(
    left: Sequence[Unit],
    right: Sequence[Unit],
    left_after: Sequence[Unit] = (),
    right_after: Sequence[Unit] = (),
) -> str:
    """Kind of a run that stands for another run; the words behind each say what a negation at its end denies."""
    kinds = {run_kind(left, right), run_kind(right, left)}
    for kind in ("date", "number", "name"):
        if kinds == {kind}:
            return kind
    denials = [_verb_denials(run, after) for run, after in ((left, left_after), (right, right_after))]
    denying = [any(u.form in _lexicon()[2] or u.form == "ما" for u in run) for run in (left, right)]
    if (
        (denials[0] > 0) != (denials[1] > 0)
        and denying[0] != denying[1]
        and all(
            sum(u.key not in stop_keys() and u.form not in _lexicon()[2] for u in run) <= 1
            for run in (left, right)
        )
    ):
        return "polarity"
    return "wording"


_VERB_NEGATIONS = frozenset(form(w) for w in ("لا", "لم", "لن", "ليس", "ليست", "ولا", "ولم", "ولن", "وليس"))


def _verb_denials(run: Sequence[Unit], after: Sequence[Unit]) -> int:
    """How often the run denies a statement; بدون and غير in another wording may deny nothing."""
    row = [*run, *after[:1]]
    return sum(u.form in _VERB_NEGATIONS and is_negation(row, n) for n, u in enumerate(row[:-1]))
