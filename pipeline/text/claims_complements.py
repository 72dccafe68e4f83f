"""What a cue reports: the complement that makes it a report, and where the cue's own phrase ends.

Rules (names as in ``claims.rule``, each with an example and a counter-example):

* ``an``: أكد الوزير أن … — not: بعد أن، يمكن أن (an_blocked), nor أن that a nearer cue governs.
* ``quote``: وقال "…" — not: وكالة "إرنا" (a name).
* ``colon``: وقال الوزير: … — not in a list.
* ``prep``: أعلن عن إحباط …، حذر من … — not: تحدث عن زيارة (no event noun).
* ``object``: أعلنت إيران التوصل إلى … — not: أعلنت لجنة تحقيق أن (the event noun is part of the name).
* ``charge``, ``blame``, ``attack``: وجه إليه تهمة …، حمّله مسؤولية …، تبنى الهجوم.
"""

from __future__ import annotations

from typing import NamedTuple

from pipeline.text.claims_frame import PREPOSITIONS, Frame
from pipeline.text.claims_words import an_marker, is_event_noun, weekdays, word_class
from pipeline.text.cues import Hit
from pipeline.text.speakers import waw_noun

_OWN = frozenset(
    p + w for w in ["اعتقاده", "اعتقادها", "اعتقادهم", "زعمه", "زعمها", "زعمهم"] for p in ("", "ل", "ب")
)
REACH = 45
"""Words between a cue and its complement at most; longer is nearly always another clause."""
_ACCUSING = 20
"""The same for the verbal noun اتهام."""
_BREAKS = frozenset(
    ["حيث", "فيما", "بينما", "وذلك", "مما", "لكن", "ولكن", "وفيما", "وبينما", "لكنه", "لكنها", "ولكنه"]
)
_CONCERNS = frozenset(["يخص", "يتعلق", "يلي"])  # فيما يخص: no clause of its own
_ABSORBED = frozenset(
    ["قايلا", "قايلة", "قايلين", "بالقول", "بقوله", "بقولها", "بقولهم", "القول", "يقول", "تقول"]
)
_NOT_ADJUNCT = frozenset(
    [
        "جانبه",
        "جانبها",
        "جهته",
        "جهتها",
        "ناحيته",
        "ناحيتها",
        "جانبهم",
        "خلال",
        "قبل",
        "بين",
        "دون",
        "بعد",
        "اجل",
    ]
)
_TIME_END = weekdays() | frozenset(
    [
        "اليوم",
        "امس",
        "غدا",
        "مجددا",
        "رسميا",
        "موخرا",
        "ايضا",
    ]
)


_GOVERNS_AN = frozenset(["an", "ila", "ala", "min", "an_prep", "bi", "fi"])  # bi_an: only بأنّ


class Complement(NamedTuple):
    """rule: how it was found. first: first word of the content. field_end: end of the words that may hold the
    speaker. skip: folded proclitic letters of the first word that are not content (بـ)."""

    rule: str
    first: int
    field_end: int
    skip: int = 0


