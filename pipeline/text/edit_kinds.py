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
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")


ALIKE_FROM = 0.8
"""Share of common units from which a passage of two different stories is one text that somebody changed; below it a
figure, day or name that differs belongs to another event told in the same form."""
OF_ONE_EVENT = frozenset(
    {"number", "date", "name", "polarity", "loaded_word", "attribution_dropped", "attribution_added"}
)
"""Kinds of edit that say something only where both texts tell of one event."""


def settled(kind: str, similarity: float, scope: str) -> str:
    """The kind under which an edit is published, once it is known whether the passage's documents tell one story.

    >>> settled("number", 0.6, "background"), settled("number", 0.6, "story"), settled("number", 0.9, "background")
    ('wording', 'number', 'number')
    """
    return "wording" if kind in OF_ONE_EVENT and scope != "story" and similarity < ALIKE_FROM else kind


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
def cores(folded: str) -> tuple[str, ...]:
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
    """True for two words of one loaded set; وقال and قال, ضربات and ضرباته are one word."""
    if (
        a.key == b.key
        or a.form.startswith(b.form)
        or b.form.startswith(a.form)
        or _loaded_sets(a.key, a.form).isdisjoint(_loaded_sets(b.key, b.form))
    ):
        return False
    return _listed(a.form).isdisjoint(_listed(b.form)) and set(cores(a.form)).isdisjoint(cores(b.form))


@cache
def _listed(folded: str) -> frozenset[str]:
    """The entries of the loaded sets that a word may be: بضربه and لضربة are one."""
    return frozenset(key(c) for c in cores(folded)) & _lexicon()[0].keys()


@cache
def _plain_words() -> frozenset[str]:
    """Words that share the key of a loaded word and are none."""
    return frozenset(form(w) for w in load("loaded_words.yaml")["plain"])


@cache
def _loaded_sets(word_key: str, folded: str) -> frozenset[str]:
    """The loaded sets that a word belongs to, most often none."""
    table = _lexicon()[0]
    if not _plain_words().isdisjoint(cores(folded)):
        return frozenset()
    return frozenset().union(*(table.get(key(c), frozenset()) for c in (word_key, *cores(folded))))


def _opposite(a: Unit, b: Unit) -> bool:
    return not _opposites(a.form).isdisjoint(cores(b.form))


@cache
def _opposites(folded: str) -> frozenset[str]:
    """What the lexicon opposes to a word, most often nothing."""
    listed = cores(folded)
    return frozenset(y for x, y in _lexicon()[1] if x in listed)


def is_negation(run: Sequence[Unit], at: int) -> bool:
    """True for a word that denies what follows it; لا سيما and لا يزال deny nothing."""
    if run[at].form not in _lexicon()[2]:
        return False
    return at + 1 == len(run) or run[at + 1].form not in _harmless()


@cache
def _harmless() -> frozenset[str]:
    return frozenset(form(w) for w in load("polarity.yaml")["harmless"])


# Letters that transliteration of one foreign sound varies between (غ ج ق ك for g, ت ط for t …); vowels vary freely.
_CONSONANTS = str.maketrans({**dict.fromkeys("غجقكگ", "g"), **dict.fromkeys("تطث", "t"), **dict.fromkeys("سصزذظ", "s"),
                             **dict.fromkeys("بپ", "b"), **dict.fromkeys("فڤ", "f"), **dict.fromkeys("هحخ", "h"),
                             **dict.fromkeys("دض", "d")})  # fmt: skip
_SOUNDS = {**_CONSONANTS, **str.maketrans(dict.fromkeys("اويءةى"))}


def same_sound(a: str, b: str) -> bool:
    """True for two spellings of one foreign name: consonants of one sound, vowels free in long names only.

    >>> same_sound("غورباتشوف", "جورباتشيف"), same_sound("شويغو", "شويجو"), same_sound("محمد", "محمود")
    (True, True, False)
    >>> same_sound("سليم", "سالم")
    False
    """
    left, right = a.translate(_SOUNDS), b.translate(_SOUNDS)
    if left != right or len(left) < 2:
        return False
    return len(left) >= 5 or a.translate(_CONSONANTS) == b.translate(_CONSONANTS)


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
    return not _carriers().isdisjoint(cores(folded))


@cache
def passes_on(folded: str) -> bool:
    """True for نقل and its forms and for وفق: they name a second source, whoever speaks."""
    return any(c.startswith("نقل") or c in word_class("attribution_prepositions") for c in cores(folded))


@cache
def is_title(folded: str) -> bool:
    """True for a word of a title or office: الأمير, وزير."""
    return not word_class("titles").isdisjoint(cores(folded))


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
    groups = [{_days()[c] for c in cores(folded) if c in _days()} for folded in (a, b)]
    return not groups[0].isdisjoint(groups[1])


def same_value(a: str, b: str) -> bool:
    """True for one value; "~" marks a figure that text from right to left may have turned round.

    >>> same_value("22.1", "1.22~"), same_value("09.47~", "947"), same_value("4.", "4"), same_value("4.8", "8.4")
    (True, True, True, False)
    >>> same_value("1.900.000", "1900000"), same_value("1.900", "1900")
    (True, False)
    """
    left, right = (_whole(v.rstrip("~").rstrip(".")) for v in (a, b))
    if left == right or "~" not in a + b:
        return left == right
    return sorted(c for c in left if c in "123456789") == sorted(c for c in right if c in "123456789")


def _whole(value: str) -> str:
    """A figure whose points part its thousands without them: 1.900.000."""
    return value.replace(".", "") if _THOUSANDS.fullmatch(value) else value


def speaks(row: Sequence[Unit]) -> bool:
    """True where a word of the row is a verb of saying, so that somebody is named or meant as the source."""
    verbs = word_class("speech_verbs") | word_class("relay_verbs")
    return any(not verbs.isdisjoint(cores(u.form)) for u in row)


_FATHERS = frozenset(form(w) for w in ("أبو", "أبا", "أبي"))


class Naming(NamedTuple):
    """A source that the claims layer found in the text: its cue and the words that name it, as characters."""

    cue_start: int
    cue_end: int
    start: int
    end: int


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
        return "wording" if all(is_title(u.form) for u in telling) else "name"
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
        and _denied_stays(*((left, right) if denials[0] else (right, left)))
        and denying[0] != denying[1]
        and all(
            sum(u.key not in stop_keys() and u.form not in _lexicon()[2] for u in run) <= 1
            for run in (left, right)
        )
    ):
        return "polarity"
    return "wording"


def _denied_stays(denying: Sequence[Unit], plain: Sequence[Unit]) -> bool:
    """True where the word that a run denies stands behind the run, or in the other run too: لم يحضر against حضر."""
    last = max(n for n, u in enumerate(denying) if u.form in _lexicon()[2])
    denied = denying[last + 1 : last + 2]
    return not denied or any(
        denied[0].key == v.key or Indel.normalized_similarity(denied[0].form, v.form) >= KIN for v in plain
    )


KIN = 0.6
"""Likeness of two words from which they may be one verb in two forms."""
_VERB_NEGATIONS = frozenset(form(w) for w in ("لا", "لم", "لن", "ليس", "ليست", "ولا", "ولم", "ولن", "وليس"))


def _verb_denials(run: Sequence[Unit], after: Sequence[Unit]) -> int:
    """How often the run denies a statement; بدون and غير in another wording may deny nothing."""
    row = [*run, *after[:1]]
    return sum(u.form in _VERB_NEGATIONS and is_negation(row, n) for n, u in enumerate(row[:-1]))
