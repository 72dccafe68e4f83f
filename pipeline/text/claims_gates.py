"""Which complements a cue's gate forbids (a court's ruling, a text that shows something), and charges without a verb."""

from __future__ import annotations

from pipeline.text import claims_complements, claims_subjects
from pipeline.text.claims_frame import ANONYMITY, Frame
from pipeline.text.claims_nouns import Complement
from pipeline.text.claims_words import an_marker, is_event_noun, word_class
from pipeline.text.cues import Hit

_COURTS = frozenset(
    ["محكمة", "المحكمة", "قاض", "القاضي", "القضاء", "قضاء", "نيابة", "النيابة", "محاكم", "المحاكم"]
)


def is_bare(frame: Frame, hit: Hit) -> bool:
    """Whether a verbal noun has no pronoun of its own: إعلان (not: إعلانه), so that its genitive must speak."""
    return frame.key(hit.first)[hit.skip :] in _BARE


def is_plural(frame: Frame, hit: Hit) -> bool:
    """Whether a bare verbal noun is a plural, which nobody need have said: وسط دعوات لإغلاقه."""
    return frame.key(hit.first).endswith("ات")


OUTLETS = frozenset(
    ["صحيفة", "صحف", "وكالة", "وكالات", "قناة", "مجلة", "موقع", "اذاعة", "شبكة", "جريدة", "تلفزيون"]
)
_BARE = frozenset(
    [
        "اعلان",
        "دعوة",
        "دعوات",
        "تاكيد",
        "تاكيدات",
        "مطالبات",
        "اتهامات",
        "تحذيرات",
        "تصريح",
        "تصريحات",
        "تحذير",
    ]
)


def unfit(frame: Frame, hit: Hit, comp: Complement) -> bool:  # noqa: PLR0911
    """Whether the gate of a cue, or a pronoun that takes up its object, forbids this complement."""
    if comp.rule in {"object", "prep"} and frame.key(hit.last) in _RESUMED:
        return True
    if closes_with_saying(frame, hit, comp):
        return True
    if _nobody(frame, hit) or _supposed(frame, hit):
        return True
    if frame.key(hit.first) == "القول":
        return True  # يمكن القول إن: anybody may; بالقول is somebody's
    if hit.entry.kind == "masdar" and comp.rule == "object" and comp.first == hit.last:
        return is_bare(frame, hit)  # إعلان هدنة: to declare it
    if comp.rule == "quote" and frame.key(hit.last) == "ذلك":
        return True  # أوضح ذلك المتحدث "سامي حداد": what was told stands before
    if comp.rule == "object" and frame.key(comp.first + 2) in ANONYMITY:
        return True  # رفض الكشف عن هويته
    if hit.entry.act in {"demand", "accuse"} and frame.key(hit.last) in {"به", "بها", "بهم"}:
        return True  # المساعدات التي تطالب بها
    sent = comp.rule == "an" and any(frame.key(k) in MESSAGES for k in range(hit.last, comp.field_end))
    if hit.entry.lemma == "وجه" and comp.rule != "charge" and not sent and not _directs(frame, hit, comp):
        return True
    before = frame.key(hit.first - 1)
    before = before[1:] if before[:1] in "بل" and len(before) > 4 else before
    if frame.key(hit.first) == "طلب" and (
        before in {"تم", "يتم"} or (is_event_noun(before, before) and not frame.in_name(hit.first - 1))
    ):
        return True  # تم طلب الدعم, قبول طلب: the noun
    if "text_object" in hit.entry.gate and comp.rule == "object" and not _is_text(frame, hit, comp):
        return True
    if "document" in hit.entry.gate and not _is_document(frame, hit, comp):
        return True
    return "court" in hit.entry.gate and not any(
        frame.key(k) in _COURTS for k in range(hit.last, comp.field_end)
    )


def _nobody(frame: Frame, hit: Hit) -> bool:
    """Whether nobody says it (لم تعلن أي جهة مسؤوليتها عن), or need calls for it (إذا دعت الضرورة)."""
    after = frame.key(hit.last)
    if hit.entry.lemma == "دعا" and after.removeprefix("ال") in _NEED:
        return True
    denied = frame.key(hit.first - 1).removeprefix("و") in {"لم", "لا"} and hit.entry.stance != "deny"
    return denied and after in {"اي", "اية", "احد"}


def _supposed(frame: Frame, hit: Hit) -> bool:
    """Whether a report is only supposed: لو اعتقد أحد أن، إذا أعلن المنظمون أن."""
    if hit.entry.kind != "verb":
        return False
    before = frame.key(hit.first - 1)
    if before == "حال" and frame.key(hit.first - 2) == "في":
        return True
    return before in _IF or (before == "ما" and frame.key(hit.first - 2) in _IF)


_NEED = frozenset(["ضرورة", "حاجة", "ظروف"])
_IF = frozenset(["لو", "ولو", "فلو", "اذا", "واذا", "فاذا"])


