"""A comparison on the terminal: one piece of text a line, with a label in ASCII before it.

Arabic runs from right to left and most terminals reorder a line as a whole; a label in ASCII at its start and one
language after it is what stays readable everywhere. On a wide terminal aligned passages stand in two columns, each
line of a cell isolated (Unicode TR 9, RLI … PDI), so that a terminal that reorders does not mix the columns.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.diff import Diff, Part, Story, Told
from pipeline.report_changes import Change
from pipeline.report_text import Piece

BRACKETS: Mapping[str, tuple[str, str]] = {
    "a": ("[-", "-]"), "b": ("{+", "+}"), "move": ("[~", "~]"), "quote": ("[=", "=]"),
}  # fmt: skip
"""What stands around marked words where there is no colour: as in wdiff, ~ for moved, = for words in or out of quotes."""
STYLES: Mapping[str, str] = {
    "a": "red", "b": "green", "move": "magenta", "quote": "yellow", "label": "cyan", "kind": "bold", "head": "bold",
}  # fmt: skip
COLUMNS_FROM = 110
"""Characters of a terminal from which two columns fit."""
ISOLATE, POP = "\u2067", "\u2069"
LABEL = 18
"""Characters kept for the label."""


class Printer:
    """Prints labelled lines: coloured on a terminal, bracketed and unwrapped elsewhere.

    columns: aligned passages in two columns; None decides by the width of the terminal.
    """

    def __init__(self, stream: TextIO | None = None, columns: bool | None = None) -> None:
        self.console = Console(file=stream or sys.stdout, highlight=False, markup=False, emoji=False)
        self.colour = self.console.is_terminal and not self.console.no_color
        self.columns = (
            self.console.is_terminal and self.console.width >= COLUMNS_FROM if columns is None else columns
        )

    def line(self, label: str, text: str | Text = "", style: str = "") -> None:
        """One line: the label, then the text."""
        row = Text(f"{label:{LABEL}} " if text else label, style=STYLES["label"] if text else "")
        row.append(text if isinstance(text, Text) else Text(text, style=style))
        self.console.print(row, soft_wrap=True)

    def marked(self, found: Iterable[Piece]) -> Text:
        """Pieces as one text, marks as colours or brackets."""
        text = Text()
        for piece in found:
            kinds = piece.kinds.split()
            if not kinds:
                text.append(piece.text)
            elif self.colour:
                text.append(piece.text, style=" ".join(STYLES[k] for k in kinds[:1]) + " underline")
            else:
                opened, closed = BRACKETS[kinds[0]]
                text.append(f"{opened}{piece.text}{closed}")
        return text

    def diff(self, found: Diff) -> None:
        """Both documents: headings, facts, parts, claims."""
        for side, head in (("A", found.a), ("B", found.b)):
            self.line(side, " ".join(head[k] for k in ("when", "outlet", "doc_id", "uri")), STYLES["head"])
            self.line(f"{side} title", head["title"])
            self.line(f"{side} role", f"{head['role']} {head['score']}")
            self.line(f"{side} comes from", f"{head['origin']} {head['source']}".rstrip())
        self.line("")
        for fact in found.facts:
            self.line("#", fact)
        for part in found.parts:
            self.line("")
            self._part(part)
        for before, after in found.claims:
            self.line("")
            self.line(
                f"claim {after.relation}", f"{after.similarity:.2f}" if after.similarity is not None else ""
            )
            self._told("A", before)
            self._told("B", after)
            self._changes(after.changes)

    def _part(self, part: Part) -> None:
        if part.similarity is None:
            self.line(part.label, self.marked(part.a or part.b))
            return
        self.line(f"= {part.label}", f"{part.similarity:.2f}", STYLES["kind"])
        left, right = self.marked(part.a), self.marked(part.b)
        if self.columns:
            self._beside(left, right)
        else:
            self.line("A", left)
            self.line("B", right)
        self._changes(part.changes)

    def _beside(self, left: Text, right: Text) -> None:
        width = max(20, (self.console.width - 8) // 2)
        table = Table.grid(padding=(0, 1))
        for _ in range(2):
            table.add_column(width=2, style=STYLES["label"])
            table.add_column(width=width, justify="right", no_wrap=True)
        rows = zip_longest(left.wrap(self.console, width - 1), right.wrap(self.console, width - 1))
        for n, (a, b) in enumerate(rows):
            labels = ("A", "B") if not n else ("", "")
            table.add_row(labels[0], _isolated(a), labels[1], _isolated(b))
        self.console.print(table)

    def _changes(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self.line(f"  {change.kind}", "", STYLES["kind"])
            self.line("    A", change.before or "-", STYLES["a"] if self.colour else "")
            self.line("    B", change.after or "-", STYLES["b"] if self.colour else "")

    def _told(self, label: str, told: Told) -> None:
        self.line(f"{label} {told.outlet}"[:LABEL], told.when)
        self.line("  who", told.chain)
        self.line("  says", told.text)

    def story(self, found: Story) -> None:
        """A story: its documents by time, then the claims that several outlets carry."""
        self.line("story", found.story_id, STYLES["head"])
        self.line("title", found.title)
        self.line(
            "told by",
            f"{_count(len(found.documents), 'document')}, {_count(found.outlets, 'outlet')}, "
            f"{_count(found.origins, 'independent origin')}",
        )
        for head in found.documents:
            self.line("")
            self.line(head["role"], f"{head['when']} {head['outlet']} {head['doc_id']} {head['uri']}")
            self.line("  title", head["title"])
            self.line("  comes from", f"{head['origin']} {head['source']}".rstrip())
        for group in found.groups:
            self.line("")
            self.line(
                "claim",
                f"{_count(group.docs, 'document')}, {_count(group.outlets, 'outlet')}, "
                f"{_count(group.origins, 'independent origin')}",
                STYLES["kind"],
            )
            for told in group.told:
                self._told("", told)
                if told.relation:
                    self.line("  relation", f"{told.relation} {told.similarity:.2f}")
                self._changes(told.changes)
        if found.left_out:
            self.line("")
            self.line("#", f"{_count(found.left_out, 'claim')} more that several outlets carry: --limit")


def _isolated(line: Text | None) -> Text:
    return Text() if line is None else Text(ISOLATE).append_text(line).append(POP)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
