"""Further spans beside names: dates and quantities. What overlaps a name (جامعة 6 أكتوبر) is part of the name, and no span of its own."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from typing import Literal

from pipeline.text import quantities
from pipeline.text.dates_text import expressions

Kind = Literal["DATE", "QUANTITY"]


def find(
    line: str, names: Sequence[tuple[int, int]] = (), kinds: Container[Kind] = ("DATE", "QUANTITY")
) -> list[tuple[int, int, Kind]]:
    """Return (start, end, kind) of the dates and quantities of one sentence, in order, without overlap.

    ``names`` are spans in the same sentence that nothing may overlap. A date wins over a quantity (قبل 3 أيام).

    >>> line = "خسر التاجر سبت 20 ألف دولار في 3 مارس الماضي قبل يومين"
    >>> [(line[a:b], kind) for a, b, kind in find(line, names=[(4, 14)])]
    [('20 ألف دولار', 'QUANTITY'), ('3 مارس الماضي', 'DATE'), ('قبل يومين', 'DATE')]
    """
    taken = bytearray(len(line))
    out: list[tuple[int, int, Kind]] = []

    def take(found: Iterable[tuple[int, int]], kind: Kind) -> None:
        for start, end in found:
            if taken.find(1, start, end) < 0:
                taken[start:end] = b"\1" * (end - start)
                out.append((start, end, kind))

    for start, end in names:
        taken[start:end] = b"\1" * (end - start)
    if "DATE" in kinds:
        take(((e.start, e.end) for e in expressions(line)), "DATE")
    if "QUANTITY" in kinds:
        take(quantities.find(line), "QUANTITY")
    return sorted(out)