def closes_with_saying(frame: Frame, hit: Hit, comp: Complement) -> bool:
    """Whether بقوله and not the verb before it is the cue: ختم حديثه بقوله: … (not: أشار إليه بقوله)."""
    said = any(frame.key(j) in BY_SAYING for j in range(hit.last, comp.first))
    own = any(frame.key(j) in _OWN_WORDS for j in range(hit.last, comp.first))
    return said and own and hit.entry.kind == "verb"


BY_SAYING = frozenset(["بقوله", "بقولها", "بقولهم"])
_OWN_WORDS = frozenset(
    w + p for w in ("حديث", "كلمت", "تصريح", "تصريحات", "كلام", "مداخلت", "خطاب") for p in ("ه", "ها", "هم")
)


MESSAGES = frozenset(["رسالة", "نداء", "رسايل"])
"""What one sends with وجّه and says by it: وجه رسالة بأن."""


def _directs(frame: Frame, hit: Hit, comp: Complement) -> bool:
    """Whether وجّه بـ is an order (وجه الوزير بتشكيل لجنة) — not: وجه رسالة بـ, توجه بالوفد."""
    opens = claims_complements.opens_clause(frame, hit) or frame.section == "title"
    between = {frame.key(k).removesuffix("ا") for k in range(hit.last, comp.field_end)}
    active = (
        not frame.key(hit.first)[hit.skip :].startswith("ت")
        or frame.raw(hit.first)[hit.skip : hit.skip + 2] == "تُ"
    )
    return comp.rule in {"prep", "an"} and opens and active and not between & _DIRECTED


_DIRECTED = frozenset(
    [
        "رسالة",
        "دعوة",
        "كلمة",
        "سوال",
        "شكر",
        "انتقادات",
        "نداء",
        "ضربة",
        "اتهام",
        "تحية",
        "تهنية",
        "خطاب",
        "نقد",
        "اصابع",
        "تمنياته",
        "تمنياتها",
        "تهانيه",
        "شكره",
        "حديثه",
        "كلامه",
        "انتقاد",
        "نصيحة",
    ]
)
_RESUMED = frozenset(
    ["عنه", "عنها", "عنهم", "اليه", "اليها"]
)  # الزيارة التي لم يعلن عنها: its object is the head noun


def _is_document(frame: Frame, hit: Hit, comp: Complement) -> bool:
    """Whether the subject of جاء في is a text: البيان، التقرير."""
    head = frame.key(hit.last).removeprefix("ال")
    return comp.field_end > hit.last and (head in word_class("document_heads") or head in word_class("media"))


_NEAR = 6
"""Words between أظهر and the event that a text shows at most."""


def _is_text(frame: Frame, hit: Hit, comp: Complement) -> bool:
    """Whether the subject of أظهر, وثق is a text or a recording: أظهرت بيانات رسمية تراجع …، تظهر مقاطع فيديو خلو …"""
    phrase = claims_subjects.subject(frame, hit, comp)
    if phrase is None or phrase.clitic or comp.first - hit.last > _NEAR:
        return False  # a far event noun belongs to another phrase
    head = frame.key(phrase.first).removeprefix("ال")
    return head in word_class("telling_texts")


def negative(frame: Frame, hit: Hit) -> bool:
    """First and second persons and passives of the reporter are no reports: نقول إن، يقال إن without a source."""
    return frame.key(hit.first - 1) in {"ان", "لان"} and hit.entry.kind == "masdar"


def accused(frame: Frame, hit: Hit) -> Complement | None:
    """المتهم بـ with an explicit charge, يشتبه في with a suspicion."""
    if hit.entry.act == "suspect":
        first = hit.last + (frame.key(hit.last) in {"في", "ب"})
        marker = an_marker(frame.key(first))
        if marker is not None and first + 2 < len(frame.words) and (first > hit.last or marker[0] == "ب"):
            return Complement("an", first + (not marker[1]), hit.last, 1 if marker[0] and marker[1] else 0)
        if first > hit.last and is_event_noun(frame.key(first), frame.raw(first)):
            return Complement("charge", first, hit.last)
    marker = an_marker(frame.key(hit.last))
    named = frame.key(hit.first).startswith("ال")  # رد المتهم بأنه: he speaks
    if marker is not None and marker[0] == "ب" and not named and hit.last + 2 < len(frame.words):
        return Complement("an", hit.last + (not marker[1]), hit.last, 1 if marker[1] else 0)
    key, raw = frame.key(hit.last), frame.raw(hit.last) if hit.last < len(frame.words) else ""
    plain = hit.last < len(frame.words) and frame.words[hit.last].upos == "NOUN" and key[1:] not in _NO_CHARGE
    if (
        len(key) > 4
        and key.startswith("ب")
        and (key.startswith("بال") or is_event_noun(key[1:], raw[1:]) or plain)
    ):
        return Complement("charge", hit.last, hit.last, 1)
    return None


_NO_CHARGE = frozenset(["شكل", "صورة", "ملف", "قضية", "القضية", "الجريمة", "حالة"])
