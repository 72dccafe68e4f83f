"""Names that the noun before them announces: مستشفى بقيق, نادي القادسية, محافظ القنفذة, لـ«الشرق الأوسط».

The recogniser learnt from the news of 2005; most organisations and small places of another year it has never met. The
common noun in front says what comes: an organisation, a place, an outlet. What follows must look like a proper noun:
a proper noun is met either with the article or without it, a common noun or adjective in both forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

from pipeline import resources
from pipeline.nlp.ner_patterns import Span, adjectives, organisations, states
from pipeline.nlp.ner_tokens import fold
from pipeline.text.names import given

OPENING, CLOSING = frozenset("\"«“”„'‘"), frozenset("\"»”“'’")
# A word met this often with the other definiteness, relative to its own, is no proper noun.
_BOTH_FORMS = 20
# Commoner words are function words; rarer ones than the second number are taken for names unless they look like verbs.
_TOO_COMMON = 1500
_RARE = 60
_LONGEST_QUOTED = 3
# So many words before the preposition may hold the verb of telling: وأكد الصراف رائد العتيبي لـ«…».
_NEAR = 8

Likeness = Callable[[str], int]


@cache
def heads(part: str) -> frozenset[str]:
    """Return the folded heads of one part of ``announcing`` in organisations.yaml."""
    return frozenset(fold(word) for word in resources.load("organisations.yaml")["announcing"][part])


@cache
def _announcing() -> frozenset[str]:
    return frozenset().union(*map(heads, ("person", "inside", "outside", "place", "quoted", "terrain")))


@cache
def given_names() -> frozenset[str]:
    """Return the folded given names of the lexicon."""
    return frozenset(map(fold, given()))


@cache
def whole_words() -> frozenset[str]:
    """Return the folded words whose first letter only looks like a proclitic: ليلى, وادي."""
    return given_names() | heads("terrain")


@cache
def common_heads() -> frozenset[str]:
    """Return the first words of the common nouns that open the name of an organisation, with and without article."""
    lexicon = resources.load("organisations.yaml")
    found = {fold(h.split()[0]) for kinds in lexicon["heads"].values() for hs in kinds.values() for h in hs}
    found |= {fold(h.split()[0]) for h in lexicon["national"]} | heads("inside") | heads("outside")
    return frozenset(found | {"ال" + word for word in found if not word.startswith("ال")})


def proper(word: str, counts: Mapping[str, int], likeness: Likeness) -> bool:
    """Tell a word (folded, no proclitic) that looks like a proper noun; ``likeness`` is how much its letters do.

    >>> counts = {"بقيق": 36, "شركه": 900, "الشركه": 800, "حكوميه": 320, "الحكوميه": 1193}
    >>> [proper(w, counts, lambda word: -1) for w in ("بقيق", "الفيوش", "شركه", "حكوميه", "يعمل")]
    [True, True, False, False, False]
    """
    if len(word) < 3 or not word.isalpha() or not "\u0621" <= word[0] <= "\u06ff":
        return False
    own = counts.get(word, 0)
    definite = word.startswith("ال") and len(word) > 4
    other = max(counts.get("ال" + word, 0), counts.get(word[2:], 0) if definite else 0)
    if own >= _TOO_COMMON or other * _BOTH_FORMS > own:
        return False
    like = likeness(word)
    if not definite and word[0] in "يتنسا" and like < 0:
        return False  # as a verb begins
    if word[0] in "لبكف" and counts.get(word[1:], 0) > own:
        return False  # a preposition and its noun
    if (
        (word.endswith("ا") and counts.get(word[:-1], 0))
        or _no_name(word, counts)
        or _possessed(word, counts)
    ):
        return False  # an adjective in the accusative, a verb, a noun with a pronoun
    return own < _RARE or like >= 0 or (definite and own < 10 * _RARE)


def _possessed(word: str, counts: Mapping[str, int]) -> bool:
    """A noun with a pronoun: قريته, مكتبها."""
    for pronoun in ("ها", "هم", "ه"):
        stem = word.removesuffix(pronoun)
        if stem != word and len(stem) > 2:
            base = stem[:-1] + "ه" if stem.endswith("ت") else stem
            return counts.get(base, 0) > counts.get(word, 0)
    return False


def foreign(word: str, counts: Mapping[str, int], likeness: Likeness) -> bool:
    """Tell a word that looks like a name by its letters and its use: ديزني."""
    return likeness(word) >= 1 and proper(word, counts, likeness)


def _strange(word: str, counts: Mapping[str, int], likeness: Likeness) -> bool:
    """Surer than ``foreign``: no verb (فاز) and no word with a clitic (وأورد, للبرتغالي) may pass."""
    return len(word) > 3 and word[0] not in "ول" and likeness(word) >= 2 and proper(word, counts, likeness)


def found(
    words: Sequence[str],
    folded: Sequence[str],
    spans: Sequence[Span],
    counts: Mapping[str, int],
    likeness: Likeness,
) -> list[Span]:
    """Return ``spans`` with the names that heads announce; ``folded`` are the words with their proclitics.

    A head before a place makes an organisation of both (شرطة ميامي); before a word that looks like a proper noun it
    makes a name of that word, with the head (مستشفى بقيق) or without (نادي القادسية, محافظ القنفذة). An outlet in
    quotation marks after لـ is one that was spoken to. Persons lose what is no name at their edges first.
    """
    out = [
        piece
        for span in spans
        for piece in _edges(span, words, counts)
        if words[span[0]] not in heads("never")
    ]
    out = [_whole_person(span, out, words, folded, lambda w: _strange(w, counts, likeness)) for span in out]
    for i, word in enumerate(words[:-1]):
        if word not in _announcing() and folded[i] != "ل":
            continue
        parted = folded[i + 1] == words[i + 1]  # no proclitic between head and name
        new = (_after_head(i, word, words, out, counts, likeness) if parted else None) or _told(
            i, words, folded
        )
        if new:
            inside = [s for s in out if s[0] < new[1] and new[0] < s[1]]
            if all(new[0] <= s[0] and s[1] <= new[1] for s in inside):
                out = [s for s in out if s not in inside] + [new]
    return sorted(out)


def _after_head(
    i: int,
    word: str,
    words: Sequence[str],
    spans: Sequence[Span],
    counts: Mapping[str, int],
    likeness: Likeness,
) -> Span | None:
    if word in heads("person"):
        return _titled(i, words, spans, counts, likeness)
    if words[i + 1] in OPENING:
        return _quoted(i + 1, words, "ORG") if word in _before_quotes() else None
    begins = next((s for s in spans if s[0] <= i + 1 < s[1]), None)
    if begins is not None:
        if word in heads("inside") and begins[0] in (i, i + 1) and begins[2] in ("LOC", "PER", "ORG"):
            return i, _further(begins[1], words), "ORG"
        return None
    if words[i + 1] in adjectives() or not proper(words[i + 1], counts, likeness):
        return None
    if word in heads("terrain") or word in heads("place"):
        plural = words[i + 1].endswith(("ون", "ات"))  # سكان مؤقتون
        return None if plural else (i + (word in heads("place")), i + 2, "LOC")
    end = i + 2
    while end < min(i + 4, len(words)) and not _taken(end, spans) and foreign(words[end], counts, likeness):
        end += 1
    if word in heads("inside"):
        return i, _further(end, words), "ORG"
    return (i + 1, end, "ORG") if word in heads("outside") else None


@cache
def _before_quotes() -> frozenset[str]:
    return heads("inside") | heads("outside") | heads("quoted")


def _titled(
    i: int, words: Sequence[str], spans: Sequence[Span], counts: Mapping[str, int], likeness: Likeness
) -> Span | None:
    """الدكتورة موضي الخلف: a given name or a word that looks like a proper noun after a title with the article."""
    end = i + 1
    if words[end].startswith("ال"):
        return None  # الأمير الراحل
    while end < min(i + 4, len(words)) and not _taken(end, spans) and words[end] not in adjectives():
        if words[end] not in given_names() and not proper(words[end], counts, likeness):
            break
        end += 1
    while end > i + 1 and words[end - 1] in heads("doubtful"):
        end -= 1
    return (i + 1, end, "PER") if end > i + 1 else None


def _taken(i: int, spans: Sequence[Span]) -> bool:
    return any(a <= i < b for a, b, _ in spans)


def _further(end: int, words: Sequence[str]) -> int:
    """جامعة فلوريدا الدولية: one definite adjective of such names goes with it."""
    return end + 1 if end < len(words) and words[end] in heads("further") else end


def _quoted(i: int, words: Sequence[str], kind: str) -> Span | None:
    """A name of up to three words in quotation marks that open at ``i``."""
    for end in range(i + 2, min(i + 3 + _LONGEST_QUOTED, len(words))):
        if words[end] in CLOSING:
            return (i + 1, end, kind) if all(w[0].isalpha() for w in words[i + 1 : end]) else None
    return None


def _told(i: int, words: Sequence[str], folded: Sequence[str]) -> Span | None:
    """قال لـ«الشرق الأوسط»: an outlet in quotation marks after the preposition, next to a verb of telling."""
    if folded[i] != "ل" or words[i + 1] not in OPENING:
        return None
    name = _quoted(i + 1, words, "ORG")
    before = words[max(0, i - _NEAR) : i]
    return name if any(w in heads("told") or w[1:] in heads("told") for w in before) else None


def _edges(span: Span, words: Sequence[str], counts: Mapping[str, int]) -> list[Span]:
    """Return a person without particles and verbs at the edges, and the state of a title by itself.

    A club or company without a head loses its nationality: القادسية الكويتي → القادسية; but not الجيش اليمني.

    >>> _edges((1, 4, "PER"), "رئيس بنين باتريس تالون".split(), {})
    [(1, 2, 'LOC'), (2, 4, 'PER')]
    >>> _edges((0, 3, "PER"), "ان سامي الملقب".split(), {})
    [(1, 2, 'PER')]
    >>> _edges((0, 2, "ORG"), "القادسيه الكويتي".split(), {}), _edges((0, 2, "ORG"), "الجيش اليمني".split(), {})
    ([(0, 1, 'ORG')], [(0, 2, 'ORG')])
    """
    a, b, kind = span
    if kind == "ORG" and b - a > 1 and words[b - 1] in adjectives() and words[a] not in common_heads():
        rest, whole = (tuple(words[a:end]) in organisations(sure=False) for end in (b - 1, b))
        cut = not whole and (rest or proper(words[a], counts, _neutral))
        return [(a, b - 1, kind) if cut else span]
    if kind == "LOC" and b - a > 2 and words[a] in heads("base") and proper(words[a + 1], counts, _neutral):
        return [(a + 1, b - (words[b - 1] in heads("arms")), kind)]
    if kind != "PER":
        return [span]
    while a < b - 1 and _no_name(words[a], counts):
        a += 1
    while a < b - 1 and _no_name(words[b - 1], counts):
        b -= 1
    while a and (words[a - 1] in heads("before")):
        a -= 1
    if a and (words[a - 1] in heads("ruler")):
        for n in (3, 2, 1):
            if b - a > n and tuple(words[a : a + n]) in states(sure=False):
                return [(a, a + n, "LOC"), (a + n, b, "PER")]
    return [(a, b, kind)]


def _whole_person(
    span: Span,
    spans: Sequence[Span],
    words: Sequence[str],
    folded: Sequence[str],
    strange: Callable[[str], bool],
) -> Span:
    """Add the word before a person's single name where it can be nothing but a name: دييجو | مارادونا.

    >>> _whole_person((1, 2, "PER"), [(1, 2, "PER")], ["دييجو", "مارادونا"], ["دييجو", "مارادونا"], lambda w: True)
    (0, 2, 'PER')
    """
    a, b, kind = span
    free = a > 0 and not _taken(a - 1, spans)
    if kind == "PER" and b - a == 1 and free and folded[a] == words[a] and strange(words[a - 1]):
        return a - 1, b, kind
    return span


def _neutral(word: str) -> int:
    """A likeness that speaks neither for nor against a name."""
    return 0


def _no_name(word: str, counts: Mapping[str, int]) -> bool:
    """A particle, a word for a nickname, or a future verb whose present is commoner (سيزور, but not سيسي)."""
    if word in heads("particle"):
        return True
    present = word[1:]
    return word[:2] in ("سي", "ست", "سن") and len(word) > 4 and counts.get(present, 0) > counts.get(word, 0)
