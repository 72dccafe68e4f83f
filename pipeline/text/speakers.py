"""The speaker's noun phrase in the clause of a cue.

Verb first (قال الوزير), subject first (الوزير يؤكد، كانت الوزارة أشارت), after a tag (وفق وكالة …), as a clitic
(لكنها شددت) or not at all (وأضاف). Phrases are bounded by closed classes: time words, prepositions of speaking, media.
"""

from __future__ import annotations

from typing import NamedTuple

from pipeline.text import speakers_slot
from pipeline.text.claims_frame import PREPOSITIONS, PUNCTUATION, Frame
from pipeline.text.claims_words import an_marker, bare, is_event_noun, word_class
from pipeline.text.cues import Hit
from pipeline.text.speakers_nominal import nominal
from pipeline.text.speakers_words import (
    AFTER_SUBJECT,
    DANGLING,
    FOR,
    PAST,
    RELATIVE,
    SPANS,
    TIME,
    WITH_PRONOUN,
    titles,
)

LONGEST = 26


class Phrase(NamedTuple):
    """Words [first, last) and, for a clitic, how many of the word's last letters it is (else 0); ``skip``: folded
    letters of a preposition (لـ، بـ) at its head."""

    first: int
    last: int
    clitic: int = 0
    skip: int = 0


def after(frame: Frame, k: int, stop: int, appositions: int = 2, governed: bool = False) -> Phrase | None:
    """The noun phrase that begins at or after word k and before ``stop``, adjuncts before it passed over.

    ``governed``: لـ at its head is the preposition of the cue (وفقا لصحيفة), not that of an addressee.
    """
    k = _skip_adjuncts(frame, k, stop)
    if k >= stop or not (nominal(frame, k) or (governed and frame.key(k).startswith("ل"))):
        return None
    last = phrase_end(frame, k, stop, appositions)
    return Phrase(k, last) if last > k else None


def _skip_adjuncts(frame: Frame, k: int, stop: int) -> int:
    """Pass over time words, commas and whole adjunct phrases between commas before a late subject."""
    while k < stop:
        key = frame.key(k)
        if key in {"،", ",", "#"} or key in TIME or (key in word_class("adjuncts") and _is_time(key)):
            k += 1
        elif key.isdigit() and frame.key(k + 1) in word_class("media"):
            k += 4 if frame.key(k + 2) == "/" else 2  # 19 يوليو/ تموز
        elif key == "اول" and frame.key(k + 1) == "من" and frame.key(k + 2) == "امس":
            k += 3
        elif key in {"من"} and frame.key(k + 1) in {"جانبه", "جانبها", "جهته", "جهتها", "ناحيته", "ناحيتها"}:
            k += 2
        elif key in WITH_PRONOUN:
            k += 1
        elif key == "ل" and frame.opens(k + 1):
            k = frame.quote_last(k + 1)  # أكد لـ"الأمل" مصدر خاص
        elif (late := _behind_occasion(frame, k, stop)) is not None:
            k = late
        elif key in word_class("adjuncts") or key in PREPOSITIONS:
            comma = next((j for j in range(k, min(stop, k + 14)) if frame.key(j) in {"،", ","}), None)
            if comma is None or comma + 1 >= stop:
                return stop
            k = comma + 1
        else:
            break
    return k


_OCCASIONS = frozenset(["في", "خلال", "عقب", "منذ", "عبر", "مساء", "صباح"])


def _behind_occasion(frame: Frame, k: int, stop: int) -> int | None:
    """Where a titled or named subject begins behind a short occasion without a comma: أعلن في أبريل الماضي [الوزير …];
    None where the noun of the occasion may govern it (في بيان الوزارة)."""
    if frame.key(k) not in _OCCASIONS or not (
        frame.key(k + 1) in word_class("media") or frame.key(k + 1) in TIME
    ):
        return None
    last = k + 2
    while last < min(k + 5, stop) and (
        frame.key(last) in PAST | TIME or frame.key(last)[:1].isdigit() or frame.words[last].upos == "ADJ"
    ):
        last += 1
    if last == k + 2 or last >= stop:
        return None
    name = frame.name_at(frame.words[last].start)
    named = name is not None and name.type in {"PER", "ORG"}
    return (
        last
        if named or bare(frame.key(last)) in titles() or frame.key(last) in word_class("person_heads")
        else None
    )


