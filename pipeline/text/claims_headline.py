"""The headline X: …, where the colon is the cue."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.text import speakers
from pipeline.text.claims_frame import PUNCTUATION, Frame, Name
from pipeline.text.claims_words import is_event_noun, word_class
from pipeline.text.cues import Hit
from pipeline.text.names import fold_name
from pipeline.text.speakers import Phrase
from pipeline.text.states import is_state

_STUDIES = frozenset(["دراسة", "تقرير", "استطلاع"])
_INCIDENTS = frozenset(
    [
        "مقتل",
        "اصابة",
        "انفجار",
        "هجوم",
        "سقوط",
        "العثور",
        "قتيل",
        "قتلي",
        "جرحي",
        "اكثر",
        "نحو",
        "مصرع",
        "وفاة",
        "عشرات",
        "تفجير",
        "غارة",
        "غارات",
    ]
)


def _colon(frame: Frame) -> int | None:
    """The colon of a headline, with no quotation or report before it."""
    colon = next((k for k, w in enumerate(frame.words[1:10], 1) if w.key == ":" and w.quote < 0), None)
    if (
        colon is None
        or (frame.quote(0) >= 0 and not _quoted_name(frame, colon))
        or colon + 2 > len(frame.words)
    ):
        return None
    reported = any(h.first < colon and h.entry.kind in {"verb", "hal", "masdar"} for h in frame.hits)
    return None if reported else colon


def _quoted_name(frame: Frame, colon: int) -> bool:
    """Whether a quotation of up to three words, no place, is all that stands before the colon: «الصحة»: …"""
    if frame.quote_last(0) != colon or colon > 3:
        return False
    return not any(n.type == "LOC" and n.end <= frame.words[colon].start for n in frame.names)


def known(frame: Frame, speakers_of_text: frozenset[str]) -> tuple[Phrase, int, int] | None:
    """X: … in a title, where X (up to three words) is the last or whole name of a speaker of the article.

    ``speakers_of_text``: folded names of those who speak in the body, whole and by their last word.
    """
    colon = _colon(frame) if frame.section == "title" else None
    if colon is None or colon > 3:
        return None
    written = frame.text[frame.words[0].start : frame.words[colon - 1].end]
    if fold_name(written) not in speakers_of_text:
        return None
    return _until_end(frame, Phrase(0, colon), colon)


def find(frame: Frame, reporting: Sequence[Hit]) -> tuple[Phrase, int, int] | None:
    """X: … in a title or lead, where X is somebody who can speak; or X: "…" anywhere at a line's head."""
    colon = _colon(frame)
    if colon is None:
        return None
    quoted = frame.opens(colon + 1)
    if frame.section == "body" and not quoted:
        return None
    if frame.quote(0) >= 0:
        return _until_end(frame, Phrase(0, colon), colon)
    phrase = speakers.after(frame, 0, colon, 1)
    if phrase is None or phrase.first != 0:
        return None
    rest = [frame.key(k) for k in range(phrase.last, colon)]
    addressed = rest and rest[0].startswith("ل")  # واشنطن لعباس: …
    if rest and not addressed and rest[0] not in {"من", "في", "خلال", "عن", "بعد", "علي"}:
        return None
    names = [n for n in frame.names if n.end <= frame.words[colon].start]
    if not names:
        head = frame.key(0).removeprefix("ال")
        speaks = head in word_class("person_heads") or head in _STUDIES
        return _until_end(frame, phrase, colon) if speaks else None
    if names[0].type == "LOC" and not _place_speaks(frame, names[0], colon, reporting):
        return None
    return _until_end(frame, phrase, colon)


def _place_speaks(frame: Frame, place: Name, colon: int, reporting: Sequence[Hit]) -> bool:
    """Whether a place at the head of a title is its speaker: a state, in a title without another report."""
    if frame.word_at(place.start) != 0 or any(hit.entry.kind == "verb" for hit in reporting):
        return False
    return _can_speak(frame, place.canonical, colon)


def _until_end(frame: Frame, phrase: Phrase, colon: int) -> tuple[Phrase, int, int] | None:
    """The headline's speaker, its colon and the end of what is said, or None where next to nothing is."""
    last = len(frame.words)
    while last > colon + 1 and frame.key(last - 1) in PUNCTUATION - {")"}:
        last -= 1
    return (phrase, colon, last) if last - colon > 2 else None


def _can_speak(frame: Frame, name: str, colon: int) -> bool:
    """Whether a place before a colon is a government rather than where something happened."""
    first = frame.key(colon + 1)
    happens = is_event_noun(first.removesuffix("ات"), frame.raw(colon + 1)) and not first.startswith("ال")
    return is_state(name) and not (first[:1].isdigit() or first in _INCIDENTS or happens)
