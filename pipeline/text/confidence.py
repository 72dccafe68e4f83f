"""How sure a claim is: a logistic regression over what can be seen of it, fitted on annotated articles.

``confidence`` is the estimated probability that an annotator finds this claim too: a report at this cue, whose content
shares half of its characters or more with ours. It says nothing about the speaker, who has columns of his own. The
weights are data (``confidence.yaml``), fitted and measured with folds by article by ``bench/calibrate.py``. Method: Platt
(1999), 'Probabilistic outputs for support vector machines', on features of the claim in place of a margin.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

from pipeline import resources
from pipeline.text.chains import Claim
from pipeline.text.claims_frame import Frame
from pipeline.text.claims_words import an_marker, word_class

DIGITS = 3
"""Decimals of a confidence; the weights carry as many, so that it is the same on every machine."""
_SPANS = (("1-2", 2), ("3-5", 5), ("6-10", 10), ("11-20", 20), ("21-40", 40))


def assess(claims: Sequence[Claim], frames: Sequence[Frame]) -> None:
    """Set ``traits`` and ``confidence`` of the claims of one document, given in order of their cues."""
    by_number = {frame.sent_no: frame for frame in frames}
    per_sentence: dict[int, int] = {}
    for claim in claims:
        per_sentence[claim.sent_no] = per_sentence.get(claim.sent_no, 0) + 1
    last_said: dict[str | None, int] = {}
    for claim in claims:
        frame = by_number[claim.sent_no]
        far = claim.sent_no - last_said.get(claim.speaker.name, -99)
        claim.traits = traits(claim, frame, far, per_sentence[claim.sent_no])
        claim.confidence = probability(claim.traits)
        last_said[claim.speaker.name] = claim.sent_no


def probability(found: Sequence[str]) -> float:
    """Return the confidence of a claim with these traits; a trait without a weight counts nothing.

    >>> 0.0 < probability([]) < 1.0
    True
    """
    weights = _weights()
    score = sum((weights.get(trait, 0) for trait in found), weights["bias"])
    return round(1 / (1 + math.exp(-score / 10**DIGITS)), DIGITS)


@cache
def _weights() -> dict[str, int]:
    """The weights in thousandths: sums of whole numbers do not depend on their order."""
    found = resources.load("confidence.yaml")
    return {trait: round(10**DIGITS * weight) for trait, weight in found["weights"].items()}


def traits(claim: Claim, frame: Frame, far: int, siblings: int) -> tuple[str, ...]:
    """Return what is seen of a claim, as names of binary features.

    far: sentences back to the last claim of the same speaker. siblings: claims of the sentence, this one included.
    """
    kind, _, rule = claim.rule.partition(".")
    return (
        f"rule={claim.rule}",
        f"lemma={claim.lemma}",
        f"yield={_yield(kind, claim.lemma)}",
        f"section={claim.section}",
        f"content={claim.kind}",
        f"layers={min(len(claim.layers), 3)}",
        f"siblings={min(siblings, 3)}",
        *(("nested",) if claim.nested else ()),
        *_of_speaker(claim, far),
        *_of_cue(claim, frame, kind),
        *_of_content(claim, frame, rule),
    )


def _yield(kind: str, lemma: str) -> str:
    """Bucket of the share of this cue's occurrences in the news that report something: قال nearly all, شهد hardly any."""
    share = resources.load("confidence.yaml")["yields"].get(f"{kind}.{lemma}")
    return "unknown" if share is None else next(name for name, least in _YIELDS if share >= least)


_YIELDS = (("high", 0.85), ("good", 0.65), ("half", 0.4), ("low", 0.15), ("poor", 0.0))


def _of_speaker(claim: Claim, far: int) -> list[str]:
    speaker = claim.speaker
    found = [f"speaker={speaker.mention}", f"type={speaker.type or 'none'}"]
    if speaker.name is None:
        found.append("unnamed")
    if speaker.mention in {"elided", "pronoun"}:
        found.append(f"carried={far if far < 3 else 'far'}")
    return found


def _of_cue(claim: Claim, frame: Frame, kind: str) -> list[str]:
    k = frame.word_at(claim.cue[0])
    before = frame.key(k - 1)
    place = "first" if k == 0 else "mark" if before in _MARKS else "inside"
    found = [f"place={place}"]
    if frame.words[k].start < claim.cue[0]:
        found.append("joined")
    if frame.quote(k) >= 0:
        found.append("in_quote")
    if kind in {"verb", "hal"}:
        upos = frame.words[k].upos
        found.append(f"{kind}_tagged={upos if upos in {'', 'VERB', 'NOUN', 'ADJ'} else 'other'}")
    if an_marker(before):
        found.append("behind_an")
    return found


_MARKS = frozenset("،,؛:.")


def _of_content(claim: Claim, frame: Frame, rule: str) -> list[str]:
    start, end = claim.content[0][0], claim.content[-1][1]
    first, stop = frame.word_at(start), frame.word_at(end - 1) + 1
    cue = frame.word_at(claim.cue[1] - 1)
    found = [f"length={_span(stop - first)}"]
    if start >= claim.cue[1]:
        found.append(f"gap={_span(first - cue)}")
    else:
        found.append("content_first")
    following = frame.key(stop)
    ends = "sentence" if stop >= len(frame.words) - 1 else "mark" if following in _MARKS else "inside"
    found.append(f"ends={ends}")
    if len(claim.content) > 1:
        found.append("split")
    if any(not q.closed and q.start < end and start < q.end for q in frame.quotes):
        found.append("open_quote")
    if rule in {"object", "prep"} and first < len(frame.words):
        key = frame.key(first)
        bare = key.removeprefix("ب").removeprefix("ل").removeprefix("ال")
        listed = {key, bare} & word_class("event_nouns")
        found.append(f"{rule}_noun={'listed' if listed else 'shaped'}")
    return found


def _span(words: int) -> str:
    """Bucket of a length in words.

    >>> _span(1), _span(20), _span(90)
    ('1-2', '11-20', 'more')
    """
    return next((name for name, most in _SPANS if words <= most), "more")
