"""Names within one document and across the night: folding, resolution, metonymy, identity, agreement.

All functions are pure: strings in, strings out. Lexicons are read through ``pipeline.resources``.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from pipeline import resources
from pipeline.text.translit import transliterate

__all__ = [
    "agreement",
    "canonical",
    "entity_id",
    "fold_name",
    "fold_words",
    "glosses",
    "metonym",
    "transliterate",
    "trim",
]

_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_LETTER = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ی": "ي", "ک": "ك", "_": " "}
)
_WORD = re.compile(r"[^\W_]+")
_DOUBLE_LAM = frozenset({"للجنه", "للواء", "للجان"})  # ل + ال + a word that itself opens with ل
_COMPOUND = {"عبد": "عبد", "ابو": "ابو", "ابي": "ابو"}  # written with or without a space before the next word


def fold_name(name: str) -> str:
    """Return the spelling-insensitive key of a name: one alef, ya and ta marbuta, no marks, tatweel or article.

    >>> fold_name("الأمم المتّحدة") == fold_name("امم متحده")
    True
    >>> fold_name("عبد الله حمدان") == fold_name("عبدالله حمدان")
    True
    >>> fold_name("للأمم المتحدة") == fold_name("الأمم المتحدة")
    True
    """
    return " ".join(fold_words(name))


def fold_words(name: str) -> list[str]:
    """Return the folded words of a name, without articles, عبد joined to the word that it governs.

    >>> fold_words("الشيخ عبد الرحمن")
    ['شيخ', 'عبدرحمن']
    """
    words: list[str] = []
    joined = ""
    for raw in _WORD.findall(_MARKS.sub("", name).translate(_LETTER).lower()):
        word = raw
        if raw in _COMPOUND:
            joined += _COMPOUND[raw]
            continue
        if word.startswith("عبدال") and len(word) > 6:
            word = "عبد" + word[5:]
        elif word.startswith(("ال", "لل")) and (len(word) > 4 or joined):
            word = word[1:] if word in _DOUBLE_LAM else word[2:]
        words.append(joined + word)
        joined = ""
    return [*words, joined] if joined else words


def surface(name: str) -> str:
    """Return the published form of a name: no underscores, marks or double spaces, للـ opened to الـ.

    >>> surface("سامي_حداد"), surface("للمحكمة العليا")
    ('سامي حداد', 'المحكمة العليا')
    """
    text = " ".join(_MARKS.sub("", name).replace("_", " ").split())
    if not text.startswith("لل") or len(text) < 5:
        return text
    first = text.split(" ", 1)[0].translate(_LETTER)
    return "ال" + text[1 if first in _DOUBLE_LAM else 2 :]


def entity_id(type: str, canonical: str) -> str:
    """Return the id of an entity: the same each night for the same type and folded canonical name.

    >>> entity_id("LOC", "القاهرة") == entity_id("LOC", "القاهره")
    True
    """
    key = f"{type}\t{fold_name(canonical)}"
    return "e" + hashlib.sha256(key.encode("utf-8")).hexdigest()[:16]


# ---------------------------------------------------------------------------------------------- lexicons


@cache
def _aliases() -> dict[tuple[str, str], str]:
    """Return (type, folded name) → key of the lexicon entry that it belongs to."""
    groups: dict[tuple[str, str], str] = {}
    for state in resources.load("places.yaml")["countries"]:
        for name in (state["name"], *state.get("other", ())):
            groups.setdefault(("LOC", fold_name(name)), state["name"])
    for kind in resources.load("organisations.yaml")["names"].values():
        for entry in kind:
            for name in (entry["name"], *entry.get("other", ())):
                groups.setdefault(("ORG", fold_name(name)), entry["name"])
    return groups


@cache
def _seats() -> dict[str, str]:
    """Return folded capital or seat → state. A name that is also a state's own name is left out."""
    places, extra = resources.load("places.yaml"), resources.load("metonymy.yaml")
    states = {fold_name(n) for s in places["countries"] for n in (s["name"], *s.get("other", ()))}
    left_out = {fold_name(n) for n in extra["not_a_state"]} | states
    seats = {
        fold_name(city): state["name"]
        for state in places["countries"]
        for city in state.get("capital", ())
        if fold_name(city) not in left_out
    }
    return seats | {fold_name(seat): state for seat, state in extra["seats"].items()}


def metonym(name: str) -> str | None:
    """Return the state for which a capital or seat stands in 'X said', or None.

    >>> metonym("موسكو"), metonym("القاهرة"), metonym("حلب")
    ('روسيا', 'مصر', None)
    """
    return _seats().get(fold_name(name))


