"""What ``isnad diff`` and ``isnad story`` read: documents found by what people type, and the rows around them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import ConfigError
from pipeline.reader import published_spec, read_table, snapshot_folder
from pipeline.report_data import READS, Night
from pipeline.report_text import visible
from pipeline.store import Store

MIN_PREFIX = 3
"""Fewest characters of an identifier that are taken for its beginning."""
NEAR = 3
"""Suggestions for a name that is not there."""


class Index:
    """Who is published: identifiers of documents and stories, and the paths that documents came from."""

    def __init__(self, folder: Path) -> None:
        documents = _read(folder, "documents", ("doc_id", "source_uri"))
        stories = _read(folder, "stories", ("doc_id", "story_id"))
        self.uris = dict(zip(documents["source_uri"], documents["doc_id"], strict=True))
        self.doc_ids = sorted(set(documents["doc_id"]))
        self.story_of = dict(zip(stories["doc_id"], stories["story_id"], strict=True))
        self.story_ids = sorted(set(stories["story_id"]))

    def document(self, word: str) -> str:
        """The doc_id that ``word`` means: itself, its unique beginning, or a source_uri (or its unique end).

        Raises ConfigError (exit code 2) that names what is near.
        """
        return self._only(word, self._documents(word), "document")

    def story(self, word: str) -> str:
        """The story_id that ``word`` means: itself, its unique beginning, or a document that tells it."""
        if word in self.story_ids:
            return word
        stories = [s for s in self.story_ids if len(word) >= MIN_PREFIX and s.startswith(word)]
        told = {self.story_of[d] for d in self._documents(word) if d in self.story_of}
        return self._only(word, sorted({*stories, *told}), "story or document")

    def _documents(self, word: str) -> list[str]:
        if word in self.story_of or word in self.doc_ids:
            return [word]
        if word in self.uris:
            return [self.uris[word]]
        if len(word) < MIN_PREFIX:
            return []
        found = {d for d in self.doc_ids if d.startswith(word)}
        found |= {d for uri, d in self.uris.items() if uri.endswith("/" + word)}
        return sorted(found)

    def _only(self, word: str, found: list[str], what: str) -> str:
        if len(found) == 1:
            return found[0]
        if found:
            raise ConfigError(
                f"'{visible(word, 80)}' fits {len(found)} of them: {', '.join(found[: NEAR + 2])}",
                place=what,
                next_action="give more characters",
            )
        whole = {uri.rsplit("/", 1)[-1]: uri for uri in reversed(self.uris)}
        known = [*self.uris, *whole, *self.doc_ids, *self.story_ids]
        close = difflib.get_close_matches(word, known, NEAR, 0.6)
        near = list(dict.fromkeys(whole.get(name, name) for name in close))
        raise ConfigError(
            f"no {what} '{visible(word, 80)}'" + (f"; near: {', '.join(map(visible, near))}" if near else ""),
            place=what,
            next_action='isnad sql "SELECT doc_id, source_uri, story_id FROM documents JOIN stories USING (doc_id)"',
        )


def _read(folder: Path, name: str, columns: tuple[str, ...]) -> dict[str, list[Any]]:
    table = read_table(folder, published_spec(name), columns=columns)
    return {c: table[c].to_pylist() for c in columns}


def load(store: Store, doc_ids: Iterable[str]) -> Night:
    """All rows of some documents, of their claims, and of what relates one of them to another.

    Raises StoreError where nothing is published.
    """
    return _night(snapshot_folder(store), set(doc_ids))


def index(store: Store) -> Index:
    """Who is published in the current snapshot. Raises StoreError where nothing is."""
    return Index(snapshot_folder(store))


_BOTH: Mapping[str, tuple[str, ...]] = {
    "reuse": ("a_doc_id", "b_doc_id"),
    "claim_links": ("a_claim_id", "b_claim_id"),
    "attributions": ("claim_id",),
    "claim_groups": ("claim_id",),
}


def _night(folder: Path, doc_ids: set[str]) -> Night:
    tables: dict[str, pd.DataFrame] = {}
    claim_ids: set[str] = set()
    for name in ("documents", "blocks", "sentences", "stories", "origins", "reuse", "claims",
                 "attributions", "claim_links", "claim_groups"):  # fmt: skip
        table = read_table(folder, published_spec(name), columns=READS[name])
        keys = _BOTH.get(name, ("doc_id",))
        wanted = claim_ids if keys[0].endswith("claim_id") else doc_ids
        values = pa.array(sorted(wanted), type=pa.string())
        for key in keys:
            table = table.filter(pc.is_in(table[key], value_set=values))
        if name == "claims":
            claim_ids = set(table["claim_id"].to_pylist())
        tables[name] = table.to_pandas()
    return Night(tables)
