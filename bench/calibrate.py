"""Fit and measure the confidence of claims on annotated articles: python bench/calibrate.py --shared ../shared [--write]

Gold: gold/dev, gold/seeds and the parts ``tune`` and ``held`` of the project's own. The rules were made on all but
``held``, where they err less than elsewhere; so the fit has a trait that takes this difference up and that no claim of
the product bears. All figures are out of fold (ten folds by article). A claim counts as right where the scorer would
match it: cues overlap, and contents share half of the characters that either covers. ``--write`` puts weights and
yields of cues (share of occurrences in 2,000 news articles that report something) into
``pipeline/resources/confidence.yaml``. Method: logistic regression with an L2 penalty (Newton's method); expected
calibration error over ten equal bins (Naeini, Cooper & Hauskrecht 2015).
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import news  # noqa: E402

WEIGHTS = HERE.parent / "pipeline" / "resources" / "confidence.yaml"
FOLDS = 10
RARE = 8  # a trait of fewer training claims gets no weight
PENALTIES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
PRECISION = 0.98  # of the tier of high confidence
ARTICLES = 1000  # of each corpus, for the yields
SEEN = 10  # a cue with fewer occurrences has no yield
SECTIONS = ("title", "lead", "body")
TUNED = "tuned"
"""Trait of claims in articles that the rules were made on, where they err less than elsewhere. It takes that
difference up in the fit, and no claim of the product has it: so the bias is that of articles nobody has seen."""


class Example(NamedTuple):
    """A claim that the rules made: its article, its traits, whether the annotators have it, and with this speaker."""

    article: str
    traits: tuple[str, ...]
    right: bool
    speaker_right: bool


class Part(NamedTuple):
    """The scored claims of some gold: those made, and how many were annotated."""

    examples: list[Example]
    wanted: int


def segmented(folders: Sequence[Path], work: Path) -> dict[str, Any]:
    """Tables up to ``tokens`` of the documents of all folders; folder n is n/ below the raw root."""
    from pipeline.reader import read_table, snapshot_folder
    from pipeline.schemas import TABLES
    from pipeline.store import Store

    raw, out = work / "raw", work / "out"
    for number, folder in enumerate(folders):
        shutil.copytree(folder / "docs", raw / str(number), dirs_exist_ok=True)
    settings = ("--set", f"paths.raw={raw}", "--set", f"paths.processed={out}", "--to", "segment")
    command = [sys.executable, "-m", "pipeline", "run", *settings]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr[-2000:])
    snapshot = snapshot_folder(Store(out))
    return {t: read_table(snapshot, TABLES[t]) for t in ("documents", "blocks", "sentences", "tokens")}


def examples(folders: Sequence[Path], work: Path, *, parse: bool = True) -> list[Part]:
    """The claims that the rules make of each gold folder, compared with its annotation as the scorer does."""
    from pipeline.stages import extract

    tables = segmented(folders, work)
    if not parse:
        tables["tokens"] = tables["tokens"].slice(0, 0)
    claims = extract.claims_of(tables, extract.ExtractParams())
    uris = (tables["documents"][c].to_pylist() for c in ("doc_id", "source_uri"))
    made = {uri: claims[doc_id] for doc_id, uri in zip(*uris, strict=True)}
    parts = []
    for number, folder in enumerate(folders):
        found: list[Example] = []
        wanted = 0
        for path in sorted((folder / "ann").glob("*.json")):
            gold = json.loads(path.read_text("utf-8"))
            uri = f"{number}/{gold['doc']}"
            new, count = compare(uri, gold, made.get(uri, []))
            found += new
            wanted += count
        parts.append(Part(found, wanted))
    return parts


def compare(article: str, gold: dict[str, Any], made: Sequence[Any]) -> tuple[list[Example], int]:
    """The scored claims of one article as examples, and the number of annotated ones (as shared/score/claims.py)."""
    lines = [line for line in gold.get("lines", ()) if line["kind"] not in SECTIONS]
    unscored = [c["sentence"] for c in gold["claims"] if not c.get("scored", True)]
    skipped = _chars([(s["start"], s["end"]) for s in (*unscored, *lines)])
    wanted = [c for c in gold["claims"] if c.get("scored", True)]
    made = [c for c in made if c.cue[0] not in skipped]
    pairs = []
    for i, claim in enumerate(wanted):
        cue, content = (_chars([(s["start"], s["end"]) for s in claim[what]]) for what in ("cue", "content"))
        for j, other in enumerate(made):
            if cue & _chars([other.cue]):
                ours = _chars(other.content)
                pairs.append((len(content & ours) / max(1, len(content | ours)), i, j))
    taken: dict[int, int] = {}
    for share, i, j in sorted(pairs, reverse=True):
        if share >= 0.5 and j not in taken and i not in taken.values():
            taken[j] = i
    found = []
    for j, claim in enumerate(made):
        name = (wanted[taken[j]].get("speaker") or {}).get("canonical") if j in taken else None
        same = j in taken and (not name or _fold(name) == _fold(claim.speaker.name))
        found.append(Example(article, claim.traits, j in taken, same))
    return found, len(wanted)


def _chars(spans: Sequence[Any]) -> set[int]:
    return {i for start, end in spans for i in range(start, end)}


def _fold(name: str | None) -> str:
    from pipeline.text.names import fold_name

    return fold_name(name or "")


def yields(shared: Path) -> dict[str, float]:
    """Share of the occurrences of each cue (kind.lemma) in the news that make a claim, without a parse."""
    from pipeline.text.claims import extract
    from pipeline.text.claims_document import frames_of

    seen, made = Counter[str](), Counter[str]()
    for corpus in news.CORPORA:
        for record in islice(news.records(shared, corpus), ARTICLES):
            frames = frames_of(news.text_of(record))
            seen.update(
                f"{h.entry.kind}.{h.entry.lemma}" for f in frames for h in f.hits if not h.entry.relative
            )
            made.update(f"{c.rule.partition('.')[0]}.{c.lemma}" for c in extract(frames))
    return {
        cue: round(min(1.0, made[cue] / n), 2) for cue, n in sorted(seen.items()) if n >= SEEN and made[cue]
    }


def fit(data: Sequence[Example], penalty: float) -> dict[str, float]:
    """Weights of the traits, by Newton's method; the bias is not held back."""
    seen = Counter(t for e in data for t in e.traits)
    names = sorted(t for t, n in seen.items() if n >= RARE)
    x, y = matrix(data, names), np.array([e.right for e in data], dtype=float)
    weights, hold = np.zeros(x.shape[1]), np.full(x.shape[1], penalty)
    hold[[i for i, name in enumerate(["bias", *names]) if name in ("bias", TUNED)]] = 1e-2
    for _ in range(30):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (y - p) - hold * weights
        step = np.linalg.solve((x.T * (p * (1 - p))) @ x + np.diag(hold), gradient)
        weights += step
        if np.abs(step).max() < 1e-7:
            break
    return {name: round(float(w), 3) + 0.0 for name, w in zip(["bias", *names], weights, strict=True)}


