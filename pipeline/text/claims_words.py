"""The words that the claim grammar reads: surface words with folded keys, quotation and part of speech.

Everything works on surface words and closed classes, so that it works without a parse; where the parse is there,
a word carries its part of speech and helps to tell verbs from nouns.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, lru_cache

from pipeline import resources
from pipeline.text import normalise
from pipeline.text.quotes import MARKS, SINGLES, Quote

_LETTER = rf"[\w{normalise.MARKS}{normalise.TATWEEL}{normalise.INVISIBLE}{normalise.BIDI}]"
# A number with its separators (بـ2.2), a word, or one other character.
_WORD = re.compile(rf"{_LETTER}*\d(?:[.,٫٬/]\d+)+|{_LETTER}+|[^\w\s]")
_QUOTE_CHARS = frozenset(MARKS + SINGLES)
_BLANK = frozenset(normalise.BIDI + normalise.INVISIBLE)
# أنّ with its shadda glued to the next word (أنّتركيا): the shadda closes the particle.
_GLUED_AN = re.compile(r"([وفبل]?[أإا]نّ)(?=[ء-ي]{4,})")
_PRONOUNS = "ه|ها|هم|هما|هن|ك|كم|نا|ني|ي"
_AN = re.compile(rf"^([وفبل]?)(?:ان)({_PRONOUNS})?$")


Token = tuple[int, int, str]


class Word:
    """A surface word or punctuation mark.

    start, end: code points in the document. key: folded form. quote: number of the quotation that covers it, or
    -1. upos: part of speech of its main syntactic word, empty where there is no parse.
    """

    __slots__ = ("end", "key", "quote", "start", "upos")

    def __init__(self, start: int, end: int, key: str, quote: int, upos: str) -> None:
        self.start = start
        self.end = end
        self.key = key
        self.quote = quote
        self.upos = upos

    def __repr__(self) -> str:
        return f"Word({self.key!r}, {self.start}, {self.end}, {self.quote}, {self.upos!r})"


@lru_cache(maxsize=200_000)
def word_key(word: str) -> str:
    """Folded form of one word.

    >>> word_key("أكّدتْ"), word_key("الـ15")
    ('اكدت', 'ال15')
    """
    return normalise.key(word)


def words_of(
    text: str, start: int, end: int, quotes: Sequence[Quote], tokens: Sequence[Token] = ()
) -> list[Word]:
    """Split text[start:end] into words; quotation marks are no words, they are in ``quotes`` (sorted).

    ``tokens``: (start, end, part of speech) of the syntactic words, sorted; a word takes that of its longest token.

    >>> [w.key for w in words_of('وقال: "لن نعود"', 0, 15, [])]
    ['وقال', ':', 'لن', 'نعود']
    """
    words: list[Word] = []
    at = 0
    parsed = bisect_left(tokens, (start,))
    for match in _WORD.finditer(text, start, end):
        piece = match[0]
        if piece in _QUOTE_CHARS or (len(piece) == 1 and piece in _BLANK):
            continue
        key = word_key(piece)
        if not key:
            continue
        first, last = match.span()
        while at < len(quotes) and quotes[at].end <= first:
            at += 1
        inside = at if at < len(quotes) and quotes[at].inner_start <= first < quotes[at].inner_end else -1
        tag, parsed = _tag(tokens, parsed, first, last)
        if "ّ" in piece and (glued := _GLUED_AN.match(piece)):
            middle = first + glued.end()
            words.append(Word(first, middle, word_key(glued[1]), inside, "SCONJ"))
            words.append(Word(middle, last, word_key(piece[glued.end() :]), inside, tag))
            continue
        words.append(Word(first, last, key, inside, tag))
    return words


def _tag(tokens: Sequence[Token], at: int, start: int, end: int) -> tuple[str, int]:
    """Part of speech of the longest token in [start, end), and the index of the first token after it."""
    best, size = "", 0
    while at < len(tokens) and tokens[at][0] < end:
        token = tokens[at]
        if token[0] >= start and token[1] - token[0] > size:
            best, size = token[2], token[1] - token[0]
        at += 1
    return best, at


def an_marker(key: str) -> tuple[str, bool] | None:
    """(proclitic, has pronoun) of a form of أنّ or إنّ, else None.

    >>> an_marker("بانه"), an_marker("ان"), an_marker("انه"), an_marker("انباء")
    (('ب', True), ('', False), ('', True), None)
    """
    if len(key) > 6:
        return None
    match = _AN.match(key)
    return (match[1], match[2] is not None) if match else None


@cache
def word_class(name: str) -> frozenset[str]:
    """A closed class of cues.yaml as folded keys (one-word entries)."""
    return frozenset(word_key(w) for w in resources.load("cues.yaml")[name] if " " not in w)


@cache
def phrase_class(name: str) -> frozenset[tuple[str, ...]]:
    """A closed class of cues.yaml as tuples of folded keys, entries of any length."""
    return frozenset(tuple(word_key(w) for w in entry.split()) for entry in resources.load("cues.yaml")[name])


# Shapes of verbal nouns of derived stems, after folding (so a hamza seat is already a plain letter):
# استفعال، افتعال/انفعال، تفعيل، تفاعل، تفعل، مفاعلة.
_EVENT_SHAPE = re.compile(
    r"^(?:است\w{1,3}ا\w[ةت]?|ا\w{2,3}ا\w|ت\w\wي\w|ت\w\wي[لة]ة?|ت\w?ا\w\w|ت\w\w\w|م\wا\w\wة|ا\wا\wة)$"
)
_SUFFIX = re.compile(r"(?:ها|هما|هم|نا|ه)$")
_BROKEN_PLURAL = re.compile(r"^(?:وال|ال|و)?أ")


@lru_cache(maxsize=100_000)
def is_event_noun(key: str, raw: str) -> bool:
    """Whether a word looks like a verbal noun: what somebody can announce, deny or ask for.

    ``raw`` is the word as written: أفعال (plural) and إفعال (verbal noun) fold to the same key.

    >>> is_event_noun("انتهاء", "انتهاء"), is_event_noun("مقتل", "مقتل"), is_event_noun("التوصل", "التوصل")
    (True, True, True)
    >>> is_event_noun("اسعار", "أسعار"), is_event_noun("وزير", "وزير"), is_event_noun("اتحاد", "اتحاد")
    (False, False, False)
    """
    if key in word_class("not_events"):
        return False
    bare = key[2:] if key.startswith("ال") and len(key) > 4 else key
    if bare in word_class("event_nouns") or key in word_class("event_nouns"):
        return True
    if bare in word_class("not_events") or _BROKEN_PLURAL.match(raw):
        return False
    if _EVENT_SHAPE.match(bare):
        return True
    short = _SUFFIX.sub("", bare)
    if short == bare:
        return False
    forms = {short, short[:-1] + "ة"} if short.endswith("ت") else {short}  # نيتها → نية
    return any(form in word_class("event_nouns") or _EVENT_SHAPE.match(form) for form in forms)


def bare(key: str) -> str:
    """A folded word without article, feminine ending and attached preposition, to compare titles.

    >>> bare("لبلدية"), bare("الرييس"), bare("رييس")
    ('بلدية', 'رييس', 'رييس')
    """
    for prefix in ("وال", "بال", "ال", "لل"):
        if key.startswith(prefix) and len(key) > len(prefix) + 2:
            key = key[len(prefix) :]
            break
    else:
        if key[:1] in "لبو" and len(key) > 5:
            key = key[1:]
    return key
