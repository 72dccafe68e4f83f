"""Whose words a cue reports: the subject after it, before it or attached to it, told apart from who is addressed."""

from __future__ import annotations

from functools import cache

from pipeline.text import names as nm
from pipeline.text import speakers, speakers_before
from pipeline.text.claims_frame import PREPOSITIONS, PUNCTUATION, Frame, Name
from pipeline.text.claims_nouns import Complement
from pipeline.text.claims_words import an_marker, bare, word_class
from pipeline.text.cues import Hit
from pipeline.text.speakers import Phrase
from pipeline.text.speakers_words import RELATIVE, can_speak, titles

ADDRESSED = frozenset(
    ["accuse", "demand", "urge", "request", "inform", "threaten", "advise", "describe", "warn", "question"]
)


def subject(frame: Frame, hit: Hit, comp: Complement | None) -> Phrase | None:
    """The subject in the cue's own clause: after it, before it, or its clitic."""
    if hit.entry.kind == "hal":
        return None
    if hit.entry.kind == "moved":
        return moved(frame, hit)
    if "text_in" in hit.entry.gate:
        return text_before(frame, hit)
    stop = comp.field_end if comp else min(hit.last + 6, len(frame.words))
    if comp is not None and comp.rule == "before":
        stop = len(frame.words)
    if hit.entry.kind == "masdar" and _decided_by_form(frame, hit):
        return _of_masdar(frame, hit, stop)
    addressed = hit.entry.act in ADDRESSED
    plural = hit.entry.number in {"d", "p"}  # before its subject a verb stands in the singular
    if addressed or plural or frame.section == "title":
        preposed = speakers_before.before(frame, hit)
        if preposed is not None or plural:
            return preposed
    found = speakers.after(frame, hit.last, stop, 1 if addressed else 2)
    if found is not None and frame.key(found.first).startswith("لل"):
        found = None
    if found is not None and (hit.entry.act in _WITH_OBJECT or frame.key(found.last - 1) == "المزيد"):
        found = Phrase(found.first, object_behind(frame, found) or found.last)
    if found is not None and addressed:
        found = _addressing(frame, hit, found)
    if found is not None and not _says(frame, found):
        preposed = speakers_before.before(frame, hit)  # وكان الرئيس، الذي …، وجه [الشكر]
        if preposed is not None and not preposed.clitic and _says(frame, preposed):
            return preposed
    return found or _preposed(frame, hit)


def _clitic_of(frame: Frame, hit: Hit) -> int:
    """Letters of the pronoun on a verbal noun (قوله), 0 for none."""
    key = frame.key(hit.first)
    if not key.endswith(("ه", "ها", "هم", "هما")) or hit.entry.lemma == "تقدير":
        return 0
    return 2 if key.endswith(("ها", "هم")) else 1


def _decided_by_form(frame: Frame, hit: Hit) -> bool:
    """Whether a verbal noun has a pronoun, لـ or an adjective behind it, so that no genitive speaks."""
    lam = frame.key(hit.last).startswith("ل") and not frame.in_name(hit.last)
    adjective = hit.last < len(frame.words) and frame.words[hit.last].upos == "ADJ"  # سياسة إعلان جديدة
    return lam or adjective or _clitic_of(frame, hit) > 0


def _of_masdar(frame: Frame, hit: Hit, stop: int) -> Phrase | None:
    """Its pronoun; whose words تصريح لـ reports (تصريح للوزير أن). What لـ names behind دعوة، اتهامات is addressed or accused."""
    size = _clitic_of(frame, hit)
    if size:
        return Phrase(hit.first, hit.first + 1, size)
    if hit.entry.lemma != "صرح" or not frame.key(hit.last).startswith("ل"):
        return None
    found = speakers.after(frame, hit.last, stop, 2, True)
    whole = frame.key(hit.last).startswith("لل")
    return found._replace(skip=0 if whole else 1) if found is not None else None


_WITH_OBJECT = ADDRESSED | {"criticise", "condemn", "reject", "support", "deny", "dispute"}


def _within(frame: Frame, phrase: Phrase) -> list[Name]:
    """The names that lie in a phrase."""
    start, end = frame.words[phrase.first].start, frame.words[phrase.last - 1].end
    return [n for n in frame.names if start <= n.start and n.end <= end]


