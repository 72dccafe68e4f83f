"""A night of real articles with planted copies, and what is true of it: python bench/night.py --out DIR [--part final]

Sources of planted copies are articles without kin in the corpora (hardly a common run of four words with any other),
so what is planted is known to be all there is; reprints among the real articles themselves are not judged. The
sources and the bulletins of part ``final`` are others than those of ``tune``. Writes ``night.jsonl`` (records as an
outlet delivers them) and ``truth.json``; the same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import news
import numpy as np
from night_edits import PLANTERS, TAIL, house_style, reword, turn
from night_text import Planted, Sentence, parse, put, render, words

NUMBERS = ("٠١٢٣٤٥٦٧٨٩", "0123456789")
JUDGED = ("number", "date", "polarity", "attribution_dropped")


@dataclass
class Doc:
    """One record of the night; ``core`` is title, empty line and text without credit lines, the rest is put around."""

    id: str
    outlet: str
    when: dt.datetime | None
    core: str
    dateline: str = ""
    foot: str = ""
    tail: str = ""
    planted: bool = False

    @property
    def body_at(self) -> int:
        return self.core.index("\n\n") + 2

    def place(self, at: int) -> int:
        """Where a character of the core stands in the whole text."""
        return at + (len(self.dateline) if at >= self.body_at else 0)

    def record(self) -> dict[str, Any]:
        title, body = self.core[: self.body_at - 2], self.core[self.body_at :]
        when = self.when.strftime("%Y-%m-%dT%H:%M:%SZ") if self.when else None
        text = f"{self.dateline}{body}{self.foot}{self.tail}"
        return {"id": self.id, "outlet": self.outlet, "published_at": when, "title": title, "text": text}


@dataclass
class Truth:
    """What was planted, in document ids.

    stories: lists of all members. copies: [parent, child, level, planted edits]. apart: pairs that share text and are
    no story, by reason. siblings: lists of bulletins of one frame. origins: document → [case, kind, origin].
    """

    stories: list[list[str]] = field(default_factory=list)
    copies: list[dict[str, Any]] = field(default_factory=list)
    apart: list[tuple[str, str, str]] = field(default_factory=list)
    siblings: list[list[str]] = field(default_factory=list)
    origins: dict[str, tuple[str, str, str]] = field(default_factory=dict)


class Level(NamedTuple):
    """How much a copy changes: rates of words, sentences dropped, clauses turned, sentences moved, planted edits."""

    synonyms: float
    swaps: float
    drops: float
    fills: float
    sentences: float
    turns: float
    moves: int
    edits: tuple[int, int]
    style: float


LEVELS = {
    "verbatim": Level(0, 0, 0, 0, 0, 0, 0, (0, 0), 0.25),
    "light": Level(0.08, 0, 0.01, 0.005, 0.05, 0, 0, (1, 4), 0.3),
    "heavy": Level(0.5, 0.03, 0.15, 0.02, 0.2, 0.15, 1, (1, 4), 0.3),
    "paraphrase": Level(0.9, 0.14, 0.3, 0.03, 0.25, 0.5, 2, (0, 2), 0.3),
}
SHARES = (("verbatim", 0.2), ("light", 0.4), ("heavy", 0.27), ("paraphrase", 0.13))


def real(shared: Path) -> list[Doc]:
    """All real articles in order of the corpora."""
    found = []
    for row in news.records(shared):
        when = dt.datetime.fromisoformat(row["published_at"]).replace(tzinfo=dt.UTC)
        core = f"{row['title']}\n\n{row['text']}"
        found.append(Doc(str(row["id"]), row["outlet"], when, core))
    return found


def kin(docs: Sequence[Doc]) -> list[bool]:
    """True for each document that has eight or more runs of four folded words in common with another one."""
    vocabulary: dict[str, int] = {}
    grams, owners = [], []
    for n, doc in enumerate(docs):
        folded = re.sub("[أإآ]", "ا", doc.core).replace("ى", "ي").replace("ة", "ه")
        row = [vocabulary.setdefault(w, len(vocabulary)) for w in re.findall(r"\w+", folded)]
        k = np.array(row, dtype=np.uint64)
        if len(k) >= 4:
            mixed = k[:-3]
            for step in range(1, 4):
                mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + k[step : len(k) - 3 + step]
            grams.append(np.unique(mixed))
            owners.append(np.full(len(grams[-1]), n))
    gram, owner = np.concatenate(grams), np.concatenate(owners)
    order = np.lexsort((owner, gram))
    gram, owner = gram[order], owner[order]
    edges = np.flatnonzero(np.append(True, gram[1:] != gram[:-1]))
    common: Counter[tuple[int, int]] = Counter()
    for lo, hi in zip(edges.tolist(), np.append(edges[1:], len(gram)).tolist(), strict=True):
        if 2 <= hi - lo <= 30:
            held = owner[lo:hi].tolist()
            common.update((a, b) for i, a in enumerate(held) for b in held[i + 1 :])
    related = [False] * len(docs)
    for (a, b), n in common.items():
        if n >= 8:
            related[a] = related[b] = True
    return related


class Night:
    """Builds one night; all chance comes from one seeded generator."""

    def __init__(self, docs: list[Doc], loners: list[Doc], seed: int, part: str) -> None:
        self.rng, self.part, self.truth = random.Random(f"{part}:{seed}"), part, Truth()
        self.docs = {d.id: d for d in docs}
        self.outlets = sorted({d.outlet for d in docs})
        self.pool = loners
        self.rng.shuffle(self.pool)
        self.made = 0

    def new_id(self, what: str) -> str:
        self.made += 1
        return f"{what}:{self.made:05d}"

    def source(self, least: int = 60, most: int = 700) -> Doc:
        """The next unused source of the pool with so many words; it is in the night from now on."""
        for n, doc in enumerate(self.pool):
            if least <= len(doc.core.split()) <= most:
                del self.pool[n]
                return self.docs.setdefault(doc.id, doc)
        raise SystemExit("the corpora have too few sources for a night of this size")

    def other_outlet(self, *not_these: str) -> str:
        return self.rng.choice([o for o in self.outlets if o not in not_these])

    # --- stories ---------------------------------------------------------------------------------------------------

    def story(self) -> int:
        """One source with its copies; returns how many were made."""
        rng, root = self.rng, self.source()
        root.planted = True
        text = root.core
        # A text that already speaks of its source has an origin of its own, which nobody planted: not judged.
        speaks = any(w in text for w in words("night_words")["agency_words"])
        wire = rng.random() < 0.65
        agency = rng.choice(words("night_words")["agencies"]) if wire and not speaks else None
        if rng.random() < 0.5:
            root.core = _sourced(text, rng)
        case = "" if speaks else "document"
        if agency:
            late = rng.random() < 0.12
            case = "late" if late else "agency"
            if not late:
                self._credit(root, agency)
        size = min(1 + int(rng.expovariate(1 / 3.4)), 13)
        members = [root]
        for n in range(size):
            parent = root if rng.random() < 0.7 else rng.choice(members)
            child = self.copy(parent)
            if agency and (rng.random() < 0.5 or (case == "late" and n == size - 1)):
                self._credit(child, agency)
            members.append(child)
        self.truth.stories.append([d.id for d in members])
        self._origins(members, case, agency["name"] if agency else root.id)
        return size

    def _origins(self, members: list[Doc], case: str, origin: str) -> None:
        if not case:
            return
        for doc in members if case != "document" else members[1:]:
            credited = bool(doc.dateline or doc.foot)
            name = (
                "document"
                if case == "document"
                else "credited"
                if credited
                else "stripped"
                if case == "agency"
                else "late"
            )
            self.truth.origins[doc.id] = (name, "document" if case == "document" else "agency", origin)

    def _credit(self, doc: Doc, agency: dict[str, Any]) -> None:
        place = self.rng.choice(words("night_words")["places"])
        if self.rng.random() < 0.6:
            doc.dateline = self.rng.choice(agency["dateline"]).format(place=place)
        else:
            doc.foot = "\n" + self.rng.choice(agency["foot"])

    def copy(self, parent: Doc) -> Doc:
        """A later copy of a document in another outlet, put into the night and the truth."""
        rng = self.rng
        level = rng.choices([n for n, _ in SHARES], [s for _, s in SHARES])[0]
        core, edits = rewrite(parent.core, LEVELS[level], rng)
        later = dt.timedelta(minutes=rng.randint(4, 600))
        when = parent.when + later if parent.when else None
        child = Doc(self.new_id("copy"), self.other_outlet(parent.outlet), when, core, planted=True)
        self.docs[child.id] = child
        self.truth.copies.append({"parent": parent.id, "child": child.id, "level": level, "edits": edits})
        return child

    # --- what is no story ------------------------------------------------------------------------------------------

    def tails(self) -> int:
        """Several articles that end in the beginning of one unrelated article."""
        rng, donor = self.rng, self.source()
        lead = " ".join(donor.core.split("\n\n", 1)[1].split()[: rng.randint(25, 110)])
        title = donor.core.split("\n\n", 1)[0]
        hosts = [self.source() for _ in range(rng.choice((1, 1, 2, 3, 6)))]
        head = rng.choice(words("night_words")["see_also"]) if rng.random() < 0.5 else None
        for host in hosts:
            host.planted = True
            host.tail = "\n\n" + (f"{head}\n\n{title}\n\n{lead}." if head else f"{title}\n\n{lead}.")
        self._apart("tail", [donor, *hosts])
        return len(hosts)

    def background(self) -> int:
        """Several articles with one paragraph in common."""
        rng, donor = self.rng, self.source(least=120)
        sentences = ["".join(t.s for t in s).strip() for s in parse(donor.core)[1:]]
        long = [s for s in sentences if 25 <= len(s.split()) <= 80]
        if not long:
            return 0
        paragraph = rng.choice(long)
        hosts = [self.source(least=100) for _ in range(rng.choice((1, 2, 3, 5)))]
        for host in hosts:
            host.planted = True
            host.core = f"{host.core.rstrip()}\n{paragraph}"
        self._apart("background", [donor, *hosts])
        return len(hosts)

    def _apart(self, why: str, docs: list[Doc]) -> None:
        ids = [d.id for d in docs]
        self.truth.apart += [(why, a, b) for i, a in enumerate(ids) for b in ids[i + 1 :]]

    def bulletins(self) -> int:
        """Siblings of one frame in one outlet: written frames, or a real article full of figures, filled in anew."""
        rng = self.rng
        size = rng.randint(3, 9)
        outlet = self.other_outlet()
        if rng.random() < 0.3:
            base = next(
                (d for d in self.pool if len(re.findall(r"\d+", d.core)) >= 14 and len(d.core) < 2500), None
            )
            if base is None:
                return 0
            self.pool.remove(base)
            cores, outlet, day = [refigure(base.core, rng) for _ in range(size)], base.outlet, base.when
        else:
            frame = rng.choice(words("night_frames")["frames"][self.part])
            cores = [fill(frame, rng) for _ in range(size)]
            day = rng.choice(self.pool).when
        ids = []
        for n, core in enumerate(cores):
            when = day + dt.timedelta(hours=n * rng.randint(1, 24)) if day else None
            doc = Doc(self.new_id("bulletin"), outlet, when, core, planted=True)
            self.docs[doc.id] = doc
            ids.append(doc.id)
        self.truth.siblings.append(ids)
        return size


def _sourced(core: str, rng: random.Random) -> str:
    """The text with one to three sources named in it."""
    sentences = parse(core)
    wanted = rng.randint(1, 3)
    for sentence in rng.sample(sentences[1:], min(len(sentences) - 1, 2 * wanted)):
        if wanted and not TAIL.search("".join(t.s for t in sentence)):
            wanted -= PLANTERS["attribution_added"](sentence, rng, 0)
    return render(sentences, ["attribution_added"])[0]


def rewrite(core: str, level: Level, rng: random.Random) -> tuple[str, list[Planted]]:
    """A copy of title and text at a level, with its planted edits (characters in both cores)."""
    sentences = parse(core)
    title, body = sentences[0], sentences[1:]
    brief = level.sentences > 0 and len(body) > 6 and rng.random() < 0.1
    if brief:
        body = body[: max(3, len(body) // 3)]
    kept = [s for n, s in enumerate(body) if n == 0 or brief or rng.random() >= level.sentences]
    body = kept if sum(map(len, kept)) >= 0.4 * sum(map(len, body)) else body
    for _ in range(level.moves if len(body) > 3 else 0):
        at = rng.randrange(1, len(body) - 1)
        body[at], body[at + 1] = _ended(body[at + 1]), _ended(body[at])
    kinds: list[str] = []
    wanted = rng.randint(*level.edits)
    for kind in rng.choices(list(PLANTERS), [4, 4, 4, 4, 1, 1, 1], k=3 * wanted):
        if len(kinds) < wanted and any(
            PLANTERS[kind](s, rng, len(kinds)) for s in rng.sample(body, len(body))
        ):
            kinds.append(kind)
    if level.synonyms:
        for sentence in body:
            if rng.random() < level.turns:
                turn(sentence, rng)
            reword(sentence, rng, level.synonyms, level.swaps, level.drops, level.fills)
    if rng.random() < level.style:
        house_style([title, *body], rng)
    if rng.random() < 0.4:
        put(title, 0, len(title) - 1, _headline(body[0]), -2)
    text, edits = render([title, *body], kinds)
    return text, [e for e in edits if e.kind in PLANTERS]


def _ended(sentence: Sentence) -> Sentence:
    """The sentence with a line end behind it, so that it may stand anywhere."""
    if sentence[-1].s.isspace():
        return sentence
    put(sentence, len(sentence), len(sentence), "\n", -2)
    return sentence


def _headline(lead: Sentence) -> str:
    return " ".join("".join(t.s for t in lead).split()[:9])


def fill(frame: Sequence[str], rng: random.Random) -> str:
    """A bulletin: title, empty line, one paragraph per line of the frame; each slot drawn anew."""
    data = words("night_words")
    slots = words("night_frames")["slots"]
    fixed = {"country": rng.choice(slots["country"]), "city": rng.choice(slots["city"])}

    def draw(m: re.Match[str]) -> str:
        slot = m[1]
        if slot == "n":
            return str(rng.randint(3, 9999) if rng.random() < 0.3 else rng.randint(3, 99))
        if slot == "p":
            return f"{rng.randint(0, 19)}.{rng.randint(1, 99)}"
        if slot == "w":
            return str(rng.choice(data["dates"]["weekdays"]))
        if slot == "country" or (slot == "city" and rng.random() < 0.5):
            return str(fixed[slot])
        return str(rng.choice(slots[slot]))

    lines = [re.sub(r"\{(\w+)\}", draw, line) for line in frame]
    return f"{lines[0]}\n\n" + "\n".join(lines[1:])


def refigure(core: str, rng: random.Random) -> str:
    """A text with all of its figures and weekdays drawn anew."""
    data = words("night_words")["dates"]["weekdays"]
    text = re.sub(r"[0-9]", lambda m: str(rng.randint(1, 9)), core)
    return re.sub("|".join(data), lambda m: str(rng.choice(data)), text)


def generate(shared: Path, seed: int, part: str, size: int) -> tuple[list[dict[str, Any]], Truth]:
    """Records of a night of ``size`` articles, 45 % of them planted, and the truth about it."""
    docs = real(shared)
    related = kin(docs)
    odd = part == "final"
    loners = [d for d, k in zip(docs, related, strict=True) if not k and _half(d.id) == odd]
    if size < 20_000:
        loners = loners[: size // 2]
    used = {d.id for d in loners}
    night = Night([], loners, seed, part)
    night.outlets = sorted({d.outlet for d in docs})
    want = int(0.454 * size)
    made = 0
    while made < 0.09 * want:
        made += night.bulletins()
    while made < 0.14 * want:
        made += night.tails()
    while made < 0.19 * want:
        made += night.background()
    while made < want:
        made += night.story()
    others = [d for d in docs if d.id not in used] + night.pool
    night.rng.shuffle(others)
    for doc in others[: size - len(night.docs)]:
        night.docs[doc.id] = doc
    for copy in night.truth.copies:
        parent, child = night.docs[copy["parent"]], night.docs[copy["child"]]
        copy["edits"] = [
            {
                "kind": e.kind,
                "a": [parent.place(e.a0), parent.place(e.a1)],
                "b": [child.place(e.b0), child.place(e.b1)],
            }
            for e in copy["edits"]
        ]
    records = [d.record() for d in sorted(night.docs.values(), key=lambda d: d.id)]
    night.rng.shuffle(records)
    return records, night.truth


def _half(doc_id: str) -> bool:
    return hashlib.sha256(doc_id.encode()).digest()[0] % 2 == 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=Path(__file__).resolve().parents[2] / "shared")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--part", choices=("tune", "final"), default="tune")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=20_000)
    args = parser.parse_args()
    records, truth = generate(args.shared, args.seed, args.part, args.size)
    args.out.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(r, ensure_ascii=False, sort_keys=True) + "\n" for r in records)
    (args.out / "night.jsonl").write_text("".join(lines), "utf-8")
    (args.out / "truth.json").write_text(
        json.dumps(asdict(truth), ensure_ascii=False, sort_keys=True), "utf-8"
    )
    edits = Counter(e["kind"] for c in truth.copies for e in c["edits"])
    print(f"{len(records)} records, {len(truth.stories)} stories with {len(truth.copies)} copies,", end=" ")
    print(
        f"{len(truth.apart)} pairs apart, {len(truth.siblings)} frames, edits {dict(sorted(edits.items()))}"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
