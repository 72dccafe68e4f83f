"""Measure who is taken for whom: python bench/entities.py --shared ../shared

Keys: on pairs of names of ANETAC (one Arabic spelling for each English name). Two spellings are one name where the
English names have the same letters but for accents on vowels ("strict"), or the same consonants by sound ("sound"); hard
negatives are neighbours in the sorted list of spellings, one edit apart, whose English names sound differently.
Night: the names of a seeded sample of real articles, found as ``extract`` finds them (without the parser). With
``--pairs N`` prints N merged pairs drawn at random, with their context, to be read and judged; with ``--verdicts
FILE`` (one line for each pair: its number, then y or n) counts them. Growth: CPU time on halves and doubles of the night.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import news
from rapidfuzz.distance import Levenshtein

from pipeline.nlp import ner
from pipeline.text import coreference, entities, name_keys, names, titles
from pipeline.text.claims_frame import own_name
from pipeline.text.sentences import split

KINDS = {"PERSON": "PER", "LOCATION": "LOC", "ORGANIZATION": "ORG"}
_ALIKE = (
    ("ph", "f"),
    ("sh", "s"),
    ("ch", "s"),
    ("th", "t"),
    ("kh", "x"),
    ("gh", "g"),
    ("ck", "k"),
    ("dj", "g"),
)
_SOUND = str.maketrans("qcjzv", "kkgsf")


def english(name: str, accents: str = "") -> str:
    """Letters of an English name without case and accents, but for those on the letters in ``accents``."""
    bare = ((ch, unicodedata.normalize("NFD", ch)[0]) for ch in name.lower())
    return "".join(ch if base in accents else base for ch, base in bare if base.isalpha())


def sound(name: str) -> str:
    """Consonants of an English name by sound; its first letter is kept.

    >>> sound("Guterres") == sound("Guterrez"), sound("Merkel") == sound("Markel"), sound("Merkel") == sound("Mercer")
    (True, True, False)
    """
    letters = english(name)
    for long, short in _ALIKE:
        letters = letters.replace(long, short)
    letters = letters.translate(_SOUND)
    return re.sub(r"(.)\1+", r"\1", letters[:1] + re.sub("[aeiouywh]", "", letters[1:]))


def anetac(path: Path) -> list[tuple[str, str, str]]:
    """(type, English name, Arabic name) of the collection."""
    rows = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            kind, latin, arabic = re.split(r"[ \t]", line.rstrip("\n"))[:3]
            rows.append((KINDS[kind], latin, arabic.replace("ـ", "")))
    return rows


def share(hit: int, of: int) -> str:
    """A share with its counts."""
    return f"{hit / of:.4f} ({hit} of {of})" if of else "- (0 of 0)"


def measure_keys(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Recall on variants of one English name, precision of what is merged, false merges among hard negatives."""
    groups: dict[tuple[str, str], set[str]] = defaultdict(set)
    merged: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    by_kind: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for kind, latin, arabic in rows:
        groups[kind, english(latin, "bcdghjklmnprstvxz")].add(arabic)
        merged[kind, name_keys.key(kind, arabic)].append((latin, arabic))
        by_kind[kind].append((arabic, latin))
    pairs = [(k, a, b) for (k, _), g in sorted(groups.items()) for a, b in combinations(sorted(g), 2)]
    other = [(k, a, b) for k, a, b in pairs if names.fold_name(a) != names.fold_name(b)]
    same = sum(name_keys.key(k, a) == name_keys.key(k, b) for k, a, b in other)
    yield f"keys, recall on two spellings of one English name (strict): {share(same, len(other))}"
    right = wrong = 0
    for (_, _), found in sorted(merged.items()):
        for (x, a), (y, b) in combinations(found[:40], 2):
            if names.fold_name(a) != names.fold_name(b):
                right, wrong = right + (sound(x) == sound(y)), wrong + (sound(x) != sound(y))
    yield f"keys, precision of merged single words (sound): {share(right, right + wrong)}"
    for kind, found in sorted(by_kind.items()):
        total = false = 0
        found.sort()
        for i, (a, x) in enumerate(found):
            for b, y in found[i + 1 : i + 6]:
                if a != b and Levenshtein.distance(a, b) == 1 and sound(x) != sound(y):
                    total, false = total + 1, false + (name_keys.key(kind, a) == name_keys.key(kind, b))
        yield f"keys, {kind} one edit apart with another sound, merged wrongly: {share(false, total)}"


def articles(shared: Path, count: int, seed: int) -> dict[str, str]:
    """A seeded sample of the real articles: id → text."""
    lines = [line for name in news.CORPORA for line in news.lines(shared, name)]
    random.Random(seed).shuffle(lines)
    rows = (json.loads(line) for line in lines[:count])
    return {f"{row['outlet']}-{row['id']}": news.text_of(row) for row in rows}