def object_behind(frame: Frame, phrase: Phrase) -> int | None:
    """First word of the object behind a definite subject: a definite noun that is no adjective of the subject's head
    (وصف النشطاء [الوضع]), or an indefinite one, which a definite noun cannot govern (انتقد رئيس الرابطة [تصرف اللاعب])."""
    for k in range(phrase.first + 1, phrase.last):
        key, before = frame.key(k), frame.key(k - 1)
        if frame.words[k].upos != "NOUN" or frame.in_name(k) or frame.quote(k) >= 0:
            continue
        if bare(key) in titles() and (key.startswith("ال") or bare(frame.key(phrase.first)) in titles()):
            continue
        ended = before.startswith("ال") and len(before) > 4
        person = any(n.type == "PER" and n.start >= frame.words[k].end for n in _within(frame, phrase))
        if before in PREPOSITIONS or key[:1] in "وبل" or not ended or person:
            continue  # العقيد الركن سامي حداد
        if key == "المزيد":
            return k
        adjective = key.endswith(("ي", "ية", "ة", "ين", "ون")) or key.startswith("الم")
        body = key.startswith("ال") and key[2:] in word_class("idafa_heads")
        if body or (key.startswith("ال") and not adjective) or not key.startswith("ال"):
            return k
    return None


def _addressing(frame: Frame, hit: Hit, found: Phrase) -> Phrase | None:
    """The subject of a verb that takes an object too; None where the phrase behind it can only be the object."""
    if hit.entry.act == "describe" and _only_object(frame, hit, found):
        return None
    told = frame.key(hit.first).endswith(("ها", "هم"))  # الشركة التي طالبتها [السلطات] بـ
    if (frame.key(hit.first - 1) in RELATIVE and not told) or frame.key(found.first) in _UNABLE:
        return None  # القرار الذي طالب الجماعة بـ; وتصف مزاعم …
    if hit.joined and frame.key(found.first) in _EVERYBODY:
        return None  # وطالب كافة الأعضاء بـ: they are addressed
    if hit.entry.act == "describe" and hit.joined and not _says(frame, found):
        return None  # ووصف الوضع بأنه: the object of one who speaks on
    if _disagrees(frame, hit, found):
        return None  # أدان الحادثة وطالب [الجهات المختصة] بـ
    kept = without_target(frame, found)
    if kept is None or hit.entry.gender != "m" or frame.key(hit.first)[hit.skip :].startswith(("ي", "م")):
        return kept
    name = frame.name_at(frame.words[kept.first].start)
    feminine = name is not None and name.type == "LOC" and nm.agreement(name.canonical)[0] == "fem"
    return None if feminine else kept  # وطالب روسيا


_MASCULINE = frozenset(
    [
        "حزب",
        "الحزب",
        "المجلس",
        "النادي",
        "مجلس",
        "الجيش",
        "جيش",
        "الاتحاد",
        "اتحاد",
        "نادي",
        "البنك",
        "بنك",
        "مكتب",
        "البرلمان",
    ]
)


def _disagrees(frame: Frame, hit: Hit, phrase: Phrase) -> bool:
    """Whether a masculine verb stands before a feminine noun, or a feminine one before a body of masculine name (دعت فيه
    [حزب المدن]), so that the noun can only be its object."""
    head = frame.key(phrase.first)
    name = frame.name_at(frame.words[phrase.first].start)
    body = (name is not None and name.type == "ORG") or head.startswith("ال")
    if hit.entry.gender == "f" and body and head in _MASCULINE:
        return True
    if hit.entry.gender != "m" or hit.entry.number not in {"", "s"} or frame.in_name(phrase.first):
        return False
    feminine = head.startswith("ال") and head.endswith(("ة", "ات")) and phrase.first == hit.last
    return feminine and nm.agreement(head)[0] == "fem"


def _says(frame: Frame, phrase: Phrase) -> bool:
    """Whether a phrase can be the subject of a verb of speaking: a name, a person, a body, a text."""
    key = frame.key(phrase.first)
    named = any(frame.in_name(k) for k in range(phrase.first, min(phrase.first + 2, phrase.last)))
    return named or can_speak(key) or bare(key) in word_class("document_heads") | word_class("telling_texts")


