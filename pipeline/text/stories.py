"""Stories out of pairs: groups that a chain of background paragraphs cannot fuse, and each document's part."""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

LINKS_COUNTED = 20
"""Documents of a group against which a merger is measured; larger groups ask no more of a newcomer."""


@dataclass(frozen=True)
class Tie:
    """What two documents share: documents a < b (in order of publication), share of each that stands in the other.

    same: share of the shared words that stand there unchanged. front_a, front_b: the shares where words count the
    more the earlier they stand (news comes first, background last); None takes the plain shares.
    matter: 0 for a template whose names and figures were filled in anew, 1 for the same matter; see ``matter``.
    """

    a: int
    b: int
    share_a: float
    share_b: float
    same: float = 1.0
    front_a: float | None = None
    front_b: float | None = None
    matter: float = 1.0

    @property
    def is_template(self) -> bool:
        """True where the documents share a frame rather than news."""
        return self.matter < 0.5

    @property
    def strength(self) -> float:
        """Geometric mean of both shares: a brief inside a long report counts, a shared paragraph hardly."""
        front_a = self.share_a if self.front_a is None else self.front_a
        front_b = self.share_b if self.front_b is None else self.front_b
        return sqrt(front_a * front_b) * self.matter


TEMPLATE_SAME, TEMPLATE_OTHER, TEMPLATE_RAMP = 0.54, 0.44, 0.13
"""Share of common fillers up to which two texts of one outlet (of two outlets) are one template, and the width of
the stretch above in which they may be. Read off 1,060 articles with their names found: match reports, market
reports, cables to different heads of state stand below, nearly all pairs of one story above 0.6."""


def matter(fillers: float, same_outlet: bool) -> float:
    """How far two texts are about one matter, from the share of their names and figures that is common.

    >>> matter(0.52, same_outlet=True), matter(0.52, same_outlet=False) > 0.5, matter(0.7, same_outlet=True)
    (0.0, True, 1.0)
    """
    low = TEMPLATE_SAME if same_outlet else TEMPLATE_OTHER
    return min(1.0, max(0.0, (fillers - low) / TEMPLATE_RAMP))


def cluster(n: int, ties: Sequence[Tie], floor: float) -> list[int]:
    """Group number of each of n documents: the number of its earliest member.

    Agglomerative with average linkage over ties, so that two stories bridged by one document stay apart. A missing
    tie counts 0, but at most LINKS_COUNTED² ties are asked for: not every pair of a large story was compared.

    >>> chain = [Tie(0, 1, .9, .9), Tie(1, 2, .9, .9), Tie(0, 2, .8, .8), Tie(2, 3, .2, .2), Tie(3, 4, 1, 1)]
    >>> cluster(5, chain, 0.3)
    [0, 0, 0, 3, 3]
    """
    near: list[dict[int, tuple[float, int]]] = [{} for _ in range(n)]
    for tie in ties:
        near[tie.a][tie.b] = near[tie.b][tie.a] = (tie.strength, 1)
    size = [1] * n
    parent = list(range(n))

    def linkage(x: int, y: int) -> float:
        total, count = near[x][y]
        return total / max(count, min(size[x], LINKS_COUNTED) * min(size[y], LINKS_COUNTED))

    heap = [(-linkage(x, y), x, y) for x in range(n) for y in near[x] if x < y]
    heapq.heapify(heap)
    while heap:
        score, x, y = heapq.heappop(heap)
        if -score < floor:
            break
        if parent[x] != x or parent[y] != y or abs(linkage(x, y) + score) > 1e-12:
            continue
        parent[y] = x
        size[x] += size[y]
        for z, (total, count) in near[y].items():
            del near[z][y]
            if z != x:
                held = near[x].get(z, (0.0, 0))
                near[x][z] = near[z][x] = (held[0] + total, held[1] + count)
        near[y] = {}
        for z in near[x]:
            heapq.heappush(heap, (-linkage(x, z), min(x, z), max(x, z)))

    def root(x: int) -> int:
        while parent[x] != x:
            x = parent[x]
        return x

    return [root(x) for x in range(n)]


def story_id(origin_doc_id: str) -> str:
    """Stable identifier of the story that a document begins.

    >>> story_id("d1") == story_id("d1"), len(story_id("d1"))
    (True, 17)
    """
    return "s" + hashlib.sha256(f"story:{origin_doc_id}".encode()).hexdigest()[:16]


COPY_SHARE = 0.7
"""A document is a copy where one earlier document holds this share of it…"""
COPY_SAME = 0.8
"""… and this share of the common words stands there unchanged."""


def roles(groups: Sequence[int], ties: Sequence[Tie]) -> list[tuple[str, int | None, float]]:
    """(role, the earlier document it depends on most or None, share of it that stands there) of each document.

    >>> roles([0, 0, 0, 3], [Tie(0, 1, .9, .95), Tie(0, 2, .3, .5, .4)])
    [('origin', None, 0.0), ('copy', 0, 0.95), ('rewrite', 0, 0.5), ('single', None, 0.0)]
    """
    members: Mapping[int, list[int]] = defaultdict(list)
    for doc, group in enumerate(groups):
        members[group].append(doc)
    best: dict[int, Tie] = {}
    for tie in ties:
        if groups[tie.a] == groups[tie.b] and (
            tie.b not in best or (tie.share_b, -tie.a) > (best[tie.b].share_b, -best[tie.b].a)
        ):
            best[tie.b] = tie
    found: list[tuple[str, int | None, float]] = []
    for doc, group in enumerate(groups):
        source = best.get(doc)
        if len(members[group]) == 1:
            found.append(("single", None, 0.0))
        elif doc == group or source is None:
            found.append(("origin" if doc == group else "rewrite", None, 0.0))
        elif source.share_b >= COPY_SHARE and source.same >= COPY_SAME:
            found.append(("copy", source.a, source.share_b))
        else:
            found.append(("rewrite", source.a, source.share_b))
    return found
