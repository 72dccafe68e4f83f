"""Edits of sources: where a run of words names one, and what shows that it was really dropped or added.

The words that were said must stay, and nobody else may say them in the other text: a source named otherwise, another
verb of saying in its place, or a quotation that goes on, leaves the reader with a source.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from pipeline.text.edit_kinds import Naming, cores, passes_on, speaks
from pipeline.text.edit_sides import Side
from pipeline.text.similarity import stop_keys
from pipeline.text.units import Unit, word_class

MAX_SOURCE = 12
"""Longest naming of a source, in units; a longer run took the words themselves along."""
MAX_TAKEN = 1
"""Telling words behind a source that may be in its run: with more of them the run says something itself."""
MAX_SAID = 3
"""Telling words that may go along with a source: more of them are a sentence left out, not a source."""
STAYS, LOOKED_AT, FAR = 2, 5, 12
"""Of so many telling units beside a source, the words that it said, how many must stand in the other text, how near."""


def naming_of_source(run: Sequence[Unit], namings: Sequence[Naming]) -> int | None:
    """Index in the run where the naming of a source begins; None where the run holds none.

    A phrase with وفق, a verb of passing on with a noun for a source, or a cue that the claims layer
    found with its source: a cue alone (قال, نفى) names nobody.
    """
    forms = [u.form for u in run]
    if "الله" in forms[:3]:
        return None  # what scripture says has no source that a text could drop
    for i, folded in enumerate(forms[:3]):
        if len(forms) - i > MAX_SOURCE:
            continue
        if folded == "كما" and speaks(run[i + 1 : i + 2]) and _names_source(run[i + 2 :]):
            return i
        begin, end = run[i].start, run[i].end
        known = [n for n in namings if begin <= n.cue_start < end]
        if known and not any(run[0].start <= n.start and n.end <= run[-1].end for n in known):
            return None  # words of the source stay: it is named in another way
        if folded == "علي" and forms[i + 1 : i + 2] == ["حد"]:
            return i  # على حد قول فلان
        if folded in word_class("attribution_prepositions"):
            if known or _names_source(run[i + 1 :]):
                return i
        elif known:
            close = max(max(n.end, n.cue_end) for n in known)
            if sum(u.start >= close and u.key not in stop_keys() for u in run) <= MAX_TAKEN:
                return i
        elif (
            folded in word_class("relay_verbs")
            and any(_is_source(f) for f in forms[i + 1 : i + 4])
            and sum(u.key not in stop_keys() for u in run[i + 4 :]) <= MAX_TAKEN
        ):
            return i
    return None


def closes_sentence(run: Sequence[Unit]) -> bool:
    """True for a naming that stands behind what was said: كما أفادت, على حد قول."""
    return run[0].form in ("كما", "علي")


def says_again(after: Sequence[Unit]) -> bool:
    """True where قائلا or its like follows, so that what comes is told as said all the same."""
    return bool(after) and after[0].form in word_class("saying")


def _names_source(rest: Sequence[Unit]) -> bool:
    """True where what follows وفق is a source (the police, a name, a title in quotes, what somebody said), not a plan."""
    for u in rest[:2]:
        if u.name or u.quoted or _is_source(u.form) or speaks([u]):
            return True
        if u.form not in ("ما", "ل", "عن", "الي", "لما") and not speaks([u]):
            return False
    return False


def source_keys(run: Sequence[Unit]) -> frozenset[str]:
    """Keys of the words that tell a source in a run from others: no function words, no cues, no وكالة or مصدر."""
    plain = stop_keys()
    return frozenset(
        u.key
        for u in run
        if u.key not in plain
        and not _is_source(u.form)
        and not set(cores(u.form)) & (word_class("relay_verbs") | word_class("attribution_prepositions"))
    )


def _is_source(folded: str) -> bool:
    nouns = word_class("source_nouns")
    return any(c in nouns for c in cores(folded))


def kept_source(
    side: Side, begin: int, lo: int, hi: int, stop: int, other: Side, at: int, instead: int
) -> bool:
    """True where the source in units [lo, hi), which ``other`` has not at ``at``, is no source dropped or added.

    begin: of the run, whose words before the source say something else. stop: end of all units that only this side has
    there. instead: where the words begin that stand there over in ``other``. The other side names it elsewhere, somebody says the words
    there too, or what was said went along with its source.
    """
    run = side.units[lo:hi]
    named = source_keys(run)
    if named and named <= other.keys:
        return True
    after = closes_sentence(run) or run[0].form in word_class("attribution_prepositions")
    first = [u for u in side.units[begin:lo] if u.key not in stop_keys()]
    if not after and not all(_is_source(u.form) or speaks([u]) for u in first):
        return True
    own_words = closes_sentence(run) or passes_on(run[0].form)
    if not own_words and speaks(other.sentence(at)):
        return True
    if not after and sum(u.key not in stop_keys() for u in side.units[hi:stop]) > MAX_SAID:
        return True
    if after and any(u.form in word_class("attribution_prepositions") for u in other.around(at, at)):
        return True
    if says_again(side.units[hi : hi + 1]) or _inside_quotation(other, at):
        return True
    return (not after and _inside_clause(side, lo, other, instead)) or not _said_stays(side, lo, hi, at)


def _inside_clause(side: Side, lo: int, other: Side, at: int) -> bool:
    """True where a source opens its clause, and over there other words come before: قال فلان إن … is no … في …"""
    if not side.units[lo].broken or not 0 < at < len(other.units) or other.units[at].broken:
        return False
    alone = [n for n in range(max(0, at - LOOKED_AT), at) if n not in other.aligned]
    return at - 1 in alone and not any(
        other.units[n].form in word_class("attribution_prepositions") for n in alone
    )


def _inside_quotation(side: Side, at: int) -> bool:
    """True where a quotation goes on over place ``at``: whoever speaks in it still speaks."""
    return (
        0 < at < len(side.units)
        and side.units[at - 1].quoted
        and side.units[at].quoted
        and not side.units[at].broken
    )


def _said_stays(side: Side, lo: int, hi: int, at: int) -> bool:
    """True where telling words behind the source, or before it, stand in the other text as well, near place ``at``."""
    telling = [n for n, u in enumerate(side.units) if u.key not in stop_keys() and not lo <= n < hi]
    split = bisect_left(telling, lo)
    behind, before = telling[split : split + LOOKED_AT], telling[max(0, split - LOOKED_AT) : split]
    return any(
        sum(n in side.aligned and abs(side.aligned[n] - at) <= FAR for n in row) >= STAYS
        for row in (behind, before)
    )
