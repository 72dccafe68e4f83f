"""The real articles beside the repository, for the other scripts: records of ``SHARED/data/news``, line by line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SAUDI, ANT = "saudi_2015-07", "ant_2018-02_03"
CORPORA = (SAUDI, ANT)


def lines(shared: Path, name: str) -> Iterator[str]:
    """The JSON lines of one corpus. Raises FileNotFoundError where it is absent."""
    with gzip.open(shared / "data" / "news" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        yield from file


def records(shared: Path, *names: str) -> Iterator[dict[str, Any]]:
    """The records (id, outlet, url, published_at, title, text) of the corpora named, in their order; of both without a name."""
    for name in names or CORPORA:
        yield from map(json.loads, lines(shared, name))


def text_of(record: Mapping[str, Any]) -> str:
    """Title, two line ends, and text."""
    return f"{record.get('title') or ''}\n\n{record.get('text') or ''}"
