"""On which weekday a text was written, as its own words tell: «اليوم الثلاثاء», «أمس الاثنين», «غداً الأربعاء».

An undated page can so be placed before or after a dated one that tells the same story.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from pipeline.text.normalise import fold_map

# Monday is 0, as in datetime.weekday().
_DAYS = {"الاثنين": 0, "الثلاثاء": 1, "الاربعاء": 2, "الخميس": 3, "الجمعة": 4, "السبت": 5, "الاحد": 6}
# Days from the day named to the day of writing.
_OFFSETS = {"اليوم": 0, "امس": 1, "غدا": -1}
_SAID = re.compile(rf"(?<!\w)({'|'.join(_OFFSETS)})[ ،,]{{1,2}}({'|'.join(_DAYS)})(?!\w)")


def writing_weekday(text: str, spans: Sequence[tuple[int, int]]) -> int | None:
    """The weekday (Monday 0) on which the ``spans`` of a text say they were written; None where they say nothing,
    or different things.

    >>> text = "بدأت العملية اليوم الثلاثاء، وستنتهي غداً الأربعاء"
    >>> writing_weekday(text, [(0, len(text))])
    1
    >>> writing_weekday("وصل أمس الاثنين", [(0, 15)]), writing_weekday("يوم الثلاثاء المقبل", [(0, 19)])
    (1, None)
    """
    found = set()
    for start, end in spans:
        for match in _SAID.finditer(fold_map(text[start:end])[0]):
            found.add((_DAYS[match[2]] + _OFFSETS[match[1]]) % 7)
    return found.pop() if len(found) == 1 else None


def nearest(weekday: int, when: datetime) -> datetime:
    """The moment within three days of ``when`` that falls on ``weekday``.

    >>> nearest(1, datetime(2023, 9, 20)).isoformat()  # a Wednesday; the Tuesday before it
    '2023-09-19T00:00:00'
    """
    return when + timedelta(days=(weekday - when.weekday() + 3) % 7 - 3)
