"""States in running text: their names, capitals that stand for them, and adjectives of nationality."""

from __future__ import annotations

from functools import cache

from pipeline import resources
from pipeline.text import names as nm
from pipeline.text.claims_words import bare, word_key


@cache
def by_nationality() -> dict[str, str]:
    """State by adjective of nationality, as a word key without article.

    >>> by_nationality()["تركي"], "بريطاني" in by_nationality()
    ('تركيا', True)
    """
    found: dict[str, str] = {}
    for row in resources.load("places.yaml")["countries"]:
        adjectives = row.get("adjective") or []
        for adjective in [adjectives] if isinstance(adjectives, str) else adjectives:
            key = word_key(adjective)
            for form in (key, bare(key)):  # بريطاني too, which loses its ب as if it were the preposition
                found.setdefault(form, row["name"])
    return found


def adjectives(state: str) -> list[str]:
    """The adjectives of nationality of a state.

    >>> adjectives("تركيا")
    ['تركي']
    """
    wanted = nm.fold_name(state)
    for row in resources.load("places.yaml")["countries"]:
        if wanted in {nm.fold_name(n) for n in (row["name"], *row.get("other", ()))}:
            found = row.get("adjective") or []
            return [found] if isinstance(found, str) else list(found)
    return []


@cache
def _capitals() -> frozenset[str]:
    rows = resources.load("places.yaml")["countries"]
    return frozenset(nm.fold_name(c) for row in rows for c in row.get("capital", ()))


def is_capital(name: str) -> bool:
    """Whether a place is the seat of a government that stands for its state (not البيت الأبيض, which is a body).

    >>> is_capital("موسكو"), is_capital("البيت الأبيض")
    (True, False)
    """
    return nm.fold_name(name) in _capitals()


@cache
def _states() -> frozenset[str]:
    rows = resources.load("places.yaml")["countries"]
    return frozenset(nm.fold_name(n) for row in rows for n in (row["name"], *row.get("other", ())))


def is_state(name: str) -> bool:
    """Whether a place is a state or a capital that stands for one.

    >>> is_state("تركيا"), is_state("موسكو"), is_state("حلب")
    (True, True, False)
    """
    return nm.fold_name(name) in _states() or nm.metonym(name) is not None
