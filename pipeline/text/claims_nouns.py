"""What a cue reports in the form of a noun phrase: an event (أعلن التوصل إلى)، a charge (تهمة)، an object of its preposition.

Rules (names as in ``claims.rule``, each with an example and a counter-example):

* ``prep``: أعلن عن إحباط …، حذر من … — not: تحدث عن زيارة (no event noun).
* ``object``: أعلنت إيران التوصل إلى … — not: أعلنت لجنة تحقيق أن (the event noun is part of the name).
* ``charge``, ``blame``, ``attack``: وجه إليه تهمة …، حمّله مسؤولية …، تبنى الهجوم.
"""

from __future__ import annotations

from typing import NamedTuple

from pipeline.text.claims_frame import PREPOSITIONS, Frame
from pipeline.text.claims_words import an_marker, bare, is_event_noun, weekdays, word_class
from pipeline.text.cues import Hit

OWN = frozenset(
    p + w for w in ["اعتقاده", "اعتقادها", "اعتقادهم", "زعمه", "زعمها", "زعمهم"] for p in ("", "ل", "ب")
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
        "سابق",
    ]
)


class Complement(NamedTuple):
    """rule: how it was found. first: first word of the content. field_end: end of the words that may hold the
    speaker. skip: folded proclitic letters of the first word that are not content (بـ)."""

    rule: str
    first: int
    field_end: int
    skip: int = 0


def with_quoted(frame: Frame, hit: Hit, k: int) -> Complement | None:
    """What بـ governs where a quotation opens with it or behind it: تتهم السلطات "بانتهاك الحقوق"، وصفه بـ"الرجعي"."""
    comp, key = hit.entry.comp, frame.key(k)
    naming = hit.entry.act == "describe"
    if not comp & {"bi", "bi_an"} or not (naming or "bi" in comp):
        return None
    if frame.key(k - 1) == "ب" and k - 1 >= hit.last and naming:
        return Complement("prep", k, before_comma(frame, k - 1, hit))
    eventful = key.startswith("بال") or is_event_noun(key[1:], frame.raw(k)[1:])
    if key.startswith("ب") and len(key) > 3 and (naming or eventful):
        return Complement("prep", k, before_comma(frame, k, hit), 1)
    return None


def phrase(frame: Frame, hit: Hit, k: int) -> Complement | None:
    """A noun phrase at word k that says what is reported."""
    comp, key = hit.entry.comp, frame.key(k)
    if hit.entry.kind == "hal" and hit.entry.lemma == "اعتبر" and k == hit.last and _plain_noun(frame, k):
        return Complement("object", k, k)  # معتبرا حضورهم شرفا
    if key in PREPOSITIONS and PREPOSITIONS[key] in comp and k + 1 < len(frame.words):
        return _behind_preposition(frame, hit, k)
    found = _joined_preposition(frame, hit, k)
    if found is not None:
        return found
    if key in {"اي", "اية"} and hit.entry.stance == "deny" and "do" in comp and frame.key(k + 1).isalpha():
        return Complement("object", k, before_comma(frame, k, hit))  # نفى أي خلاف
    if "do" in comp and _is_object(frame, hit, k):
        return Complement("object", k, before_comma(frame, k, hit))
    for code, words, rule in _LIGHT:
        if code in comp and key in word_class(words):
            first, skip = _charge(frame, k) if code == "charge" else (k, 0)
            inside = first < len(frame.words)
            return Complement(rule, first, before_comma(frame, k, hit), skip) if inside else None
    return None


