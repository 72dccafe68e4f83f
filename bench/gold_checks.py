"""Checks of gold annotation: spans in bounds, kinds as the quotation marks say, chains that end with the speaker.

The rules are those of shared/gold/GUIDELINE.md ("Checks"). Without the article's text only the structure is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

KEPT = ("title", "lead", "body")
SECTIONS = ("headline", "summary", "body")
STANCES = ("neutral", "assert", "doubt", "deny", "ask", "order")

Json = dict[str, Any]
Span = tuple[int, int]


def span(node: Json) -> Span:
    return node["start"], node["end"]


def letters(spans: Iterable[Span], text: str) -> set[int]:
    """Positions of letters and digits under the spans; without a text, all positions."""
    return {i for start, end in spans for i in range(start, end) if not text or text[i : i + 1].isalnum()}


def kind_of(claim: Json, text: str) -> str:
    """The mechanical kind: direct where the quoted stretches cover the content, indirect where there are none."""
    quoted = letters(map(span, claim["quoted"]), text)
    content = letters(map(span, claim["content"]), text)
    return "indirect" if not quoted else "direct" if quoted >= content else "mixed"


def claim_faults(claim: Json, sentences: list[Span], text: str) -> Iterator[str]:
    """What is wrong with one claim: spans outside its sentence, a kind that the quotation marks deny, an open chain."""
    start, end = span(claim["sentence"])
    if start not in {s for s, _ in sentences} or end not in {e for _, e in sentences}:
        yield "its sentence is none of the document's"
    for name in ("cue", "content", "quoted"):
        if any(not start <= s < e <= end for s, e in map(span, claim[name])):
            yield f"{name} outside the sentence"
    if not (claim["cue"] and claim["content"]):
        yield "no cue or no content"
    if claim["kind"] != kind_of(claim, text):
        yield f"kind {claim['kind']}, but the quoted spans make it {kind_of(claim, text)}"
    if claim["stance"] not in STANCES or claim["section"] not in SECTIONS:
        yield "unknown stance or section"
    speaker, last = claim["speaker"], claim["chain"][-1]
    if (
        span(last) != span(speaker)
        or last["canonical"] != speaker["canonical"]
        or last["relation"] != "speaker"
    ):
        yield "the chain does not end with the speaker"
    if (speaker["start"] is None) != (speaker["mention"] in ("elided", "implicit")):
        yield "speaker span and kind of mention disagree"
    if any(layer["relation"] != "relay" for layer in claim["chain"][:-1]):
        yield "an outer layer that is no relay"


def faults(ann: Json, text: str = "") -> list[str]:
    """What is wrong with one annotation; with `text`, also what only the characters show. Empty when sound."""
    out: list[str] = []
    lines, sentences = (
        [(*span(line), line["kind"]) for line in ann["lines"]],
        [(s, e) for s, e in ann["sentences"]],
    )
    kept = [(s, e) for s, e, kind in lines if kind in KEPT]
    limit = len(text) or max(e for _, e, _ in lines) + 1
    groups = {
        "lines": [(s, e) for s, e, _ in lines],
        "sentences": sentences,
        "mentions": [span(m) for m in ann["mentions"]],
    }
    for name, spans in groups.items():
        if any(not 0 <= s < e <= limit for s, e in spans) or any(e > t for (_, e), (t, _) in pairwise(spans)):
            out.append(f"{name}: out of bounds, out of order or overlapping")
        if text and any(text[s:e] != text[s:e].strip() for s, e in spans):
            out.append(f"{name}: white space at an edge")
        if name != "lines" and any(not any(a <= s and e <= b for a, b in kept) for s, e in spans):
            out.append(f"{name}: outside title, lead and body")
    if {m["type"] for m in ann["mentions"]} - {"PER", "ORG", "LOC"}:
        out.append("mentions: unknown type")
    if text and letters(kept, text) != letters(sentences, text):
        out.append("sentences: they do not cover the kept lines")
    for claim in ann["claims"]:
        out += [f"{claim['claim_id']}: {fault}" for fault in claim_faults(claim, sentences, text)]
    return out


def holds_text(node: Any) -> bool:
    """Whether an annotation holds article text: a `text` field, or a name longer than any name is."""
    if isinstance(node, list):
        return any(map(holds_text, node))
    if not isinstance(node, dict):
        return False
    return "text" in node or len(node.get("canonical") or "") > 90 or any(map(holds_text, node.values()))
