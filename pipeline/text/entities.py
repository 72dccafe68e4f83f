"""The entities of a night: names, aliases and counts, and which short or misspelt names stand for a fuller one.

An identifier never depends on the night (see ``name_keys``); what the night shows beyond spelling is a link from one
entity to another, with its evidence. Candidates come from blocking, so the work grows with the mentions: a full name
is looked up under the short forms that it may take, a spelling under the consonants that begin its words (Christen,
Data Matching, 2012, ch. 4). A link needs what the texts share: a title, or other names that are rare in the night.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from pipeline.text import coreference, name_keys, names

_RARE = 50  # documents; a name in more of them says nothing about what a text is about
_SHARED = 2  # other names that two texts must have in common
_MASS = (
    9.0  # sum of their log(documents / documents with the name): e.g. two names each in one text of a hundred
)
_TITLE = 2  # words from which a title says who someone is (وزير الخارجية, not الوزير)
_ALONE = (
    5  # times as many texts as all others of the family together: from then on a bare name may mean this one
)
_CLASSES = frozenset(  # nouns that a name goes without as well: الخارجية السعودية, طالبان, فتح
    {"وزاره", "حركه", "حزب", "جماعه", "تنظيم", "صحيفه", "مجله", "قناه", "موقع", "شركه", "منظمه", "نادي"}
)
_FAMILY = 40  # people of one family name among whom a bare one is still looked for
_BLOCK = 12  # neighbours in a block of near spellings that a name is compared with
_LINKS = frozenset({"بن", "ال", "ابو", "ولد", "فان", "دي", "بنت"})


class Mention(NamedTuple):
    """One name in a text: half-open offsets, PER, ORG, LOC with its entity, or TITLE with none."""

    doc_id: str
    start: int
    end: int
    text: str
    type: str
    entity_id: str | None


class Link(NamedTuple):
    """The fuller entity, and what says so, such as ``title:رييس سوري`` or ``names:3``."""

    target: str
    evidence: str


class Entity:
    """What a night says of one entity; filled by ``gather``."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.forms: Counter[str] = Counter()
        self.docs: dict[str, Counter[str]] = {}
        self.name = ""
        self.words: list[str] = []

    def settle(self, entity_id: str) -> None:
        """Choose the canonical name: the fullest one of most texts, counted by mentions, among those with this id."""
        votes: Counter[str] = Counter()
        for forms in self.docs.values():
            own = [f for f in forms if name_keys.entity_id(self.kind, f) == entity_id] or list(forms)
            best = min(own, key=lambda f: (-len(names.fold_words(f)), -forms[f], -len(f), f))
            votes[best] += sum(forms.values())
        self.name = min(votes, key=lambda f: (-votes[f], -len(f), f))
        self.words = names.fold_words(self.name)


def gather(mentions: Iterable[Mention]) -> tuple[dict[str, Entity], dict[tuple[str, str], set[str]]]:
    """Return the entities by id, in order of id, and the titles beside the names by (document, entity)."""
    by_doc: dict[str, list[Mention]] = defaultdict(list)
    found: dict[str, Entity] = {}
    for m in mentions:
        if m.type in ("PER", "TITLE"):
            by_doc[m.doc_id].append(m)
        if m.entity_id is None:
            continue
        entity = found.setdefault(m.entity_id, Entity(m.type))
        form = names.surface(m.text)
        entity.forms[form] += 1
        entity.docs.setdefault(m.doc_id, Counter())[form] += 1
    for entity_id, entity in found.items():
        entity.settle(entity_id)
    return {e: found[e] for e in sorted(found)}, _titles(by_doc)


def _titles(by_doc: Mapping[str, list[Mention]]) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for doc_id, row in by_doc.items():
        row.sort(key=lambda m: (m.start, m.end))
        for a, b in pairwise(row):
            person, title = (a, b) if a.entity_id else (b, a)
            if title.type == "TITLE" and person.entity_id and b.start - a.end <= 3:
                words = names.fold_words(title.text)
                if len(words) >= _TITLE:
                    found[doc_id, person.entity_id].add(" ".join(words))
    return dict(found)


