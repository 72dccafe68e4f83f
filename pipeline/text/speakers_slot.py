"""Names in the slot of a speaker that tagger or recogniser misread: a given name taken for a verb, بـ in a family name, a colon."""

from __future__ import annotations

from pipeline.text.claims_frame import PUNCTUATION, Frame
from pipeline.text.claims_words import an_marker, bare
from pipeline.text.speakers_words import titles


def behind_colon(frame: Frame, first: int, colon: int) -> int | None:
    """End of the name that a colon sets off from its title, right before the next cue: تحدث رئيس القسم: [سامي بن علي حداد]
    قائلا — not: قال رئيس القسم: سامي حداد غائب."""
    if bare(frame.key(first)) not in titles():
        return None
    told = next((j for j in range(colon + 2, min(colon + 7, len(frame.words))) if j in frame.hit_at), None)
    if told is None or frame.hit_at[told].entry.kind not in {"hal", "verb"} or frame.opens(colon + 1):
        return None
    name = frame.name_at(frame.words[colon + 1].start)
    known = name is not None and name.type == "PER" and name.end == frame.words[told - 1].end
    linked = any(frame.key(j) == "بن" for j in range(colon + 2, told - 1))
    plain = not any(frame.key(j) in PUNCTUATION for j in range(colon + 1, told))
    return told if plain and (known or linked) else None


def given(frame: Frame, first: int, k: int) -> bool:
    """Whether word k, which the tagger takes for a verb, is the given name between a title and a known family name that
    closes the subject: الأمين العام للحلف [ينس] حداد إن — not: المدير يزور حداد اليوم."""
    if bare(frame.key(first)) not in titles() or k + 1 >= len(frame.words) or k in frame.hit_at:
        return False
    name = frame.name_at(frame.words[k + 1].start)
    if name is None or name.type != "PER" or " " in frame.text[name.start : name.end]:
        return False
    return k - first > 1 and (frame.key(k + 2) in {"،", ","} or an_marker(frame.key(k + 2)) is not None)


def surname(frame: Frame, k: int) -> bool:
    """Whether ب at the head of word k, behind a known given name, is its own: سامي بيدار، الناطق — not: سامي حداد بلندن."""
    proper = frame.words[k].upos in {"PROPN", "X"} and not any(
        n.start == frame.words[k].start + 1 for n in frame.names
    )
    return proper and (frame.key(k + 1) in {"،", ","} or an_marker(frame.key(k + 1)) is not None)
