"""Second articles behind a list of links, and articles that go on behind one: floors on real articles put together."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from pipeline.text.lines import classify
from pipeline.text.lines_tail import content_keys

PAGES = 300
CORPORA = {
    # Floors: share of second articles wholly cut, share of continued articles of which nothing is lost. Measured with
    # seeds 20, 21, 22: ant 0.977, 0.980, 0.967 and 0.993, 0.997, 0.990; saudi 0.977, 0.967, 0.963 and 0.990, 0.993, 0.993.
    "ant_2018-02_03": (0.965, 0.985),
    "saudi_2015-07": (0.96, 0.985),
}


class Article(NamedTuple):
    title: str
    paragraphs: tuple[str, ...]

    @property
    def page(self) -> str:
        return "\n\n".join((self.title, *self.paragraphs))


def articles(path: Path) -> list[Article]:
    """Articles of 400 to 6,000 characters; one with a single paragraph is parted at a sentence in its middle."""
    found = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if not row.get("title") or not 400 <= len(row["text"]) <= 6_000:
                continue
            paragraphs = [p.strip() for p in row["text"].split("\n") if p.strip()]
            if len(paragraphs) < 2:
                sentences = row["text"].split(". ")
                middle = len(sentences) // 2
                paragraphs = [". ".join(sentences[:middle]) + ".", ". ".join(sentences[middle:])]
            if all(paragraphs):
                found.append(Article(row["title"].strip(), tuple(paragraphs)))
    return found


class Headlines:
    """Headlines by their content words."""

    def __init__(self, titles: list[str]) -> None:
        self.titles = titles
        self.holding: dict[str, list[int]] = {}
        for number, title in enumerate(titles):
            for word in sorted(content_keys([title])):
                self.holding.setdefault(word, []).append(number)

    def nearest(self, title: str) -> str:
        """The other headline that shares the rarest words with this one; the first where none shares any."""
        shared: Counter[int] = Counter()
        for word in sorted(content_keys([title])):
            for number in self.holding.get(word, [])[:300]:
                if self.titles[number] != title:
                    shared[number] += 1_000_000 // len(self.holding[word])
        return self.titles[min(shared, key=lambda n: (-shared[n], n))] if shared else self.titles[0]


def kept(text: str) -> list[str]:
    return [text[b.start : b.end] for b in classify(text) if b.kept]


def cut_share(sample: list[Article], others: list[Article], heading: str) -> float:
    """Share of pages from which a second article behind ``heading`` is cut whole, and nothing else with it."""
    good = 0
    for first, second in zip(sample, others, strict=True):
        good += kept(f"{first.page}\n\n{heading}\n\n{second.page}") == kept(first.page)
    return good / len(sample)


def whole_share(sample: list[Article], headlines: Headlines, heading: str) -> float:
    """Share of articles of which nothing is lost where ``heading`` and a related headline stand in their middle."""
    good = 0
    for article in sample:
        middle = max(1, len(article.paragraphs) // 2)
        above, below = article.paragraphs[:middle], article.paragraphs[middle:]
        page = "\n\n".join((article.title, *above, heading, headlines.nearest(article.title), *below))
        left = Counter(kept(page))
        good += not Counter(kept(article.page)) - left
    return good / len(sample)


@pytest.mark.parametrize("corpus", CORPORA)
def test_second_articles_go_and_continued_ones_stay(shared: Path, corpus: str) -> None:
    path = shared / "data" / "news" / f"{corpus}.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"no {path.name} in the shared data")
    found = articles(path)
    rng = random.Random(20)
    sample, others = rng.sample(found, PAGES), rng.sample(found, PAGES)
    cut, whole = CORPORA[corpus]
    assert cut_share(sample, others, "إقرأ أيضاً:") >= cut
    assert whole_share(sample, Headlines([a.title for a in found]), "اقرأ أيضاً") >= whole