def _only_object(frame: Frame, hit: Hit, found: Phrase) -> bool:
    """Whether the one phrase between وصف and its بـ is who is described (ووصفت الحادثة بأنها); not: وصفه الوزير بأنه."""
    pronoun = frame.key(hit.first).endswith(("ه", "ها", "هم"))
    if (
        found.last - found.first > 2
        or frame.in_name(found.first)
        or bare(frame.key(found.first)) in word_class("person_heads")
    ):
        return False
    end = found.last
    while frame.key(end) in {"،", ",", "-", "ب", "حينها", "امس", "اليوم"}:
        end += 1
    return (
        not pronoun
        and (frame.key(end).startswith("ب") or frame.quote(end) >= 0)
        and without_target(frame, found) == found
    )


def _preposed(frame: Frame, hit: Hit) -> Phrase | None:
    """The subject before its verb where the verb agrees with it (not المجموعة يرجح أن: it is thought)."""
    found = speakers_before.before(frame, hit) or _described_text(frame, hit)
    if found is None or found.clitic or hit.entry.act not in {"opine", "predict"} or hit.entry.gender != "m":
        return found
    head = frame.key(found.first)[found.skip :]
    return None if head.startswith("ال") and head.endswith("ة") else found


_FAR = 12
"""Words of a relative clause at most between a text and the verb that tells what it says."""


def _described_text(frame: Frame, hit: Hit) -> Phrase | None:
    """An indefinite text or source that the verb describes without a pronoun: [تقرير لخبراء] أفاد بأن, [مشروع قرار وزعته
    الوزارة] يطلب — not a definite one (التقرير), nor over a comma."""
    if hit.joined or hit.entry.kind != "verb" or frame.key(hit.first - 1) in PUNCTUATION | _NO_RELATIVE:
        return None
    if frame.key(hit.last) in _IN_IT:
        return None  # مقابلة … قالت خلالها
    for k in range(hit.first - 1, max(-1, hit.first - _FAR), -1):
        key = frame.key(k)
        other = frame.hit_at.get(k)
        told = other is not None and other.entry.kind in {"verb", "hal"} and not other.entry.relative
        if key in PUNCTUATION or told or frame.quote(k) != frame.quote(hit.first) or an_marker(key):
            return None
        head = key[1:] if key[:1] in "بل" and key[1:] in _told_of() else key
        if head in _told_of() and not frame.in_name(k):
            feminine = nm.agreement(head)[0] == "fem"
            following = frame.key(k + 1)
            if feminine != (hit.entry.gender == "f") or (following.startswith("ال") and k + 1 < hit.first):
                return None
            apart = (j for j in range(k + 1, hit.first) if frame.key(j) in {"علي", "الي"})
            return Phrase(k, next(apart, hit.first), skip=len(key) - len(head))
    return None


_NO_RELATIVE = frozenset(
    ["ولم", "ولا", "وقد", "وهو", "وهي", "وما", "حيث", "بينما", "فيما", "كما", "ثم", "لكن"]
)


_TOLD_OF = frozenset(["مشروع", "مصدر", "مصادر", "انباء", "معلومات", "اخبار", "تقديرات"])


@cache
def _told_of() -> frozenset[str]:
    return word_class("document_heads") | word_class("telling_texts") - {"منظمة", "مركز", "مرصد"} | _TOLD_OF


_UNABLE = frozenset(
    ["مزاعم", "ادعاءات", "اتهامات", "تصريحات", "خطوة", "قرار", "محادثات", "زيارة", "اجواء", "اوضاع"]
)


_EVERYBODY = frozenset(["كافة", "جميع", "كل", "الجميع", "ساير"])


def _called(frame: Frame, k: int) -> bool:
    return (
        frame.key(k).startswith("بال") and frame.key(k).endswith(("ين", "ات", "ميع")) and not frame.in_name(k)
    )


def possessed(frame: Frame, k: int) -> bool:
    key = frame.key(k)
    return (
        len(key) > 4
        and key.endswith(("يه", "ته", "تها", "يها", "يهم"))
        and frame.words[k].upos in {"", "NOUN"}
    )