# ---------------------------------------------------------------------------------------------- spans

_PRONOUN_FIRST = frozenset(
    {"لي", "له", "لها", "لهم", "لنا", "بي", "به", "بها", "الي", "اليه", "اليها", "عليه", "عنه"}
)
_OBJECTS = frozenset(
    f"{noun}{pronoun}"
    for noun in ("نظير", "رئيس", "حليف", "منافس", "مقر", "غريم", "جار")
    for pronoun in ("ه", "ها")
)


def trim(text: str, kind: str) -> tuple[int, int]:
    """Return the part [start, end) of a span that is the name, where the recogniser took in a neighbour.

    PER: a pronoun before the name. ORG: an object behind it (نظيره), or a definite noun that is no adjective of
    a feminine head (المنظمة المقياس).

    >>> trim("له سامي", "PER"), trim("الاتحاد الدولي نظيره المحلي", "ORG"), trim("المنظمة المعيار", "ORG")
    ((3, 7), (0, 14), (0, 7))
    >>> trim("اللجنة العليا", "ORG"), trim("الهيئة العامة", "ORG")
    ((0, 13), (0, 13))
    """
    words = [(m.start(), m.end(), m[0].translate(_LETTER)) for m in re.finditer(r"\S+", text)]
    if len(words) < 2:
        return 0, len(text)
    if kind == "PER" and words[0][2] in _PRONOUN_FIRST:
        return words[1][0], len(text)
    if kind == "ORG":
        for (_, end, before), (_, _, word) in pairwise(words):
            if word in _OBJECTS:
                return 0, end
            feminine = before.startswith("ال") and before.endswith("ه") and len(before) > 5
            if (
                feminine
                and end == words[0][1]
                and word.startswith("ال")
                and not word.endswith(("ه", "ا", "ي", "ات"))
            ):
                return 0, end
    return 0, len(text)


# ---------------------------------------------------------------------------------------------- resolution

Name = tuple[str, str]  # text, type
_STATE_HEADS = frozenset({"دوله", "جمهوريه", "مملكه", "سلطنه", "اماره", "قطاع", "مدينه", "اتحاد"})
_LINKS = frozenset({"بن", "ابن", "ال", "فان", "دي", "دا", "دير", "دو", "فون", "لا", "لو", "بو", "ولد", "بنت"})


