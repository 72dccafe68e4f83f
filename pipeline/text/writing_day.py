"""On which weekday a text was written, as its own words tell: «اليوم الثلاثاء», «أمس الاثنين», «غداً الأربعاء».

An undated page can so be placed before or after a dated one that tells the same story.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from pipeline.text.dates_grammar import calendar, words
from pipeline.text.normalise import fold_map


@cache
def _said() -> re.Pattern[str]:
    days = rf"(?P<day>{words('days').pattern})"
    return re.compile(rf"(?<!\w){days}[ ،,(]{{1,3}}(?P<weekday>{calendar('weekdays').pattern})")


def writing_weekday(text: str, spans: Sequence[tuple[int, int]]) -> int | None:
    """The weekday (Monday 0) on which the ``spans`` of a text say they were written; None where they say nothing,
    or different things.

    >>> text = "بدأت العملية اليوم الثلاثاء، وستنتهي غداً الأربعاء"
    >>> writing_weekday(text, [(0, len(text))])
    1
    >>> writing_weekday("وصل أمس الاثنين", [(0, 15)]), writing_weekday("يوم الثلاثاء المقبل", [(0, 19)])
    (1, None)
    >>> writing_weekday("قال أول من أمس (الأحد)", [(0, 22)])
    1
    """
    found = set()
    for start, end in spans:
        for match in _said().finditer(fold_map(text[start:end])[0]):
            weekday, offset = calendar("weekdays").value(match["weekday"]), words("days").value(match["day"])
            found.add((int(weekday) - int(offset)) % 7)
    return found.pop() if len(found) == 1 else None


def nearest(weekday: int, when: datetime) -> datetime:
    """The moment within three days of ``when`` that falls on ``weekday``.

    >>> nearest(1, datetime(2023, 9, 20)).isoformat()  # a Wednesday; the Tuesday before it
    '2023-09-19T00:00:00'
    """
    return when + timedelta(days=(weekday - when.weekday() + 3) % 7 - 3)
