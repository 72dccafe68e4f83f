"""Reporting cues: the lexicon as an Aho–Corasick automaton over folded words, and the hits in a sentence.

A sentence is folded to its word keys, each between two boundary blanks, so one pass of the automaton (Aho and
Corasick, 1975; pyahocorasick) finds one-word and several-word cues with their proclitics at word boundaries.
Whether a hit reports anything is decided later, by its complement.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, chain
from typing import Any, NamedTuple

import ahocorasick

from pipeline import resources
from pipeline.text.claims_words import Word, word_key


class Entry(NamedTuple):
    """A cue of the lexicon in one of its forms.

    kind: verb (finite), hal (مشيرا), masdar (قوله), moved (للإشارة), accused (المتهم), tag (وفق X), tag_verb (وفق ما أعلن X), tag_own
    (على حد قوله), doc (جاء في), formula (يذكر أن). gender, number: of the subject that the form agrees with (m, f,
    empty where the form does not tell; s, d, p). first_person: with أ in place of ا the form is a first person.
    """

    lemma: str
    stance: str
    act: str
    comp: frozenset[str]
    kind: str
    gate: frozenset[str] = frozenset()
    gender: str = ""
    number: str = ""
    carries: bool = False
    relative: bool = False
    first_person: bool = False


class Hit(NamedTuple):
    """A cue in a sentence: words[first:last], ``skip`` folded proclitic letters left out of the span."""

    first: int
    last: int
    skip: int
    entry: Entry
    joined: bool


_STANCES = {"continue": "neutral"}
_SUBJECT = {
    # ending of the perfect → gender, number of the subject
    "تا": ("f", "d"), "وا": ("m", "p"), "ت": ("f", "s"), "ا": ("m", "d"),
}  # fmt: skip
_RELATIVE_ENDINGS = ("ه", "ها", "هم", "هما")
_RELATIVE_LEMMAS = frozenset(["أورد", "نقل", "بث", "نشر", "أذاع", "أجرى", "تناقل", "تداول"])


def _agreement(form: str, kind: str, first: str) -> tuple[str, str]:
    if kind == "perf":
        for ending, value in _SUBJECT.items():
            if form.endswith(ending) and form != first and (ending != "ا" or form[:-1] == first):
                return value
        return ("m", "s")
    if kind == "impf":
        if form.endswith("ون"):
            return ("m", "p")
        if form.endswith("ان"):
            return ("m" if form.startswith("ي") else "f", "d")
        return ("m", "s") if form.startswith("ي") else ("f", "s")
    if form.endswith("ة"):
        return ("f", "s")
    if form.endswith("ات"):
        return ("f", "p")
    return ("m", "p") if form.endswith("ين") else ("m", "s")


def _verb_forms(row: dict[str, Any]) -> Iterator[tuple[str, Entry]]:
    stance = _STANCES.get(row["class"], row["class"])
    base = Entry(
        row["lemma"], stance, row["act"], frozenset(row["comp"]), "verb", frozenset(row.get("gate", ()))
    )
    base = base._replace(carries=row["class"] == "continue")
    base = base._replace(first_person=row["lemma"].startswith("ا"))
    perfect = [word_key(f) for f in row.get("perf", ())]
    for form in perfect:
        gender, number = _agreement(form, "perf", perfect[0])
        entry = base._replace(gender=gender, number=number)
        if base.comp:
            yield form, entry
        if base.lemma in _RELATIVE_LEMMAS and not form.endswith("ا"):
            for ending in _RELATIVE_ENDINGS:
                yield (
                    (form[:-1] + "ا" if form.endswith("ي") else form) + ending,
                    entry._replace(relative=True),
                )
    if not base.comp:
        return
    for place, form in enumerate(row.get("objects", ())):  # three each of he, she, they
        gender, number = (("m", "s"), ("f", "s"), ("m", "p"))[place // 3]
        yield word_key(form), base._replace(gender=gender, number=number)
    imperfect = [word_key(f) for f in row.get("impf", ())]
    for form in [*imperfect, *(f + "ان" for f in imperfect[:2] if not f.endswith(("ي", "و", "ون")))]:
        gender, number = _agreement(form, "impf", "")
        yield form, base._replace(gender=gender, number=number)
    for form in [word_key(f) for f in row.get("hal", ())]:
        gender, number = _agreement(form, "hal", "")
        yield form, base._replace(kind="hal", gender=gender, number=number, carries=False)


_KINDS = {"masdars": "masdar", "causative_masdars": "moved", "accused": "accused"}


@cache
def forms() -> dict[str, Entry]:
    """All forms of the lexicon: folded words joined by one blank → entry. The first entry of a form wins."""
    data = resources.load("cues.yaml")
    table: dict[str, Entry] = {}
    formulas = ((formula, Entry("", "neutral", "", frozenset(), "formula")) for formula in data["formulas"])
    verbs = (pair for row in (*data["verbs"], *data["carriers"]) for pair in _verb_forms(row))
    for form, entry in chain(formulas, _tag_forms(data), _clause_tags(data), verbs, _noun_forms(data)):
        table.setdefault(" ".join(word_key(w) for w in form.split()), entry)
    return table


def _tag_forms(data: dict[str, Any]) -> Iterator[tuple[str, Entry]]:
    """وفق X, and with a pronoun على حد قوله."""
    for row in data["tags"]:
        entry = Entry(row["lemma"], row["class"], "attribute", frozenset(), "tag")
        for form in row["forms"]:
            yield form, entry
            if row["lemma"] == "قول" and not form.endswith("ذمة"):
                for pronoun in data["tag_pronouns"]:
                    gender = "f" if pronoun == "ها" else "m"
                    yield form + pronoun, entry._replace(kind="tag_own", gender=gender)


def _clause_tags(data: dict[str, Any]) -> Iterator[tuple[str, Entry]]:
    """كما أعلن X, وفق ما ذكره, حسبما جاء في البيان."""
    rows = {row["lemma"]: row for row in reversed(data["verbs"])}
    verbs = [
        (form, entry._replace(kind="tag_verb", stance="neutral", carries=False))
        for lemma in data["tag_verbs"] if lemma in rows
        for form, entry in _verb_forms(rows[lemma]) if entry.kind == "verb" and not entry.relative
    ]  # fmt: skip
    document = Entry("جاء", "neutral", "report", frozenset(), "tag")
    passing = Entry("نشر", "neutral", "relay", frozenset(), "tag_verb")
    for conjunction in data["tag_conjunctions"]:
        for form, entry in verbs:
            if entry.lemma == "بين" and " كان" in conjunction:
                continue  # كما كان بين الحضور: the preposition
            yield f"{conjunction} {form}", entry
            if conjunction.endswith("ما") and not form.endswith("ا"):
                for ending in ("ه", "ته") if form.endswith("ي") else ("ه",):
                    yield f"{conjunction} {form.removesuffix('ي')}{ending}", entry
        for form in data["tag_passing"] if not conjunction.startswith("كما") else ():
            yield f"{conjunction} {form}", passing
        for form in data["tag_documents"]:
            yield f"{conjunction} {form}", document


def _noun_forms(data: dict[str, Any]) -> Iterator[tuple[str, Entry]]:
    """Verbal nouns (إعلانه), those behind a causative verb (للإشارة), and المتهم."""
    for group, kind in _KINDS.items():
        for row in data[group]:
            entry = Entry(row["lemma"], row["class"], row["act"], frozenset(row["comp"]), kind)
            yield from ((form, entry) for form in row["forms"])


# Proclitics before each kind of cue, as folded letters.
_PROCLITICS = {
    "verb": ("", "و", "ف"),
    "hal": ("", "و", "ف"),
    "masdar": ("", "و", "ب", "ل", "ف"),
    "accused": ("", "و", "ل"),
    "moved": ("",),
    "formula": ("",),
}
_FUTURE = ("س", "وس", "فس", "ل")
# Acts that لـ makes a purpose rather than what happened next (ليرى أن; but: ليقول إن).
_PURPOSES = frozenset(["opine", "predict", "prove", "agree", "talk", "relay", "claim", "accuse", "rule"])


@cache
def automaton() -> Any:
    """The automaton: ' form ' with each proclitic → (proclitic length, entry). Built once per process."""
    table = forms()
    keys: dict[str, tuple[int, Entry]] = {}
    for form, entry in table.items():
        for proclitic in _PROCLITICS.get(entry.kind, ("", "و", "ف")):
            name = proclitic + form
            if not proclitic:
                keys[name] = (0, entry)
            elif name not in table:
                keys.setdefault(name, (len(proclitic), entry))
        if entry.kind == "verb" and form[0] in "يت" and entry.number and "perf" not in entry.gate:
            for proclitic in _FUTURE if entry.act not in _PURPOSES else _FUTURE[:3]:
                keys.setdefault(proclitic + form, (len(proclitic), entry))
    machine = ahocorasick.Automaton()
    for name, (skip, entry) in keys.items():
        words = name.split(" ")
        machine.add_word("".join(f" {w} " for w in words), (len(words), skip, entry))
    machine.make_automaton()
    return machine


def find(words: Sequence[Word]) -> list[Hit]:
    """The cues among ``words``, leftmost first, the longest where several start at one word."""
    keys = [word.key for word in words]
    found = list(automaton().iter_long(" " + "  ".join(keys) + " ")) if keys else []
    if not found:
        return []
    starts = list(accumulate((len(key) + 2 for key in keys[:-1]), initial=0))
    hits: list[Hit] = []
    for end, (size, skip, entry) in found:
        last = bisect_right(starts, end)
        key = keys[last - size]
        # وفقا لـ: the preposition is part of the next word, so the form ends in a prefix (see `tag_prefix`).
        hits.append(Hit(last - size, last, skip, entry, key[:1] in "وف" and skip > 0))
    return hits


def cue_start(words: Sequence[Word], hit: Hit, text: str) -> int:
    """First character of the cue: proclitics و ف ب ل ك are left out, with the marks on them.

    >>> text = "وَقال"; w = Word(0, 5, "وقال", -1, ""); h = Hit(0, 1, 1, forms()["قال"], True)
    >>> text[cue_start([w], h, text):]
    'قال'
    """
    word = words[hit.first]
    if not hit.skip:
        return word.start
    from pipeline.text.normalise import strip_marks

    _, offsets = strip_marks(text[word.start : word.end])
    return word.start + offsets[hit.skip]
