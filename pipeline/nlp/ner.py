"""Named entities of Arabic news: a linear-chain conditional random field on the raw surface, plus document rules.

The recogniser tokenises by itself and returns exact offsets, so it does not depend on the UDPipe model in use.
The shipped model is described by its card, ``pipeline/resources/models/ar-news-ner.crf.json``.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from pipeline import resources
from pipeline.errors import ModelError
from pipeline.nlp import ner_clusters, ner_crf, ner_rules
from pipeline.nlp.ner_crf import Labeller
from pipeline.nlp.ner_features import Analyser
from pipeline.nlp.ner_namelike import NameLike
from pipeline.nlp.ner_net import Net
from pipeline.nlp.ner_tokens import Token, tokenise

SHIPPED = "models/ar-news-ner.crf"
FORMAT = "isnad-ner-3"


class Mention(NamedTuple):
    """A name in one sentence: half-open offsets in code points of the sentence, and PER, ORG or LOC."""

    start: int
    end: int
    type: str


class Parts(NamedTuple):
    """The parts of a model file: word table, letter weights, CRF, and the network (empty: none)."""

    words: bytes
    letters: bytes
    crf: bytes
    net: bytes = b""


def pack(parts: Parts) -> bytes:
    """Return the model file: one line of JSON with the sizes of the parts, then the parts."""
    header = {"format": FORMAT, "sizes": list(map(len, parts))}
    return json.dumps(header, sort_keys=True).encode("ascii") + b"\n" + b"".join(parts)


def unpack(packed: bytes) -> Parts:
    """Return the parts of a model file; raises ModelError when the file is no such model.

    >>> unpack(pack(Parts(b"ab", b"c", b"def")))
    Parts(words=b'ab', letters=b'c', crf=b'def', net=b'')
    """
    head, _, body = packed[:200].partition(b"\n")
    try:
        header = json.loads(head)
        sizes = [int(n) for n in header["sizes"]]
        right = header["format"] == FORMAT
    except (ValueError, KeyError, TypeError) as error:
        raise _refused("not an entity model of this project") from error
    ends = [*accumulate(sizes, initial=len(head) + 1)]
    if not right or len(sizes) != len(Parts._fields) or min(sizes) < 0 or len(packed) != ends[-1] or not body:
        raise _refused(f"entity model of another format or cut short (expected {FORMAT})")
    return Parts(*(packed[a:b] for a, b in pairwise(ends)))


def _refused(what: str, place: str = "entity model") -> ModelError:
    return ModelError(
        what,
        place=place,
        next_action="leave extract.ner_model empty for the shipped model, or train one with `isnad models train ner`",
    )


class Recogniser:
    """Find the names in the sentences of one document. Not thread-safe; cheap to share within a process."""

    def __init__(self, packed: bytes) -> None:
        parts = unpack(packed)
        self.sha256 = hashlib.sha256(packed).hexdigest()
        try:
            table = ner_clusters.parse(parts.words)
            self.analyser = Analyser(table, NameLike(parts.letters))
            net = Net(parts.net, table) if parts.net else None
            self._labeller = Labeller(ner_crf.parse(parts.crf), self.analyser, net)
        except (ValueError, IndexError, OSError, EOFError, zlib.error) as error:  # damaged within
            raise _refused(f"damaged entity model: {error}") from error

    def label(self, words: Sequence[str]) -> list[str]:
        """Return one BIO label (PER, ORG, LOC, MISC) for each word of one sentence."""
        return self.labels([words])[0]

    def labels(self, sentences: Sequence[Sequence[str]]) -> list[list[str]]:
        """Return one BIO label for each word of each sentence; many sentences together take less time."""
        return self._labeller.labels(sentences)

    def mentions(self, sentences: Sequence[str]) -> list[list[Mention]]:
        """Return the names of each sentence, in order and without overlap.

        ``sentences`` are those of ONE document in reading order: a name that is clear in one sentence helps in
        the others. Proclitics stay outside a mention, the article inside (وباريس → باريس), لل words stay whole,
        titles stay outside.
        """
        return self.documents([sentences])[0]

    def documents(self, documents: Sequence[Sequence[str]]) -> list[list[list[Mention]]]:
        """Return ``mentions`` of each of several documents; together they take half the time of one by one."""
        tokens = [[tokenise(s) for s in sentences] for sentences in documents]
        labels: list[list[str]] = []
        for group in _groups(tokens):
            labels += self.labels([[t.text for t in line] for lines in group for line in lines])
        out, at = [], 0
        for lines in tokens:
            found = ner_rules.resolve(lines, labels[at : at + len(lines)], self.analyser)
            out.append([list(map(Mention._make, line)) for line in found])
            at += len(lines)
        return out


_GROUP = 8000
"""Tokens that are labelled together, about: the arrays of more fall out of the processor's cache."""


def _groups(documents: Sequence[list[list[Token]]]) -> Iterator[Sequence[list[list[Token]]]]:
    """Yield runs of documents of about ``_GROUP`` tokens; a longer document stands alone."""
    first, size = 0, 0
    for at, lines in enumerate(documents):
        size += sum(map(len, lines))
        if size >= _GROUP:
            yield documents[first : at + 1]
            first, size = at + 1, 0
    if first < len(documents):
        yield documents[first:]


def load(path: str | None = None, sha256: str | None = None) -> Recogniser:
    """Return the recogniser of the model file at ``path`` (None: the shipped one), loaded once per process.

    The bytes are checked against ``sha256`` (for the shipped model: its card). Raises ModelError when they differ,
    cannot be read or are no entity model.
    """
    return _load(path, sha256)


@lru_cache(maxsize=2)
def _load(path: str | None, sha256: str | None) -> Recogniser:
    place = f"entity model {path or SHIPPED}"
    try:
        packed = Path(path).read_bytes() if path else resources.read_bytes(SHIPPED)
    except OSError as error:
        raise _refused(str(error.strerror), place) from error
    wanted = sha256 or (None if path else shipped_sha256())
    actual = hashlib.sha256(packed).hexdigest()
    if wanted and actual != wanted.lower():
        raise _refused(f"the file has SHA-256 {actual}, expected {wanted}", place)
    return Recogniser(packed)


def shipped_sha256() -> str:
    """Return the SHA-256 of the shipped model as its card says."""
    card: dict[str, Any] = json.loads(resources.read_bytes(SHIPPED + ".json"))
    return str(card["sha256"])
