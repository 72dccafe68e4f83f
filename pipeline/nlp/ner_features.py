"""Features of the entity recogniser: what a word looks like, what stands around it, and how it behaves in news.

All word features look at the stem, the folded word without proclitics, so that وباريس and باريس are one word.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.nlp import ner_lexicon
from pipeline.nlp.ner_tokens import PROCLITICS, fold, proclitics

Table = Mapping[str, tuple[int, ...]]
QUOTES = frozenset("\"«»“”„″'‘’")


@dataclass(frozen=True, slots=True)
class Word:
    """What the features need to know of one word form, worked out once per form."""

    stem: str
    key: str  # without the article
    own: tuple[str, ...]  # features of the word itself
    near: tuple[str, ...]  # features that its neighbours see
    far: tuple[str, ...]  # features that words two places away see
    cluster: str
    like: str  # how much it looks like a name


class Analyser:
    """Turn the words of a sentence into attribute lists; remembers the analysis of each form."""

    def __init__(
        self, table: Table, like: Callable[[str], tuple[int, str]], *, memory: int = 200_000
    ) -> None:
        self.table = table
        self.counts = {word: row[0] for word, row in table.items()}
        self._like = like
        self._known: dict[str, Word] = {}
        self._memory = memory

    def word(self, text: str) -> Word:
        """Return the analysis of one surface form."""
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= self._memory:
                self._known.clear()
            found = self._known[text] = self.analyse(text)
        return found

    def likeness(self, stem: str) -> int:
        """Return how much the letters of a folded stem look like a name: below 0 they do not, from 1 on they do."""
        bare = ner_lexicon.key(stem)
        return self._like(bare)[0] if len(bare) > 2 else 0

    def analyse(self, text: str) -> Word:
        """Return the analysis of one surface form without remembering it."""
        folded = fold(text)
        kind = _kind(text, folded)
        if kind != "ar":
            stem = "0" if kind == "num" else folded
            own = (f"w={stem}", f"k={kind}", f"ks={kind}{min(len(text), 5)}")
            return Word(stem, stem, own, own[:2], (own[1], "nm=x"), f"c1=k{kind}", "nm=x")
        cut = proclitics(folded, self.counts)
        stem = folded[cut:]
        article = int(stem.startswith("ال") and len(stem) > 4)
        bare = ner_lexicon.key(stem)
        row = self.table.get(stem)
        clusters = row[1:] if row and row[1] >= 0 else ()
        level, likely = self._like(bare) if len(bare) > 2 else (0, "?")
        like = f"nm={level}"
        near = (f"w={stem}", *(f"c{i}={c}" for i, c in enumerate(clusters)))
        own_ = [*near, f"b={bare}", f"cl={folded[:cut]}", f"al={article}", f"n={min(len(bare), 9)}"]
        own_ += [f"p{n}={bare[:n]}" for n in (1, 2, 3, 4) if len(bare) > n]
        own_ += [f"s{n}={bare[-n:]}" for n in (1, 2, 3, 4) if len(bare) > n]
        own_ += [like, f"{like}{likely}", f"{like}|{int(not clusters)}|{article}"]
        if not clusters:
            own_.append("rare")
        if cut == 0 and folded[0] in PROCLITICS:
            own_.append(f"mb={folded[0]}")
        if text.endswith(("\u064b", "\u064b\u0627", "\u0627\u064b")):
            own_.append("tanwin")
        cluster = f"c1={clusters[1]}" if clusters else "c1=?"
        return Word(stem, bare, tuple(own_), (*near, f"al={article}", like), (*near[:3], like), cluster, like)

    def features(self, words: Sequence[str]) -> list[list[str]]:
        """Return the attributes of each word of one sentence."""
        seen = [self.word(w) for w in words]
        flags = ner_lexicon.flags([w.key for w in seen])
        last, out, quoted = len(seen) - 1, [], frozenset(inside_quotes(words))
        for i, word in enumerate(seen):
            row = list(word.own)
            if i in quoted:
                row.append("q")
            if flags[i]:
                row.append("f=" + flags[i])
            row += _beside("-1", word, seen[i - 1], flags[i], flags[i - 1]) if i else ["first"]
            row += _beside("+1", word, seen[i + 1], flags[i], flags[i + 1]) if i < last else ["last"]
            if i > 1:
                row += ["-2" + f for f in seen[i - 2].far]
                row.append(f"-2f={flags[i - 2]}|{flags[i - 1]}")
            if i < last - 1:
                row += ["+2" + f for f in seen[i + 2].far]
            out.append(row)
        return out


def inside_quotes(words: Sequence[str]) -> list[int]:
    """Return the positions between quotation marks, of which the first opens and the next one closes.

    >>> inside_quotes(["قال", '"', "لا", '"', "."])
    [2]
    """
    out, quoted = [], False
    for i, word in enumerate(words):
        if word in QUOTES:
            quoted = not quoted
        elif quoted:
            out.append(i)
    return out


def _beside(side: str, word: Word, other: Word, flag: str, other_flag: str) -> list[str]:
    """Return what a word sees of its neighbour at ``side`` (-1 or +1)."""
    return [
        *[side + f for f in other.near],
        f"{side}|{word.stem}|{other.stem}",
        f"{side}f={other_flag}|{flag}",
        f"{side}{other.cluster}|{word.like}",
        f"{side}{other.like}|{word.like}",
    ]


def _kind(text: str, folded: str) -> str:
    """Return the kind of a token: ar, ar1 (one Arabic letter), num, up, cap, low (Latin), mark."""
    if "\u0621" <= folded[0] <= "\u06d3":
        return "ar" if len(folded) > 1 else "ar1"
    if folded[0].isdigit():
        return "num"
    if text[0].isalpha():
        return "up" if text.isupper() else "cap" if text[0].isupper() else "low"
    return "mark"
