"""Lexicon flags for the entity recogniser: the longest entry of the YAML lexicons at each place of a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from pipeline import resources
from pipeline.nlp.ner_tokens import fold, tokenise
from pipeline.text.names import given

Trie = dict[str, "Trie | str"]
_END = ""  # key under which a trie node keeps the flag of the entry that ends there


def key(word: str) -> str:
    """Return the look-up form of a folded stem: without the article where a word remains.

    >>> key("القاهره"), key("الله")
    ('قاهره', 'الله')
    """
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


def _words(text: str) -> tuple[str, ...]:
    return tuple(key(fold(t.text)) for t in tokenise(text))


def _entries() -> Iterator[tuple[str, str]]:
    """Yield (name, flag) of all lexicons; of two entries with the same name the first one counts."""
    yield from _place_names()
    organisations = resources.load("organisations.yaml")
    for kind, names in organisations["names"].items():
        yield from ((n, f"org-{kind}") for entry in names for n in (entry["name"], *entry.get("other", ())))
    for kinds in organisations["heads"].values():
        for kind, heads in kinds.items():
            yield from ((head, f"head-{kind}") for head in heads)
    titles = resources.load("titles.yaml")
    for kind, words in titles["titles"].items():
        yield from ((word, f"title-{kind}") for word in words)
    yield from ((word, "modifier") for word in titles["modifiers"])
    yield from ((word, "portfolio") for word in titles["portfolios"])
    yield from ((name, "given") for name in given())


def _place_names() -> Iterator[tuple[str, str]]:
    """Yield states, capitals, cities and regions, then the common nouns that open the name of a place."""
    places = resources.load("places.yaml")
    states = places["countries"]
    yield from ((name, "country") for s in states for name in (s["name"], *s.get("other", ())))
    yield from ((name, "city") for s in states for name in s.get("capital", ()))
    yield from ((name.strip(), "city") for name in places["cities"].split(","))
    yield from ((name.strip(), "region") for name in places["regions"].split(","))
    yield from ((word, f"place-{flag}") for flag in ("outside", "inside") for word in places[flag])


def _adjectives() -> Iterator[tuple[str, str]]:
    """Yield the inflected forms of the adjectives of nationality."""
    for state in resources.load("places.yaml")["countries"]:
        for adjective in state.get("adjective", ()):
            for ending in ("", "ة", "ين", "ون", "ان", "ات"):
                yield adjective + ending, "nisba"


@cache
def trie() -> Trie:
    """Return the lexicons as a trie over look-up forms."""
    root: Trie = {}
    for name, flag in (*_entries(), *_adjectives()):
        words = _words(name)
        if not words:
            continue
        node = root
        for word in words:
            child = node.setdefault(word, {})
            assert isinstance(child, dict)
            node = child
        node.setdefault(_END, flag)
    return root


def flags(keys: Sequence[str]) -> list[str]:
    """Return for each look-up form of a sentence '' or ``B-flag`` / ``I-flag`` of the longest entry that covers it.

    >>> flags(["رئيس", "ولايات", "متحده", "قال"])
    ['B-title-state', 'B-country', 'I-country', '']
    """
    root, out, behind = trie(), [""] * len(keys), 0
    for i in [i for i, key_ in enumerate(keys) if key_ in root]:
        if i < behind:  # covered by the entry before
            continue
        node: Trie | str | None = root[keys[i]]
        j, best, flag = i + 1, 0, ""
        while isinstance(node, dict):
            found = node.get(_END)
            if isinstance(found, str):
                best, flag = j, found
            node = node.get(keys[j]) if j < len(keys) else None
            j += 1
        if best:
            out[i] = f"B-{flag}"
            out[i + 1 : best] = [f"I-{flag}"] * (best - i - 1)
            behind = best
    return out