def _behind_preposition(frame: Frame, hit: Hit, k: int) -> Complement | None:
    """What the preposition at word k governs: أعلن عن إحباط، دعا إلى وقف."""
    key, following = frame.key(k), frame.key(k + 1)
    if (
        following in _NOT_ADJUNCT
        or following in OWN
        or frame.key(k - 1) in {"نقلا", "ردا", "تعليقا", "فضلا", "عبارة", "نيابة", "بعيدا", "بدلا"}
        or (key == "عن" and any(frame.key(j) in _FROM for j in range(max(hit.last, k - 3), k)))
        or (key == "عن" and any(frame.key(j) in {"كيف", "لماذا"} for j in range(hit.last, k)))
        or (hit.entry.lemma == "دعا" and bare(following) in _FEELINGS)
        or (hit.entry.act == "express" and any(frame.key(j).startswith(_EMOTIONS) for j in (k + 1, k + 2)))
    ):
        return None
    eventful = is_event_noun(following, frame.raw(k + 1))
    if hit.entry.act == "talk":  # تحدث عن هجوم; not عن الدور: a topic
        eventful = not following.startswith("ال") and (eventful or following in word_class("attacks"))
    if hit.entry.act == "express" and key == "في":  # عن أمله في; not عن حبه للبر في
        eventful = eventful and bare(frame.key(k - 1)).rstrip("هام") in _HOPES
    quoted = frame.opens(k + 1) and hit.entry.act != "talk"
    if hit.entry.lemma == "أصر" or hit.entry.act == "wish":
        return None  # أصر على الحضور، أمل في الفوز: what somebody insists on or hopes for is an action
    if quoted or eventful or _any_noun(frame, hit, k + 1):
        return Complement("prep", k + 1, before_comma(frame, k, hit))
    return None


def _joined_preposition(frame: Frame, hit: Hit, k: int) -> Complement | None:
    """What بـ or لـ at the head of word k governs: طالب بتحسين، دعا الجميع للحضور."""
    comp, key = hit.entry.comp, frame.key(k)
    manner = key in {"بشكل", "بدور", "بصورة"} or (hit.entry.act == "accuse" and key in _MANNER)
    long = len(key) > 3 or key[1:] in word_class("event_nouns")  # تعهد بشن هجمات
    if "bi" in comp and key.startswith("ب") and long and k >= hit.last and not manner:
        definite = key.startswith("بال") and hit.entry.act in {"accuse", "demand"}
        if hit.entry.act in {"threaten", "commit"} and key.startswith("بال"):
            definite = key[3:] in _RESPONSES or is_event_noun(key[3:], frame.raw(k)[3:])
        if frame.key(k - 1) not in _ABOUT and (definite or is_event_noun(key[1:], frame.raw(k)[1:])):
            return Complement("prep", k, before_comma(frame, k, hit), 1)
    if "li" in comp and key.startswith("ل") and len(key) > 3:
        if not key.startswith("لل"):
            eventful = is_event_noun(key[1:], frame.raw(k)[1:])
            return Complement("prep", k, before_comma(frame, k, hit), 1) if eventful else None
        noun = "ال" + key[2:]
        if noun not in _FEELINGS and is_event_noun(noun, noun) and not frame.in_name(k):
            return Complement("prep", k, before_comma(frame, k, hit))
    return None


def _any_noun(frame: Frame, hit: Hit, k: int) -> bool:
    """Whether a verb takes any noun behind its preposition: what is announced, warned of, disclosed or stressed needs no
    verbal noun (كشف عن طائرة جديدة، شدد على متانة العلاقات) — but no name, pronoun or relative."""
    if an_marker(frame.key(k)) is not None:
        return False
    if hit.entry.act in {"warn", "announce", "disclose"}:
        return True
    if hit.entry.act not in {"stress", "confirm", "dispute"} or frame.in_name(k):
        return False
    key = frame.key(k)
    plain = key.isalpha() and len(key) > 2 and key not in PREPOSITIONS and key not in _NO_NOUN
    plain = plain and not key.startswith(_WARMTH)  # شدد على محبته للجميع: a feeling
    return plain and frame.words[k].upos in {"NOUN", "ADJ", "X", ""}


# Whose عن is not the verb's: التقرير الصادر عن، كشف كيف غادر عن.
_FROM = frozenset(["الصادر", "الصادرة", "صادر", "صادرة", "المسوول", "المسوولة", "بكل"])
_NO_NOUN = frozenset(
    ["ذلك", "هذا", "هذه", "تلك", "ما", "من", "مسامع", "لسان", "هامش", "القول", "جميع", "كل", "يد"]
)


def _plain_noun(frame: Frame, k: int) -> bool:
    key = frame.key(k)
    return len(key) > 2 and key.isalpha() and key not in PREPOSITIONS and an_marker(key) is None


