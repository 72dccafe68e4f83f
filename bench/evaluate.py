"""Score the pipeline on gold and refuse to fall below the floors: python bench/evaluate.py --shared ../shared

Runs the whole pipeline over each gold folder, calls the scorers that lie beside the gold, prints every figure and
compares the pinned ones with ``bench/floors.json``. A floor belongs to the gold that it was measured on (SHA-256
of the folder): where the gold has changed, the floor is reported as void, never silently kept. ``--raise`` writes
the measured figures as new floors where they are higher; nothing lowers a floor but an edit of the file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
FLOORS = HERE / "floors.json"
SLACK = 0.005  # figures move by this much with library versions; floors are pinned this far below


def folder_sha256(folder: Path) -> str:
    """SHA-256 over names and bytes of all files of a folder."""
    sha = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        sha.update(path.relative_to(folder).as_posix().encode())
        sha.update(hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()


def run_pipeline(raw: Path, out: Path, *overrides: str) -> None:
    """Run the pipeline over a raw folder into ``out``; exit code 3 (many rejects) is no failure here."""
    settings = [f"paths.raw={raw}", f"paths.processed={out}", *overrides]
    command = [sys.executable, "-m", "pipeline", "run", *(a for s in settings for a in ("--set", s))]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(f"the pipeline failed on {raw}:\n{done.stderr[-2000:]}")


def scorer(shared: Path, name: str, gold: Path, out: Path) -> dict[str, Any]:
    """Figures of one scorer of ``shared/score``."""
    command = [sys.executable, f"{name}.py", str(gold), str(out / "current"), "--json"]
    done = subprocess.run(command, cwd=shared / "score", capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def measure(shared: Path) -> dict[str, dict[str, Any]]:
    """All figures, by measurement: {"gold": sha256 of the gold, "figures": {…}}."""
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        golds = {name: shared / "gold" / name for name in ("seeds", "dev")}
        golds |= {f"own-{part}": _own(shared, part, Path(folder)) for part in ("tune", "held")}
        for name, gold in golds.items():
            out = Path(folder) / f"{name}-out"
            run_pipeline(gold / "docs", out)
            for what in ("claims", "mentions"):
                found[f"{name}.{what}"] = {
                    "gold": folder_sha256(gold),
                    "figures": scorer(shared, what, gold, out),
                }
        found["araplagdet.reuse"] = _reuse(shared, Path(folder))
    found |= _models(shared)
    return found


def _own(shared: Path, part: str, folder: Path) -> Path:
    """The project's own gold of one part with its texts: rules are made on ``tune`` and never look at ``held``."""
    out = folder / f"own-{part}"
    command = [sys.executable, str(HERE / "gold.py"), "materialise", str(out)]
    subprocess.run([*command, "--shared", str(shared), "--part", part], check=True, capture_output=True)
    return out


def _reuse(shared: Path, folder: Path) -> dict[str, Any]:
    source = shared / "data" / "reuse"
    raw = folder / "reuse-raw"
    raw.mkdir()
    (raw / "documents.jsonl.gz").write_bytes((source / "araplagdet_dev_documents.jsonl.gz").read_bytes())
    run_pipeline(raw, folder / "reuse")
    figures = scorer(shared, "reuse", source / "araplagdet_dev_gold.jsonl.gz", folder / "reuse")
    return {"gold": folder_sha256(source), "figures": figures}


def _models(shared: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for kind, data in (("udpipe", "treebank"), ("ner", "ner")):
        command = [
            sys.executable,
            "-m",
            "pipeline",
            "models",
            "evaluate",
            kind,
            "--data",
            str(shared / "data"),
            "--json",
        ]
        done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=True)
        found[f"models.{kind}"] = {
            "gold": folder_sha256(shared / "data" / data),
            "figures": flat(json.loads(done.stdout)),
        }
    return found


def flat(value: Any, prefix: str = "") -> dict[str, float]:
    """Nested figures as dotted names.

    >>> flat({"raw": {"UPOS": {"f1": 0.9}}})
    {'raw.UPOS.f1': 0.9}
    """
    if isinstance(value, dict):
        return {k: v for name, item in value.items() for k, v in flat(item, f"{prefix}{name}.").items()}
    return {prefix.rstrip("."): value} if isinstance(value, int | float) else {}


def compare(measured: dict[str, dict[str, Any]], floors: dict[str, Any]) -> list[str]:
    """Floors that are not held, as sentences."""
    broken = []
    for name, floor in floors.items():
        now = measured.get(name)
        if now is None:
            broken.append(f"{name}: not measured")
        elif now["gold"] != floor["gold"]:
            broken.append(f"{name}: the gold has changed; measure anew and set the floors by hand")
        else:
            for figure, least in floor["figures"].items():
                value = now["figures"].get(figure)
                if value is None or value < least:
                    broken.append(f"{name}.{figure}: {value} is below its floor {least}")
    return broken


def raised(measured: dict[str, dict[str, Any]], floors: dict[str, Any]) -> dict[str, Any]:
    """The floors, each lifted to the measured figure less SLACK where that is higher."""
    out = {}
    for name, floor in floors.items():
        now = measured[name]
        lift = {k: max(v, round(now["figures"][k] - SLACK, 4)) for k, v in floor["figures"].items()}
        out[name] = {"gold": now["gold"], "figures": lift}
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--shared", type=Path, default=HERE.parent.parent / "shared")
    parser.add_argument(
        "--raise", dest="lift", action="store_true", help="lift the floors to what is measured"
    )
    args = parser.parse_args()
    if not (args.shared / "gold").is_dir():
        print(f"no gold at {args.shared}: name the folder with --shared", file=sys.stderr)
        return 2
    measured = measure(args.shared.resolve())
    for name, value in measured.items():
        print(name)
        for figure, number in value["figures"].items():
            if not isinstance(number, dict):
                print(f"  {figure:28} {number if not isinstance(number, float) else round(number, 4)}")
    floors = json.loads(FLOORS.read_text("utf-8"))
    broken = compare(measured, floors)
    if args.lift:
        FLOORS.write_text(json.dumps(raised(measured, floors), indent=1) + "\n", "utf-8")
    print(
        "\n".join(["", *broken])
        if broken
        else f"\nall {sum(len(f['figures']) for f in floors.values())} floors hold"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
