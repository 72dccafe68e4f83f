"""A text that is being rewritten: tokens that know where they stood, and operations that record what they changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

MARKS = "\u064b-\u0652\u0670\u0640"
TOKEN = re.compile(rf"\d+(?:[.,٫٬]\d+)*|[^\W\d_](?:[^\W\d_]|[{MARKS}])*|\s+|.", re.DOTALL)
END = re.compile(r"(?<=[.!؟?])\s+|\n+")


@cache
def words(name: str) -> Any:
    """The word lists of a YAML file beside this module."""
    return YAML(typ="safe").load((Path(__file__).parent / f"{name}.yaml").read_text("utf-8"))


@dataclass
class Tok:
    """A piece of text that stands for characters [a0, a1) of the parent; ``edit`` is -1 where nothing was changed,
    -2 where an operation changed it that is not judged, else the number of the planted edit."""

    s: str
    a0: int
    a1: int
    edit: int = -1

    @property
    def is_word(self) -> bool:
        return bool(self.s) and (self.s[0].isalpha() or self.s[0].isdigit())


class Planted(NamedTuple):
    """One planted edit: kind, characters in the parent and in the copy."""

    kind: str
    a0: int
    a1: int
    b0: int
    b1: int


Sentence = list[Tok]


def parse(text: str) -> list[Sentence]:
    """Sentences of a text, each with the white space behind it; the title (up to the empty line) is the first."""
    head = text.index("\n\n") + 2 if "\n\n" in text else 0
    cuts = sorted({0, head, *(m.end() for m in END.finditer(text, head)), len(text)})
    found = []
    for lo, hi in pairwise(cuts):
        if lo < hi:
            found.append([Tok(m[0], m.start(), m.end()) for m in TOKEN.finditer(text, lo, hi)])
    return found


def put(sentence: Sentence, i: int, j: int, new: str, edit: int) -> None:
    """Replace tokens [i, j) by one; an empty range inserts, an empty string deletes."""
    if i < j:
        a0, a1 = sentence[i].a0, sentence[j - 1].a1
    else:
        a0 = a1 = sentence[i].a0 if i < len(sentence) else sentence[-1].a1
    sentence[i:j] = [Tok(new, a0, a1, edit)]


def find(sentence: Sequence[Tok], phrase: Sequence[str], at: int) -> int:
    """Where the words of ``phrase`` end that begin with token ``at``; 0 where they do not stand there."""
    for n, word in enumerate(phrase):
        if n:
            if at >= len(sentence) or sentence[at].s != " ":
                return 0
            at += 1
        if at >= len(sentence) or sentence[at].s != word or sentence[at].edit != -1:
            return 0
        at += 1
    return at


def free(sentence: Sequence[Tok], i: int, j: int) -> bool:
    """True where no operation has touched tokens [i, j)."""
    return all(t.edit == -1 for t in sentence[i:j])


def render(sentences: Sequence[Sentence], kinds: Sequence[str]) -> tuple[str, list[Planted]]:
    """The text, and the planted edits with trimmed characters on both sides."""
    parts: list[str] = []
    spans: dict[int, list[int]] = {}
    at = 0
    for sentence in sentences:
        for tok in sentence:
            if tok.edit >= 0:
                held = spans.setdefault(tok.edit, [tok.a0, tok.a1, at, at + len(tok.s)])
                held[1], held[3] = max(held[1], tok.a1), at + len(tok.s)
                held[0] = min(held[0], tok.a0)
            parts.append(tok.s)
            at += len(tok.s)
    text = "".join(parts)
    return text, [Planted(kinds[n], *span) for n, span in sorted(spans.items())]
