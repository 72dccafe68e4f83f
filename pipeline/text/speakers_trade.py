"""The trade name of an outlet, company or house within the phrase that describes it: وكالة الأنباء المحلية "أنم"."""

from __future__ import annotations

from pipeline.text.claims_frame import PREPOSITIONS, PUNCTUATION, Frame, Name
from pipeline.text.claims_words import word_key
from pipeline.text.speakers import Phrase
from pipeline.text.speakers_persons import unnamed
from pipeline.text.speakers_register import OUTLETS

NAMED_BY_QUOTE = OUTLETS | {word_key(w) for w in ["وكالة", "شركة", "منصة", "تطبيق", "دار", "متجر"]}


def trade_name(frame: Frame, phrase: Phrase) -> Name | None:
    """The name in quotation marks in وكالة الجمهورية الإيرانية للأنباء "إرنا"."""
    for k in range(phrase.first + 1, phrase.last):
        if frame.opens(k) and frame.quote_last(k) - k <= 4:
            quote = frame.quotes[frame.quote(k)]
            inner = next((n for n in frame.names if n.start >= quote.start and n.end <= quote.end), None)
            text = frame.text[quote.inner_start : quote.inner_end]
            own = inner is not None and word_key(inner.canonical.split()[0]) not in NAMED_BY_QUOTE
            return Name(quote.inner_start, quote.inner_end, "ORG", inner.canonical if inner and own else text)
        if frame.key(k) == "(" and (inside := _in_brackets(frame, k, phrase.last)) is not None:
            return inside
    return _plain_trade_name(frame, phrase)


def _in_brackets(frame: Frame, k: int, stop: int) -> Name | None:
    """The trade name in the brackets that open at word k: وكالة أنباء المدن (أنم) — not: صحيفة المدن (الحكومية)."""
    close = next((j for j in range(k + 1, min(k + 8, stop)) if frame.key(j) == ")"), None)
    if close is None or close == k + 1 or frame.key(k + 1)[:1].isdigit():
        return None
    if frame.key(k + 1).startswith("ال") and frame.key(k + 1).endswith("ية"):
        return None
    start, end = frame.words[k + 1].start, frame.words[close - 1].end
    known = frame.name_at(start)
    whole = known is not None and known.end == end and known.type == "ORG"
    return Name(start, end, "ORG", known.canonical if known is not None and whole else frame.text[start:end])


def _foreign_name(frame: Frame, phrase: Phrase) -> Name | None:
    """A name of two to four words behind an outlet's head, of which the recogniser knows a part: صحيفة [ذي غارديان]."""
    first, last = phrase.first + 1, phrase.last
    while last > first and frame.key(last - 1).startswith(("ال", "لل")) and not frame.in_name(last - 1):
        last -= 1  # the adjectives
    inside = range(first, last)
    foreign = [frame.in_name(k) or frame.words[k].upos in {"PROPN", "X"} for k in inside]
    plain = PREPOSITIONS.keys() | PUNCTUATION | {"انباء", "اخبار"}  # وكالة أنباء رويترز is no foreign name
    common = any(frame.key(k) in plain for k in inside)
    if common or not 2 <= len(inside) <= 4 or frame.key(first).startswith("ال") or foreign.count(False) > 1:
        return None
    start, end = frame.words[first].start, frame.words[last - 1].end
    known = [n for n in frame.names if start <= n.start and n.end <= end]
    part = bool(known) and not any(n.start == start and n.end == end for n in known)
    return Name(start, end, "ORG", frame.text[start:end]) if part else None


def _plain_trade_name(frame: Frame, phrase: Phrase) -> Name | None:
    """The name between an outlet's head and its adjectives: وكالة [أنسا] الإيطالية — not: وكالة الأنباء الإيطالية."""
    if (whole := _foreign_name(frame, phrase)) is not None:
        return whole
    last = phrase.first + 1
    while last < min(phrase.last, phrase.first + 4) and unnamed(frame, last, last > phrase.first + 1):
        last += 1
    if last == phrase.first + 1 or frame.words[phrase.first + 1].upos not in {"PROPN", "X"}:
        return None
    rest = range(last, phrase.last)
    if not rest or not all(frame.key(k).startswith(("ال", "لل")) for k in rest):
        return None
    start, end = frame.words[phrase.first + 1].start, frame.words[last - 1].end
    return Name(start, end, "ORG", frame.text[start:end])
