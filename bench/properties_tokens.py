"""What must hold of the sentences and words of any document, as a list of what does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

Row = Mapping[str, Any]

UPOS = frozenset(
    ["ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X"]
)  # fmt: skip


def of_document(
    text: str, blocks: Sequence[Row], sentences: Sequence[Row], tokens: Sequence[Row]
) -> list[str]:
    """Return what fails for one document; [] where every property holds.

    * Sentences are numbered from 0, reproduce their characters, stand in order without overlap, hold no line break and
      no white space at their ends; each lies in its block, and they hold every visible character of the kept blocks.
    * The words of a sentence are numbered from 1, reproduce their characters (``form``), stand in order without
      overlap, cross no line, and hold every visible character of the sentence.
    * Each sentence has one root, and every word reaches it.

    The rows are those of the tables, in their order.
    """
    words = {number: list(rows) for number, rows in groupby(tokens, key=lambda t: t["sent_no"])}
    failures = list(_sentences(text, blocks, sentences))
    if list(words) != sorted(words) or sum(map(len, words.values())) != len(tokens):
        failures.append("words of a sentence do not lie together, in order of the sentences")
    if words.keys() - {s["sent_no"] for s in sentences}:
        failures.append("words without a sentence")
    for sentence in sentences:
        number = sentence["sent_no"]
        own = words.get(number, [])
        found = (*_words(text, sentence, own), *_tree(own))
        failures += [f"sentence {number}: {failure}" for failure in found]
    return failures


def _sentences(text: str, blocks: Sequence[Row], sentences: Sequence[Row]) -> Iterator[str]:
    kept = {b["block_no"]: b for b in blocks if b["kept"]}
    at = 0
    left = Counter(c for b in kept.values() for c in text[b["start"] : b["end"]] if not c.isspace())
    for number, sentence in enumerate(sentences):
        start, end, own = sentence["start"], sentence["end"], sentence["text"]
        if sentence["sent_no"] != number:
            yield f"sentence {number} is numbered {sentence['sent_no']}"
        if not at <= start < end:
            yield f"sentence {number} is empty, overlaps or stands before its neighbour"
        if text[start:end] != own or own != own.strip() or "\n" in own or "\r" in own:
            yield f"sentence {number} is not its characters, or not one trimmed line"
        block = kept.get(sentence["block_no"])
        if block is None or not block["start"] <= start < end <= block["end"]:
            yield f"sentence {number} lies in no kept block of its number"
        left.subtract(c for c in own if not c.isspace())
        at = end
    if any(left.values()):
        yield "the sentences do not hold every visible character of the kept blocks once"


def _words(text: str, sentence: Row, words: Sequence[Row]) -> Iterator[str]:
    at = sentence["start"]
    for number, word in enumerate(words, 1):
        start, end = word["start"], word["end"]
        if word["token_no"] != number:
            yield f"word {number} is numbered {word['token_no']}"
        if not at <= start < end <= sentence["end"]:
            yield f"word {number} at {start}:{end} overlaps, is empty or leaves the sentence"
        if text[start:end] != word["form"]:
            yield f"word {number} at {start}:{end} is not its characters"
        if text[at:start].strip():
            yield f"visible characters before word {number} at {start} lie in no word"
        if word["form"] != word["form"].strip() or "\n" in word["form"]:
            yield f"word {number} at {start}:{end} begins or ends in white space, or crosses a line"
        at = max(at, end)
    if text[at : sentence["end"]].strip():
        yield "visible characters at the end lie in no word"


def _tree(words: Sequence[Row]) -> Iterator[str]:
    if any(w["upos"] not in UPOS or not w["lemma"] or not w["deprel"] for w in words):
        yield "a word without lemma, relation or a universal part of speech"
    heads = [w["head"] for w in words]
    if words and heads.count(0) != 1:
        yield f"{heads.count(0)} roots"
    if any(not 0 <= head <= len(heads) for head in heads):
        yield "a head outside the sentence"
        return
    rooted = {0}
    for number in range(1, len(heads) + 1):
        path, at = list[int](), number
        while at not in rooted and len(path) <= len(heads):
            path.append(at)
            at = heads[at - 1]
        if at not in rooted:
            yield "a cycle of heads"
            return
        rooted.update(path)