def matrix(data: Sequence[Example], names: Sequence[str]) -> Any:
    """Examples × (bias, traits) as 0 and 1."""
    place = {name: i + 1 for i, name in enumerate(names)}
    x = np.zeros((len(data), len(names) + 1))
    x[:, 0] = 1
    for row, example in enumerate(data):
        x[row, [place[t] for t in example.traits if t in place]] = 1
    return x


def predict(weights: dict[str, float], data: Sequence[Example]) -> Any:
    """Probability of each example."""
    score = [sum((weights.get(t, 0.0) for t in e.traits), weights["bias"]) for e in data]
    return 1 / (1 + np.exp(-np.array(score)))


def out_of_fold(data: Sequence[Example], penalty: float) -> Any:
    """The probability of each example by weights fitted without its article."""
    articles = sorted({e.article for e in data})
    fold = {a: i % FOLDS for i, a in enumerate(articles)}
    out = np.zeros(len(data))
    for k in range(FOLDS):
        inside = [i for i, e in enumerate(data) if fold[e.article] == k]
        if inside:
            weights = fit([e for e in data if fold[e.article] != k], penalty)
            out[inside] = predict(weights, [data[i] for i in inside])
    return out


def log_loss(p: Any, data: Sequence[Example]) -> float:
    """Mean negative log-likelihood."""
    y = np.array([e.right for e in data])
    return float(-np.log(np.where(y, p, 1 - p)).mean())


def calibration_error(p: Any, data: Sequence[Example], bins: int = 10) -> float:
    """Expected calibration error: |share right - mean confidence| of each bin, weighted by its size."""
    y = np.array([e.right for e in data], dtype=float)
    place = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs((y - p)[place == b].sum()) for b in range(bins)) / len(y))


def tier(p: Any, part: Part, threshold: float) -> dict[str, float]:
    """What claims of at least this confidence are worth."""
    high = [e for e, value in zip(part.examples, p, strict=True) if value >= threshold]
    right = sum(e.right for e in high)
    return {
        "threshold": round(threshold, 3),
        "claims": len(high),
        "precision": round(right / max(1, len(high)), 4),
        "recall": round(right / max(1, part.wanted), 4),
        "speaker_right": round(sum(e.speaker_right for e in high) / max(1, right), 4),
    }


def threshold_of(p: Any, part: Part) -> float:
    """The lowest confidence above which a share of PRECISION is right."""
    order = sorted(zip(p.tolist(), (e.right for e in part.examples), strict=True), reverse=True)
    best, right = 1.0, 0
    for n, ((value, good), (after, _)) in enumerate(pairwise([*order, (-1.0, False)]), 1):
        right += good
        if right >= PRECISION * n and after < value:
            best = value
    return best


