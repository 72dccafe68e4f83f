"""The phrase lists of page_phrases.yaml, folded once and matched against folded lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from pipeline.resources import load
from pipeline.text.normalise import key

BULLETS = " \t*•●▪■◾·○□►▶◄◀«»\"'()[]{}|<>-–—_:؛.،,/\\#~+=✅📌🔴👇⬇️➡️⭕🔹🔸"
"""What may stand before a cue or after it without being part of it."""
SEPARATORS = ':/|-–—؛،.…«"(>»!؟?'
ENDS = ".!؟?…"


@dataclass(frozen=True)
class Limited:
    """A folded phrase and the longest line, in characters, that it speaks for."""

    phrase: str
    max: int


@dataclass(frozen=True)
class Labels:
    """Folded phrases that open a line, and one pattern over them, longest first."""

    phrases: tuple[str, ...]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, phrases: Iterable[str]) -> Labels:
        ordered = tuple(sorted({key(p) for p in phrases}, key=lambda x: (-len(x), x)))
        any_of = "|".join(re.escape(p) for p in ordered) or r"(?!)"
        return cls(ordered, re.compile(rf"(?:{any_of})(?!\w)"))

    def opening(self, folded: str) -> str | None:
        """The longest phrase that opens the line, as whole words."""
        m = self.pattern.match(folded)
        return m[0] if m else None

    def inside(self, folded: str) -> bool:
        """True where one of the phrases stands in the text, a proclitic (ب، ل، و) before it or not."""
        return any(
            m.start() == 0 or not folded[m.start() - 1].isalnum() or folded[m.start() - 1] in "بلو"
            for m in self.pattern.finditer(folded)
        )


@dataclass(frozen=True)
class Phrases:
    """The cues of one kind of line: ``whole`` lines, ``label``s with a separator, ``start``s, ``any``where.

    start and limit belong together: the longest line, in characters, that a phrase speaks for."""

    whole: frozenset[str]
    label: Labels
    start: Labels
    limit: dict[str, int]
    any: tuple[Limited, ...]

    def match(self, folded: str, length: int) -> str | None:
        """The way in which the folded line (bullets off) matches: 'whole', 'label', 'start', 'any' or None."""
        if folded.rstrip(BULLETS) in self.whole:
            return "whole"
        if after_label(folded, self.label) is not None:
            return "label"
        opening = self.start.opening(folded)
        if opening is not None and length <= self.limit[opening]:
            return "start"
        for item in self.any:  # the hottest loop of the cascade
            if item.phrase in folded and length <= item.max:
                return "any"
        return None


def after_label(folded: str, labels: Labels) -> str | None:
    """What follows a label and its separator; empty where the label is the whole line, None where there is none.

    >>> source = Labels.of(["المصدر"])
    >>> after_label("المصدر: وكالات", source), after_label("المصدر", source)
    ('وكالات', '')
    >>> after_label("المصدر قال ان", source) is None
    True
    """
    label = labels.opening(folded)
    if label is None:
        return None
    rest = folded[len(label) :].lstrip()
    if not rest:
        return ""
    return rest.lstrip(BULLETS).rstrip() if rest[0] in SEPARATORS and rest[0] != '"' else None


def _folded(items: list[str]) -> list[str]:
    return [key(str(i)) for i in items]


def _phrases(section: dict[str, Any], whole: str = "whole") -> Phrases:
    start = {key(str(e["phrase"])): int(e["max"]) for e in section.get("start", [])}
    return Phrases(
        whole=frozenset(_folded(section.get(whole, []))),
        label=Labels.of(map(str, section.get("label", []))),
        start=Labels.of(start),
        limit=start,
        any=tuple(Limited(key(str(e["phrase"])), int(e["max"])) for e in section.get("any", [])),
    )


class GluedEnd(NamedTuple):
    """The page's own words at the end of a paragraph: how they look, letters that must be there, the kind of the piece,
    how far from the end they are looked for, and whether they must stand behind a full stop."""

    pattern: re.Pattern[str]
    fixed: tuple[str, ...]
    kind: str
    max: int
    stop: bool

    def within(self, text: str, start: int, end: int) -> bool:
        """False where the words cannot stand in text[start:end]."""
        for letters in self.fixed:  # noqa: SIM110 - as in Book.cued
            if text.find(letters, start, end) < 0:
                return False
        return True


@dataclass(frozen=True)
class Book:
    """All of page_phrases.yaml."""

    boilerplate: Phrases
    invitation: Labels
    platform: Labels
    longest_invitation: int
    related: Phrases
    keywords: Phrases
    date: Phrases
    caption: Phrases
    embed: Phrases
    closing: frozenset[str]
    institutions: frozenset[str]
    credit_labels: tuple[tuple[str, Labels], ...]
    photo: Labels
    author: Labels
    filler: frozenset[str]
    share: frozenset[str]
    section: frozenset[str]
    glued_end: tuple[GluedEnd, ...]
    glued_start: tuple[tuple[str, str], ...]
    summary: frozenset[str]
    tags: frozenset[str]
    date_words: frozenset[str]
    months: frozenset[str]
    gloss: frozenset[str]
    connectives: frozenset[str]
    no_connective: tuple[str, ...]
    own_letter: frozenset[str]
    opening_verb: frozenset[str]
    resuming: Labels
    openers: frozenset[str]
    anywhere: tuple[str, ...]

    def cued(self, folded: str, length: int) -> bool:
        """False where no phrase list can say anything about the folded line (bullets off): neither its first word opens
        a phrase nor does one stand inside it. What opens with anything but a letter or digit is not judged here."""
        first = _FIRST.match(folded)
        if folded and (first is None or first[0] in self.openers):
            return True
        for word in self.anywhere:  # noqa: SIM110 - four times as fast as any()
            if word in folded:
                return True
        return False

    def invites(self, folded: str, length: int) -> bool:
        """True where a line of bearable length opens with an invitation and names a platform behind it."""
        if length > self.longest_invitation or (opening := self.invitation.opening(folded)) is None:
            return False
        return self.platform.inside(folded[len(opening) :])

    def furniture(self, folded: str, length: int) -> bool:
        """True for the page's own words, wherever the line stands."""
        return self.invites(folded, length) or self.boilerplate.match(folded, length) is not None


