"""The speaker's noun phrase in the clause of a cue.

Verb first (قال الوزير), subject first (الوزير يؤكد، كانت الوزارة أشارت), after a tag (وفق وكالة …), as a clitic
(لكنها شددت) or not at all (وأضاف). Phrases are bounded by closed classes: time words, prepositions of speaking, media.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.text import names as nm
from pipeline.text.claims_frame import PREPOSITIONS, PUNCTUATION, Frame
from pipeline.text.claims_words import an_marker, bare, is_event_noun, word_class
from pipeline.text.cues import Hit

_LONGEST = 26
RELATIVE = frozenset(["الذي", "التي", "الذين", "اللذان", "اللتان", "اللذين", "والذي", "والتي"])
_CLITIC = re.compile(r"^(?:و|ف)?(?:لكن|ان|بان)(ه|ها|هم|هما)$")
_PRONOUN_SUBJECT = frozenset(["هو", "هي", "هم", "هما"])
_SUBJECT_OPENERS = frozenset(
    [
        "كان",
        "كانت",
        "وكان",
        "وكانت",
        "ان",
        "بان",
        "لكن",
        "ولكن",
        "وكانوا",
        "فان",
        "وان",
        "لان",
        "حيث",
        "بينما",
        "فيما",
        "اذ",
        "لكون",
    ]
)
_IN_NAME = frozenset(["باسم", "بن", "ابن", "بنت", "ابو", "عبد"])
_NOT_NOMINAL = (
    frozenset(
        [
            "قد",
            "لقد",
            "وقد",
            "لم",
            "لن",
            "لا",
            "ما",
            "هل",
            "سوف",
            "كان",
            "كانت",
            "وكان",
            "وكانت",
            "هو",
            "هي",
            "لكن",
            "ولكن",
            "بل",
            "ام",
            "او",
            "حتي",
            "لان",
            "لانه",
            "كي",
            "لكي",
            "ليس",
            "ليست",
            "وليس",
            "عندما",
            "حين",
            "اذا",
            "اذ",
            "ثم",
            "انما",
            "ايضا",
            "غير",
            "بين",
            "وهو",
            "وهي",
            "والتي",
            "والذي",
            "هناك",
        ]
    )
    | PREPOSITIONS.keys()
)


_WITH_PRONOUN = frozenset(
    p + s
    for p in ("الي", "علي", "من", "عن", "في", "ل", "ب", "مع", "بين", "حول", "عند", "لدي")
    for s in ("ه", "ها", "هم", "هما", "نا", "ي", "كم")
    if p + s != "بي"
) - {"علي", "لها", "له"} | {"له", "لها", "لهم", "فقد", "فان", "فانه", "فانها", "ومنها", "وبينها", "وبينهم"}


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
    if k >= stop or not (_nominal(frame, k) or (governed and frame.key(k).startswith("ل"))):
        return None
    last = phrase_end(frame, k, stop, appositions)
    return Phrase(k, last) if last > k else None


def _nominal(frame: Frame, k: int) -> bool:
    key = frame.key(k)
    if key.startswith("ل") and _addressee(frame, k):
        return False
    if key.startswith("و") and len(key) > 3 and not frame.in_name(k) and not waw_noun(key):
        return False
    if (
        key in PUNCTUATION
        or key in _NOT_NOMINAL
        or key in _WITH_PRONOUN
        or key in word_class("adjuncts")
        or an_marker(key)
    ):
        return False
    if frame.words[k].upos == "VERB" and key[:1] in "يتسن" and not key.startswith("ال"):
        return frame.in_name(k)
    if (
        key.startswith("ب")
        and not frame.in_name(k)
        and (key.startswith("بال") or is_event_noun(key[1:], key[1:]))
    ):
        return False  # علق بامتعاض: manner, no subject
    hit = frame.hit_at.get(k)
    if "\u064b" in frame.raw(k) or (hit is not None and hit.entry.kind == "hal"):
        return False  # an accusative with tanwin is no subject: مسبقًا، حاليًا
    return key[0].isalpha() or key[0].isdigit()


def _addressee(frame: Frame, k: int) -> bool:
    """Whether لـ at the head of word k is the preposition of speaking (لصحيفة، للصحفيين، لـCNN)."""
    key = frame.key(k)
    if key.startswith("لل"):
        return "ال" + key[2:] in word_class("addressees")
    return key[1:] in word_class("addressees") or key == "لفكرة" or frame.raw(k).startswith("لـ")


def waw_noun(key: str) -> bool:
    """Whether the و of a word is its own (وزير) and not the conjunction (وظلوا).

    >>> waw_noun("وزير"), waw_noun("وظلوا"), waw_noun("وكالات")
    (True, False, True)
    """
    return key.startswith(tuple(word_class("waw_nouns")))


def _skip_adjuncts(frame: Frame, k: int, stop: int) -> int:
    """Pass over time words, commas and whole adjunct phrases between commas before a late subject."""
    while k < stop:
        key = frame.key(k)
        if key in {"،", ",", "#"} or key in _TIME or (key in word_class("adjuncts") and _is_time(key)):
            k += 1
        elif key.isdigit() and frame.key(k + 1) in word_class("media"):
            k += 4 if frame.key(k + 2) == "/" else 2  # 19 يوليو/ تموز
        elif key == "اول" and frame.key(k + 1) == "من" and frame.key(k + 2) == "امس":
            k += 3
        elif key in {"من"} and frame.key(k + 1) in {"جانبه", "جانبها", "جهته", "جهتها", "ناحيته", "ناحيتها"}:
            k += 2
        elif key in _WITH_PRONOUN:
            k += 1
        elif key in word_class("adjuncts") or key in PREPOSITIONS:
            comma = next((j for j in range(k, min(stop, k + 14)) if frame.key(j) in {"،", ","}), None)
            if comma is None or comma + 1 >= stop:
                return stop
            k = comma + 1
        else:
            break
    return k


_TIME = frozenset(
    [
        "اليوم",
        "امس",
        "غدا",
        "الليلة",
        "مساء",
        "صباح",
        "ظهر",
        "فجر",
        "السبت",
        "الاحد",
        "الاثنين",
        "الثلاثاء",
        "الاربعاء",
        "الخميس",
        "الجمعة",
        "ايضا",
        "كذلك",
        "بدوره",
        "بدورها",
        "مجددا",
        "لاحقا",
        "موخرا",
        "رسميا",
        "صراحة",
        "حديثا",
        "يوم",
        "قد",
        "انذاك",
        "حينها",
        "الشهر",
        "العام",
        "الاسبوع",
        "الماضي",
        "الماضية",
        "الجاري",
    ]
)


def _is_time(key: str) -> bool:
    return key in _TIME


def phrase_end(frame: Frame, k: int, stop: int, appositions: int = 2) -> int:
    """One past the last word of the noun phrase that begins at word k."""
    first, relative = k, False
    stop = min(stop, k + _LONGEST, len(frame.words))
    while k < stop:
        key = frame.key(k)
        if frame.opens(k) and frame.quote_last(k) <= stop:
            if not frame.name_like(k) and frame.quote_last(k) - k > 3:
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
            close = next((j for j in range(k, min(k + 6, stop)) if frame.key(j) == ")"), None)
            if close is None:
                break
            k = close + 1
            continue
        if key == "." and len(frame.key(k - 1)) == 1 and frame.key(k - 1).isalpha() and k + 1 < stop:
            k += 1  # د. سامي حداد
            continue
        if key in PUNCTUATION and not (key in "-–/" and k + 1 < stop):
            break
        if k > first and _ends_at(frame, first, k, relative):
            break
        relative = relative or key in RELATIVE or (k > first and _described(frame, first, k))
        k += 1
    while k > first and frame.key(k - 1) in {"،", ",", "-", "–", "و"}:
        k -= 1
    return k


def _ends_at(frame: Frame, first: int, k: int, relative: bool, apposed: bool = False) -> bool:  # noqa: PLR0911, PLR0912
    """Whether word k no longer belongs to the noun phrase that began at ``first``."""
    key, before, following = frame.key(k), frame.key(k - 1), frame.key(k + 1)
    hit = frame.hit_at.get(k)
    if hit is not None and hit.first == k and hit.entry.kind in {"verb", "hal", "tag", "tag_verb", "tag_own"}:
        return not (relative and before in RELATIVE) or hit.entry.relative
    if frame.raw(k)[1:2] == "\u064f" and frame.raw(k)[0] in "أيت":
        return True  # فحوص أُجريت
    if key.startswith("ب") and key[1:] in word_class("media") and not frame.in_name(k):
        return True  # قال فلان بمقابلة
    if an_marker(key) or key in _AFTER_SUBJECT or (key in {"هذا", "هذه"} and following in _SPANS):
        return True
    if key in {"في", "عبر"}:
        if apposed and following not in word_class("media"):
            return False
        return following in word_class("media") or following[:1].isdigit() or _named_person(frame, first, k) or (
            not _common_head(frame, first) and not relative
        )  # fmt: skip
    if key in RELATIVE:
        return False
    if relative:
        late = frame.words[k].upos == "VERB" and before not in RELATIVE and not frame.in_name(k)
        return late or (key in word_class("adjuncts") and _is_time(key))
    if key == "من":
        if is_event_noun(before, frame.raw(k - 1)) and before.startswith("ال"):
            return False  # مسؤول الوقاية من الحرائق
        return before not in word_class("inner_prepositions") and not frame.key(first).startswith(
            ("عدد", "احد")
        )
    if key in {"علي", "الي", "عن", "مع"}:
        if key in {"عن", "الي"} and any(bare(frame.key(j)) in _FOR for j in range(first, k)):
            return False  # عضو البرلمان عن حزب، السفيرة إلى
        return before not in word_class("inner_prepositions") and bare(before) not in word_class(
            "inner_prepositions"
        )
    if key.startswith("ل") and not frame.in_name(k) and _named_person(frame, first, k):
        return True
    if key.startswith("ل") and frame.key(first).removeprefix("ال") in word_class("document_heads"):
        return False  # تقرير لصحيفة …: the issuer of a document
    if key.startswith("ل") and key != "ل" and not key.startswith("لل"):
        return key[1:] in word_class("addressees") and len(key) > 2 and not _named_behind(frame, first, k)
    if key.startswith("لل") or key == "ل":
        return key == "ل" or "ال" + key[2:] in word_class("addressees") or key[2:] in word_class("addressees")
    if key in word_class("adjuncts") or (key in _WITH_PRONOUN and not relative):
        return key not in {"يوم", "ظهر", "حاليا"}
    if frame.words[k].upos == "VERB" and key[:1] in "يتسن" and not frame.in_name(k):
        return before not in RELATIVE and not _described(frame, first, k)
    return False


def _described(frame: Frame, first: int, k: int) -> bool:
    """Whether the verb at word k describes an indefinite noun (هيئة محلية تعمل في المجال) and so is part of the phrase."""
    if frame.words[k].upos != "VERB" or frame.key(k)[:1] not in "يت" or k in frame.hit_at:
        return False
    words = range(first, k)
    named = any(frame.words[first].start <= n.start < frame.words[k].start for n in frame.names)
    plain = not any(frame.key(j).startswith(("ال", "لل", "و")) or frame.key(j) in PREPOSITIONS for j in words)
    return plain and not named


# Particles of the verb behind a subject (واشنطن قد أعلنت), and the nouns of هذا الأسبوع.
_AFTER_SUBJECT = frozenset(
    ["كان", "كانت", "قد", "لقد", "لم", "لن", "لا", "سوف", "بشكل", "بصورة", "وكان", "وكانت"]
)
_SPANS = frozenset(["الاسبوع", "الشهر", "العام", "الصباح", "المساء", "اليوم", "الموسم", "السنة"])


# Members and deputies stand for their party or district: نائب عن حزب.
_FOR = frozenset(
    [
        "عضو",
        "عضوة",
        "نايب",
        "نايبة",
        "مرشح",
        "مرشحة",
        "نواب",
        "ممثل",
        "ممثلة",
        "سيناتور",
        "سناتور",
        "مندوب",
        "سفير",
        "سفيرة",
        "مبعوث",
    ]
)


def _named_behind(frame: Frame, first: int, k: int) -> bool:
    """Whether the name of a person still follows a title whose complement لـ opens: المدير التنفيذي لبرنامج … سامي حداد."""
    start, end = frame.words[first].start, frame.words[k].start
    if any(n.type == "PER" and start <= n.start < end for n in frame.names):
        return False
    for j in range(k + 1, min(k + 7, len(frame.words))):
        key = frame.key(j)
        if key in PUNCTUATION or key in PREPOSITIONS or an_marker(key) or j in frame.hit_at:
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
    if k >= stop or not _nominal(frame, k) or frame.key(k) in word_class("adjuncts") or frame.opens(k):
        return None
    key = frame.key(k)
    if frame.words[k].upos == "VERB" and not frame.in_name(k):
        return None
    if key in _TIME or (key.startswith("و") and frame.name_at(frame.words[k].start) is None and len(key) > 3):
        return None
    while k < stop and k - comma < 18:
        key = frame.key(k)
        if key in {"،", ","}:
            return k
        if key == ":" or (frame.hit_at.get(k) and frame.hit_at[k].entry.kind in {"verb", "hal"}):
            return None
        if k > comma + 1 and _ends_at(frame, comma + 1, k, False, True):
            return k
        k += 1
    return k if k == stop else None


def before(frame: Frame, hit: Hit) -> Phrase | None:
    """The subject before its verb: كانت الوزارة أشارت، الوزير يؤكد (from the clause's start), لكنها شددت."""
    return _next_to(frame, hit) or _of_auxiliary(frame, hit)


_AUXILIARIES = frozenset(["كان", "كانت", "وكان", "وكانت", "كانوا", "وكانوا"])


def _of_auxiliary(frame: Frame, hit: Hit) -> Phrase | None:
    """The subject of كان with appositions or a relative clause between commas before قد: كان المدير، سامي حداد، قد أعلن."""
    if hit.joined:
        return None
    if frame.key(hit.first - 1) in {"،", ","}:
        return _apposed_before(frame, hit)
    if frame.key(hit.first - 1) != "قد" or frame.key(hit.first - 2) not in {"،", ","}:
        return None
    for k in range(hit.first - 3, max(-1, hit.first - 2 * _LONGEST), -1):
        key = frame.key(k)
        if key in {".", "؛", ":"}:
            return None
        if key in _AUXILIARIES:
            if not _nominal(frame, k + 1):
                return None
            end = phrase_end(frame, k + 1, hit.first - 1, 2)
            return Phrase(k + 1, end) if end > k + 1 and frame.key(end) in {"،", ","} else None
    return None


def _apposed_before(frame: Frame, hit: Hit) -> Phrase | None:
    """A subject with its apposition at the head of the sentence: السفيرة لدى المنظمة، ليلى حداد، قالت إن."""
    start = 1 if frame.key(0) in _SUBJECT_OPENERS else 0
    if hit.first - start > _LONGEST or not _nominal(frame, start) or _finite(frame, start):
        return None
    if frame.quote(start) != frame.quote(hit.first) or start in frame.hit_at:
        return None
    end = phrase_end(frame, start, hit.first, 3)
    whole = end == hit.first - 1
    named = any(n.type != "LOC" and n.end <= frame.words[end - 1].end for n in frame.names)
    return Phrase(start, end) if whole and named and end > start else None


def _next_to(frame: Frame, hit: Hit) -> Phrase | None:  # noqa: PLR0911
    k = hit.first - 1
    if k < 0:
        return None
    clitic = _CLITIC.match(frame.key(k))
    if clitic and not hit.joined:
        return Phrase(k, k + 1, len(clitic[1]))
    if hit.joined or frame.key(k) in PUNCTUATION:
        return None
    if frame.key(k) in RELATIVE:
        return _antecedent(frame, hit, k)
    start = _clause_start(frame, k)
    if k - start > 7 and not any(
        n.start >= frame.words[start].start and n.end <= frame.words[k].end for n in frame.names
    ):
        return None
    if start > k or not _nominal(frame, start) or _finite(frame, start):
        return None
    if frame.key(start - 1) not in _SUBJECT_OPENERS and start > 0 and frame.key(start - 1) not in "،,:-–|.":
        return None
    end = phrase_end(frame, start, hit.first, 1)
    if end < hit.first and not all(_passable(frame, j) for j in range(end, hit.first)):
        return None
    return Phrase(start, end) if end > start else None


def _finite(frame: Frame, k: int) -> bool:
    """Whether a clause opens with a verb of its own (درس الخبير … ووضع مقياسا يقول), so that no subject stands there."""
    return frame.words[k].upos == "VERB" and not frame.in_name(k)


def _antecedent(frame: Frame, hit: Hit, k: int) -> Phrase | None:
    """The name that a relative pronoun at word k takes up, where the verb agrees: إيران التي تقول إن."""
    if hit.entry.gender != ("f" if frame.key(k) in {"التي", "اللتان"} else "m"):
        return None
    j = k - 1 if frame.key(k - 1) in {"،", ","} else k
    end = frame.words[j - 1].end if j else -1
    for name in frame.names:
        if name.end == end:
            return Phrase(frame.word_at(name.start), j)
    return _ending_at(frame, j, hit.entry.gender)


def _ending_at(frame: Frame, j: int, gender: str) -> Phrase | None:
    """The definite noun phrase of this gender that ends before word j: في التقرير السنوي للهيئة، [الذي]."""
    first = j
    while first > max(0, j - 12):
        k = first - 1
        key = frame.key(k)
        verb = frame.words[k].upos == "VERB" or (k in frame.hit_at and frame.hit_at[k].entry.kind == "verb")
        other = key in PUNCTUATION or key in _NOT_NOMINAL or key in word_class("adjuncts")
        if other or verb or frame.quote(k) != frame.quote(j):
            break
        first = k
    if first == j or not _nominal(frame, first) or phrase_end(frame, first, j, 0) != j:
        return None
    for start in range(first, j):
        text = frame.text[frame.words[start].start : frame.words[j - 1].end]
        head = nm.agreement(text)[0]
        definite = text.startswith("ال") or any(w.startswith(("ال", "لل")) for w in text.split()[1:])
        if definite and head in {"", "fem" if gender == "f" else "masc"}:
            return Phrase(start, j)
    return None


def _passable(frame: Frame, k: int) -> bool:
    key = frame.key(k)
    return key in _TIME or key in {"،", ",", "قد", "كان", "كانت"}


def _clause_start(frame: Frame, k: int) -> int:
    """First word of the clause that ends at word k: after كانت, إن or punctuation, or at the quotation's start."""
    inside = frame.quote(k + 1)
    j = k
    while j > max(0, k - 2 * _LONGEST):
        key = frame.key(j - 1)
        if key in _SUBJECT_OPENERS or key in {":", "؛", ".", "|"}:
            return j
        if key in {"،", ","}:
            return j
        if inside >= 0 and frame.quote(j - 1) != inside:
            return j
        j -= 1
    return j