class Night:
    """The entities of a night with what is needed to compare the texts that name them."""

    def __init__(
        self, entities: Mapping[str, Entity], titles: Mapping[tuple[str, str], set[str]] | None = None
    ) -> None:
        self.entities, self.titles = entities, titles or {}
        self.in_doc: dict[str, list[str]] = defaultdict(list)
        for entity_id, entity in entities.items():
            for doc_id in entity.docs:
                self.in_doc[doc_id].append(entity_id)
        self.links: dict[str, Link] = {}
        self.borne: dict[str, set[str]] = defaultdict(set)
        for (_, entity_id), found in self.titles.items():
            self.borne[entity_id] |= found

    def root(self, entity_id: str) -> str:
        """The end of the links from an entity; links go from shorter or rarer names to others, so there is an end."""
        while entity_id in self.links:
            entity_id = self.links[entity_id].target
        return entity_id

    def alone(self, entity_id: str, family: Sequence[str]) -> bool:
        """Whether the night hardly knows another one of the ``family`` (بشار الأسد, not one of two Clintons)."""
        me = self.root(entity_id)
        texts = {e: len(self.entities[e].docs) for e in family}
        mine = sum(n for e, n in texts.items() if self.root(e) == me)
        return mine >= _ALONE * (sum(texts.values()) - mine)

    def near(self, doc_id: str, besides: str) -> dict[str, tuple[float, int]]:
        """Documents that share rare names with this one: (sum of log(N / documents with the name), names)."""
        found: dict[str, tuple[float, int]] = {}
        for other in self.in_doc[doc_id]:
            docs = self.entities[other].docs
            if other == besides or len(docs) > _RARE:
                continue
            weight = math.log(len(self.in_doc) / len(docs))
            for d in docs:
                mass, n = found.get(d, (0.0, 0))
                found[d] = mass + weight, n + 1
        return {d: v for d, v in found.items() if v[1] >= _SHARED and v[0] >= _MASS and d != doc_id}

    def evidence(self, doc_id: str, short: str, full: Sequence[str]) -> dict[str, str]:
        """Which of the ``full`` entities the name ``short`` stands for in this document, each with what says so."""
        found: dict[str, str] = {}
        mine = self.titles.get((doc_id, short), set())
        near = self.near(doc_id, short) if len(self.entities[short].docs) <= _RARE else {}
        for entity_id in full:
            docs = self.entities[entity_id].docs
            if doc_id in docs:
                continue  # both names in one text: the text itself has been asked
            same = mine & self.borne.get(entity_id, set())
            shared = max((v[1] for d, v in near.items() if d in docs), default=0)
            if same:
                found[entity_id] = f"title:{min(same)}"
            elif shared:
                found[entity_id] = f"names:{shared}"
        return found


def link(night: Night) -> dict[str, Link]:
    """Return entity → the fuller or commoner name that it stands for, where the evidence leaves no doubt."""
    for short, full in _shortened(night):
        votes: list[str] = []
        first: dict[str, str] = {}
        for doc_id in sorted(night.entities[short].docs):
            seen = night.evidence(doc_id, short, full)
            seen = {e: s for e, s in seen.items() if s.startswith("title:") or night.alone(e, full)}
            roots = {night.root(e) for e in seen} - {short}
            votes += roots
            for e in sorted(seen):
                first.setdefault(night.root(e), seen[e])
        if len(set(votes)) == 1 and 2 * len(votes) >= len(night.entities[short].docs):
            night.links[short] = Link(votes[0], first[votes[0]])
    for one, other in _respelt(night):
        if night.root(one) != night.root(other) and one not in night.links:
            proofs = (night.evidence(d, one, [other]) for d in sorted(night.entities[one].docs))
            if proof := next((p[other] for p in proofs if p), None):
                night.links[one] = Link(other, f"spelling, {proof}")
    return {e: Link(night.root(e), made.evidence) for e, made in sorted(night.links.items())}


