"""CoNLL-U in and out: sentences as plain values.

Format: https://universaldependencies.org/format.html. Empty nodes are refused, multiword ranges are kept.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Word:
    """A syntactic word; ``head`` is 1-based with 0 for the root, ``space_after`` speaks of the surface."""

    form: str
    lemma: str = "_"
    upos: str = "X"
    xpos: str = "_"
    feats: dict[str, str] = field(default_factory=dict)
    head: int = 0
    deprel: str = "dep"
    misc: dict[str, str] = field(default_factory=dict)

    @property
    def space_after(self) -> bool:
        return self.misc.get("SpaceAfter") != "No"

    @space_after.setter
    def space_after(self, value: bool) -> None:
        if value:
            self.misc.pop("SpaceAfter", None)
        else:
            self.misc["SpaceAfter"] = "No"


@dataclass
class Sentence:
    """A tree; ``ranges`` maps (first, last) word numbers to a multiword surface token and its MISC."""

    words: list[Word]
    meta: dict[str, str] = field(default_factory=dict)
    ranges: dict[tuple[int, int], Word] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Return the surface that the forms and ``SpaceAfter`` spell.

        >>> Sentence([Word("ب", misc={"SpaceAfter": "No"}), Word("القلم"), Word("كتب")]).text
        'بالقلم كتب'
        """
        out: list[str] = []
        covered = {i: rng for rng in self.ranges for i in range(rng[0], rng[1] + 1)}
        for number, word in enumerate(self.words, 1):
            rng = covered.get(number)
            if rng is not None and number != rng[0]:
                continue
            unit = word if rng is None else self.ranges[rng]
            out.append(unit.form + (" " if unit.space_after else ""))
        return "".join(out).rstrip()


def pairs(column: str) -> dict[str, str]:
    """Return a FEATS or MISC column as a mapping; ``_`` is empty."""
    if column == "_":
        return {}
    return dict(item.partition("=")[::2] for item in column.split("|"))


def column(pairs: dict[str, str]) -> str:
    """Return a mapping as a FEATS or MISC column, the inverse of ``pairs``."""
    return (
        "|".join(f"{k}={v}" if v else k for k, v in sorted(pairs.items(), key=lambda kv: kv[0].lower()))
        or "_"
    )


def _meta(line: str) -> tuple[str, str]:
    """Read ``# key = value`` and the older ``# key value``."""
    key, _, value = line[1:].strip().partition(" ")
    return key, value.removeprefix("= ")


def parse(lines: Iterable[str]) -> Iterator[Sentence]:
    """Yield the sentences of CoNLL-U ``lines``. Raises ValueError naming the line that is no CoNLL-U."""
    words: list[Word] = []
    meta: dict[str, str] = {}
    ranges: dict[tuple[int, int], Word] = {}
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if not line:
            if words:
                yield Sentence(words, meta, ranges)
            words, meta, ranges = [], {}, {}
        elif line.startswith("#"):
            key, value = _meta(line)
            meta[key] = value
        else:
            cols = line.split("\t")
            if len(cols) != 10 or "." in cols[0]:
                raise ValueError(f"line {number}: not a CoNLL-U word: {line[:60]!r}")
            word = Word(cols[1], cols[2], cols[3], cols[4], pairs(cols[5]), 0, cols[7], pairs(cols[9]))
            if "-" in cols[0]:
                first, last = cols[0].split("-")
                ranges[int(first), int(last)] = word
            else:
                word.head = int(cols[6]) if cols[6].isdigit() else 0
                words.append(word)
    if words:
        yield Sentence(words, meta, ranges)


def read(path: Path) -> list[Sentence]:
    """Read a CoNLL-U file, gzipped when its name ends in ``.gz``."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="\n") as handle:
        return list(parse(handle))


def render(sentence: Sentence) -> str:
    """Return the CoNLL-U block of ``sentence``, blank line included, with a ``# text`` that matches."""
    meta = {k: v for k, v in sentence.meta.items() if k != "text"}
    lines = [f"# {key} = {value}" if value else f"# {key}" for key, value in meta.items()]
    lines.append(f"# text = {sentence.text}")
    for number, word in enumerate(sentence.words, 1):
        for (first, last), token in sentence.ranges.items():
            if first == number:
                lines.append(f"{first}-{last}\t{token.form}\t" + "_\t" * 7 + column(token.misc))
        columns = (
            word.form,
            word.lemma,
            word.upos,
            word.xpos,
            column(word.feats),
            str(word.head),
            word.deprel,
        )
        lines.append(f"{number}\t" + "\t".join(columns) + f"\t_\t{column(word.misc)}")
    return "\n".join(lines) + "\n\n"


def write(path: Path, sentences: Iterable[Sentence]) -> None:
    """Write ``sentences`` to ``path`` as plain CoNLL-U."""
    with path.open("w", encoding="utf-8", newline="\n") as handle:
        handle.writelines(render(sentence) for sentence in sentences)
