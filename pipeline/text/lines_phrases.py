"""The phrase lists of page_phrases.yaml, folded once and matched against folded lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

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
    glued_end: tuple[tuple[re.Pattern[str], str, int, bool], ...]
    glued: re.Pattern[str]
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
            (
                # Three words and more are told even where the next headline is glued to them.
                re.compile(
                    rf"(?<!\w){spelling(str(e['phrase']))}"
                    + (r"(?!\w)" if len(str(e["phrase"]).split()) < 3 else ""),
                    re.IGNORECASE,
                ),
                str(e["kind"]),
                int(e["max"]),
                bool(e.get("stop", False)),
            )
            for e in data["glued_end"]
        ),
        glued=re.compile("|".join(_caseless(spelling(str(e["phrase"]))) for e in data["glued_end"])),
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
    )


_VARIANTS = {
    "ا": "[اأإآ]",
    "أ": "[اأإآ]",
    "إ": "[اأإآ]",
    "آ": "[اأإآ]",
    "ي": "[يى]",
    "ى": "[يى]",
    " ": r"\s{1,3}",
}


def _caseless(pattern: str) -> str:
    """Ignores case only where there is any: a pattern of Arabic letters is searched for far faster without."""
    return f"(?i:{pattern})" if re.search(r"(?<!\\)[A-Za-z]", pattern) else pattern


def spelling(phrase: str) -> str:
    """A pattern for the phrase in unfolded text: any hamza, one to three spaces.

    >>> re.search(spelling("أرسل إلى"), "ثم ارسل  الى الرقم") is not None
    True
    """
    return "".join(_VARIANTS.get(c, re.escape(c)) for c in phrase)
