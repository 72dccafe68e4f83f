"""From the text of a document to its claims: the cue tier, which needs no parse and no recogniser of names.

``read`` is pure: text and boundaries in, claims out. Names and parts of speech sharpen it where they are at hand;
without them a speaker is the noun phrase beside its cue and bears the name that is written there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from pipeline.text import claims
from pipeline.text.chains import Claim
from pipeline.text.claims_frame import Frame, Name
from pipeline.text.claims_words import NO_TAGS, Tags, words_of
from pipeline.text.quotes import Quote, pair
from pipeline.text.sentences import split

SECTIONS = ("title", "lead", "body")


class Sentence(NamedTuple):
    """A sentence: its number in the document, its block, half-open offsets in code points."""

    sent_no: int
    block_no: int
    start: int
    end: int


class Block(NamedTuple):
    """A block of the page: kind as in the table ``blocks``, half-open offsets in code points."""

    kind: str
    start: int
    end: int


def read(
    text: str,
    blocks: Mapping[int, Block],
    sentences: Sequence[Sentence],
    *,
    sections: Collection[str] = SECTIONS,
    names: Mapping[int, Sequence[Name]] | None = None,
    tags: Tags = NO_TAGS,
) -> list[Claim]:
    """Return the claims of one document, by place of cue and content.

    ``blocks`` by number; ``sentences`` in reading order; ``sections``: kinds of blocks to read; ``names``: the
    named entities by number of sentence; ``tags``: the parts of speech. Raises KeyError where a sentence names a
    block that is not there, nothing on odd text.
    """
    return claims.extract(frames(text, blocks, sentences, sections=sections, names=names or {}, tags=tags))


def frames(
    text: str,
    blocks: Mapping[int, Block],
    sentences: Sequence[Sentence],
    *,
    sections: Collection[str],
    names: Mapping[int, Sequence[Name]],
    tags: Tags,
) -> list[Frame]:
    """Return the sentences of the wanted sections as the grammar sees them; quotations are paired by block."""
    found = []
    quotes: dict[int, list[Quote]] = {}
    for number, block_no, start, end in sentences:
        block = blocks[block_no]
        if block.kind not in sections:
            continue
        if block_no not in quotes:
            quotes[block_no] = pair(text, block.start, block.end)
        marks = quotes[block_no]
        words = words_of(text, start, end, marks, tags)
        named = names.get(number, ())
        found.append(Frame(number, block.kind, block_no, start, end, text, words, marks, named))
    return found


def read_text(text: str) -> list[Claim]:
    """Return the claims of a text without known structure: every line is a block of the body.

    >>> text = "قالت الوزارة إن الموسم بدأ. وأضافت أن الأسعار مستقرة."
    >>> [(text[slice(*c.cue)], text[slice(*c.content[0])]) for c in read_text(text)]
    [('قالت', 'الموسم بدأ'), ('أضافت', 'الأسعار مستقرة')]
    """
    return claims.extract(frames_of(text))


def frames_of(text: str) -> list[Frame]:
    """Return the sentences of such a text as the grammar sees them."""
    blocks: dict[int, Block] = {}
    sentences: list[Sentence] = []
    at = 0
    for number, line in enumerate(text.splitlines(keepends=True)):
        blocks[number] = Block("body", at, at + len(line))
        for span in split(text, at, at + len(line)):
            sentences.append(Sentence(len(sentences), number, *span))
        at += len(line)
    return frames(text, blocks, sentences, sections=SECTIONS, names={}, tags=NO_TAGS)