def report(name: str, p: Any, part: Part, high: Any, threshold: float) -> dict[str, Any]:
    """All figures of one part; ``high``: the confidence that the product gives, ``p`` that of the fit."""
    right = sum(e.right for e in part.examples)
    return {
        "gold": name,
        "articles": len({e.article for e in part.examples}),
        "claims": len(part.examples),
        "precision": round(right / len(part.examples), 4),
        "recall": round(right / part.wanted, 4),
        "mean_confidence": round(float(p.mean()), 4),
        "log_loss": round(log_loss(p, part.examples), 4),
        "ece": round(calibration_error(p, part.examples), 4),
        "precision_at_recall_0.7": precision_at(high, part, 0.7),
        "high": tier(high, part, threshold),
    }


def precision_at(p: Any, part: Part, recall: float) -> float | None:
    """Share right of the surest claims that find this share of the annotated ones; None where all together do not."""
    right = 0
    for n, i in enumerate(np.argsort(-p, kind="stable"), 1):
        right += part.examples[i].right
        if right >= recall * part.wanted:
            return round(right / n, 4)
    return None


def write(weights: dict[str, float], shares: dict[str, float], figures: Any, threshold: float) -> None:
    """Weights and yields as a resource, with the figures that were measured."""
    lines = [
        "# Confidence of claims (pipeline/text/confidence.py). Written by `python bench/calibrate.py --write`, not by hand.",
        "#",
        "# weights: confidence = 1 / (1 + exp(-(bias + sum of the weights of the claim's traits))).",
        "# yields: share of the occurrences of a cue in the news that report something.",
        "# high: from this confidence on, 98 % of the claims in the gold articles were right.",
        "# Measured out of fold:",
        *(f"#   {json.dumps(f)}" for f in figures),
        f"high: {threshold:.3f}",
        "weights:",
        *(f"  {_quoted(t)}: {w}" for t, w in weights.items() if w and t != TUNED),
        "yields:",
        *(f"  {_quoted(cue)}: {share}" for cue, share in shares.items()),
    ]
    WEIGHTS.write_text("\n".join(lines) + "\n", "utf-8")


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def golds(shared: Path, work: Path) -> list[Path]:
    """Folders of gold: dev, seeds, tune, held."""
    own = []
    for part in ("tune", "held"):
        own.append(work / part)
        command = [sys.executable, str(HERE / "gold.py"), "materialise", str(own[-1])]
        subprocess.run([*command, "--shared", str(shared), "--part", part], check=True, capture_output=True)
    return [shared / "gold" / "dev", shared / "gold" / "seeds", *own]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=HERE.parent.parent / "shared")
    parser.add_argument("--work", type=Path, help="keep the parsed gold here between calls")
    parser.add_argument("--write", action="store_true", help="write weights and yields into the resources")
    args = parser.parse_args()
    from pipeline import resources

    shared = args.shared.resolve()
    if not (shared / "gold").is_dir():
        print(f"no gold at {shared}: name the folder with --shared", file=sys.stderr)
        return 2
    shares = yields(shared) if args.write else {}
    if args.write:  # the yields are traits, so they come first
        write({"bias": 0.0}, shares, [], 1.0)
        resources.load.cache_clear()
    with tempfile.TemporaryDirectory() as name:
        work = args.work or Path(name)
        work.mkdir(parents=True, exist_ok=True)
        *made_on, held = examples(golds(shared, work), work)
    tuned = Part([e for part in made_on for e in part.examples], sum(part.wanted for part in made_on))
    weights, figures, threshold = calibrated(tuned, held)
    print(json.dumps(figures, indent=1))
    if args.write:
        write(weights, shares, figures, threshold)
    return 0


def calibrated(tuned: Part, held: Part) -> tuple[dict[str, float], list[dict[str, Any]], float]:
    """Weights of all gold, figures out of fold, and the threshold of high confidence.

    The penalty is the one with the least log-loss on ``held``.
    """
    marked = [e._replace(traits=(*e.traits, TUNED)) for e in tuned.examples]
    data, size = [*marked, *held.examples], len(marked)
    tries = {value: out_of_fold(data, value) for value in PENALTIES}
    penalty = min(PENALTIES, key=lambda value: log_loss(tries[value][size:], held.examples))
    p, weights = tries[penalty], fit(data, penalty)
    # what the product would say of the articles that the rules were made on: without their mark
    odds = np.log(p / (1 - p))
    odds[:size] -= weights.get(TUNED, 0.0)
    high = np.round(1 / (1 + np.exp(-odds)), 3)
    both = Part(data, tuned.wanted + held.wanted)
    threshold = threshold_of(high, both)
    figures = [
        report("held", p[size:], held, high[size:], threshold),
        report("dev+seeds+tune", p[:size], tuned, high[:size], threshold),
        report("all", p, both, high, threshold),
    ]
    return weights, [{"penalty": penalty, **f} for f in figures], threshold


if __name__ == "__main__":
    sys.exit(main())