def _is_time(key: str) -> bool:
    return key in TIME


def phrase_end(frame: Frame, k: int, stop: int, appositions: int = 2) -> int:  # noqa: PLR0912
    """One past the last word of the noun phrase that begins at word k."""
    first, relative = k, False
    stop = min(stop, k + LONGEST, len(frame.words))
    while k < stop:
        key = frame.key(k)
        if frame.opens(k) and frame.quote_last(k) <= stop:
            speech = not frame.name_like(k) and frame.quote_last(k) - k > 3
            if speech or (k > first and _named_person(frame, first, k)):
                break
            whole = k == first
            k = frame.quote_last(k)
            if whole and not frame.key(k).startswith("ال"):
                break
            continue
        if key in {"،", ","}:
            end = _apposition(frame, k, stop) if appositions and not relative else None
            if end is None:
                break
            appositions, k = appositions - 1, end
            continue
        if key == "(":
            close = next((j for j in range(k, min(k + 9, stop)) if frame.key(j) == ")"), None)
            if close is None:
                break
            k = close + 1
            continue
        if key == "." and len(frame.key(k - 1)) == 1 and frame.key(k - 1).isalpha() and k + 1 < stop:
            k += 1  # د. سامي حداد
            continue
        if key == ":" and (end := speakers_slot.behind_colon(frame, first, k)) is not None:
            return end
        if key in PUNCTUATION and not (key in "-–/#" and k + 1 < stop):
            break  # الجيش الوطني في #اليمن goes on
        inner = k == first or (key == "فان" and frame.in_name(k))  # إريك فان دام, not فإن
        if not inner and _ends_at(frame, first, k, relative) and not _named_later(frame, first, k, stop):
            break
        relative = relative or key in RELATIVE or (k > first and _described(frame, first, k))
        k += 1
    while k > first + 1 and frame.key(k - 1) in _LEFT_OVER:
        k -= 1
    return k


_LEFT_OVER = DANGLING | RELATIVE | PREPOSITIONS.keys() | {"قد", "كان", "كانت"}


def _office_goes_on(frame: Frame, first: int, k: int, stop: int) -> bool:
    """Whether the preposition at word k belongs to an office whose holder's title and name follow without a comma: مدير
    هيئة النهي [عن المنكر بالمدينة الشيخ سامي حداد] — not: مسؤول في لقاء مع الوزير سامي حداد."""
    if frame.key(k) not in PREPOSITIONS or bare(frame.key(first)) not in titles() or k - first < 2:
        return False
    for j in range(k + 1, min(k + 9, stop)):
        key = frame.key(j)
        if (
            key in PUNCTUATION
            or j in frame.hit_at
            or an_marker(key)
            or key in word_class("media")
            or key in TIME
        ):
            return False
        name = frame.name_at(frame.words[j].start)
        if name is not None and name.type == "PER":
            return bare(frame.key(j - 1)) in titles() and frame.key(j - 1).startswith("ال")
        if key in {"مع", "بحضور", "لدي", "امام"}:
            return False
    return False


def _named_later(frame: Frame, first: int, k: int, stop: int) -> bool:
    """Whether the preposition at word k only tells the office of a person whom an apposition names: الوكيل الخاص من
    قسم الشرطة في بغداد، سامي حداد — not: الوكيل الخاص من بغداد أن."""
    if _named_person(frame, first, k):
        return False
    if _office_goes_on(frame, first, k, stop):
        return True
    if frame.key(k) not in {"من", "في"} or not frame.key(first).startswith("ال"):
        return False
    for j in range(k + 1, min(k + 10, stop - 1)):
        if frame.key(j) in {"،", ","}:
            name = frame.name_at(frame.words[j + 1].start)
            return name is not None and name.type == "PER"
        if j in frame.hit_at or an_marker(frame.key(j)) or frame.key(j) in PUNCTUATION:
            return False
        if frame.key(j) in word_class("media") or frame.key(j) in TIME:
            return False
    return False


