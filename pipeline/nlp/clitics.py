"""Surface tokens and the clitics in them, as exact substrings: و|ب|التالي, مدينت|ها.

Often whether a letter at the edge of a word is a clitic cannot be seen from the letters around it,
but from the lexicon: وزير is whole because زير hardly ever stands alone and وزير often does. So each surface token
is judged by a maximum entropy classifier (Berger et al. 1996) over how common it is, how common what remains after
each possible clitic is, and its edges. The decision belongs to the spelling, not to the sentence, so that it is made
once per spelling: text with a million words costs little more than the dictionary look-ups. Words around the token
were tried as features in a linear-chain model: +0.1 points of words F1 in cross-validation, for a search over each sentence.
"""

from __future__ import annotations

import gzip
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.nlp import model_file
from pipeline.nlp.surface import drop_hamza

# In order: addresses, Arabic words, numbers with their separators, other words, runs of dots, any other character.
TOKEN = re.compile(
    r"(?:https?://|www\.)[^\s،]+"
    r"|[\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u06ff\u0750-\u077f]+"
    r"|\d+(?:[.,،:٫٬]\d+)*"
    r"|[^\W\d_\u0600-\u06ff]+(?:['’.-][^\W\d_\u0600-\u06ff]+)*"
    r"|\.{2,}"
    r"|\S"
)
PROCLITICS = ("و", "ف", "ب", "ل", "ك", "س", "ول", "وب", "وك", "وس", "فل", "فب", "فس")
ENCLITICS = ("ه", "ها", "هم", "هن", "هما", "نا", "ني", "ي", "ك", "كم", "ما")
WHOLE = "0"
# Longer tokens are no words; the dictionary of decisions is emptied at this size to bound memory.
LONGEST = 40
_REMEMBERED = 500_000
_TOP_BIN = 9

Spans = list[tuple[int, int]]


def log_bin(count: int) -> int:
    """Return 0 for a word never seen, else 1 + the binary logarithm of its count, at most 9.

    >>> log_bin(0), log_bin(1), log_bin(1000)
    (0, 1, 9)
    """
    return 0 if count == 0 else min(_TOP_BIN, 1 + int(math.log2(count)))


def features(word: str, bins: Mapping[str, int]) -> list[str]:
    """Return the features of a surface token in plain spelling; ``bins`` tells how common a spelling is."""
    size, whole = len(word), bins.get(word, 0)
    out = [f"w={word}", f"n={min(size, 8)}", "b", f"F{whole}", f"FA{bins.get('ال' + word, 0)}"]
    out += [f"p{i}={word[:i]}" for i in (1, 2, 3, 4)] + [f"s{i}={word[-i:]}" for i in (1, 2, 3, 4)]
    for clitic in PROCLITICS:
        if word.startswith(clitic) and size > len(clitic):
            out += _after(clitic, word[len(clitic) :], whole, bins)
    for clitic in ENCLITICS:
        if word.endswith(clitic) and size > len(clitic):
            out += _before(clitic, word[: -len(clitic)], whole, bins)
    return out


def _after(clitic: str, rest: str, whole: int, bins: Mapping[str, int]) -> list[str]:
    """Features of ``rest``, what remains after a proclitic: how common, with the article, with other proclitics."""
    alone = bins.get(rest, 0)
    article = bins.get(rest[2:] if rest.startswith("ال") else "ال" + rest, 0)
    others = sum((other + rest) in bins for other in "وبلف" if other != clitic[-1])
    out = [
        f"{clitic}:r{alone}", f"{clitic}:a{article}", f"{clitic}:q{max(-6, min(6, alone - whole))}",
        f"{clitic}:c{rest[:2]}", f"{clitic}:c{rest[:1]}", f"{clitic}:e{rest[-2:]}", f"{clitic}:n{min(len(rest), 6)}",
        f"{clitic}:o{others}", f"{clitic}:r{alone // 2}:f{whole // 2}",
    ]  # fmt: skip
    if clitic.endswith("ل"):
        out.append(f"{clitic}:l{bins.get('ال' + rest, 0)}")
    return out


def _before(clitic: str, rest: str, whole: int, bins: Mapping[str, int]) -> list[str]:
    """Features of ``rest``, what remains before an enclitic: how common it is, respelt as a word of its own."""
    respelt = {"ت": ["ة"], "ا": ["ى"], "ي": ["ى"], "و": ["وا"]}.get(rest[-1], [])
    alone = max(bins.get(form, 0) for form in (rest, *(rest[:-1] + ending for ending in respelt)))
    others = sum((rest + other) in bins for other in ("ه", "ها", "هم", "نا") if other != clitic)
    out = [
        f"-{clitic}:r{alone}", f"-{clitic}:q{max(-6, min(6, alone - whole))}", f"-{clitic}:c{rest[-2:]}",
        f"-{clitic}:c{rest[-1:]}", f"-{clitic}:b{rest[:1]}", f"-{clitic}:n{min(len(rest), 6)}", f"-{clitic}:o{others}",
    ]  # fmt: skip
    if rest[0] in "وفبل":
        out.append(f"-{clitic}:R{bins.get(rest[1:], 0)}")
    return out


