"""Build the frames of a short text by hand: one line, sentences at full stops outside quotations, names by string."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pipeline.text.claims_frame import Frame, Name
from pipeline.text.claims_words import Tags, words_of
from pipeline.text.quotes import pair


def frames(
    text: str, names: Sequence[tuple[str, str]] = (), section: str = "body", verbs: Sequence[str] = ()
) -> list[Frame]:
    """Frames of ``text``; every occurrence of a string in ``names`` (text, type) is a name of that canonical form, every
    word of ``verbs`` a verb to the tagger (without them there is no parse)."""
    found = sorted(m.span() for verb in verbs for m in re.finditer(rf"\b{re.escape(verb)}\b", text))
    tags = Tags([s for s, _ in found], [e for _, e in found], ["VERB"] * len(found))
    quotes = pair(text)
    ends = [
        m.end()
        for m in re.finditer(r"[.!؟](?=\s|$)", text)
        if not any(q.start < m.start() < q.end - 1 for q in quotes)
    ]
    bounds = [0, *ends] if not ends or ends[-1] == len(text) else [0, *ends, len(text)]
    if len(bounds) == 1:
        bounds.append(len(text))
    out = []
    for number, (after, end) in enumerate(pairwise(bounds)):
        start = after + len(text[after:end]) - len(text[after:end].lstrip())
        named = [
            Name(m.start(), m.end(), kind, name)
            for name, kind in names
            for m in re.finditer(re.escape(name), text)
            if start <= m.start() and m.end() <= end
        ]
        named.sort(key=lambda n: n.start)
        words = words_of(text, start, end, quotes, tags)
        out.append(Frame(number, section, 0, start, end, text, words, quotes, named))
    return out