def find(frame: Frame, hit: Hit, owned: frozenset[int] | set[int] = frozenset()) -> Complement | None:
    """The complement of a verb, circumstantial participle or verbal noun, or None where it reports nothing.

    ``owned``: first words of contents that other cues already took.
    """
    words, comp = frame.words, hit.entry.comp
    inside = frame.quote(hit.first)
    soft: Complement | None = None
    k = hit.last
    stop = min(len(words), k + _reach(hit))
    accusing = _reach(hit) == _ACCUSING
    while k < stop:
        word = words[k]
        if inside >= 0 and word.quote != inside:
            break
        if word.quote >= 0 and word.quote != inside:
            if an_marker(word.key) and comp & _GOVERNS_AN and k not in owned:
                return soft or _quotation(frame, k)  # اعتبر "أنها …"
            named = frame.key(k - 1) in word_class("quoted_name_heads") or frame.in_name(k)
            if "do" in comp and is_event_noun(word.key, frame.raw(k)) and soft is None and not named:
                return Complement("object", k, _before_comma(frame, k, hit))
            if frame.name_like(k, hit.last) or "quote" not in comp:
                k = frame.quote_last(k)
                continue
            return soft or (_quotation(frame, k) if k not in owned else None)
        if word.key == "(":
            k = _after_bracket(frame, k)
            continue
        if (word.key == "؛" and not an_marker(frame.key(k + 1))) or (
            word.key in "،," and frame.key(k + 1) in _BREAKS and frame.key(k + 2) not in _CONCERNS
        ):
            break
        if (
            word.key == ":"
            and k + 1 < len(words)
            and ("an" in comp or ("quote" in comp and frame.opens(k + 1)))
        ):
            return _after_colon(frame, k, soft) if k + 1 not in owned else soft
        if (k > hit.last - 1 and _blocks(frame, k, hit)) or (accusing and word.key in "،,"):
            break
        found = _clause(frame, hit, k)
        if found and found.first not in owned:
            return soft if soft and _prefer_soft(frame, soft.first, k) else found
        if soft is None and hit.entry.act != "agree":  # اتفقوا على أن; what they agree to do is an action
            soft = _phrase(frame, hit, k)
        k += 1
    return None if soft and soft.first in owned else soft


def _reach(hit: Hit) -> int:
    """Words between this cue and its complement at most: accuser and accused stand behind اتهام."""
    if hit.entry.kind == "masdar":
        return _ACCUSING if hit.entry.act == "accuse" else 6
    return 6 if "adjacent" in hit.entry.gate else REACH


def _after_colon(frame: Frame, k: int, soft: Complement | None) -> Complement:
    """What follows a colon at word k: a quotation, or plain words (without a bare إنّ at their head)."""
    if frame.opens(k + 1):
        return _quotation(frame, k + 1, k)
    marker = an_marker(frame.key(k + 1))
    bare = marker is not None and not marker[1] and k + 2 < len(frame.words)
    return soft or Complement("colon", k + 2 if bare else k + 1, k)


def _after_bracket(frame: Frame, k: int) -> int:
    for j in range(k + 1, min(k + 12, len(frame.words))):
        if frame.key(j) == ")":
            return j + 1
    return k + 1


def _quotation(frame: Frame, k: int, colon: int | None = None) -> Complement:
    end = k if colon is None else colon
    if end and frame.key(end - 1) in "،,":
        end -= 1
    if frame.key(end - 1) in PREPOSITIONS and colon is None:
        end -= 1
    return Complement("quote", k, end)


def _blocks(frame: Frame, k: int, hit: Hit) -> bool:
    """Whether another report begins at word k."""
    other = frame.hit_at.get(k)
    if other is None or other is hit or other.first != k:
        return False
    entry = other.entry
    if entry.kind == "formula":
        return True
    if entry.relative or frame.key(k) in _ABSORBED:
        return False
    if entry.kind == "hal":
        apart = frame.key(k - 1) in {"،", ","}
        if ("comma" in entry.gate and not apart) or (
            frame.key(k + 1) in {"،", ","} and "an" not in entry.comp
        ):
            return False  # the second: قال معلقا، إن
        manner = "quote" not in entry.comp or (entry.act == "comment" and not apart)
        if "quote" in hit.entry.comp and manner and _quotes_next(frame, k):
            return False  # وقال مدافعا عن الجمعية "…", قال حداد معلقا على الصورة "…"
        return apart or bool(entry.comp & hit.entry.comp) or "ila" in entry.comp or "ala" in entry.comp
    if entry.kind == "verb":
        return stands(frame, other)
    return False


def _quotes_next(frame: Frame, k: int) -> bool:
    """Whether a quotation opens within six words of word k, before any أنّ."""
    for j in range(k + 1, min(k + 7, len(frame.words))):
        if frame.opens(j):
            return True
        if an_marker(frame.key(j)) or frame.key(j) in "،,؛":
            return False
    return False