def label_of(word: str, cuts: Sequence[int]) -> str:
    """Return the class of a token that is cut at ``cuts``: places of proclitics from the left, else from the right.

    >>> label_of("وبالتالي", [1, 2]), label_of("مدينتها", [5]), label_of("كتاب", [])
    ('1,2', '-2', '0')
    """
    return ",".join(str(c if word[:c] in PROCLITICS else c - len(word)) for c in cuts) or WHOLE


def cuts_of(label: str, size: int) -> list[int]:
    """Return the cuts that a class means in a token of ``size`` letters, those outside it left out.

    >>> cuts_of("1,2", 8), cuts_of("-2", 7), cuts_of("-2", 2)
    ([1, 2], [5], [])
    """
    if label == WHOLE:
        return []
    places = {int(item) if item[0] != "-" else size + int(item) for item in label.split(",")}
    return sorted(c for c in places if 0 < c < size)


def tokens(text: str) -> Spans:
    """Return the surface tokens of ``text``: every visible character lies in one."""
    return [match.span() for match in TOKEN.finditer(text)]


class Clitics:
    """The classifier: spellings to cuts. ``weights`` gives for each feature the weight per class."""

    def __init__(
        self, labels: Sequence[str], weights: Mapping[str, Sequence[float]], bins: Mapping[str, int]
    ):
        self.labels = list(labels)
        self.weights = weights
        self.bins = bins
        self._known: dict[str, tuple[int, ...]] = {}

    def cuts(self, token: str) -> tuple[int, ...]:
        """Return where ``token`` is cut, as offsets into it; () where it is whole or no Arabic word."""
        found = self._known.get(token)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[token] = self._decide(token)
        return found

    def _decide(self, token: str) -> tuple[int, ...]:
        if not 1 < len(token) <= LONGEST or not "\u0620" <= token[0] <= "\u06ff" or not token.isalpha():
            return ()
        scores = [0.0] * len(self.labels)
        for feature in features(drop_hamza(token), self.bins):
            pairs = self.weights.get(feature)
            if pairs:
                for i in range(0, len(pairs), 2):
                    scores[int(pairs[i])] += pairs[i + 1]
        best = max(range(len(scores)), key=scores.__getitem__)
        return tuple(cuts_of(self.labels[best], len(token)))

    def words(self, text: str) -> Spans:
        """Return the words of ``text``, clitics by themselves, as (start, end) in order."""
        out: Spans = []
        for start, end in tokens(text):
            at = start
            for place in self.cuts(text[start:end]):
                out.append((at, start + place))
                at = start + place
            out.append((at, end))
        return out

    def dump(self) -> bytes:
        """Return the bytes of a model file: gzip over JSON, spellings grouped by how common they are."""
        groups: dict[int, list[str]] = {}
        for form in sorted(self.bins):
            groups.setdefault(self.bins[form], []).append(form)
        value = {
            "format": "isnad clitics 1",
            "labels": self.labels,
            "weights": {feature: self.weights[feature] for feature in sorted(self.weights)},
            "bins": {str(number): " ".join(forms) for number, forms in sorted(groups.items())},
        }
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return gzip.compress(text.encode(), mtime=0)


def parse(data: bytes) -> Clitics:
    """Return the classifier from the bytes of its file. Raises ValueError, KeyError or OSError on other bytes."""
    value = json.loads(gzip.decompress(data))
    if value["format"] != "isnad clitics 1":
        raise ValueError(f"format {value['format']!r}")
    pairs: Iterable[tuple[str, str]] = value["bins"].items()
    return Clitics(
        value["labels"], value["weights"], {f: int(n) for n, forms in pairs for f in forms.split()}
    )


@cache
def load(path: str, sha256: str) -> Clitics:
    """Return the classifier in the file at ``path``, read once per process. Raises ModelError for another file."""
    file = Path(path)
    if not file.is_file() or model_file.sha256(file) != sha256:
        what = "another file than its card names" if file.is_file() else "no such file"
        raise ModelError(what, place=f"model {path}", next_action="fetch it again or train the parser anew")
    return parse(file.read_bytes())