def without_target(frame: Frame, phrase: Phrase) -> Phrase | None:
    """Cut who is addressed or accused off the speaker: اتهمت إيران السعودية, طالب لاعبه (nobody but the addressee)."""
    first = frame.key(phrase.first)
    called = (k for k in range(phrase.first + 1, phrase.last) if _called(frame, k))
    phrase = Phrase(phrase.first, next(called, phrase.last))  # أهابت المديرية بالمواطنين
    if first.startswith("ال") and first.endswith("ين") and not frame.in_name(phrase.first):
        return None  # وطالب الحوثيين: an object by its case
    own = not frame.in_name(phrase.first) and frame.key(phrase.first).endswith(("ه", "ها", "هم"))
    if own and len(frame.key(phrase.first)) > 3 and frame.key(phrase.first + 1) not in {"،", ","}:
        name = frame.name_at(frame.words[min(phrase.first + 1, len(frame.words) - 1)].start)
        if name is None or phrase.last - phrase.first == 1:
            return None  # طالب لاعبيه، ناشد رفاقه الذين استقالوا
    if (apart := _target_apart(frame, phrase) or _accusative(frame, phrase)) is not None:
        return Phrase(phrase.first, apart)
    inside = [
        n
        for n in frame.names
        if frame.words[phrase.first].start <= n.start and n.end <= frame.words[phrase.last - 1].end
    ]
    comma = next((k for k in range(phrase.first, phrase.last) if frame.key(k) in {"،", ","}), None)
    if comma is not None:
        person = any(n.type == "PER" and n.end <= frame.words[comma].start for n in inside)
        next_name = frame.name_at(frame.words[min(comma + 1, phrase.last - 1)].start)
        person = person or (next_name is not None and next_name.type != "PER")
        return Phrase(phrase.first, comma) if person else phrase
    if not inside:
        if not frame.key(phrase.first).endswith("ون") or frame.key(phrase.first + 1).startswith("ال"):
            held = (k for k in range(phrase.first + 1, phrase.last) if possessed(frame, k))
            return Phrase(phrase.first, next(held, phrase.last))  # طالب النجم السابق محاميه
        stop = (
            k for k in range(phrase.first + 1, phrase.last)
            if frame.key(k).startswith("ال") and frame.key(k - 1) not in PREPOSITIONS
        )  # fmt: skip
        return Phrase(phrase.first, next(stop, phrase.last))  # وصف منتقدون كثيرون الخطة
    return _cut_behind(frame, phrase, inside)


def _accusative(frame: Frame, phrase: Phrase) -> int | None:
    """The definite dual or plural in the accusative behind a definite subject: اتهمت السلطات التركية [التنظيمين]."""
    for k in range(phrase.first + 1, phrase.last):
        key, before = frame.key(k), frame.key(k - 1)
        plural = key.startswith("ال") and key.endswith("ين") and len(key) > 6 and not frame.in_name(k)
        if plural and before.startswith("ال") and not before.endswith("ين"):
            return k
        if before in PREPOSITIONS or before in {"،", ","}:
            return None
    return None


def _target_apart(frame: Frame, phrase: Phrase) -> int | None:
    """First word of an indefinite target behind a subject that cannot govern it: اتهم التقرير [قوات محلية]; behind an
    indefinite noun with its adjective: اتهمت منظمة دولية [قوات الجيش]. None where the words may be one phrase."""
    head, second = frame.key(phrase.first), phrase.first + 1
    if second >= phrase.last or any(frame.in_name(k) for k in (phrase.first, second)):
        return None
    key = frame.key(second)
    if head.startswith("ال") and len(head) > 4:
        plain = key.isalpha() and not key.startswith(("ال", "و", "ل", "ب")) and key not in PREPOSITIONS
        noun = plain and frame.words[second].upos == "NOUN" and key not in RELATIVE
        return second if noun and bare(head) not in titles() else None
    adjective = head.endswith(("ة", "ات")) and key.endswith(("ة", "ري")) and not key.startswith("ال")
    third = second + 1
    if adjective and third < phrase.last and frame.key(third).startswith("ال") and len(frame.key(third)) > 4:
        return third  # اتهمت لافتات أخرى [الحكومة]
    if adjective and third < phrase.last and frame.words[second].upos == "ADJ":
        return third if frame.key(third) in word_class("idafa_heads") else None
    return None