def _cue_at(frame: Frame, k: int) -> Hit | None:
    """The cue at word k; not one that is a cue only at the head of a clause (عبر الإنترنت) and stands inside one."""
    hit = frame.hit_at.get(k)
    inside = hit is not None and hit.entry.kind == "verb" and "initial" in hit.entry.gate and not hit.joined
    return None if inside and frame.key(k - 1) not in PUNCTUATION and k else hit


def _ends_at(frame: Frame, first: int, k: int, relative: bool, apposed: bool = False) -> bool:
    """Whether word k no longer belongs to the noun phrase that began at ``first``."""
    key, before = frame.key(k), frame.key(k - 1)
    hit = _cue_at(frame, k)
    if hit is not None and hit.first == k and hit.entry.kind in {"verb", "hal", "tag", "tag_verb", "tag_own"}:
        return not (relative and before in RELATIVE) or hit.entry.relative
    if _aside(frame, first, k, relative):
        return True
    if key in PREPOSITIONS or key in {"عبر", "مع"}:
        return _preposition_ends(frame, first, k, relative, apposed)
    if key in RELATIVE:
        told = frame.hit_at.get(k + 1)  # كما يوضح سامي حداد الذي يرى أن
        return told is not None and told.entry.kind == "verb" and _named_person(frame, first, k)
    if relative:
        late = before not in RELATIVE and frame.words[k].upos == "VERB" and not frame.in_name(k)
        return late or (key in word_class("adjuncts") and _is_time(key))
    if key.startswith("ل"):
        return _lam_ends(frame, first, k)
    if key in word_class("adjuncts") or key in WITH_PRONOUN:
        on = frame.key(k + 1) if k + 1 < len(frame.words) else "1"
        day = key == "يوم" and not (on in TIME or on[:1].isdigit())
        office = key in {"عام", "اول"} and (k - first == 1 or bare(before) in titles())  # مدير عام الخطوط
        title = k == first + 1 and before in word_class("quoted_name_heads")  # صحيفة صباح
        title = title or (
            key == "مطلع" and before.removeprefix("ل") in word_class("person_heads")
        )  # مصدر مطلع
        return not day and key not in {"ظهر", "حاليا"} and not office and not title
    verb = key[:1] in "يتسن" and frame.words[k].upos == "VERB" and not frame.in_name(k)
    return verb and not _described(frame, first, k) and not speakers_slot.given(frame, first, k)


def _aside(frame: Frame, first: int, k: int, relative: bool) -> bool:
    """Whether word k is no part of a subject by its form: a passive (فحوص أُجريت), an accusative (فلان مبتسمًا), a
    medium or reason with بـ behind a name (فلان بمقابلة), a particle of the verb, a time."""
    key, raw = frame.key(k), frame.raw(k)
    if raw[1:2] == "\u064f" and raw[0] in "أيت":
        return True
    if key.startswith("ب") and not frame.in_name(k):
        if key[1:] in word_class("media"):
            return True
        if not relative and (frame.key(k - 1) == ")" or _named_person(frame, first, k)):
            return not speakers_slot.surname(frame, k)
    if "\u064b" in raw and not relative:
        return True
    if key in TIME and key.endswith("ا") and not relative:
        return True  # أخيرا، لاحقا
    if key in _TOO:
        return True
    time = key in {"هذا", "هذه"} and frame.key(k + 1) in SPANS
    time = time or (key in SPANS and frame.key(k + 1) in PAST)
    return time or (key in AFTER_SUBJECT and not relative) or an_marker(key) is not None


