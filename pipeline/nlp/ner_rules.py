"""From labels to mentions: edges of names, and what one sentence of a document tells about the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import chain

from pipeline.nlp import ner_heads, ner_lexicon, ner_patterns
from pipeline.nlp.ner_features import Analyser
from pipeline.nlp.ner_patterns import Key, Span
from pipeline.nlp.ner_tokens import PROCLITICS, Token, fold, proclitics

KEPT = ("PER", "ORG", "LOC")
_SURE = 0.5  # share of a word's occurrences in the document that must be labelled before the others follow


def resolve(
    tokens: Sequence[Sequence[Token]], labels: Sequence[Sequence[str]], analyser: Analyser
) -> list[list[tuple[int, int, str]]]:
    """Return (start, end, type) of the mentions of each sentence, offsets in code points of the sentence."""
    folded = [[fold(t.text) for t in line] for line in tokens]
    known = Counter(chain.from_iterable(folded))
    counts = analyser.counts
    stems = {w: stem(w, counts, known) if w[0] in PROCLITICS else w for w in known}
    words = [[stems[w] for w in line] for line in folded]
    spans = [
        ner_heads.found(
            line, whole, _sentence(_split(decode(labels_), line, whole), line), counts, analyser.likeness
        )
        for labels_, line, whole in zip(labels, words, folded, strict=True)
    ]
    spans = _document(spans, words, lambda word: ner_heads.foreign(word, counts, analyser.likeness))
    return [
        [
            (_left(line[a], analyser.counts, known), line[b - 1].end, kind)
            for a, b, kind in _join(found, stems_, whole)
            if kind in KEPT
        ]
        for found, line, stems_, whole in zip(spans, tokens, words, folded, strict=True)
    ]


def in_document(
    words: Sequence[Sequence[str]], labels: Sequence[Sequence[str]], analyser: Analyser
) -> list[list[Span]]:
    """Return the names that the labels of a document's words show, and their other occurrences; no edges, no patterns.

    This is what the sentences of a document tell about each other, by itself, for measuring against corpora that draw
    the edges of names otherwise than the guideline.
    """
    folded = [[fold(word) for word in line] for line in words]
    known = Counter(chain.from_iterable(folded))
    counts = analyser.counts
    stems = [[stem(word, counts, known) for word in line] for line in folded]
    spans = [decode(line) for line in labels]
    return _document(spans, stems, lambda word: ner_heads.foreign(word, counts, analyser.likeness))


def decode(labels: Sequence[str]) -> list[Span]:
    """Return the spans of BIO labels; an I- of another type begins a span.

    >>> decode(["O", "B-PER", "I-PER", "B-LOC", "O"])
    [(1, 3, 'PER'), (3, 4, 'LOC')]
    """
    out: list[Span] = []
    if labels.count("O") == len(labels):
        return out
    start, kind = 0, ""
    for i, label in enumerate([*labels, "O"]):
        if kind and label != f"I-{kind}":
            out.append((start, i, kind))
            kind = ""
        if label != "O" and not kind:
            start, kind = i, label[2:]
    return out


def stem(folded: str, counts: Mapping[str, int], known: Mapping[str, int]) -> str:
    """Return a folded word without proclitics, with its article: للوزاره → الوزاره.

    >>> stem("بمصر", {"مصر": 9}, {}), stem("للوزاره", {}, {})
    ('مصر', 'الوزاره')
    """
    if folded in ner_heads.whole_words():
        return folded
    if folded.startswith("لل") and len(folded) > 4:
        return "ال" + folded[2:]
    return folded[proclitics(folded, counts, known=known) :]


def _left(token: Token, counts: Mapping[str, int], known: Mapping[str, int]) -> int:
    """Return the offset where the name begins in its first token: behind the proclitics and their marks."""
    i = 0
    if fold(token.text) in ner_heads.whole_words():
        return token.start
    for _ in range(proclitics(fold(token.text), counts, known=known)):
        i += 1
        while i < len(token.text) and not token.text[i].isalpha():
            i += 1
    return token.start + i


def _split(spans: list[Span], words: Sequence[str], folded: Sequence[str]) -> list[Span]:
    """Join neighbouring pieces of one person, and part persons and places where a proclitic begins a word.

    ``folded`` holds the words with their proclitics. سامي حداد وليلى نجار are two persons, and سامي حداد
    بالفساد ends before the preposition; the places of the lexicon stay whole (البوسنة والهرسك).

    >>> _split([(0, 1, "PER"), (1, 4, "PER")], "سامي حداد ليلي نجار".split(), "سامي حداد وليلي نجار".split())
    [(0, 2, 'PER'), (2, 4, 'PER')]
    >>> _split([(0, 3, "PER")], "سامي حداد الفساد".split(), "سامي حداد بالفساد".split())
    [(0, 2, 'PER')]
    """
    if not spans:
        return []
    joined = ["" if whole == word else whole[0] for whole, word in zip(folded, words, strict=True)]
    merged: list[Span] = []
    for span in spans:
        last = merged[-1] if merged else (0, 0, "")
        if span[2] == "PER" == last[2] and last[1] == span[0] and not joined[span[0]]:
            merged[-1] = (last[0], span[1], "PER")
        else:
            merged.append(span)
    out: list[Span] = []
    for a, b, kind in merged:
        whole = kind not in ("PER", "LOC") or tuple(words[a:b]) in ner_patterns.places()
        cuts = [] if whole else [i for i in range(a + 1, b) if joined[i]]
        pieces = list(zip([a, *cuts], [*cuts, b], strict=True))
        out += [(i, j, kind) for i, j in pieces if kind != "PER" or i == a or joined[i] == "و"]
    return out


def _sentence(spans: list[Span], words: Sequence[str]) -> list[Span]:
    """Return the spans of one sentence with the edges of the guideline, and the names that patterns show."""
    patterns = ner_patterns.found(words)
    if not spans and not patterns:
        return []
    flags = ner_lexicon.flags([ner_lexicon.key(w) for w in words])
    out = [ner_patterns.trim(s, words, flags) for s in spans]
    for pattern in patterns:
        new = ner_patterns.trim(pattern, words, flags)
        touching = [s for s in out if s[0] < new[1] and new[0] < s[1] and s[2] != "MISC"]
        if all(new[0] <= s[0] and s[1] <= new[1] for s in touching):  # never cut into a longer name
            out = [s for s in out if s[1] <= new[0] or new[1] <= s[0]] + [new]
    return sorted(out)


def _document(
    spans: list[list[Span]], words: Sequence[Sequence[str]], foreign: Callable[[str], bool]
) -> list[list[Span]]:
    """Label other exact occurrences of the names of a document, and the surname of a full name.

    A single word follows only when most of its occurrences carry the label (ميناء in one sentence makes no name),
    unless it is the last word of a person's full name or a ``foreign`` word, which can be nothing but a name.
    """
    votes: dict[Key, Counter[str]] = defaultdict(Counter)
    surnames: set[Key] = set()
    for line, stems in zip(spans, words, strict=True):
        for a, b, kind in line:
            votes[tuple(stems[a:b])][kind] += 1
            if kind == "PER" and b - a > 1 and len(stems[b - 1]) > 2:
                surnames.add((stems[b - 1],))
    seen = Counter(chain.from_iterable(words))
    names: dict[Key, str] = {}
    for key, kinds in votes.items():
        kind, n = min(kinds.items(), key=lambda item: (-item[1], item[0]))
        if (
            kind in KEPT
            and len(key[0]) > 2
            and (len(key) > 1 or n >= _SURE * seen[key[0]] or foreign(key[0]))
        ):
            names[key] = kind
    organisations = [k for k, kind in names.items() if kind == "ORG" and len(k) > 1]
    for word in sorted({k[0] for k in organisations}):
        if word in seen and ner_patterns.short_form(word, organisations):
            names[word,] = "ORG"
    for key in surnames:
        if votes.get(key, Counter())["PER"] or not votes.get(key):
            names.setdefault(key, "PER")
    spans = [_retype(line, stems, votes) for line, stems in zip(spans, words, strict=True)]
    longest: dict[str, int] = {}
    for name in names:
        longest[name[0]] = max(len(name), longest.get(name[0], 0))
    return [
        [s for s in line if s[2] in KEPT]
        if longest.keys().isdisjoint(stems)
        else _fill(line, stems, names, longest)
        for line, stems in zip(spans, words, strict=True)
    ]


def _join(line: list[Span], words: Sequence[str], folded: Sequence[str]) -> list[Span]:
    """Join neighbouring pieces of one person that no proclitic parts.

    >>> _join([(0, 1, "PER"), (1, 2, "PER")], ["عمر", "السومه"], ["عمر", "السومه"])
    [(0, 2, 'PER')]
    """
    out: list[Span] = []
    for a, b, kind in line:
        if out and kind == "PER" == out[-1][2] and out[-1][1] == a and words[a] == folded[a]:
            out[-1] = (out[-1][0], b, kind)
        else:
            out.append((a, b, kind))
    return out


def _retype(line: list[Span], words: Sequence[str], votes: Mapping[Key, Counter[str]]) -> list[Span]:
    """Give a name the type that two thirds of its occurrences in the document have."""
    out = []
    for a, b, kind in line:
        kinds = votes.get(tuple(words[a:b]), Counter())
        best, n = min(kinds.items(), key=lambda item: (-item[1], item[0]), default=(kind, 0))
        out.append((a, b, best if best in KEPT and 3 * n >= 2 * kinds.total() else kind))
    return out


def _fill(
    line: list[Span], words: Sequence[str], names: Mapping[Key, str], longest: Mapping[str, int]
) -> list[Span]:
    """Return the spans of a sentence and, in the gaps, the longest of ``names`` at each place.

    ``longest``: first word → words of the longest name that it begins.
    """
    out = [s for s in line if s[2] in KEPT]
    taken = {i for a, b, _ in out for i in range(a, b)}
    behind = 0
    for i in [i for i, word in enumerate(words) if word in longest]:
        if i < behind:  # covered by the name before
            continue
        for n in range(min(longest[words[i]], len(words) - i), 0, -1):
            kind_ = names.get(tuple(words[i : i + n]))
            if kind_ and taken.isdisjoint(range(i, i + n)):
                out.append((i, i + n, kind_))
                behind = i + n
                break
    return sorted(out)
