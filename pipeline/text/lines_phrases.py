"""The phrase lists of page_phrases.yaml, folded once and matched against folded lines."""

from __future__ import annotations

import re
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
class Phrases:
    """The cues of one kind of line: ``whole`` lines, ``label``s with a separator, ``start``s, ``any``where."""

    whole: frozenset[str]
    label: tuple[str, ...]
    start: tuple[Limited, ...]
    any: tuple[Limited, ...]

    def match(self, folded: str, length: int) -> str | None:
        """The way in which the folded line (bullets off) matches: 'whole', 'label', 'start', 'any' or None."""
        if folded.rstrip(BULLETS) in self.whole:
            return "whole"
        if after_label(folded, self.label) is not None:
            return "label"
        for item in self.start:
            if length <= item.max and folded.startswith(item.phrase) and _word_ends(folded, len(item.phrase)):
                return "start"
        for item in self.any:
            if length <= item.max and item.phrase in folded:
                return "any"
        return None


def _word_ends(text: str, at: int) -> bool:
    return at >= len(text) or not text[at].isalnum()


def after_label(folded: str, labels: tuple[str, ...]) -> str | None:
    """What follows a label and its separator; empty where the label is the whole line, None where there is none.

    >>> after_label("المصدر: وكالات", ("المصدر",)), after_label("المصدر", ("المصدر",))
    ('وكالات', '')
    >>> after_label("المصدر قال ان", ("المصدر",)) is None
    True
    """
    for label in labels:  # longest first
        if folded.startswith(label) and _word_ends(folded, len(label)):
            rest = folded[len(label) :].lstrip()
            if not rest:
                return ""
            if rest[0] in SEPARATORS and not rest.startswith('"'):
                return rest.lstrip(BULLETS).rstrip()
    return None


def _folded(items: list[str]) -> list[str]:
    return [key(str(i)) for i in items]


def _labels(items: list[str]) -> tuple[str, ...]:
    return tuple(sorted(set(_folded(items)), key=lambda x: (-len(x), x)))


def _phrases(section: dict[str, Any], whole: str = "whole") -> Phrases:
    def limited(name: str) -> tuple[Limited, ...]:
        return tuple(Limited(key(str(e["phrase"])), int(e["max"])) for e in section.get(name, []))

    return Phrases(
        frozenset(_folded(section.get(whole, []))),
        _labels(section.get("label", [])),
        limited("start"),
        limited("any"),
    )


@dataclass(frozen=True)
class Book:
    """All of page_phrases.yaml."""

    boilerplate: Phrases
    related: Phrases
    keywords: Phrases
    date: Phrases
    caption: Phrases
    embed: Phrases
    closing: frozenset[str]
    credit_labels: tuple[tuple[str, tuple[str, ...]], ...]
    filler: frozenset[str]
    share: frozenset[str]
    section: frozenset[str]
    glued_end: tuple[tuple[re.Pattern[str], str, int, bool], ...]
    glued_start: tuple[tuple[str, str], ...]
    summary: frozenset[str]
    tags: frozenset[str]
    date_words: frozenset[str]
    months: frozenset[str]
    gloss: frozenset[str]
    connectives: frozenset[str]
    no_connective: tuple[str, ...]
    english: frozenset[str]
    french: frozenset[str]


@cache
def book() -> Book:
    """The phrase lists, folded; read once."""
    data = load("page_phrases.yaml")
    credit = data["credit"]["label"]
    return Book(
        boilerplate=_phrases(data["boilerplate"]),
        related=_phrases(data["related"], whole="heading"),
        keywords=_phrases(data["keywords"]),
        date=_phrases(data["date"]),
        caption=_phrases(data["caption"]),
        embed=_phrases(data["embed"]),
        closing=frozenset(_folded(data["caption"]["closing"])),
        credit_labels=tuple((kind, _labels(credit[kind])) for kind in ("source", "author", "photo")),
        filler=frozenset(_folded(data["credit"]["filler"])),
        share=frozenset(_folded(data["menu"]["share"])),
        section=frozenset(_folded(data["menu"]["section"])),
        glued_end=tuple(
            (
                re.compile(rf"(?<!\w){spelling(str(e['phrase']))}(?!\w)", re.IGNORECASE),
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
        english=frozenset(data["function_words"]["en"]),
        french=frozenset(data["function_words"]["fr"]),
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


def spelling(phrase: str) -> str:
    """A pattern for the phrase in unfolded text: any hamza, one to three spaces.

    >>> re.search(spelling("أرسل إلى"), "ثم ارسل  الى الرقم") is not None
    True
    """
    return "".join(_VARIANTS.get(c, re.escape(c)) for c in phrase)
