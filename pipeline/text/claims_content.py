"""Where the content of a report ends, and its spans and quotations in characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pipeline.text.claims_frame import PREPOSITIONS, PUNCTUATION, Frame
from pipeline.text.claims_nouns import Complement
from pipeline.text.claims_words import is_event_noun, phrase_class, word_class
from pipeline.text.cues import Hit
from pipeline.text.normalise import strip_marks
from pipeline.text.speakers_words import WITH_PRONOUN

Span = tuple[int, int]
_CONNECTIVES = frozenset(
    [
        "كما",
        "فيما",
        "بينما",
        "لكنه",
        "لكنها",
        "لكنهم",
        "ولكنه",
        "ولكنها",
        "لكن",
        "ولكن",
        "وفيما",
        "وكما",
        "ثم",
        "وقد",
        "اذ",
    ]
)
_CHARGE_END = frozenset(["الي", "بحق", "ضد", "لدي", "خلال"])
_ENDS = frozenset(["tag", "tag_verb", "tag_own", "hal", "formula"])


LONGEST = 400
"""Words of a content at most; keeps the work linear where a text has no sentences."""


class Content(NamedTuple):
    """spans: of the content; quoted: verbatim stretches without their marks; kind: direct, mixed, indirect."""

    spans: list[Span]
    quoted: list[Span]
    kind: str


def last_word(frame: Frame, hit: Hit, comp: Complement, active: Mapping[int, Hit]) -> int:
    """One past the last word of the content that begins at ``comp.first``.

    ``active``: first word → cue, of the cues of the sentence that report something.
    """
    words, start = frame.words, comp.first
    inside = frame.quote(hit.first)
    k = start
    if comp.rule == "quote" or (frame.opens(start) and frame.quote(start) != inside):
        k = frame.quote_last(start)
        named = frame.key(k).isalpha() and not frame.key(k).startswith("و")  # أن «الحزب الأحمر» أعلن
        name = comp.rule == "an" and k - start <= 3 and (named or _goes_on(frame, k, active))
        if comp.rule == "quote" or (not name and _after_quotation(frame, k, active) == "end"):
            return _full_quotation(frame, start, k, active)
    stop = min(len(words), k + LONGEST)
    while k < stop:
        word = words[k]
        if inside >= 0 and word.quote != inside:
            break
        if word.quote != inside and word.quote >= 0:
            k = frame.quote_last(k)
            continue
        if k > start and (
            _stops(frame, hit, start, k, active, comp.rule == "colon") or _noun_stops(frame, comp, hit, k)
        ):
            break
        apart = word.key in _CHARGE_END and frame.key(k + 1) != "الانسانية"  # جرائم ضد الإنسانية
        if comp.rule == "charge" and (apart or _charge_over(frame, hit, start, k)):
            break
        k += 1
    return _trim(frame, start, k)


def _full_quotation(frame: Frame, start: int, k: int, active: Mapping[int, Hit]) -> int:
    """End of a content that opens with a quotation: further quotations of a list belong to it."""
    while frame.key(k) in {"،", ",", "و"} and frame.opens(k + 1) and k + 1 not in active:
        k = frame.quote_last(k + 1)
    return k


def _goes_on(frame: Frame, k: int, active: Mapping[int, Hit]) -> bool:
    """Whether a clause goes on behind the comma at word k: أن «عيد المدينة»، سجل … — not: أن "لا عودة"، مشيرا إلى."""
    key = frame.key(k + 1)
    if frame.key(k) not in {"،", ","} or not key or k + 1 in active or frame.quote(k + 1) >= 0:
        return False
    if key.startswith("و") or k + 1 in frame.hit_at or frame.phrase(k + 1, phrase_class("content_stops")):
        return False
    return frame.words[k + 1].upos in {"VERB", ""}


def _after_quotation(frame: Frame, k: int, active: Mapping[int, Hit]) -> str:
    """Whether the content ends with the quotation before word k: ``end`` or ``on``."""
    key = frame.key(k)
    if not key or k in active or (key in PUNCTUATION and key != "("):
        return "on" if key in {"،", ","} and frame.opens(k + 1) else "end"
    if key.startswith("و") and frame.quote(k) < 0 and not frame.opens(k) and len(key) > 3:
        return "end" if frame.words[k].upos == "VERB" or key[1] in "يتسن" or key.endswith("ت") else "on"
    return "on"


def _stops(
    frame: Frame, hit: Hit, first: int, k: int, active: Mapping[int, Hit], speech: bool = False
) -> bool:
    """Whether the content ends before word k; ``speech``: words after a colon, whose حيث and مما are the speaker's own."""
    key, before = frame.key(k), frame.key(k - 1)
    other = active.get(k)
    if other is not None and other is not hit:
        if other.entry.kind in _ENDS or other.joined:
            return True
        fronted = not other.joined and _fronted(frame, first, k)
        if other.entry.kind == "verb" and not fronted and (before in {"،", ","} or before in _CONNECTIVES):
            return True
    if key == "؛":
        return not frame.key(k + 1).startswith(_GROUNDS)
    if key == "حيث" and before != "من":
        return not speech or _reports(active.get(k + 1))  # … ، حيث قال: …
    if key == "." and frame.key(k + 1) not in {".", ""} and before != ".":
        return True
    return before in {"،", ","} and _reporter_goes_on(frame, hit, k, active, speech)