def stands(frame: Frame, hit: Hit) -> bool:
    """Whether a verb stands where its gate allows it: ``initial`` at the head of a clause, ``first`` at that of the
    sentence, joined by و (وبيّن, where بين alone is 'between')."""
    if "noun" in hit.entry.gate and _is_noun(frame, hit):
        return False
    if "first" in hit.entry.gate:
        return hit.joined and _explains(frame, hit)
    if "joined" in hit.entry.gate:
        return hit.joined
    return "initial" not in hit.entry.gate or opens_clause(frame, hit)


def _explains(frame: Frame, hit: Hit) -> bool:
    """Whether وبين is 'and he explained': before أنّ, or first in its sentence with one short noun phrase before أنّ
    (وبين الوزير أن — not: وبين الرياض وجدة أن …, وتبين أن: it turned out)."""
    finite = frame.key(hit.first)[hit.skip :][:1] not in "يت"
    if finite and (an_marker(frame.key(hit.last)) is not None or "ي\u0651" in frame.raw(hit.first)):
        return True
    if hit.first:
        return False
    if frame.words[0].upos == "VERB":
        return True
    for k in range(hit.last, min(hit.last + 12, len(frame.words))):
        key = frame.key(k)
        if an_marker(key):
            return finite and key[:1] not in "ول"
        if key.startswith("و") and not waw_noun(key) and not frame.in_name(k):
            return False
    return False


def _is_noun(frame: Frame, hit: Hit) -> bool:
    """Whether a bare form that is also a noun stands as one: ألف طالب, في نص, قرار طلب, كشف الوزارة عن."""
    entry, key, before = hit.entry, frame.key(hit.first), frame.key(hit.first - 1)
    if (entry.gender, entry.number) != ("m", "s") or key[:1] in "يت" or hit.last - hit.first > 1:
        return False
    if (
        before[:1].isdigit()
        or before in PREPOSITIONS
        or before in _COUNTED
        or frame.key(hit.last) == f"و{key}ة"
    ):
        return True
    after = frame.key(hit.last)
    feminine = after.startswith("ال") and after.endswith("ة") and not frame.in_name(hit.last)
    return feminine and frame.quote(hit.last) == frame.quote(hit.first)


_COUNTED = frozenset(
    ["عدم", "الف", "مية", "مليون", "الاف", "ملايين", "كل", "اي", "عن", "بعد", "قبل", "عدد", "يلي", "مايلي"]
)


def opens_clause(frame: Frame, hit: Hit) -> bool:
    """Whether a cue stands where a clause can begin: first, after punctuation or a conjunction, or joined by و."""
    before = frame.key(hit.first - 1)
    return (
        hit.first == 0 or hit.joined or before in "،,:.؛-–—()" or before in {"كما", "فيما", "وقد", "قد", "ثم", "حيث", "كان", "كانت"}
    )  # fmt: skip


def _clause(frame: Frame, hit: Hit, k: int) -> Complement | None:  # noqa: PLR0911
    """An أنّ clause at word k that this cue can govern."""
    comp = hit.entry.comp
    marker = an_marker(frame.key(k))
    near = frame.hit_at.get(k - 1)
    own = near is not None and near is not hit and near.entry.kind == "masdar" and frame.key(k - 1) in _OWN
    if own and PREPOSITIONS.get(frame.key(k - 2)) not in comp:
        return None  # لاعتقادها بأن: the verbal noun governs the clause
    if marker is None:
        if frame.key(k) == "هل" and hit.entry.stance == "ask":
            return Complement("an", k, k)
        return None
    proclitic, pronoun = marker
    if proclitic in ("و", "ف", "ل") or k + 1 >= len(frame.words):
        return None
    before, end = frame.key(k - 1), k
    if frame.key(k + 1 if before == "سي" else k - 1) == "ان" and "سي" in {before, frame.key(k - 2)}:
        return None  # سي إن إن
    if _subjunctive(frame, hit, k):
        return None
    if proclitic == "ب":
        if not comp & {"an", "bi", "bi_an"}:
            return None
    elif before in PREPOSITIONS and k > hit.last:
        if PREPOSITIONS[before] not in comp:
            return None
        end = k - 1
    elif not comp & _GOVERNS_AN or _bars_an(frame, k):
        return None
    if end and frame.key(end - 1) in "،,؛" and end > hit.last:
        end -= 1
    return Complement("an", k if pronoun else k + 1, end, 1 if pronoun and proclitic else 0)


