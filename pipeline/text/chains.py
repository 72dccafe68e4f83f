"""The chain of transmission of a claim, outermost source first, and who speaks where nobody is named.

An elided speaker (وأضاف، مشيرا) is that of the latest claim whose speaker the verb agrees with; a continuing verb takes
over the relay layers too. Nothing is carried across sections, formulas of the reporter or two sentences without a claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.text import names as nm
from pipeline.text.cues import Entry
from pipeline.text.speakers_register import Source

Span = tuple[int, int]
_STEPS_BACK = 3
_GENDER = {"m": "masc", "f": "fem"}


@dataclass(frozen=True, slots=True)
class Layer:
    """One source in the chain; ``cue`` is its own reporting word, ``carried`` where an earlier claim had it."""

    relation: str
    source: Source
    cue: Span | None
    carried: bool = False


@dataclass(slots=True)
class Claim:
    """One claim of a document; offsets are code points of its text. The last layer is the speaker.

    ``tagged``: how many of the outermost layers a tag at the end of its clause added (…، وفق X).
    ``traits``: what its confidence was worked out from, see ``confidence``.
    """

    sent_no: int
    section: str
    cue: Span
    lemma: str
    stance: str
    content: list[Span]
    quoted: list[Span]
    kind: str
    rule: str
    layers: list[Layer]
    said_at: str | None = None
    confidence: float = 0.0
    nested: bool = False
    tagged: int = 0
    traits: tuple[str, ...] = ()

    @property
    def speaker(self) -> Source:
        return self.layers[-1].source


@dataclass(slots=True)
class History:
    """The claims of one section so far, latest last; ``silence`` counts sentences without a claim."""

    claims: list[Claim] = field(default_factory=list)
    silence: int = 0

    def reset(self) -> None:
        self.claims.clear()

    def close_sentence(self, spoke: bool) -> None:
        """Note the end of a sentence; two silent ones end the carry-over."""
        self.silence = 0 if spoke else self.silence + 1

    def latest(self, entry: Entry, sent_no: int = -1) -> Claim | None:
        """The claim whose speaker an elided subject of this form takes up.

        A participle (مشيرا) belongs to the report of its own sentence even where its gender is careless.
        """
        for claim in reversed(self.claims[-_STEPS_BACK:]):
            if agrees(claim.speaker, entry):
                return claim
        if entry.kind == "hal" and self.claims and self.claims[-1].sent_no == sent_no:
            return self.claims[-1]
        return None


def agrees(source: Source, entry: Entry) -> bool:
    """Whether a form can have this speaker as its subject: gender, and plural for people."""
    if not entry.gender or source.mention == "implicit":
        return True
    if source.gender and (entry.number or "s") == "s":
        return source.gender == entry.gender
    options = {nm.agreement(t) for t in (source.text, source.name) if t}
    if source.type == "PER":
        options = {(gender, "sing") for gender, _ in options}
    wanted = _GENDER[entry.gender]
    number = {"s": "sing", "d": "dual", "p": "plur"}[entry.number or "s"]
    return not options or any(
        (not gender or gender == wanted) and (not count or number in {count, "dual"}) for gender, count in options
    )  # fmt: skip


def carry(
    claim: Claim,
    cue: Span,
    mention: str,
    start: int | None = None,
    end: int | None = None,
    text: str | None = None,
) -> list[Layer]:
    """The layers of a claim that takes speaker and relays over from ``claim``."""
    source = claim.speaker._replace(mention=mention, text=text, start=start, end=end)
    relays = [replace(layer, carried=True) for layer in claim.layers[:-1]]
    return [*relays, Layer("speaker", source, cue)]


def same_speaker(a: Source, b: Source) -> bool:
    """Whether two sources are known to be one."""
    return a.name is not None and a.name == b.name


def nest(outer: Sequence[Layer], inner: Sequence[Layer]) -> list[Layer]:
    """The chain of a report inside a report: the outer speaker passes the inner one's words on."""
    return [*(replace(layer, relation="relay") for layer in outer), *inner]