def _fronted(frame: Frame, first: int, k: int) -> bool:
    """Whether all there is of the content before word k is an adjunct at its head, so that the clause behind the comma is
    what is said: فيما يتعلق بالخبر، أشارت الأنباء إلى."""
    key = frame.key(first)
    if frame.key(k - 1) not in {"،", ","} or k - first > 14:
        return False
    topic = key == "فيما" and frame.key(first + 1) in {"يخص", "يتعلق"}
    topic = topic or (key in {"بالنسبة", "بخصوص", "بشان"})
    return topic and not any(frame.key(j) in {"،", ","} for j in range(first, k - 1))


def _reporter_goes_on(frame: Frame, hit: Hit, k: int, active: Mapping[int, Hit], speech: bool) -> bool:
    """Whether a clause of the reporter's own begins behind the comma before word k."""
    key = frame.key(k)
    if key in {"لكن", "ولكن", "الا", "غير", "بيد"} and any(
        _reports(active.get(j)) for j in range(k + 1, k + 5)
    ):
        return True  # ، لكن الوزير أخبرهم بأن، إلا أنها رفضت
    if (
        not speech
        and frame.phrase(k, phrase_class("content_stops"))
        and frame.key(k + 1) not in {"يخص", "يتعلق", "يلي"}
    ):
        return True
    other = frame.hit_at.get(k)  # ، مشددا على ثقته: the reporter goes on, whatever the participle governs
    return other is not None and other.first == k and other.entry.kind == "hal" and hit.entry.kind != "hal"


# What a speaker goes on with after ؛: grounds and consequences. Else the reporter does.
_GROUNDS = ("ف", "كون", "لان", "اذ", "بل", "مما")


def _reports(hit: Hit | None) -> bool:
    return hit is not None and hit.entry.kind == "verb"


def _noun_stops(frame: Frame, comp: Complement, hit: Hit, k: int) -> bool:
    """A content that is a noun phrase ends earlier: a charge at the next comma, an event before '، مع …'."""
    word = frame.key(k)
    if word == "بشكل" and comp.rule == "object":
        return hit.entry.stance == "deny"  # رفض التعليق بشكل مباشر
    if word[:1] == "و" and comp.rule in {"prep", "object"} and k > comp.first + 1:
        clausal = frame.key(comp.first).startswith("كون")  # أكد على كونهم جاهزين، وسيلعبون
        if not clausal and _future(frame, comp.first, k):
            return True  # أعلنت عن تقديمها جائزة، وسيحصل عليها
    if comp.rule in {"prep", "object"} and k > comp.first and _circumstance(frame, hit, comp.first, k):
        return True
    if word not in {"،", ","}:
        return False
    if comp.rule == "charge" or hit.entry.act == "accuse":
        key = frame.key(k + 1)
        further = key.startswith(("و", "وب")) and key[1:].removeprefix("ب") not in PREPOSITIONS
        return not (further and is_event_noun(key[1:].removeprefix("ب"), key[1:].removeprefix("ب")))
    if comp.rule not in {"prep", "object"}:
        return False
    return frame.key(k + 1) in _AFTERWARDS or _did(frame, comp.first, k + 1)


_AFTERWARDS = frozenset(["مع", "بعد", "عقب", "اثر", "قبل", "بعدما", "قبيل", "بعيد", "غداة", "عشية"])


def _circumstance(frame: Frame, hit: Hit, first: int, k: int) -> bool:
    """Whether the reporter tells at word k when it was announced: رفع التأهب مع اقتراب …، فيما …، ترشحه قبيل … — not:
    مقتل رجل قبيل …: there it dates the event."""
    key, own = frame.key(k), frame.key(first).endswith(("ه", "ها", "هم")) or hit.entry.act == "request"
    if key in {"فيما", "بينما"}:
        return frame.key(k + 1) not in {"يخص", "يتعلق", "يلي", "بينهم", "بينها", "اذا", "لو"}
    if key == "مع":
        return frame.key(k + 1) == "اقتراب"
    return own and key in {"بعدما", "قبيل", "بعيد", "غداة", "عشية"}


def _did(frame: Frame, first: int, k: int) -> bool:
    """Whether a verb joined by و at word k tells what was done besides: تعهدت بوضع حد للتبذير، وفرضت ضرائب."""
    key = frame.key(k)
    if not key.startswith("و") or len(key) < 4 or frame.in_name(k):
        return False
    if frame.words[k].upos != "VERB" or is_event_noun(key[1:], frame.raw(k)[1:]):
        return False
    return not any(frame.words[j].upos == "VERB" for j in range(first, k))