def _bars_an(frame: Frame, k: int) -> bool:
    """Whether أنّ at word k belongs to the word before it (بعد أن); not behind من قبل، nor behind a quotation."""
    before = frame.key(k - 1)
    if before not in word_class("an_blocked") or frame.quote(k - 1) != frame.quote(k):
        return False
    return not (before == "قبل" and frame.key(k - 2) == "من")


def _subjunctive(frame: Frame, hit: Hit, k: int) -> bool:
    """Whether أن with a verb belongs to another word: what is told takes أنّ with a noun, so that أن + imperfect far
    from its cue hangs on a nearer word (تحكي القصة كيف أراد الرجل أن يرحل)."""
    if frame.key(k) != "ان" or k - hit.last < 2 or hit.entry.act not in _TELLING:
        return False
    return frame.key(k + 1)[:1] in "يت" and frame.words[k + 1].upos == "VERB"


_TELLING = frozenset(
    ["say", "report", "explain", "narrate", "write", "disclose", "reply", "comment", "stress"]
)


def _prefer_soft(frame: Frame, first: int, k: int) -> bool:
    """Whether an event noun at ``first`` is the object, although أنّ follows at ``k``: a clause lies between."""
    between = range(first, k)
    return k - first > 14 or any(
        frame.words[j].upos == "VERB" or frame.key(j) in {"الذي", "التي", "الذين"} for j in between
    )


def _phrase(frame: Frame, hit: Hit, k: int) -> Complement | None:
    """A noun phrase at word k that says what is reported."""
    comp, key = hit.entry.comp, frame.key(k)
    if key in PREPOSITIONS and PREPOSITIONS[key] in comp and k + 1 < len(frame.words):
        if (
            frame.key(k + 1) in _NOT_ADJUNCT
            or frame.key(k + 1) in _OWN
            or frame.key(k - 1) in {"نقلا", "ردا", "تعليقا", "فضلا", "عبارة"}
        ):
            return None
        eventful = is_event_noun(frame.key(k + 1), frame.raw(k + 1))
        if hit.entry.act == "talk":  # تحدث عن هجوم; not عن الدور: a topic
            eventful = not frame.key(k + 1).startswith("ال") and (
                eventful or frame.key(k + 1) in word_class("attacks")
            )
        if (
            (frame.opens(k + 1) and hit.entry.act != "talk")
            or eventful
            or (hit.entry.act in {"warn", "announce"} and an_marker(frame.key(k + 1)) is None)
        ):
            return Complement("prep", k + 1, _before_comma(frame, k, hit))
        return None
    if (
        "bi" in comp
        and key not in {"بشكل", "بدور", "بصورة"}
        and not (hit.entry.act == "accuse" and key in _MANNER)
        and key.startswith("ب")
        and len(key) > 3
        and k >= hit.last
        and frame.key(k - 1) not in _ABOUT
    ):
        definite = key.startswith("بال") and hit.entry.act in {"accuse", "demand"}
        if hit.entry.act in {"threaten", "commit"} and key.startswith("بال"):
            definite = key[3:] in _RESPONSES or is_event_noun(key[3:], frame.raw(k)[3:])
        if definite or is_event_noun(key[1:], frame.raw(k)[1:]):
            return Complement("prep", k, _before_comma(frame, k, hit), 1)
    if "li" in comp and key.startswith("ل") and len(key) > 3 and is_event_noun(key[1:], frame.raw(k)[1:]):
        return Complement("prep", k, _before_comma(frame, k, hit), 1)
    if "do" in comp and _is_object(frame, hit, k):
        return Complement("object", k, _before_comma(frame, k, hit))
    for code, words, rule in _LIGHT:
        if code in comp and key in word_class(words):
            first, skip = _charge(frame, k) if code == "charge" else (k, 0)
            return (
                Complement(rule, first, _before_comma(frame, k, hit), skip)
                if first < len(frame.words)
                else None
            )
    return None


