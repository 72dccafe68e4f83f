"""When something was said: the time expression in the cue's own phrase."""

from __future__ import annotations

import re

from pipeline.text.claims_frame import Frame
from pipeline.text.claims_words import weekdays
from pipeline.text.cues import Hit
from pipeline.text.normalise import fold

_DAY = "|".join(sorted(weekdays()))
_MONTH = (
    "يناير|فبراير|مارس|ابريل|مايو|يونيو|يوليو|اغسطس|سبتمبر|اكتوبر|نوفمبر|ديسمبر|كانون الثاني|شباط|اذار|نيسان|ايار|"
    "حزيران|تموز|اب|ايلول|تشرين الاول|تشرين الثاني|كانون الاول"
)
_TIME = re.compile(
    rf"(?:في وقت (?:سابق|لاحق)|(?:في )?(?:مساء|صباح|ظهر|فجر) (?:اليوم|امس|{_DAY})|(?:اليوم|امس)(?: الاول)?(?:[ ،]{{1,2}}(?:{_DAY}))?|"
    rf"(?:يوم )?(?:{_DAY})(?: الماضي| المقبل)?|(?:في )?(?:\d{{1,2}} )?(?:{_MONTH})(?:/(?:{_MONTH}))?(?: \([^()]{{2,12}}\))?"
    rf"(?: الماضي| السابق| \d{{4}})?|في (?:الاشهر|الايام|الاسابيع|السنوات|الاونة) (?:الماضية|الاخيرة)|الشهر الماضي|العام الماضي|الاسبوع الماضي)"
    r"(?!\w)"
)


def said_at(frame: Frame, hit: Hit, field_end: int) -> str | None:
    """The time expression between cue and content, else just before the cue at the sentence's head, as written."""
    words = frame.words
    spans = []
    if field_end > hit.last:
        spans.append((words[hit.last].start, words[field_end - 1].end))
    if 0 < hit.first <= 8 and frame.quote(0) < 0:
        spans.append((words[0].start, words[hit.first].start))
    for start, end in spans:
        found = _TIME.search(fold(frame.text[start:end]))
        if found and (start + found.start() == start or frame.text[start + found.start() - 1] in " ،(\u00a0"):
            return frame.text[start + found.start() : start + found.end()]
    return None
