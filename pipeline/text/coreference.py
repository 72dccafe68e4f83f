"""Who is who within one document: short names, spellings and bracketed abbreviations under the fullest name."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, pairwise

from rapidfuzz.distance import Levenshtein

from pipeline.text import name_keys
from pipeline.text.names import aliases, fold_words, is_given, is_head, surface

Name = tuple[str, str]  # text, type
_REACH = 300  # mentions before and behind a name among which its full form is looked for
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
    for i, (text, kind) in enumerate(names):
        folded = " ".join(words[i])
        for mark in (folded, aliases().get((kind, folded)), name_keys.key(kind, text)):
            if mark:
                join(i, first.setdefault((kind, "=" + mark if mark != folded else mark), i))
    for i, j in same:
        if names[i][1] == names[j][1]:
            join(i, j)
    places: dict[str, list[int]] = defaultdict(list)
    for i, (_, kind) in enumerate(names):
        places[kind].append(i)
    for kind, of_kind in places.items():
        for i, target in _fuller(of_kind, kind, names, words):
            join(i, target)
    groups: dict[int, list[int]] = defaultdict(list)
    for i in range(len(names)):
        groups[root(i)].append(i)
    best = {top: _fullest([names[i][0] for i in members], names[top][1]) for top, members in groups.items()}
    return {names[i]: best[root(i)] for i in reversed(range(len(names)))}


def cuts(names: Sequence[Name]) -> dict[int, tuple[int, int]]:
    """Return where a span holds two people side by side: index → end of the first name, start of the second.

    So it is where the first word is another person's family name in this document (and no given name), and the
    last word, or all that follows, stands there by itself as well: رئيس حملة حداد ليلى نجار.

    >>> cuts([("سامي حداد", "PER"), ("حداد ليلى نجار", "PER"), ("نجار", "PER")])
    {1: (4, 5)}
    >>> cuts([("سامي حداد", "PER"), ("ليلى نجار حداد", "PER"), ("حداد", "PER")])
    {}
    """
    people = {tuple(fold_words(text)) for text, kind in names if kind == "PER"}
    families = {w[-1]: w for w in sorted(people) if len(w) > 1}
    found = {}
    for i, (text, kind) in enumerate(names):
        words = fold_words(text) if kind == "PER" else []
        gap = re.search(r"\s+", text)
        if len(words) < 3 or gap is None or len(words) != len(text.split()) or is_given(words[0]):
            continue
        known = tuple(words[1:]) in people or (words[-1],) in people
        if known and words[0] in families and words[-1] != words[0] and words[1] not in _LINKS:
            found[i] = gap.span()
    return found


def _fuller(
    of_kind: Sequence[int], kind: str, names: Sequence[Name], words: Sequence[list[str]]
) -> Iterator[tuple[int, int]]:
    """Yield each name of a type that another abbreviates, with that other: the nearest before it, else the first after.

    ``of_kind``: indexes of the names of that type, in order.
    """
    matches = _MATCH.get(kind)
    if matches is None:
        return
    compared: dict[str, dict[str, bool]] = defaultdict(dict)  # short text → long text → whether they match
    for at, i in enumerate(of_kind):
        known = compared[names[i][0]]
        first, last = bisect_right(of_kind, i - _REACH), bisect_left(of_kind, i + _REACH)
        for j in chain(reversed(of_kind[first:at]), of_kind[at + 1 : last]):
            other = names[j][0]
            fits = known.get(other)
            if fits is None:
                fits = known[other] = matches(words[i], words[j])
            if fits:
                yield i, j
                break


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


@lru_cache(maxsize=65536)
def _alike(a: str, b: str) -> bool:
    """True for two spellings of one word: one edit in five letters or more, long vowels not counted.

    Two given names of the lexicon are two names, however near.

    >>> _alike("افورقي", "افورقي"), _alike("غوتيريش", "غوتيريس"), _alike("علي", "عمر"), _alike("حسن", "حسين")
    (True, True, False, False)
    """
    if a == b:
        return True
    if is_given(a) and is_given(b):
        return False
    bare_a, bare_b = (re.sub("[اويع]", "", w) for w in (a, b))
    if len(bare_a) > 2 and bare_a == bare_b:
        return True
    return min(len(a), len(b)) >= 5 and a[0] == b[0] and Levenshtein.distance(a, b, score_cutoff=1) <= 1


def same_spelling(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether two names (folded words) may be spellings of one: as many words, each alike, none another's number.

    >>> same_spelling(["سامي", "غوتيريش"], ["سامي", "غوتيريز"]), same_spelling(["سامي", "حداد"], ["سامر", "حداد"])
    (True, False)
    """
    return len(a) == len(b) and all(map(_alike, a, b))


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
    return inside and (short[0] == full[0] or is_head(full[0]))


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


_OFTEN = 3


def _swollen(form: str, usual: str) -> bool:
    """True when a name seen once adds two words or more, none of them بن or آل, to one that is seen often.

    >>> _swollen("سامي حداد نبيل سالم", "سامي حداد"), _swollen("سامي بن نبيل حداد", "سامي حداد")
    (True, False)
    """
    words, known = fold_words(form), fold_words(usual)
    return len(words) >= len(known) + 2 and not _LINKS & set(words)


def _ran_on(form: str, usual: str, times: int) -> bool:
    """True when a body's name seen once opens with one seen twice or more and runs on for three words or more.

    >>> _ran_on("كلية المدن العليا الضباط الجامعيين للدورة", "كلية المدن العليا", 2), _ran_on("وزارة الصحة", "وزارة", 2)
    (True, False)
    """
    words, known = fold_words(form), fold_words(usual)
    return times > 1 and len(known) > 1 and len(words) >= len(known) + 3 and words[: len(known)] == known


def _fullest(texts: Sequence[str], kind: str = "") -> str:
    """Return the fullest of several names of one entity: most words, then most frequent spelling, then longest.

    A person's name that is seen once and swollen beside one that is seen often is left out: two names in one span.
    """
    forms = Counter(map(surface, texts))
    if len(forms) == 1:
        return next(iter(forms))
    often = [f for f in forms if forms[f] >= _OFTEN and len(fold_words(f)) > 1]
    for form in [f for f in forms if forms[f] == 1 and len(fold_words(f)) > 2]:
        person = kind == "PER" and any(_swollen(form, usual) for usual in often)
        body = kind == "ORG" and any(_ran_on(form, f, n) for f, n in forms.items() if f != form)
        if person or body:
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
