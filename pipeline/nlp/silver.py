"""A dictionary for the tagger from sentences that have one universal tag per surface token and nothing more.

``padt_xtreme_udpos_train.tsv.gz`` is three times as long as the trees, but the tag of a token that holds clitics is
that of one part, and there are no features. So it gives only what it is sure of: which tags an open-class word may
have that no tree holds. The features come from the words of the trees that look alike.
"""

from __future__ import annotations

import gzip
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path

from pipeline.nlp import conllu, surface
from pipeline.nlp.clitics import Clitics
from pipeline.nlp.conllu import Sentence

SOURCE = "padt_xtreme_udpos_train.tsv.gz"

Tagged = list[tuple[str, str]]

# Words without entry in the Prague dictionary are X there: most are names, and names with an entry are NOUN.
_MAY_BE = {
    "NOUN": ("NOUN", "PROPN"),
    "X": ("NOUN", "PROPN"),
    "PROPN": ("PROPN",),
    "ADJ": ("ADJ",),
    "VERB": ("VERB",),
}
_SHORTEST = 3
# Sentences with this share of runs of 20 letters in common with the trees are left out (news has its set phrases,
# and there is enough of it); from the second share on, three sentences before and after are left out with them.
_RUN = 20
_SUSPECT = 0.05
_SURE = 0.3
_NEIGHBOURS = 3
# A tag counts with this share of a form's tags, a bundle of features with this share of the words that look alike.
_SHARE_OF_TAGS = 0.15
_SHARE_OF_BUNDLES = 0.04
_ENOUGH = 8


def _normal(text: str) -> str:
    return surface.drop_hamza(surface.unvocalise(text)).translate(surface.DIGITS)


def _letters(text: str) -> str:
    return "".join(c for c in _normal(text) if c.isalnum())


def read(path: Path, trees: Iterable[Sentence]) -> list[Tagged]:
    """Return the sentences of ``path`` from other documents than ``trees`` (of all parts), alif without hamza.

    The source names no documents. A sentence that shares runs of letters with the trees is one of theirs, cut or
    spelt otherwise, and so are its neighbours: sentences of a document stand together.
    """
    known: set[str] = set()
    for tree in trees:
        letters = _letters("".join(word.form for word in tree.words))
        known.update(letters[i : i + _RUN] for i in range(max(1, len(letters) - _RUN + 1)))
    source = list(blocks(path))
    near: set[int] = set()
    for number, tagged in enumerate(source):
        share = _share("".join(form for form, _ in tagged), known)
        reach = _NEIGHBOURS if share >= _SURE else 0
        if share >= _SUSPECT:
            near.update(range(number - reach, number + reach + 1))
    return [
        [(_normal(form), tag) for form, tag in tagged if _normal(form)]
        for number, tagged in enumerate(source)
        if number not in near
    ]


def _share(text: str, known: set[str]) -> float:
    """Return the share of the runs of ``_RUN`` letters in ``text`` that are known."""
    letters = _letters(text)
    count = max(1, len(letters) - _RUN + 1)
    return sum(letters[i : i + _RUN] in known for i in range(count)) / count


def blocks(path: Path) -> Iterator[Tagged]:
    """Yield the sentences of a file of forms and tags by tabs, a blank line between sentences."""
    block: Tagged = []
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            form, _, tag = line.rstrip("\n").partition("\t")
            if tag:
                block.append((form.replace(" ", ""), tag))
            elif block:
                yield block
                block = []
    if block:
        yield block


def whole_tokens(splitter: Clitics, sentences: Sequence[Tagged]) -> dict[str, Counter[str]]:
    """Return for each surface token in which ``splitter`` sees no clitic how often it has which tag."""
    out: dict[str, Counter[str]] = defaultdict(Counter)
    for form, tag in (pair for tagged in sentences for pair in tagged):
        if not splitter.cuts(form):
            out[form][tag] += 1
    return out


def _shape(form: str, upos: str) -> tuple[str, str, str]:
    """Return what features depend on: the article or the prefix of a verb, and the ending.

    >>> _shape("المدينة", "NOUN"), _shape("يكتبون", "VERB")
    (('NOUN', 'ال', 'ة'), ('VERB', 'ي', 'ون'))
    """
    if upos == "VERB":
        return upos, form[0] if form[0] in "يتنا" else "", form[-2:]
    return upos, form[:2] if form.startswith(("ال", "لل")) else "", form[-1]


def _holds_clitic(form: str, *known: Container[str]) -> bool:
    """Tell a token that only a slip of the classifier can have left whole: a clitic before a known word."""
    rest = form[1:]
    return form[0] in surface.PROCLITICS and (rest.startswith("ال") or any(rest in forms for forms in known))


def dictionary(counts: dict[str, Counter[str]], trees: Sequence[Sentence]) -> str:
    """Return a UDPipe dictionary (form, lemma, tag, own tag, features by tabs) of forms that ``trees`` lack."""
    known = {word.form for sentence in trees for word in sentence.words}
    bundles: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for word in (word for sentence in trees for word in sentence.words):
        bundles[_shape(word.form, word.upos)][conllu.column(word.feats)] += 1
    rows: list[str] = []
    for form in sorted(counts):
        if form in known or len(form) < _SHORTEST or not form.isalpha() or _holds_clitic(form, known, counts):
            continue
        total = counts[form].total()
        tags = [t for t, n in sorted(counts[form].items()) if n >= _SHARE_OF_TAGS * total]
        if any(tag not in _MAY_BE for tag in tags):
            continue
        for upos in sorted({upos for tag in tags for upos in _MAY_BE[tag]}):
            alike = bundles[_shape(form, upos)]
            if alike.total() < _ENOUGH:
                break  # too little to go by: the guesser does better
            least = _SHARE_OF_BUNDLES * alike.total()
            rows += [f"{form}\t_\t{upos}\t_\t{feats}" for feats, n in sorted(alike.items()) if n >= least]
    return "".join(row + "\n" for row in rows)