_MANNER = frozenset(["باستمرار", "بانتظام", "باعتبار", "باعتباره", "باعتبارها"])
# Their بـ belongs to them: اللوائح الخاصة بتحويل.
_ABOUT = frozenset(
    w + e for w in ("الخاص", "المتعلق", "المعني", "المرتبط", "الكفيل", "خاص", "متعلق") for e in ("", "ة")
)
_LIGHT = (("charge", "charges", "charge"), ("blame", "blames", "blame"), ("do_attack", "attacks", "attack"))


_RESPONSES = frozenset(["رد", "مضي", "سير", "عمل", "تصدي", "انتقام", "عقاب"])  # هدد بالرد، تعهد بالمضي


def _charge(frame: Frame, k: int) -> tuple[int, int]:
    """First word of the charge after تهمة at word k: the genitive, or what بـ governs."""
    if frame.key(k + 1).startswith("ال"):
        return k + 1, 0
    for j in range(k + 1, min(k + 9, len(frame.words))):
        key = frame.key(j)
        if key.startswith("بال") or (key.startswith("ب") and is_event_noun(key[1:], frame.raw(j)[1:])):
            return j, 1
        if key in "،,":
            break
    after = frame.key(k + 1)
    return (len(frame.words) if after.startswith("ل") or after in PREPOSITIONS else k + 1), 0


NO_COMMENT = frozenset(["التعليق", "الافصاح", "الادلاء", "الكشف", "الاجابة"])


def _before_comma(frame: Frame, k: int, hit: Hit) -> int:
    return k - 1 if k - 1 > hit.last - 1 and frame.key(k - 1) in "،," else k


def _is_object(frame: Frame, hit: Hit, k: int) -> bool:
    """Whether word k is an event noun in the place of the object, not part of the subject's name."""
    word = frame.words[k]
    listed = word.key in word_class("event_nouns")  # وقف, طرح: also verbs, and tagged so at times
    if (word.upos == "PROPN" and not listed) or not is_event_noun(word.key, frame.raw(k)):
        return False
    if frame.name_at(word.start) is not None:
        return False
    definite = word.key.startswith("ال") and len(word.key) > 4
    follows = frame.key(k + 1)
    no_comment = word.key in NO_COMMENT and hit.entry.lemma == "رفض"
    if definite and not (
        no_comment or follows in PREPOSITIONS or follows.startswith(("ل", "ب")) or follows in {"اي", "بين"}
    ):
        return False
    if k == hit.last:
        return hit.entry.act != "disclose"  # كشف مقتل عدد: the event is the subject
    before = frame.words[k - 1]
    # أظهرت بيانات رسمية تراجع …
    shown = "text_object" in hit.entry.gate and before.key.endswith("ة") and k - hit.last > 1
    if before.key in PREPOSITIONS or before.key in word_class("idafa_heads"):
        return False
    if (
        before.key in {"،", ","}
        or before.key in _TIME_END
        or (before.key in word_class("media") and (frame.key(k - 2).isdigit() or frame.key(k - 2) == "/"))
        or (shown and not definite)
        or before.key.startswith("ال")
        or before.quote >= 0
    ):
        return True
    if (
        not definite
        and before.upos == "NOUN"
        and not before.key.startswith("ال")
        and before.key.endswith("ة")
    ):
        return False  # طائرة إسعاف
    # A one-word subject that is no common head is a name: أعلنت إيران التوصل
    return before.upos in {"PROPN", "X"} or k - hit.last == 1 or any(n.end == before.end for n in frame.names)
