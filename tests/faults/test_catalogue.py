"""Every fault of sections A–E (1–96) has a test of its number, and one night full of them is published as a whole."""

from __future__ import annotations

import ast
import hashlib
import re
from pathlib import Path

import pytest

from tests.faults.invariants import PAGE, TEXT, record
from tests.nights import Night, make_raw

OPEN: set[int] = set()
"""Numbers that have no test yet; must be empty."""

_NUMBERS = re.compile(r"test_fault_((?:[0-9]{2}_)+)")


def test_every_fault_has_a_test() -> None:
    found: set[int] = set()
    for path in sorted(Path(__file__).parents[1].rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and (match := _NUMBERS.match(node.name)):
                found |= {int(number) for number in match[1].strip("_").split("_")}
    assert set(range(1, 97)) - found == OPEN


FILES: dict[str, bytes] = {
    "cp1256.txt": PAGE.replace("الشمال", "الجنوب").encode("cp1256"),
    "utf16.txt": PAGE.replace("الشمال", "الغرب").encode("utf-16-be"),
    "mojibake.txt": PAGE.replace("الشمال", "الشرق").encode().decode("cp1256").encode(),
    "nul.txt": PAGE.encode() + "ختام\x00 الكلام\n".encode(),
    "controls.txt": PAGE.replace(" ", "\u202e\x0b ").encode(),
    "marks.txt": (PAGE + "ب" + "َ" * 20_000).encode(),
    "brackets.txt": (PAGE + "(" * 16_000 + "\n").encode(),
    "pdf.txt": b"%PDF-1.4\n" + bytes(range(256)),
    "empty.txt": b"",
    "asked.txt": b"???? ??? ????? ?? ??????",
    "backwards.txt": "\n".join(line[::-1] for line in PAGE.split("\n")).encode(),
    "menu.txt": b"Sorry, you need to enable JavaScript to visit this website.\n",
    "x.jsonl": record(
        id="1", text=TEXT + "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    )
    + b'{"text": 5}\n{"a": NaN}\nx\n',
}


@pytest.mark.slow
def test_whole_night(tmp_path: Path) -> None:
    """I1–I5 through the command's own path: one snapshot, its files as the manifest says, healed by taking the files away."""
    night = Night(make_raw(tmp_path / "raw"), tmp_path / "out")
    night.run()
    tables = ("documents", "blocks", "sentences", "claims", "mentions")
    before = {name: night.table(name) for name in tables}
    folder = night.raw / "2026-11-02" / "sahil"
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    assert night.run().exit_code in (0, 3)
    for name, sha256 in night.files().items():  # I2
        assert hashlib.sha256((night.out / "current" / name).read_bytes()).hexdigest() == sha256
    documents, rejects = night.table("documents"), night.table("rejects")
    accounted = {*documents["source_uri"].str.partition("#")[0], *rejects["key"].str.partition("#")[0]}
    wanted = {f"2026-11-02/sahil/{name}" for name in FILES}
    assert wanted <= accounted  # I1
    own = set(before["documents"]["doc_id"])
    for name in tables:  # I3
        during = night.table(name)
        same = during[during["doc_id"].isin(own)].reset_index(drop=True)
        assert same.to_json() == before[name].reset_index(drop=True).to_json(), name
    assert rejects["next_action"].str.len().min() > 0  # I4
    assert rejects["detail"].str.len().max() <= 200
    assert night.run().ran == []  # I5