def _preposition_ends(frame: Frame, first: int, k: int, relative: bool, apposed: bool) -> bool:
    """Whether the preposition at word k opens an adjunct of speaking rather than a part of the phrase."""
    key, before, following = frame.key(k), frame.key(k - 1), frame.key(k + 1)
    inner = word_class("inner_prepositions")
    if key == "عبر" and not apposed:
        return not relative
    if key in {"في", "عبر"}:
        own = following.endswith(("ه", "ها", "هم")) and len(following) > 4 and not frame.in_name(k + 1)
        medium = following in word_class("media") or following in _NOTICES or (own and not relative)
        if apposed or medium:
            return medium
        named = following[:1].isdigit() or _named_person(frame, first, k)
        return named or not (_common_head(frame, first) or relative)
    if relative:
        return False
    if key == "من":
        return _of_ends(frame, first, k)
    if key == "عن" and (before in _OUT_OF or _for_which(frame, first, k)):
        return False  # بيان صادر عن الوزارة
    if key in {"عن", "الي"} and any(bare(frame.key(j)) in FOR for j in range(first, k)):
        return False  # عضو البرلمان عن حزب، السفيرة إلى
    return before not in inner and bare(before) not in inner


_NOTICES = frozenset(["اعلان", "تعميم", "اشعار"])
"""Texts in which a body speaks, besides the media: البنك في إعلان; and المنظمة في أرقامها."""


def _for_which(frame: Frame, first: int, k: int) -> bool:
    """Whether عن at word k tells what a body is for: جماعة (المدن) للدفاع عن الحقوق."""
    before = frame.key(k - 1)
    noun = before[2:] if before.startswith(("ال", "لل")) else ""
    body = frame.key(first) in word_class("idafa_heads") or frame.key(first) in word_class(
        "quoted_name_heads"
    )
    return body and bool(noun) and is_event_noun(noun, noun)


_TOO = frozenset(["كذلك", "ايضا", "بدوره", "بدورها"])
_OUT_OF = frozenset(["صادر", "صادرة", "الصادر", "الصادرة", "صدر", "صدرت"])


def _of_ends(frame: Frame, first: int, k: int) -> bool:
    """Whether من at word k is no part of the phrase: not in مسؤول الوقاية من الحرائق, امرأة من ولاية …, عدد من …"""
    before = frame.key(k - 1)
    if before.startswith("ال") and is_event_noun(before, frame.raw(k - 1)):
        return False
    if k == first + 1 and before in word_class("person_heads") and not before.startswith("ال"):
        return frame.key(k + 1)[:1].isdigit()
    return before not in word_class("inner_prepositions") and not frame.key(first).startswith(("عدد", "احد"))


def _lam_ends(frame: Frame, first: int, k: int) -> bool:
    """Whether لـ at word k names the addressee (لوكالة، للصحفيين) rather than a complement (لشؤون الأمن)."""
    key = frame.key(k)
    if not frame.in_name(k) and _named_person(frame, first, k):
        return True
    start = frame.words[k].start
    if any(n.type == "PER" and n.start == start + 1 for n in frame.names) and frame.in_name(k - 1):
        return True  # واشنطن لعباس
    if frame.key(first).removeprefix("ال") in word_class("document_heads"):
        return False  # تقرير لصحيفة …: the issuer of a document
    called = word_class("addressees")
    if key.startswith("لل"):
        addressed = "ال" + key[2:] in called or key[2:] in called
    else:
        addressed = key == "ل" or (len(key) > 2 and key[1:] in called)
    return addressed and not _named_behind(frame, first, k)


