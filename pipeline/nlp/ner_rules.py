"""From labels to mentions: edges of a name, and what one sentence of a document tells about the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from pipeline.nlp import ner_lexicon
from pipeline.nlp.ner_features import Analyser
from pipeline.nlp.ner_tokens import Token, fold, proclitics

Span = tuple[int, int, str]  # first token, behind the last token, type
Key = tuple[str, ...]
KEPT = ("PER", "ORG", "LOC")


def resolve(
    tokens: Sequence[Sequence[Token]], labels: Sequence[Sequence[str]], analyser: Analyser
) -> list[list[tuple[int, int, str]]]:
    """Return (start, end, type) of the mentions of each sentence, offsets in code points of the sentence."""
    known = Counter(fold(t.text) for line in tokens for t in line)
    stems = [[_stem(t, analyser, known) for t in line] for line in tokens]
    spans = [decode(line) for line in labels]
    spans = [_edges(line, keys) for line, keys in zip(spans, stems, strict=True)]
    spans = _propagate(spans, stems)
    return [
        [(_left(line[a], analyser, known), line[b - 1].end, kind) for a, b, kind in found if kind in KEPT]
        for found, line in zip(spans, tokens, strict=True)
    ]


def decode(labels: Sequence[str]) -> list[Span]:
    """Return the spans of BIO labels; an I- of another type begins a span.

    >>> decode(["O", "B-PER", "I-PER", "B-LOC", "O"])
    [(1, 3, 'PER'), (3, 4, 'LOC')]
    """
    out: list[Span] = []
    start, kind = 0, ""
    for i, label in enumerate([*labels, "O"]):
        if kind and label != f"I-{kind}":
            out.append((start, i, kind))
            kind = ""
        if label != "O" and not kind:
            start, kind = i, label[2:]
    return out


def _stem(token: Token, analyser: Analyser, known: Counter[str]) -> str:
    """Return the look-up form of a token: folded, without proclitics and article; للـ opened."""
    folded = fold(token.text)
    if folded.startswith("لل") and len(folded) > 4:
        return folded[2:]
    cut = proclitics(folded, analyser.counts, known=known)
    return ner_lexicon.key(folded[cut:])


def _left(token: Token, analyser: Analyser, known: Counter[str]) -> int:
    """Return the offset where the name begins in its first token: behind the proclitics and their marks."""
    cut = proclitics(fold(token.text), analyser.counts, known=known)
    i = 0
    for _ in range(cut):
        i += 1
        while i < len(token.text) and not token.text[i].isalpha():
            i += 1
    return token.start + i


def _edges(spans: list[Span], keys: Sequence[str]) -> list[Span]:
    """Move titles out of the left edge of persons: وزير الدفاع سامي حداد → سامي حداد."""
    out = []
    for a, b, kind in spans:
        first = a
        if kind == "PER":
            flags = ner_lexicon.flags(keys[a:b])
            while first < b - 1 and "title-" in flags[first - a]:
                first += 1
        out.append((first, b, kind))
    return out


def _propagate(spans: list[list[Span]], stems: list[list[str]]) -> list[list[Span]]:
    """Tag other exact occurrences of the names of a document, and the surname of a full name."""
    votes: dict[Key, Counter[str]] = defaultdict(Counter)
    for line, keys in zip(spans, stems, strict=True):
        for a, b, kind in line:
            votes[tuple(keys[a:b])][kind] += 1
            if kind == "PER" and b - a > 1 and len(keys[b - 1]) > 2:
                votes[(keys[b - 1],)][kind] += 1
    names = {key: max(sorted(v), key=lambda k: v[k]) for key, v in votes.items() if len(key[0]) > 2}
    longest = max(map(len, names), default=0)
    out = []
    for line, keys in zip(spans, stems, strict=True):
        free = [True] * len(keys)
        for a, b, _ in line:
            free[a:b] = [False] * (b - a)
        more: list[Span] = []
        i = 0
        while i < len(keys):
            for n in range(min(longest, len(keys) - i), 0, -1):
                kind = names.get(tuple(keys[i : i + n]))
                if kind and all(free[i : i + n]):
                    more.append((i, i + n, kind))
                    i += n - 1
                    break
            i += 1
        out.append(sorted([*line, *more]))
    return out
