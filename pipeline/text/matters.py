"""Whether two texts with much in common are about one matter, by what their first words say.

Three kinds of texts share more than news: bulletins of every day in one form, instalments of one series (the second
aircraft, the third), and notes of protocol in one form. Names and figures of the whole text (``stories.matter``)
see many of them; these rules see those whose frame holds names and figures itself. Each looks for evidence on both
sides, so that one changed word makes no other matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from pipeline.resources import load
from pipeline.text.candidates import Corpus
from pipeline.text.edit_names import one_name, one_place
from pipeline.text.similarity import form, key

KEPT = 2000
"""Documents of which this is remembered."""
OPENING = 60
"""Words in which a bulletin says what it is."""
RANKED = 120
"""Words in which an instalment is numbered; what stands further behind looks back."""
TELLING = 1.6
"""Weight from which a word says something."""
RARE = 2.0
"""Weight from which a name in a headline tells one matter from another: a state does, the own country hardly."""
ONE_BULLETIN, NEXT_DAY = 0.92, 0.98
"""Share of the telling words of the shorter of two bulletins that the other one holds, from which they are one: of
one day, of two days. Read off 27 bulletins of one office over five days: reprints lie above, other days at 0.82 to 0.95."""
SAID_TWICE = 2
"""Times that a text must number its own instalment, in headline and text; a slip of one word changes no series."""


@dataclass(frozen=True)
class Text:
    """One text as far as this module looks at it: its words as key numbers; those of the headline inside names, and
    names of headline and text as they are spelt, each word and each two neighbours as one."""

    keys: Sequence[int]
    headline: frozenset[int]
    spelt: tuple[str, ...]
    names: tuple[str, ...]
    bulletin: bool
    ranks: Mapping[int, Counter[int]]
    day: date | None

    @cached_property
    def vocabulary(self) -> frozenset[int]:
        return frozenset(self.keys)


class Matters:
    """Tells documents of a corpus apart.

    texts: text of each document. names: places of the words of a document that stand inside a name (or are figures).
    heads: characters of the headline of each document, 0 without one. days: day of publication of each document, None
    where unknown.
    """

    def __init__(
        self,
        corpus: Corpus,
        texts: Sequence[str],
        names: Callable[[int], Sequence[int]],
        heads: Sequence[int],
        days: Sequence[date | None],
    ) -> None:
        self.corpus, self.texts, self.names, self.heads, self.days = corpus, texts, names, heads, days
        number = {k: n for n, k in enumerate(corpus.keys)}
        data = load("bulletins.yaml")
        phrases = (tuple(number.get(key(form(w)), -1) for w in phrase.split()) for phrase in data["phrases"])
        self.phrases = frozenset(p for p in phrases if -1 not in p)
        self.sizes = sorted({len(p) for p in self.phrases})
        ranks = ((number.get(key(form(w))), n) for n, w in enumerate(data["ranks"], 1))
        self.rank_of = {k: n for k, n in ranks if k is not None}
        self.held: dict[int, Text] = {}

    def apart(self, a: int, b: int) -> bool:
        """True where documents a and b are about two matters."""
        one, two = self._text(a), self._text(b)
        if one.bulletin and two.bulletin:
            return self._overlap(one, two) < (ONE_BULLETIN if one.day == two.day else NEXT_DAY)
        return other_instalment(one.ranks, two.ranks) or self._other_headline(one, two)

    def _text(self, number: int) -> Text:
        found = self.held.pop(number, None) or self._read(number)
        if len(self.held) >= KEPT:
            del self.held[next(iter(self.held))]
        self.held[number] = found  # the last used stands last
        return found

    def _read(self, number: int) -> Text:
        corpus = self.corpus
        first, last = int(corpus.first[number]), int(corpus.first[number + 1])
        keys = corpus.key[first:last].tolist()
        opening = keys[:OPENING]
        bulletin = any(
            tuple(opening[at : at + size]) in self.phrases
            for size in self.sizes
            for at in range(len(opening))
        )
        named = [at for at in self.names(number) if not corpus.keys[keys[at]][0].isdigit()]
        starts = corpus.start[first : first + OPENING].tolist()
        head = [at for at in named if at < len(starts) and starts[at] < self.heads[number]]
        rare = frozenset(keys[at] for at in head if float(corpus.weights[keys[at]]) >= RARE)
        return Text(
            keys, rare, self._spelt(number, head), self._spelt(number, named), bulletin,
            self._ranks(keys[:RANKED]), self.days[number],
        )  # fmt: skip

    def _spelt(self, number: int, places: Sequence[int]) -> tuple[str, ...]:
        """Forms of the words at some places of a document, and of neighbours written as one (وست هام, وستهام)."""
        corpus, first = self.corpus, int(self.corpus.first[number])
        forms = [
            form(self.texts[number][int(corpus.start[first + at]) : int(corpus.end[first + at])])
            for at in places
        ]
        pairs = zip(places, forms, places[1:], forms[1:], strict=False)
        return tuple(sorted({*forms, *(x + y for at, x, to, y in pairs if to == at + 1)}))

    def _ranks(self, keys: Sequence[int]) -> dict[int, Counter[int]]:
        """Noun → how often each rank stands with it: right behind its noun or an adjective of it, or before it."""
        found: dict[int, Counter[int]] = {}
        for at, word in enumerate(keys):
            rank = self.rank_of.get(word)
            if rank is None:
                continue
            for noun in {*keys[max(0, at - 3) : at], *keys[at + 1 : at + 2]}:
                if float(self.corpus.weights[noun]) >= TELLING:
                    found.setdefault(noun, Counter())[rank] += 1
        return found

    def _overlap(self, one: Text, two: Text) -> float:
        bags = [
            Counter(k for k in text.keys if float(self.corpus.weights[k]) >= TELLING) for text in (one, two)
        ]
        small = min(sum(bag.values()) for bag in bags)
        return sum((bags[0] & bags[1]).values()) / max(small, 1)

    def _other_headline(self, one: Text, two: Text) -> bool:
        """True where each headline names somebody or some place that the other text does not know at all."""
        return bool(self._unknown(one, two)) and bool(self._unknown(two, one))

    def _unknown(self, one: Text, two: Text) -> bool:
        """True where the headline of ``one`` has names, and ``two`` none of them, however it spells them."""
        if not one.headline or not one.headline.isdisjoint(two.vocabulary):
            return False
        return not any(one_name(x, y) or one_place(x, y) for x in one.spelt for y in two.names)


def other_instalment(one: Mapping[int, Counter[int]], two: Mapping[int, Counter[int]]) -> bool:
    """True where both number one thing, each again and again by a rank that the other never gives it.

    >>> second, third = {7: Counter({2: 2})}, {7: Counter({3: 2})}
    >>> other_instalment(second, third), other_instalment(second, {7: Counter({3: 2, 2: 1})})
    (True, False)
    """
    for noun in sorted(one.keys() & two.keys()):
        left, right = one[noun], two[noun]
        if (
            left.keys().isdisjoint(right.keys())
            and min(max(left.values()), max(right.values())) >= SAID_TWICE
        ):
            return True
    return False
