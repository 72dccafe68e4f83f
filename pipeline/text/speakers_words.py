"""Closed classes of words that bound the noun phrase of a speaker, as folded keys."""

from __future__ import annotations

from functools import cache

from pipeline import resources
from pipeline.text.claims_frame import PREPOSITIONS
from pipeline.text.claims_words import bare, weekdays, word_class, word_key

RELATIVE = frozenset(["الذي", "التي", "الذين", "اللذان", "اللتان", "اللذين", "والذي", "والتي"])

DANGLING = frozenset(["،", ",", "-", "–", "و", "#"])

NOT_NOMINAL = (
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
            "الا",
            "مثل",
            "قبلها",
            "قبله",
            "بعدها",
            "بعده",
            "منهن",
            "فاكثر",
            "عنا",
            "وفي",
            "ومن",
            "وعن",
            "وعلي",
            "والي",
            "ومع",
            "اما",
            "سوي",
            "امامه",
            "امامها",
            "امامهم",
            "كيف",
            "فمن",
            "خصوصا",
            "بطريقة",
            "فعليا",
            "خلالهما",
            "ولم",
            "ولا",
            "ولن",
            "وما",
            "وهل",
            "حقا",
            "فعلا",
            "يومها",
            "يوميذ",
            "وقتيذ",
            "بهذا",
            "بهذه",
            "بذلك",
            "بتلك",
            "لنفسه",
            "لنفسها",
            "منا",
        ]
    )
    | PREPOSITIONS.keys()
)

WITH_PRONOUN = frozenset(
    p + s
    for p in ("الي", "علي", "من", "عن", "في", "ل", "ب", "مع", "بين", "حول", "عند", "لدي")
    for s in ("ه", "ها", "هم", "هما", "نا", "ي", "كم")
    if p + s != "بي"
) - {"علي", "لها", "له"} | {"له", "لها", "لهم", "فقد", "فان", "فانه", "فانها", "ومنها", "وبينها", "وبينهم"}

TIME = weekdays() | frozenset(
    [
        "اليوم",
        "امس",
        "غدا",
        "الليلة",
        "مساء",
        "صباح",
        "ظهر",
        "فجر",
        "ايضا",
        "كذلك",
        "بدوره",
        "بدورها",
        "مجددا",
        "لاحقا",
        "موخرا",
        "اخيرا",
        "رسميا",
        "صراحة",
        "حديثا",
        "يوم",
        "قد",
        "انذاك",
        "حينها",
        "الشهر",
        "العام",
        "السنة",
        "الاسبوع",
        "الماضي",
        "الماضية",
        "الجاري",
    ]
)

# Particles of the verb behind a subject (واشنطن قد أعلنت), and the nouns of هذا الأسبوع.
AFTER_SUBJECT = frozenset(
    ["ما", "مهما", "كان", "كانت", "قد", "لقد", "لم", "لن", "لا", "سوف", "بشكل", "بصورة", "وكان", "وكانت"]
)

SPANS = frozenset(["الاسبوع", "الشهر", "العام", "الصباح", "المساء", "اليوم", "الموسم", "السنة"])

PAST = frozenset(["الماضي", "الماضية", "الجاري", "الجارية", "الحالي", "المنصرم", "الفايت"])

# Members and deputies stand for their party or district: نائب عن حزب.
FOR = frozenset(
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
        "مسوول",
        "مسوولة",
    ]
)


@cache
def titles() -> frozenset[str]:
    """First words of the titles of persons, folded and bare."""
    groups = resources.load("titles.yaml")["titles"]
    words = (w.split()[0] for ws in groups.values() for w in ws)
    return frozenset(bare(word_key(w)) for w in words) | {bare(w) for w in word_class("more_titles")}


@cache
def people() -> frozenset[str]:
    """Bare plurals of people: خبراء, نواب."""
    return frozenset(bare(word_key(w)) for w in resources.load("titles.yaml")["plurals"]["people"])


@cache
def _speaking() -> frozenset[str]:
    """Bare heads of phrases that can mean somebody who speaks: people, their plurals, bodies."""
    things = {bare(word_key(w)) for w in resources.load("titles.yaml")["plurals"]["things"]} - _THINGS
    return people() | things | titles() | _BODIES | {bare(w) for w in word_class("person_heads")}


@cache
def _body_heads() -> frozenset[str]:
    """Bare heads of the names of organisations."""
    kinds = resources.load("organisations.yaml")["heads"]
    return frozenset(bare(word_key(w)) for by_kind in kinds.values() for ws in by_kind.values() for w in ws)


_THINGS = frozenset(
    bare(word_key(w))
    for w in ["نتائج", "أسواق", "خطط", "بنود", "رسائل", "صور", "لقطات", "مشاهد", "أرقام", "أنباء"]
)
_BODIES = frozenset(
    word_key(w) for w in ["سلطات", "دولة", "عائلة", "أسرة", "مملكة", "معارضة", "شخصيات", "نساء", "قيادات"]
)


def can_speak(head: str) -> bool:
    """Whether a phrase with this head (folded) can speak: الوزارة، جهات رقابية، العداءة — not شقتها.

    >>> can_speak("جهات"), can_speak("الهيية"), can_speak("شقتها")
    (True, True, False)
    """
    word = bare(head)
    known = word in _speaking() or word.removesuffix("ة") in _speaking()
    return known or word in _body_heads() or (head.startswith("ال") and head.endswith("ون"))