def _described(frame: Frame, first: int, k: int) -> bool:
    """Whether the verb at word k describes an indefinite noun (هيئة محلية تعمل في المجال) and so is part of the phrase."""
    if frame.key(k)[:1] not in "يت" or k in frame.hit_at or frame.words[k].upos != "VERB":
        return False
    words = range(first, k)
    inside = (n for n in frame.names if frame.words[first].start <= n.start < frame.words[k].start)
    named = any(n.type != "LOC" or frame.word_at(n.start) == first for n in inside)  # هيئة سورية معارضة تنشط
    plain = not any(frame.key(j).startswith(("ال", "لل", "و")) or frame.key(j) in PREPOSITIONS for j in words)
    return plain and not named


def _named_behind(frame: Frame, first: int, k: int) -> bool:
    """Whether the name of a person still follows a title whose complement لـ opens: المدير التنفيذي لبرنامج … سامي حداد."""
    start, end = frame.words[first].start, frame.words[k].start
    if any(n.type == "PER" and start <= n.start < end for n in frame.names):
        return False
    for j in range(k + 1, min(k + 12, len(frame.words))):
        key = frame.key(j)
        if frame.quote(j) >= 0 or key in {"في", "-"}:
            continue
        if key in PUNCTUATION or key in word_class("adjuncts") or an_marker(key) or j in frame.hit_at:
            return False
        name = frame.name_at(frame.words[j].start)
        if name is not None and name.type == "PER":
            return True
    return False


def _named_person(frame: Frame, first: int, k: int) -> bool:
    """Whether the phrase so far ends in the name of a person: a place after it is where he spoke."""
    end = frame.words[k - 1].end
    return any(n.type == "PER" and n.end == end and n.start >= frame.words[first].start for n in frame.names)


def _common_head(frame: Frame, first: int) -> bool:
    key = frame.key(first)
    if frame.words[first].upos == "NOUN" and not frame.in_name(first):
        return True
    heads = ("idafa_heads", "person_heads", "inner_prepositions")
    return any(key in word_class(c) for c in heads) or key.startswith("ال") or key.endswith("ة")


def _apposition(frame: Frame, comma: int, stop: int) -> int | None:
    """End of the apposition after a comma (at the next comma, or at ``stop``), or None where there is none.

    قال جاك أوبال، الرئيس التنفيذي للشركة، إن — not: قال جاك أوبال، خلال لقاء، إن
    """
    k = comma + 1
    if (end := _belonging(frame, comma, stop)) is not None:
        return end
    if frame.key(k) == "#" and k + 1 < stop and frame.in_name(k + 1):
        comma, k = k, k + 1  # الرئيس المحلي، #سامي_حداد
    if k >= stop or not nominal(frame, k) or frame.key(k) in word_class("adjuncts") or frame.opens(k):
        return None
    key = frame.key(k)
    if frame.words[k].upos == "VERB" and not frame.in_name(k):
        return None
    if key in TIME or (key.startswith("و") and frame.name_at(frame.words[k].start) is None and len(key) > 3):
        return None
    while k < stop and k - comma < 18:
        key = frame.key(k)
        if key in {"،", ","}:
            return k
        hit = _cue_at(frame, k)
        if key == ":" or (hit is not None and hit.entry.kind in {"verb", "hal"}):
            return None
        if k > comma + 1 and _ends_at(frame, comma + 1, k, False, True):
            return k
        k += 1
    return k if k == stop else None


def _belonging(frame: Frame, comma: int, stop: int) -> int | None:
    """End of the body that a person belongs to, between commas: ليلى حداد، من هيئة الصحة، — not: من جهة أخرى."""
    if frame.key(comma + 1) != "من" or not any(
        n.type == "PER" and n.end == frame.words[comma - 1].end for n in frame.names
    ):
        return None
    end = next((j for j in range(comma + 2, min(comma + 12, stop)) if frame.key(j) in {"،", ",", ":"}), stop)
    if end - comma > 11 or any(j in frame.hit_at for j in range(comma + 2, end)):
        return None
    start = frame.words[comma + 2].start if comma + 2 < stop else -1
    body = frame.name_at(start) is not None or frame.key(comma + 2) in word_class("idafa_heads")
    return end if body else None