def _cut_behind(frame: Frame, phrase: Phrase, inside: list[Name]) -> Phrase:
    """Cut the phrase behind the names that belong to its head: اتهمت السلطات البريطانية [روسيا], وصف سامي حداد [ادعاءات]."""
    first = frame.key(phrase.first)
    k = frame.word_at(inside[0].start)
    adjective = frame.key(k - 1).startswith("ال") and frame.key(k - 1).endswith(("ية", "ي"))
    if k > phrase.first + 1 and adjective and inside[0].type == "LOC":
        return Phrase(phrase.first, k)
    if k == phrase.first + 1 and first.startswith("ال") and inside[0].type == "LOC":
        return Phrase(phrase.first, k)  # طالب الأكراد [دمشق]
    beside = len(inside) > 1 and inside[1].type == "PER" and inside[1].start - inside[0].end <= 1
    if beside and inside[0].type == "LOC" and bare(first) in titles():
        inside = inside[1:]  # وزير خارجية تركيا سامي حداد
    body = inside[0].type == "ORG"
    for k in range(frame.word_at(inside[0].end - 1) + 1, phrase.last):
        key = frame.key(k)
        if body and key.startswith("ال") and key.endswith(("ية", "ي")) and k + 1 == phrase.last:
            continue  # وزارة الصحة السعودية
        if key.startswith("ال") or key in {"هذا", "هذه"} or frame.name_at(frame.words[k].start) is not None:
            return Phrase(phrase.first, k)
        if inside[0].type == "PER" and key.isalpha() and frame.words[k].upos not in {"PROPN", "X"}:
            return Phrase(phrase.first, k)  # وصف سامي حداد ادعاءات …
    return phrase


def moved(frame: Frame, hit: Hit) -> Phrase | None:
    """The object of a causative verb before the cue: دفع واشنطن للإشارة إلى أن."""
    for k in range(hit.first - 2, max(-1, hit.first - 9), -1):
        if frame.key(k).removeprefix("و") in word_class("causatives"):
            end = frame.words[hit.first - 1].end
            name = next((n for n in frame.names if n.end == end and n.start > frame.words[k].start), None)
            if name is not None:
                return Phrase(frame.word_at(name.start), hit.first)
            return speakers.after(frame, k + 1, hit.first, 0)
        if frame.key(k).removeprefix("و") in word_class("hasteners"):
            return speakers.after(frame, k + 1, hit.first, 2) or speakers_before.before(
                frame, hit._replace(first=k, joined=frame.key(k).startswith("و"))
            )
    return None


_IN_IT = frozenset(["فيه", "فيها", "خلاله", "خلالها"])


def issuer_of_text(frame: Frame, hit: Hit, found: Phrase | None) -> Phrase | None:
    """Who issued the text that فيه behind the cue takes up: أصدرت [القيادة العامة] بيانا قالت فيه إن — the subject of the
    verb before that text, where the cue agrees with that verb; else ``found`` (صدر البيان، قالت فيه الوزارة إن)."""
    own = found is not None and (found.clitic or found.first > hit.first)
    if own or frame.key(hit.last) not in _IN_IT or hit.entry.kind != "verb" or hit.joined:
        return found
    heads = word_class("document_heads") | {"كلمة", "خطاب", "موتمر", "حديث"}
    for k in range(hit.first - 1, max(0, hit.first - 14), -1):
        key = frame.key(k)
        if key in {":", "؛", "."}:
            break
        if {key, key.removesuffix("ا"), key.removeprefix("ب")} & heads:
            return _of_verb_before(frame, k, hit) or found
    return found


def _of_verb_before(frame: Frame, text: int, hit: Hit) -> Phrase | None:
    """The subject of the verb that opens the clause of the text at word ``text``, of the cue's gender."""
    for k in range(text - 1, max(-1, text - 12), -1):
        key = frame.key(k)
        if key in {"،", ",", ":", "؛"}:
            return None
        if key.removeprefix("و") in word_class("issuing"):
            feminine = key.endswith("ت")
            found = speakers.after(frame, k + 1, text, 1) if feminine == (hit.entry.gender == "f") else None
            return found if found is not None and not frame.key(found.first).startswith("ب") else None
    return None


def text_before(frame: Frame, hit: Hit) -> Phrase | None:
    """The text that a pronoun takes up: أصدرت الشركة بيانا جاء فيه, في رسالة من النادي جاء فيها."""
    for k in range(hit.first - 1, max(-1, hit.first - 14), -1):
        key = frame.key(k)
        if key in {":", "؛", "."}:
            return None
        heads = word_class("document_heads")
        if {key, key.removeprefix("ال").removesuffix("ا"), key.removeprefix("ب")} & heads:
            end = speakers.phrase_end(frame, k, hit.first, 0)
            return Phrase(k, end) if end > k else None
    return None