def canonical(names: Sequence[Name], same: Iterable[tuple[int, int]] = ()) -> dict[Name, str]:
    """Return for each (text, type) of one document, in reading order, the fullest name of the same entity there.

    A person's surname or given name stands for the full name that holds it (the last one before it, else the first
    after it); an organisation's short form for the long one; names of one lexicon entry belong together. ``same``
    holds pairs of indexes that the text itself equates, see ``glosses``.

    >>> seen = [("ليلى حداد", "PER"), ("وزارة الصحة", "ORG"), ("حداد", "PER"), ("الصحة", "ORG")]
    >>> canonical(seen)[("حداد", "PER")], canonical(seen)[("الصحة", "ORG")]
    ('ليلى حداد', 'وزارة الصحة')
    """
    words = [fold_words(text) for text, _ in names]
    parent = list(range(len(names)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    def join(i: int, j: int) -> None:
        parent[max(root(i), root(j))] = min(root(i), root(j))

    first: dict[tuple[str, str], int] = {}
    for i, (_, kind) in enumerate(names):
        folded = " ".join(words[i])
        for mark in (folded, _aliases().get((kind, folded), "")):
            if mark:
                join(i, first.setdefault((kind, "=" + mark if mark != folded else mark), i))
    for i, j in same:
        if names[i][1] == names[j][1]:
            join(i, j)
    for i, (_, kind) in enumerate(names):
        target = _fuller(i, kind, names, words)
        if target is not None:
            join(i, target)
    groups: dict[int, list[int]] = defaultdict(list)
    for i in range(len(names)):
        groups[root(i)].append(i)
    best = {top: _fullest([names[i][0] for i in members], names[top][1]) for top, members in groups.items()}
    return {names[i]: best[root(i)] for i in reversed(range(len(names)))}


def _fuller(i: int, kind: str, names: Sequence[Name], words: Sequence[list[str]]) -> int | None:
    """Return the index of the longer name that name ``i`` abbreviates: the nearest before it, else the first after."""
    order = [*range(i - 1, -1, -1), *range(i + 1, len(names))]
    matches = _MATCH.get(kind)
    if matches is None:
        return None
    return next((j for j in order if names[j][1] == kind and matches(words[i], words[j])), None)


def _person(short: list[str], full: list[str]) -> bool:
    """True when the words of ``short`` are the last, first or linked words of ``full``, in another spelling perhaps.

    >>> _person(["حداد"], ["ليلي", "حداد"]), _person(["ليلي"], ["ليلي", "حداد"]), _person(["نور"], ["ليلي", "حداد"])
    (True, True, False)
    """
    if not short or len(short) > len(full):
        return False
    if len(short) == len(full):
        return len(full) > 1 and short != full and all(map(_alike, short, full))
    tail = all(map(_alike, short, full[-len(short) :]))
    head = len(short) == 1 and full[1] not in _LINKS and _alike(short[0], full[0])
    ends = len(short) == 2 and _alike(short[0], full[0]) and _alike(short[1], full[-1])
    return tail or head or ends


def _alike(a: str, b: str) -> bool:
    """True for two spellings of one word: one edit in five letters or more, long vowels not counted.

    Two given names of the lexicon are two names, however near.

    >>> _alike("افورقي", "افورقي"), _alike("غوتيريش", "غوتيريس"), _alike("علي", "عمر"), _alike("حسن", "حسين")
    (True, True, False, False)
    """
    if a == b:
        return True
    if a in _given_names() and b in _given_names():
        return False
    bare_a, bare_b = (re.sub("[اويع]", "", w) for w in (a, b))
    if len(bare_a) > 2 and bare_a == bare_b:
        return True
    return min(len(a), len(b)) >= 5 and a[0] == b[0] and Levenshtein.distance(a, b, score_cutoff=1) <= 1


@cache
def _given_names() -> frozenset[str]:
    given = resources.load("titles_names.yaml")
    return frozenset(fold_name(n) for gender in ("masculine", "feminine") for n in given[gender].split(","))


def _organisation(short: list[str], full: list[str]) -> bool:
    """True when ``short`` opens or ends ``full``, or leaves out words in its middle.

    >>> _organisation(["مرصد"], ["مرصد", "سوري", "لحقوق", "انسان"]), _organisation(["صحه"], ["وزاره", "صحه"])
    (True, True)
    >>> _organisation(["وزاره", "صحه"], ["وزاره", "دفاع"])
    False
    """
    if not short or len(short) >= len(full):
        return len(short) == len(full) > 1 and short != full and all(map(_alike, short, full))
    if short == full[: len(short)] or short == full[-len(short) :]:
        return True
    rest = iter(full)
    inside = all(any(w == other for other in rest) for w in short)
    return inside and (short[0] == full[0] or full[0] in _heads())


def _place(short: list[str], full: list[str]) -> bool:
    """True when ``full`` only adds a word like دولة or قطاع, or is another spelling.

    >>> _place(["غزه"], ["قطاع", "غزه"]), _place(["لبنان"], ["جنوب", "لبنان"]), _place(["ارتيريا"], ["اريتريا"])
    (True, False, True)
    """
    if not short:
        return False
    if len(short) == len(full):
        same_letters = sorted("".join(short)) == sorted("".join(full)) and short[0][0] == full[0][0]
        return short != full and len("".join(short)) > 5 and same_letters
    return len(short) + 1 == len(full) and full[1:] == short and full[0] in _STATE_HEADS


_MATCH = {"PER": _person, "ORG": _organisation, "LOC": _place}


@cache
def _heads() -> frozenset[str]:
    kinds = resources.load("organisations.yaml")["heads"]
    return frozenset(fold_name(w) for by_kind in kinds.values() for ws in by_kind.values() for w in ws)


_OFTEN = 3


def _swollen(form: str, usual: str) -> bool:
    """True when a name seen once adds two words or more, none of them بن or آل, to one that is seen often.

    >>> _swollen("سامي حداد نبيل سالم", "سامي حداد"), _swollen("سامي بن نبيل حداد", "سامي حداد")
    (True, False)
    """
    words, known = fold_words(form), fold_words(usual)
    return len(words) >= len(known) + 2 and not _LINKS & set(words)


def _fullest(texts: Sequence[str], kind: str = "") -> str:
    """Return the fullest of several names of one entity: most words, then most frequent spelling, then longest.

    A person's name that is seen once and swollen beside one that is seen often is left out: two names in one span.
    """
    forms = Counter(surface(t) for t in texts)
    often = [f for f in forms if forms[f] >= _OFTEN and len(fold_words(f)) > 1]
    for form in [f for f in forms if forms[f] == 1 and len(fold_words(f)) > 2]:
        if kind == "PER" and any(_swollen(form, usual) for usual in often):
            del forms[form]
    order = {form: i for i, form in enumerate(dict.fromkeys(surface(t) for t in texts))}
    return min(forms, key=lambda f: (-len(fold_words(f)), -forms[f], -len(f), order[f]))


def glosses(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return pairs of span indexes that the text equates by brackets: منظمة الأغذية والزراعة (الفاو).

    >>> text = "قالت منظمة المدن (مدن) أمس"
    >>> glosses(text, [(5, 16), (18, 21)])
    [(0, 1)]
    """
    pairs = []
    for i, ((_, end), (start, close)) in enumerate(pairwise(spans)):
        between = text[end:start].strip(" \"«»“”'")
        if between in ("(", "[") and text[close : close + 2].lstrip(" \"»”'")[:1] in (")", "]"):
            pairs.append((i, i + 1))
    return pairs


# ---------------------------------------------------------------------------------------------- agreement


@cache
def _agreement_lexicon() -> Mapping[str, tuple[str, str]]:
    """Return folded word or name → (gender, number) as a later verb shows it."""
    known: dict[str, tuple[str, str]] = {}
    titles, given = resources.load("titles.yaml"), resources.load("titles_names.yaml")
    organisations, places = resources.load("organisations.yaml"), resources.load("places.yaml")
    for gender in ("masculine", "feminine"):
        for name in given[gender].split(","):
            known.setdefault(fold_name(name), ("masc" if gender == "masculine" else "fem", "sing"))
    for gender, kinds in organisations["heads"].items():
        known |= {fold_name(w): (gender, "sing") for words in kinds.values() for w in words}
    known |= {fold_name(w): ("masc", "plur") for w in titles["plurals"]["people"]}
    known |= {fold_name(w): ("fem", "sing") for w in titles["plurals"]["things"]}
    known |= {fold_name(w): ("masc", "sing") for w in titles["masculine"]}
    known |= {fold_name(w): ("fem", "sing") for w in titles["feminine"]}
    for kind in organisations["names"].values():
        for entry in kind:
            for name in (entry["name"], *entry.get("other", ())):
                known[fold_name(name)] = (entry["gender"], "sing")
    for state in places["countries"]:
        for name in (state["name"], *state.get("other", ())):
            known[fold_name(name)] = (state["gender"], "sing")
        for city in state.get("capital", ()):
            known.setdefault(fold_name(city), ("fem", "sing"))
    known |= {fold_name(c): ("fem", "sing") for c in places["cities"].split(",") if fold_name(c) not in known}
    return known


def agreement(phrase: str) -> tuple[str, str]:
    """Return (gender, number) that a verb after this noun phrase or name shows; '' where it cannot be told.

    gender: masc, fem; number: sing, dual, plur. The whole name is looked up first, then its head (the first word).
    Plurals of things and bodies count as feminine singular, as verbs agree with them.

    >>> agreement("وزارة الدفاع"), agreement("المتحدث باسم الشرطة"), agreement("روسيا"), agreement("مسؤولون محليون")
    (('fem', 'sing'), ('masc', 'sing'), ('fem', 'sing'), ('masc', 'plur'))
    >>> agreement("مصادر طبية"), agreement("المستشارة"), agreement("أسامة"), agreement("الوزيران")
    (('fem', 'sing'), ('fem', 'sing'), ('masc', 'sing'), ('masc', 'dual'))
    """
    lexicon, words = _agreement_lexicon(), fold_words(phrase)
    if not words:
        return "", ""
    found = lexicon.get(" ".join(words)) or lexicon.get(words[0])
    return found or _by_ending(words[0])


_ENDINGS = (  # ending, shortest word that it is an ending of, agreement
    ("ون", 5, ("masc", "plur")),
    ("تين", 6, ("fem", "dual")),
    ("تان", 6, ("fem", "dual")),
    ("ين", 5, ("masc", "")),
    ("ان", 6, ("masc", "dual")),
    ("ات", 5, ("fem", "")),
    ("ه", 2, ("fem", "sing")),
    ("ا", 2, ("", "sing")),
)


def _by_ending(word: str) -> tuple[str, str]:
    """Return (gender, number) of a folded word by its ending; masculine singular where no ending tells."""
    for ending, shortest, found in _ENDINGS:
        if len(word) >= shortest and word.endswith(ending):
            return found
    return "masc", "sing"