_WARMTH = ("محب", "حبه", "حبها", "شكر", "امتنان", "سعاد", "فخر", "اعتزاز", "تقديره", "تقديرها")
# عبر عن امتنانه، عن بالغ سعادته: a bare emotion.
_EMOTIONS = tuple(
    p + w
    for w in (
        *("امتنان", "شكر", "سعاد", "فخر", "اعتزاز", "غضب", "حزن", "فرح", "سرور", "ارتياح", "استياء", "تعاز"),
        *("مواسا", "دهشت", "صدمت", "اسفه", "اسفها", "اسفهم", "تقديره", "تقديرها", "تقديرهم", "حبه", "محبت"),
    )
    for p in ("", "ال")
)
_HOPES = frozenset(["امل", "رغبة", "رغبت", "ثقة", "ثقت", "ام"])
_FEELINGS = frozenset(
    w
    for n in (
        *(
            "قلق",
            "فخر",
            "دهشة",
            "بهجة",
            "تفاول",
            "غرابة",
            "شك",
            "سخرية",
            "اعجاب",
            "تساول",
            "استغراب",
            "ضحك",
            "ارتياح",
        ),
        *("اعتزاز", "خجل", "اسف", "حيرة", "ملل", "تامل"),
    )
    for w in (n, "ال" + n)
)
# أكدت الوزارة في بيان مقتل …: the medium takes no genitive here.
_STATEMENT = frozenset(
    ["بيان", "بيانه", "بيانها", "تصريح", "تغريدة", "تغريدته", "تقرير", "تقريره", "تقريرها"]
)
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


def before_comma(frame: Frame, k: int, hit: Hit) -> int:
    return k - 1 if k - 1 > hit.last - 1 and frame.key(k - 1) in "،," else k


def _asked(frame: Frame, hit: Hit, k: int) -> bool:
    """Whether من and whom one asks stand between طلب and the event at word k: طلب من زميلته الجلوس."""
    near = range(hit.last, k)
    asked = next((j for j in near if frame.key(j) in {"من", "منه", "منها", "منهم"}), None)
    last = asked is not None and (k - asked in {2, 3} if frame.key(asked) == "من" else k == asked + 1)
    whole = frame.key(k - 1).startswith("ال") or frame.key(k - 1).endswith(("ه", "ها", "هم"))
    return last and (whole or frame.in_name(k - 1))  # not: من عناصر المقاومة


def _is_object(frame: Frame, hit: Hit, k: int) -> bool:  # noqa: PLR0911
    """Whether word k is an event noun in the place of the object, not part of the subject's name."""
    word = frame.words[k]
    act = hit.entry.act
    announced = act == "announce" and word.key in word_class("announced")
    announced = announced or (act == "request" and word.key in word_class("asked"))
    listed = word.key in word_class("event_nouns") or announced
    telling = listed or frame.key(hit.last).removeprefix("ال") in word_class("telling_texts")
    if hit.entry.lemma == "ذكر" and not (telling and "ت" in frame.key(hit.first)):
        return False  # ذكرت المصادر مقتل؛ not: يذكر اسم  # وقف, طرح: also verbs, and tagged so at times
    if (word.upos == "PROPN" and not listed) or not (announced or is_event_noun(word.key, frame.raw(k))):
        return False
    if frame.name_at(word.start) is not None:
        return False
    definite = word.key.startswith("ال") and len(word.key) > 4
    follows = frame.key(k + 1)
    no_comment = word.key in NO_COMMENT and hit.entry.lemma == "رفض"
    if hit.entry.lemma == "طلب" and _asked(frame, hit, k):
        return True
    if definite and hit.entry.act == "disclose" and follows == "عن":
        return False  # كشفت الصحيفة المعارضة عن …: an adjective of the subject
    if definite and not (
        no_comment or follows in PREPOSITIONS or follows.startswith(("ل", "ب")) or follows in {"اي", "بين"}
    ):
        return False
    if k == hit.last:
        return hit.entry.act != "disclose"  # كشف مقتل عدد: the event is the subject
    before = frame.words[k - 1]
    # أظهرت بيانات رسمية تراجع …
    shown = "text_object" in hit.entry.gate and before.key.endswith("ة") and k - hit.last > 1
    if before.key in _STATEMENT and frame.key(k - 2) in {"في", "عبر"}:
        return True
    if before.key in PREPOSITIONS or before.key in word_class("idafa_heads"):
        return False
    if (
        before.key in {"،", ","}
        or before.key in _TIME_END
        or (before.key in word_class("media") and (frame.key(k - 2).isdigit() or frame.key(k - 2) == "/"))
        or (shown and not definite)
        or before.key.startswith(("ال", "وال"))
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