@cache
def book() -> Book:
    """The phrase lists, folded; read once."""
    data = load("page_phrases.yaml")
    credit = data["credit"]["label"]
    return Book(
        boilerplate=_phrases(data["boilerplate"]),
        invitation=Labels.of(data["invitation"]["opening"]),
        platform=Labels.of(data["invitation"]["platform"]),
        longest_invitation=int(data["invitation"]["max"]),
        related=_phrases(data["related"], whole="heading"),
        keywords=_phrases(data["keywords"]),
        date=_phrases(data["date"]),
        caption=_phrases(data["caption"]),
        embed=_phrases(data["embed"]),
        closing=frozenset(_folded(data["caption"]["closing"])),
        institutions=frozenset(_folded(data["caption"]["institutions"])),
        credit_labels=tuple((kind, Labels.of(credit[kind])) for kind in ("source", "author", "photo")),
        author=Labels.of(data["credit"]["bare_author"]),
        photo=Labels.of(credit["photo"]),
        filler=frozenset(_folded(data["credit"]["filler"])),
        share=frozenset(_folded(data["menu"]["share"])),
        section=frozenset(_folded(data["menu"]["section"])),
        glued_end=tuple(
            GluedEnd(
                # Three words and more are told even where the next headline is glued to them.
                re.compile(
                    rf"(?<!\w){spelling(str(e['phrase']))}"
                    + (r"(?!\w)" if len(str(e["phrase"]).split()) < 3 else ""),
                    re.IGNORECASE,
                ),
                _fixed(str(e["phrase"])),
                str(e["kind"]),
                int(e["max"]),
                bool(e.get("stop", False)),
            )
            for e in data["glued_end"]
        ),
        glued_start=tuple((str(e["phrase"]), str(e["kind"])) for e in data["glued_start"]),
        summary=frozenset(_folded(data["summary"])),
        tags=frozenset(_folded(data["tags"])),
        date_words=frozenset(_folded(data["date_words"])),
        months=frozenset(_folded(data["months"])),
        gloss=frozenset(_folded(data["gloss"])),
        connectives=frozenset(_folded(data["connectives"])),
        no_connective=tuple(_folded(data["no_connective"])),
        own_letter=frozenset(_folded(data["own_letter"])),
        opening_verb=frozenset(_folded(data["opening_verb"])),
        resuming=Labels.of(data["resuming"]),
        openers=frozenset(m[0] for phrase in _openings(data) if (m := _FIRST.match(key(phrase)))),
        anywhere=_needles(
            key(str(e["phrase"]))
            for name in ("boilerplate", "related", "embed")
            for e in data[name].get("any", ())
        ),
    )


_FIRST = re.compile(r"[^\W_]+")


def _needles(phrases: Iterable[str]) -> tuple[str, ...]:
    """A few words, at least one of each phrase; of its words the one that most phrases share.

    >>> _needles(["لا يعبر بالضرورة", "لا تعكس بالضرورة", "حقوق"])
    ('بالضرورة', 'حقوق')
    """
    split = [phrase.split() for phrase in phrases]
    shared = Counter(word for found in split for word in set(found))
    return tuple(sorted({max(found, key=lambda w: (shared[w] * (len(w) > 3), len(w), w)) for found in split}))


def _openings(data: dict[str, Any]) -> Iterator[str]:
    """Every phrase that says something about the line that it opens (``Book.cued``)."""
    for name in ("boilerplate", "related", "keywords", "date", "caption", "embed"):
        section = data[name]
        yield from map(
            str, (*section.get("whole", ()), *section.get("heading", ()), *section.get("label", ()))
        )
        yield from (str(e["phrase"]) for e in section.get("start", ()))
    for labels in data["credit"]["label"].values():
        yield from map(str, labels)
    for words in (
        data["credit"]["bare_author"], data["invitation"]["opening"], data["summary"], data["tags"],
        data["menu"]["share"], data["menu"]["section"],
    ):  # fmt: skip
        yield from map(str, words)


_VARIANTS = {
    "ا": "[اأإآ]",
    "أ": "[اأإآ]",
    "إ": "[اأإآ]",
    "آ": "[اأإآ]",
    "ي": "[يى]",
    "ى": "[يى]",
    " ": r"\s{1,3}",
}


def _fixed(phrase: str) -> tuple[str, ...]:
    """The longest three stretches of a phrase that ``spelling`` leaves as they are: where one is missing, the phrase is
    not there.

    >>> _fixed("أرسل إلى sms")
    ('رسل', 'ل')
    """
    found = set(re.findall(r"[^\W\d_A-Za-zاأإآيى]+", phrase))
    return tuple(sorted(found, key=lambda x: (-len(x), x))[:3])


def spelling(phrase: str) -> str:
    """A pattern for the phrase in unfolded text: any hamza, one to three spaces.

    >>> re.search(spelling("أرسل إلى"), "ثم ارسل  الى الرقم") is not None
    True
    """
    return "".join(_VARIANTS.get(c, re.escape(c)) for c in phrase)