def mentions(doc_id: str, text: str, recogniser: Any) -> tuple[list[entities.Mention], dict[str, str]]:
    """Mentions of a document as ``extract`` makes them, and the canonical name of each entity there."""
    places = [(m.start(), m.end()) for m in re.finditer("[^\n]+", text)]
    sentences = [s for start, end in places for s in split(text, start, end)]
    spans: list[tuple[int, int, str]] = []
    for (first, _), found in zip(
        sentences, recogniser.mentions([text[a:b] for a, b in sentences]), strict=True
    ):
        for m in found:
            start, end = first + m.start, first + m.end
            a, b = names.trim(text[start:end], m.type)
            kept = own_name(text[start + a : start + b]) if m.type == "PER" else 0
            if kept is not None:
                spans.append((start + a + kept, start + b, m.type))
    for i, (cut, rest) in sorted(
        coreference.cuts([(text[s:e], k) for s, e, k in spans]).items(), reverse=True
    ):
        start, end, kind = spans[i]
        spans[i : i + 1] = [(start, start + cut, kind), (start + rest, end, kind)]
    seen = [(text[s:e], k) for s, e, k in spans]
    canonical = coreference.canonical(seen, coreference.glosses(text, [(s, e) for s, e, _ in spans]))
    rows, known = [], {}
    for (start, end, kind), key in zip(spans, seen, strict=True):
        number = name_keys.entity_id(kind, canonical[key])
        known[number] = canonical[key]
        rows.append(entities.Mention(doc_id, start, end, key[0], kind, number))
    people = [(s, e) for s, e, kind in spans if kind == "PER"]
    rows += [entities.Mention(doc_id, s, e, text[s:e], "TITLE", None) for s, e in titles.beside(text, people)]
    return rows, known


def merged_pairs(
    rows: Sequence[dict[str, Any]], known: dict[str, dict[str, str]]
) -> list[tuple[str, str, str, str, str, str]]:
    """(type, how, document, name, document, name) of names merged across documents that are spelt differently.

    One pair for each two spellings of an entity, and one for each link.
    """
    forms: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for doc_id in sorted(known):
        for number, name in sorted(known[doc_id].items()):
            forms[number].setdefault(names.fold_name(name), (doc_id, name))
    pairs = []
    for row in rows:
        mine = sorted(forms[row["entity_id"]].values())
        how = "lexicon" if name_keys.key(row["type"], row["name"]).startswith("=") else "key"
        pairs += [(row["type"], how, *a, *b) for a, b in combinations(mine, 2)]
        if row["same_as"]:
            other = sorted(forms[row["same_as"]].values())[0]
            pairs.append((row["type"], row["same_as_evidence"], *mine[0], *other))
    return pairs


def context(text: str, name: str) -> str:
    """The name in its text, one line."""
    at = max(text.find(name.split(maxsplit=1)[0]), 0)
    return " ".join(text[max(0, at - 50) : at + len(name) + 50].split())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--pairs", type=int, default=0, help="print so many merged pairs to be judged")
    parser.add_argument("--verdicts", type=Path, help="file with the number of each pair and y or n")
    options = parser.parse_args()
    for line in measure_keys(anetac(options.shared / "data" / "gazetteers" / "anetac_en_ar_names.txt.gz")):
        print(line)
    texts = articles(options.shared, options.articles, options.seed)
    recogniser = ner.load(None, None)
    found: list[entities.Mention] = []
    known: dict[str, dict[str, str]] = {}
    for doc_id, text in texts.items():
        rows, known[doc_id] = mentions(doc_id, text, recogniser)
        found += rows
    order = sorted(texts)
    for part in (len(order) // 4, len(order) // 2, len(order)):
        inside = set(order[:part])
        some = [m for m in found if m.doc_id in inside]
        started = time.process_time()
        night = entities.rows(some, {})
        seconds = time.process_time() - started
        print(f"night of {part}: {len(some)} mentions, {len(night)} entities, {seconds:.2f} s CPU")
    unmerged = {(m.type, names.fold_name(known[m.doc_id][m.entity_id])) for m in found if m.entity_id}
    pairs = merged_pairs(night, known)
    linked = sum(row["same_as"] is not None for row in night)
    print(f"names by folded spelling: {len(unmerged)}; entities: {len(night)}; linked to another: {linked}")
    print(f"merged pairs across documents: {len(pairs)}")
    chosen = random.Random(options.seed).sample(pairs, min(options.pairs or 100, len(pairs)))
    if options.pairs:
        for number, (kind, how, a, name, b, other) in enumerate(chosen, 1):
            print(f"{number} {kind} {how} | {name} | {other}")
            print(f"    {context(texts[a], name)}\n    {context(texts[b], other)}")
    if options.verdicts:
        verdicts = dict(
            line.split()[:2] for line in options.verdicts.read_text().splitlines() if line.strip()
        )
        print(f"judged right: {share(sum(v == 'y' for v in verdicts.values()), len(verdicts))}")


if __name__ == "__main__":
    main()
