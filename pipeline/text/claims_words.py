"""The words that the claim grammar reads: surface words with folded keys, quotation and part of speech.

Everything works on surface words and closed classes, so that it works without a parse; where the parse is there,
a word carries its part of speech and helps to tell verbs from nouns.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, lru_cache
from operator import eq

from pipeline import resources
from pipeline.text import normalise
from pipeline.text.quotes import MARKS, SINGLES, Quote

_LETTER = rf"[\w{normalise.MARKS}{normalise.TATWEEL}{normalise.INVISIBLE}{normalise.BIDI}]"
# A word, a number with its separators (بـ2.2), or one other character.
_WORD = re.compile(rf"{_LETTER}+(?:(?<=\d)(?:[.,٫٬/]\d+)+)?|[^\w\s]")
_QUOTE_CHARS = frozenset(MARKS + SINGLES)
_BLANK = frozenset(normalise.BIDI + normalise.INVISIBLE)
# أنّ with its shadda glued to the next word (أنّتركيا): the shadda closes the particle.
_GLUED_AN = re.compile(r"([وفبل]?[أإا]نّ)(?=[ء-ي]{4,})")
_PRONOUNS = ("", "ه", "ها", "هم", "هما", "هن", "ك", "كم", "نا", "ني", "ي")
_AN = {f"{p}ان{own}": (p, own != "") for p in ("", "و", "ف", "ب", "ل") for own in _PRONOUNS}


class Tags:
    """Parts of speech of the syntactic words of one document, looked up by place when they are asked for.

    starts, ends: code points of each word. upos: its part of speech. Any order; an empty one stands for no parse.
    """

    __slots__ = ("ends", "starts", "upos")

    def __init__(
        self, starts: Sequence[int] = (), ends: Sequence[int] = (), upos: Sequence[str] = ()
    ) -> None:
        order = sorted(range(len(starts)), key=starts.__getitem__)
        in_order = all(map(eq, order, range(len(order))))
        self.starts = starts if in_order else [starts[i] for i in order]
        self.ends = ends if in_order else [ends[i] for i in order]
        self.upos = upos if in_order else [upos[i] for i in order]

    def at(self, start: int, end: int) -> str:
        """Part of speech of the longest word that begins in [start, end), empty where none does.

        >>> Tags([0, 1], [1, 5], ["CCONJ", "VERB"]).at(0, 5)
        'VERB'
        """
        starts, ends, upos = self.starts, self.ends, self.upos
        found: tuple[int, int, str] = (0, 0, "")
        for i in range(bisect_left(starts, start), len(starts)):
            first = starts[i]
            if first >= end:
                break
            found = min(found, (first - ends[i], first, upos[i]))
        return found[2]


NO_TAGS = Tags()


class Word:
    """A surface word or punctuation mark.

    start, end: code points in the document. key: folded form. quote: number of the quotation that covers it, or
    -1. upos: part of speech of its main syntactic word, empty where there is no parse.
    """

    __slots__ = ("_tag", "end", "key", "quote", "start")

    def __init__(self, start: int, end: int, key: str, quote: int, tag: str | Tags) -> None:
        self.start = start
        self.end = end
        self.key = key
        self.quote = quote
        self._tag = tag

    @property
    def upos(self) -> str:
        """Part of speech (Universal Dependencies); few words are ever asked for it."""
        if not isinstance(self._tag, str):
            self._tag = self._tag.at(self.start, self.end)
        return self._tag

    def __repr__(self) -> str:
        return f"Word({self.key!r}, {self.start}, {self.end}, {self.quote}, {self.upos!r})"


@lru_cache(maxsize=200_000)
def word_key(word: str) -> str:
    """Folded form of one word.

    >>> word_key("أكّدتْ"), word_key("الـ15")
    ('اكدت', 'ال15')
    """
    return normalise.key(word)


@lru_cache(maxsize=200_000)
def _piece_key(piece: str) -> str:
    """``word_key`` of what stands between blanks, empty for what is no word (quotation marks, controls)."""
    return "" if piece in _QUOTE_CHARS or piece in _BLANK else word_key(piece)


def words_of(text: str, start: int, end: int, quotes: Sequence[Quote], tags: Tags = NO_TAGS) -> list[Word]:
    """Split text[start:end] into words; quotation marks are no words, they are in ``quotes`` (sorted).

    ``tags``: the parse of the document; a word takes the part of speech of its longest syntactic word.

    >>> [w.key for w in words_of('وقال: "لن نعود"', 0, 15, [])]
    ['وقال', ':', 'لن', 'نعود']
    """
    words: list[Word] = []
    marks = iter(quotes)
    quote, number = next(marks, None), 0
    glued_an = "نّ" in text[start:end]
    for match in _WORD.finditer(text, start, end):
        piece = match[0]
        key = _piece_key(piece)
        if not key:
            continue
        first, last = match.span()
        while quote is not None and quote.end <= first:
            quote, number = next(marks, None), number + 1
        inside = -1
        if quote is not None and quote.inner_start <= first < quote.inner_end:
            inside = number
        if glued_an and (glued := _GLUED_AN.match(piece)):
            middle = first + glued.end()
            words.append(Word(first, middle, word_key(glued[1]), inside, "SCONJ"))
            tag = tags.at(first, last)
            words.append(Word(middle, last, word_key(piece[glued.end() :]), inside, tag))
            continue
        words.append(Word(first, last, key, inside, tags))
    return words


def an_marker(key: str) -> tuple[str, bool] | None:
    """(proclitic, has pronoun) of a form of أنّ or إنّ, else None.

    >>> an_marker("بانه"), an_marker("ان"), an_marker("انه"), an_marker("انباء")
    (('ب', True), ('', False), ('', True), None)
    """
    return _AN.get(key)


@cache
def weekdays() -> frozenset[str]:
    """The Arabic names of the days of the week, as folded keys.

    >>> sorted(weekdays())[:2]
    ['الاثنين', 'الاحد']
    """
    names = (name for names in resources.load("months.yaml")["weekdays"].values() for name in names)
    return frozenset(word_key(name) for name in names if name.startswith("ال"))


@cache
def word_class(name: str) -> frozenset[str]:
    """A closed class of cues.yaml as folded keys (one-word entries); weekdays are adjuncts too."""
    words = frozenset(word_key(w) for w in resources.load("cues.yaml")[name] if " " not in w)
    return words | weekdays() if name == "adjuncts" else words


@cache
def phrase_class(name: str) -> frozenset[tuple[str, ...]]:
    """A closed class of cues.yaml as tuples of folded keys, entries of any length."""
    return frozenset(tuple(word_key(w) for w in entry.split()) for entry in resources.load("cues.yaml")[name])


# Shapes of verbal nouns of derived stems, after folding (so a hamza seat is already a plain letter):
# استفعال، افتعال/انفعال، تفعيل، تفاعل، تفعل، مفاعلة.
_EVENT_SHAPE = re.compile(
    r"^(?:است\w{1,3}ا\w[ةت]?|ا\w{2,3}ا\w|ت\w\wي\w|ت\w\wي[لة]ة?|ت\w?ا\w\w|ت\w\w\w|م\wا\w\wة|ا\wا\wة)$"
)
_SUFFIX = re.compile(r"(?:ها|هما|هم|هن|نا|ه)$")
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
