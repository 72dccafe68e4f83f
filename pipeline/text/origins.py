"""Where a text comes from: what the page credits, what it copies, whom its sentences name as carriers.

Evidence from strong to weak: an agency that the page credits; an earlier document that holds most of it (whose own
origin it then inherits); a later twin that still names the agency, since a credit is dropped more readily than
invented; a credited outlet; a carrier named by most of its claims. Without any the document is its own origin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from pipeline.resources import load
from pipeline.text.credits import agency
from pipeline.text.normalise import key
from pipeline.text.stories import Tie

DEPENDS = 0.5
"""Share of a document that stands in another one, from which it is taken to come from there."""
WHOLE = 0.8
"""Share from which a document is another's text even though it credits its own outlet."""
UNDECIDED = 0.6
"""What is left of the confidence where both bear one time, so that which came first is not known."""
CARRIED = 0.5
"""Share of a document's claims that must name one carrier."""


@dataclass(frozen=True)
class Origin:
    """origin (agency, outlet or doc_id; None for its own), kind, evidence and confidence, as in table origins."""

    origin: str | None
    kind: str
    evidence: str
    score: float


@dataclass(frozen=True)
class Page:
    """What a document says about its sources: credits (number, kind, canonical), carrier of each claim or None.

    when: time of publication, of any kind that compares; None where it is not known.
    """

    doc_id: str
    credits: Sequence[tuple[int, str, str]] = ()
    carriers: Sequence[tuple[str, str | None]] = field(default=())
    when: Any = None


@cache
def _named() -> Mapping[str, tuple[str, str]]:
    """Every spelling of the agencies and outlets of the lexicon → (kind, canonical name)."""
    table: dict[str, tuple[str, str]] = {}
    for kind, rows in (
        ("outlet", load("outlets.yaml")["outlets"]),
        ("agency", load("agencies.yaml")["agencies"]),
    ):
        for row in rows:
            for name in (row["name"], *row.get("other", ())):
                table[key(str(name))] = (kind, str(row["name"]))
    return table


@cache
def carrier(name: str | None) -> tuple[str, str] | None:
    """(kind, canonical name) of an agency or outlet named in running text; None for any other source.

    An agency that no lexicon lists is known by what it calls itself.

    >>> carrier("وكالة رويترز"), carrier("وكالة المنارة للأنباء"), carrier("وزارة الدفاع")
    (('agency', 'رويترز'), ('agency', 'وكالة المنارة للأنباء'), None)
    """
    if not name:
        return None
    if listed := _named().get(key(name)):
        return listed
    unlisted = agency(name)
    return ("agency", unlisted) if unlisted else None


def trace(pages: Sequence[Page], ties: Sequence[Tie]) -> list[Origin]:
    """The origin of each document; pages in order of publication, ties between their numbers.

    >>> pages = [Page("a", [(0, "agency", "رويترز")]), Page("b"), Page("c")]
    >>> [o.origin for o in trace(pages, [Tie(0, 1, .9, .9)])]
    ['رويترز', 'رويترز', None]
    """
    own = [_credited(p) for p in pages]
    before: dict[int, Tie] = {}
    after: dict[int, list[Tie]] = {}
    for tie in ties:
        if tie.is_template:
            continue
        if tie.share_b >= DEPENDS and (tie.b not in before or _rank(tie) > _rank(before[tie.b])):
            before[tie.b] = tie
        if tie.share_a >= DEPENDS:
            after.setdefault(tie.a, []).append(tie)
    found: list[Origin] = []
    for number, page in enumerate(pages):
        credit = own[number]
        if credit and credit.kind == "agency":
            found.append(credit)
            continue
        twin = _later_agency(number, after, own, pages)
        source = before.get(number)
        if source and not (credit and source.share_b < WHOLE):
            root = found[source.a]
            found.append(_copied(page, pages[source.a], source.share_b, root, twin))
        else:
            found.append(twin or credit or _carried(page) or Origin(None, "own", "none", 0.5))
    return found


def _copied(page: Page, source: Page, share: float, root: Origin, twin: Origin | None) -> Origin:
    """The origin of a page that holds the text of an earlier one, whose origin is ``root``.

    An agency behind the earlier text is behind this one too. Else whom the page itself names as the carrier of most
    claims says more than that another outlet had the text before.
    """
    at = f"copy-of:{source.doc_id}"
    # The time says who copied whom; an agency that both have the text from needs no order.
    sure = share * (UNDECIDED if page.when is not None and page.when == source.when else 1.0)
    if root.kind == "agency":
        return Origin(root.origin, root.kind, at, round(share * max(root.score, 0.5), 4))
    named = _carried(page)
    if twin or (named and named.kind == "agency"):
        return twin or named or root
    if root.kind in ("outlet", "document"):
        return Origin(root.origin, root.kind, at, round(sure * max(root.score, 0.5), 4))
    return Origin(source.doc_id, "document", at, round(sure, 4))


def _rank(tie: Tie) -> tuple[float, int]:
    return tie.share_b, -tie.a


def _credited(page: Page) -> Origin | None:
    """The first agency that the page credits, else the first outlet."""
    for wanted, score in (("agency", 0.95), ("outlet", 0.85)):
        for number, kind, canonical in page.credits:
            if kind == wanted:
                return Origin(canonical, kind, f"credit:{number}", score)
    return None


def _later_agency(
    number: int, after: Mapping[int, list[Tie]], own: Sequence[Origin | None], pages: Sequence[Page]
) -> Origin | None:
    """The agency that the closest later twin of the document credits."""
    best: tuple[float, int] | None = None
    for tie in after.get(number, ()):
        credit = own[tie.b]
        if credit and credit.kind == "agency" and tie.share_b >= DEPENDS:
            best = max(best or (0.0, 0), (tie.strength, -tie.b))
    if best is None:
        return None
    twin = -best[1]
    credit = own[twin]
    assert credit is not None
    return Origin(credit.origin, credit.kind, f"twin:{pages[twin].doc_id}", round(best[0] * credit.score, 4))


def _carried(page: Page) -> Origin | None:
    """The agency or outlet that most claims of the page name as their carrier."""
    named = Counter(found for _, name in page.carriers if (found := carrier(name)))
    if not named:
        return None
    (kind, name), count = min(named.items(), key=lambda x: (-x[1], x[0]))
    if count < CARRIED * len(page.carriers):
        return None
    first = next(claim for claim, given in page.carriers if carrier(given) == (kind, name))
    return Origin(name, kind, f"attribution:{first}", round(0.7 * count / len(page.carriers), 4))


def independent(origin: Origin, doc_id: str) -> str:
    """The key under which documents of one origin are one voice.

    >>> independent(Origin("رويترز", "agency", "credit:0", 1.0), "a"), independent(Origin(None, "own", "", 1.0), "a")
    ('agency:رويترز', 'document:a')
    """
    return f"document:{doc_id}" if origin.origin is None else f"{origin.kind}:{origin.origin}"