def _charge_over(frame: Frame, hit: Hit, start: int, k: int) -> bool:
    """Whether the definite charge of المتهم بـ ends before word k: المتهمين بالفساد [فيه]، بالسرقة [موجة]."""
    if hit.entry.kind != "accused" or k != start + 1 or not frame.key(start).startswith("بال"):
        return False
    key = frame.key(k)
    return key in WITH_PRONOUN or (
        frame.words[k].upos in {"NOUN", "VERB"}
        and key.isalpha()
        and not key.startswith(("ال", "و", "ل", "ب"))
    )


def _future(frame: Frame, first: int, k: int) -> bool:
    """Whether a clause of its own begins at word k, which no event noun can be joined to: وسيحصل، وسوف."""
    key = frame.key(k)
    if frame.in_name(k) or frame.words[k].upos not in {"VERB", "AUX", "PART", "CCONJ", ""}:
        return False
    if frame.words[k].upos == "VERB" and key[:2] in {"وي", "وت"} and len(key) > 4:
        noun = is_event_noun(key[1:], frame.raw(k)[1:])  # دعا لطردهم ويصفهم; not: برامج تشمل … وتستهدف
        return not noun and not any(frame.words[j].upos == "VERB" for j in range(first, k))
    return key in {"وسوف", "ولن"} or (key[:2] == "وس" and key[2:3] in set("يت") and len(key) > 5)


def _trim(frame: Frame, start: int, end: int) -> int:
    """Drop punctuation and connectives at the end of a content."""
    trailing = word_class("trailing")
    while end > start + 1:
        key = frame.key(end - 1)
        if (key in PUNCTUATION and key not in ")") or (key in trailing and frame.quote(end - 1) < 0):
            end -= 1
        else:
            break
    return end


def build(frame: Frame, pieces: Sequence[tuple[int, int, int]], inside: int) -> Content:
    """Spans in characters of word ranges (first, last, folded letters of the first word to leave out).

    ``inside``: the quotation that holds the cue itself, or -1; its marks are not the content's.
    """
    spans, quoted = [], []
    for first, last, skip in pieces:
        start, end = frame.words[first].start, frame.words[last - 1].end
        if skip:
            start += strip_marks(frame.raw(first))[1][skip]
        numbers = sorted({w.quote for w in frame.words[first:last] if w.quote >= 0 and w.quote != inside})
        for number in numbers:
            quote = frame.quotes[number]
            inner = (max(quote.inner_start, start), min(quote.inner_end, max(end, quote.inner_end)))
            quoted.append(_strip(frame.text, *inner))
            if frame.words[first].quote == number and frame.opens(first) and not skip:
                start = min(start, quote.start)
            if frame.words[last - 1].quote == number:
                whole = not (skip and frame.opens(first))  # "بانتهاك …": what بـ governs, without the marks
                end = max(end, quote.end if whole else quote.inner_end)
        spans.append(_unwrap(frame, (start, end), numbers))
    gloss = _is_gloss(frame, spans, quoted)
    return Content(spans, [] if gloss else quoted, kind_of(frame.text, spans, [] if gloss else quoted))


def _strip(text: str, start: int, end: int) -> Span:
    """Take white space and final punctuation off a quotation's inside.

    >>> _strip("نعم، ", 0, 5)
    (0, 3)
    """
    while start < end and text[start].isspace():
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in ".،,؛"):
        end -= 1
    return start, end


def _unwrap(frame: Frame, span: Span, numbers: Sequence[int]) -> Span:
    """Drop the outer marks where one quotation is the whole span."""
    if len(numbers) == 1:
        quote = frame.quotes[numbers[0]]
        if span[0] == quote.start and span[1] <= quote.end:
            return _strip(frame.text, quote.inner_start, quote.inner_end)
    return _strip(frame.text, *span)


def _is_gloss(frame: Frame, spans: Sequence[Span], quoted: Sequence[Span]) -> bool:
    """Whether the only quotations are names: up to three words, in a longer content, after a word that is named.

    >>> # شركة "فيسبوك" names, موقع ليفربول "مستحق" quotes
    """
    for start, end in quoted:
        words = frame.text[start:end].split()
        if len(words) > 3 or any(s <= start and end <= e and e - s <= end - start + 2 for s, e in spans):
            return False
        k = frame.word_at(start)
        named = any(n.start < end and start < n.end for n in frame.names) and frame.key(k) not in word_class(
            "idafa_heads"
        )
        latin = any("a" <= c.lower() <= "z" for c in frame.text[start:end])
        if not (
            named
            or latin
            or (frame.key(k - 1) in word_class("quoted_name_heads") and frame.key(k - 1) not in PREPOSITIONS)
        ):
            return False
    return True


def kind_of(text: str, spans: Sequence[Span], quoted: Sequence[Span]) -> str:
    """direct where the quotations cover the content (marks and punctuation aside), indirect where there are none.

    >>> kind_of("نعم", [(0, 3)], [(0, 3)]), kind_of("نعم لا", [(0, 6)], [(0, 3)]), kind_of("لا", [(0, 2)], [])
    ('direct', 'mixed', 'indirect')
    """
    if not quoted:
        return "indirect"
    covered = set().union(*(range(s, e) for s, e in quoted))
    left = sum(text[i].isalnum() for s, e in spans for i in range(s, e) if i not in covered)
    return "direct" if left <= 1 else "mixed"
