"""Check a ``.udpipe`` file before native code sees it: ``Model.load`` may abort the process on garbage."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from functools import cache
from pathlib import Path

from pipeline.errors import ModelError

# A UDPipe 1 model begins with the length and name of its method (Straka & Straková 2017, model format).
HEADER = b"\x12morphodita_parsito"
_PROBE = """\
import sys
from ufal.udpipe import Model, Pipeline, ProcessingError
model = Model.load(sys.argv[1])
error = ProcessingError()
pipe = Pipeline(model, "tokenize", Pipeline.DEFAULT, Pipeline.DEFAULT, "conllu") if model else None
sys.exit(0 if pipe and pipe.process("نص قصير.", error) and not error.occurred() else 3)
"""


def sha256(path: Path) -> str:
    """Return the SHA-256 of the file at ``path`` as hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _kind_of(head: bytes) -> str | None:
    """Say what a file that is no model seems to be, from its first bytes; None for a model."""
    if head.startswith(HEADER):
        return None
    if not head:
        return "the file is empty"
    text = head.lstrip().lower()
    if text.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        return "the file is a web page, not a model: the download failed"
    if text.startswith(b"version https://git-lfs"):
        return "the file is a Git LFS pointer: run `git lfs pull`"
    return "the file does not begin like a UDPipe 1 model"


@cache
def check(path: str, expected: str | None = None) -> str:
    """Return the SHA-256 of the model at ``path`` once it is safe to load; checked once per process.

    With ``expected`` the checksum decides; without it the file is loaded in a child process first, so that a
    damaged one cannot take this process down. Raises ModelError that names the file, and the checksum expected.
    """
    file = Path(path)
    wanted = f" (expected SHA-256 {expected})" if expected else ""
    if file.is_dir():
        raise _refusal(path, f"a folder, not a .udpipe file{wanted}")
    if not file.is_file():
        raise _refusal(path, f"no such file{wanted}")
    with file.open("rb") as handle:
        wrong = _kind_of(handle.read(512))
    if wrong:
        raise _refusal(path, f"{wrong}{wanted}")
    found = sha256(file)
    if expected is not None and found != expected.lower():
        raise _refusal(path, f"SHA-256 is {found}, expected {expected}: the file is damaged or another one")
    if expected is None:
        _probe(path)
    return found


def _refusal(path: str, what: str) -> ModelError:
    return ModelError(what, place=f"model {path}", next_action="name a UDPipe 1 model in segment.model")


def _probe(path: str) -> None:
    try:
        done = subprocess.run(
            [sys.executable, "-c", _PROBE, path], capture_output=True, timeout=120, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _refusal(path, "loading it takes more than 120 s") from error
    if done.returncode:
        what = (
            f"UDPipe cannot use it (exit {done.returncode}): damaged, or without tokeniser, tagger and parser"
        )
        raise _refusal(path, what)