def short_forms(words: Sequence[str]) -> list[str]:
    """Return the short forms under which a person's full name (folded words) may be met.

    >>> short_forms(["سامي", "نبيل", "حداد"]), short_forms(["سامي", "بن", "نبيل", "بن", "حداد"])
    (['حداد', 'سامي حداد'], ['سامي بن نبيل', 'حداد', 'سامي حداد', 'بن حداد'])
    """
    if len(words) < 2:
        return []
    found = [" ".join(words[:3])] if len(words) > 3 and words[1] == "بن" else []
    found.append(words[-1])
    if len(words) > 2:
        found.append(f"{words[0]} {words[-1]}")
        if words[-2] in _LINKS:
            found.append(" ".join(words[-2:]))
    return found


def _shortened(night: Night) -> list[tuple[str, list[str]]]:
    """Entities that may be short for others, the longest first, so that links are found from the full end."""
    found: dict[str, list[str]] = defaultdict(list)
    for entity_id, entity in night.entities.items():
        shorts = short_forms(entity.words) if entity.kind == "PER" else _headless(entity)
        for short in shorts:
            number = name_keys.entity_id(entity.kind, short)
            if number != entity_id and number in night.entities and not names.is_given(short):
                found[number].append(entity_id)
    order = sorted(found, key=lambda e: (-len(night.entities[e].words), e))
    return [(e, sorted(set(found[e]))) for e in order if len(found[e]) <= _FAMILY]


def _headless(entity: Entity) -> list[str]:
    """An organisation without the noun that says what it is: الخارجية السعودية for وزارة الخارجية السعودية."""
    words = entity.words
    return [" ".join(words[1:])] if entity.kind == "ORG" and len(words) > 1 and words[0] in _CLASSES else []


def _respelt(night: Night) -> list[tuple[str, str]]:
    """Pairs of names of two words or more that may be two spellings of one: (the rarer, the commoner)."""
    blocks: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for entity_id, entity in night.entities.items():
        if len(entity.words) > 1:
            blocks[entity.kind, name_keys.onset(entity.words[0]), name_keys.onset(entity.words[-1])].append(
                entity_id
            )
    pairs = []
    for block in blocks.values():
        order = sorted(block, key=lambda e: (night.entities[e].words, e))
        for i, a in enumerate(order):
            for b in order[i + 1 : i + _BLOCK]:
                one, other = night.entities[a], night.entities[b]
                if (
                    coreference.same_spelling(one.words, other.words)
                    and not one.docs.keys() & other.docs.keys()
                ):
                    rarer = min((a, b), key=lambda e: (len(night.entities[e].docs), e))
                    pairs.append((rarer, b if rarer == a else a))
    return sorted(pairs)


def rows(mentions: Iterable[Mention], published: Mapping[str, dt.datetime | None]) -> list[dict[str, Any]]:
    """Return the rows of the table ``entities`` for the mentions of a night and the publication times of its texts."""
    entities, titles = gather(mentions)
    links = link(Night(entities, titles))
    found = []
    for entity_id, entity in entities.items():
        dates = [when for d in entity.docs if (when := published.get(d)) is not None]
        target = links.get(entity_id)
        found.append({
            "entity_id": entity_id, "name": entity.name, "type": entity.kind,
            "aliases": sorted(set(entity.forms) - {entity.name}), "latin": names.transliterate(entity.name),
            "n_docs": len(entity.docs), "n_mentions": sum(entity.forms.values()),
            "first_seen": min(dates) if dates else None,
            "same_as": target.target if target else None, "same_as_evidence": target.evidence if target else None,
        })  # fmt: skip
    return found
