"""The raw folder: what lies in it, what changed, and how it falls into batches.

What is read and what is ignored without a word: see ``pipeline.formats``. Everything else is a problem that ends in
``rejects``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import stat
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import formats
from pipeline.errors import InputError
from pipeline.rawfiles import (
    RawReader,
    UnreadableError,
    next_action,
    reason_of,
    retrying,
    transient,
)
from pipeline.rawnames import from_uri, to_uri

__all__ = [
    "Listing", "RawBatch", "RawFile", "RawProblem", "UnreadableError", "cut", "date_of", "digest", "plan", "scan", "to_path",
    "transient",
]  # fmt: skip

BATCH_BYTES = 32 << 20
LARGE = frozenset({"zip", "tar", "warc", "tar.gz", "tar.zst", "tar.bz2", "warc.gz", "warc.zst", "warc.bz2"})
SMALL = 64 << 10  # bytes up to which files of records share a batch, too
_DAY = re.compile(
    r"(?:^|/)(?:dt=)?([0-9]{4})-([0-9]{2})-([0-9]{2})(?=/|$)|(?:^|/)([0-9]{4})/([0-9]{2})/([0-9]{2})(?=/|$)"
)


@dataclass(frozen=True, slots=True)
class RawFile:
    """One raw file. uri: escaped POSIX path below the root. size: bytes. stamp: changes whenever the file may have
    (size, modification and change time, inode). form: kind and packing by its name, such as ``text`` or
    ``jsonl.gz``."""

    uri: str
    size: int
    stamp: str
    form: str


@dataclass(frozen=True, slots=True)
class RawProblem:
    """A place of the raw folder that cannot be an input, with its reason code."""

    uri: str
    reason: str
    detail: str
    next_action: str


@dataclass(frozen=True)
class Listing:
    """The raw folder: files and problems sorted by uri, and the number of entries that were ignored."""

    files: tuple[RawFile, ...]
    problems: tuple[RawProblem, ...]
    ignored: int = 0


@dataclass(frozen=True)
class RawBatch:
    """Files that are read together: (uri, SHA-256 of the raw bytes). ``form`` is ``text`` for a group of small files,
    else that of the one large file of records."""

    form: str
    files: tuple[tuple[str, str], ...]


def to_path(root: Path, uri: str) -> Path:
    """The file that ``uri`` (without a record number) names."""
    return Path(os.path.join(root, from_uri(uri)))


def _form(name: str) -> str | None:
    found = formats.by_name(name)
    return ".".join(part for part in found if part) if found else None


def _stamp(found: os.stat_result) -> str:
    return f"{found.st_size}-{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_ino}"


class _Scan:
    """State of one walk: an explicit stack, because folders may be nested deeper than Python recurses."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self.files: list[RawFile] = []
        self.problems: list[RawProblem] = []
        self.ignored = 0

    def problem(self, relative: str, reason: str, detail: str) -> None:
        self.problems.append(RawProblem(to_uri(relative), reason, detail, next_action(reason)))

    def walk(self) -> None:
        folders = [""]
        while folders:
            relative = folders.pop()
            try:
                with retrying(lambda at=relative: os.scandir(os.path.join(self.root, at))) as entries:  # type: ignore[misc]
                    for entry in entries:
                        path = f"{relative}/{entry.name}" if relative else entry.name
                        if self.entry(entry, path):
                            folders.append(path)
            except OSError as error:
                if not relative:
                    raise
                self.problem(relative, reason_of(error), f"folder cannot be listed: {error.strerror}")

    def entry(self, entry: os.DirEntry[str], path: str) -> bool:
        """Note one directory entry; True where it is a folder to walk."""
        if formats.ignored(entry.name):
            self.ignored += 1
            return False
        try:
            if entry.is_symlink():
                found = self.link(entry, path)
                if found is None:
                    return False
            else:
                found = entry.stat(follow_symlinks=False)
        except OSError as error:
            self.problem(path, reason_of(error), error.strerror or str(error))
            return False
        if stat.S_ISDIR(found.st_mode):
            return True
        form = _form(entry.name)
        if not stat.S_ISREG(found.st_mode):
            self.problem(path, "not_a_regular_file", f"file type {stat.filemode(found.st_mode)[0]}")
        elif form is None:
            suffix = os.path.splitext(entry.name)[1]
            kind = f"ending {to_uri(suffix)}" if suffix else "no ending"
            self.problem(path, "unsupported_format", f"{kind}; read are {formats.READ}")
        else:
            self.files.append(RawFile(to_uri(path), found.st_size, _stamp(found), form))
        return False

    def link(self, entry: os.DirEntry[str], path: str) -> os.stat_result | None:
        """Judge a symbolic link; returns the status of a regular file inside the root, else notes a problem."""
        try:
            target = os.path.realpath(entry.path, strict=True)
        except FileNotFoundError:
            self.problem(path, "link_dangling", "points to nothing")
            return None
        except OSError as error:
            self.problem(path, "link_loop", error.strerror or str(error))
            return None
        if target != self.root and not target.startswith(os.path.join(self.root, "")):
            self.problem(path, "link_outside", "points out of the raw folder")
            return None
        found = os.stat(target)
        if stat.S_ISDIR(found.st_mode):
            here = os.path.join(os.path.dirname(entry.path), "")
            loop = here.startswith(os.path.join(target, ""))
            inside = to_uri(os.path.relpath(target, self.root))
            self.problem(path, "link_loop" if loop else "link_folder", f"points to {inside}")
            return None
        return found


def scan(root: Path) -> Listing:
    """List the raw folder, without opening a file; one status call per entry.

    Symbolic links to files inside the root count as files (twins are recognised by content); links to folders are
    not followed, links that leave the root, dangle or loop are problems.

    Raises InputError where the root is missing, no folder, unreadable, or holds nothing to read.
    """
    place = str(root)
    try:
        if not stat.S_ISDIR(os.stat(root).st_mode):
            raise InputError(
                "the raw folder is not a folder", place=place, next_action="Set paths.raw to a folder."
            )
        walk = _Scan(os.fspath(root))
        walk.walk()
    except FileNotFoundError as error:
        raise InputError(
            "the raw folder does not exist", place=place, next_action="Mount or create it, or set paths.raw."
        ) from error
    except OSError as error:
        raise InputError(
            f"the raw folder cannot be listed: {error.strerror}",
            place=place,
            next_action="Check rights and mount.",
        ) from error
    if not walk.files and not walk.problems:
        raise InputError(
            "the raw folder is empty",
            place=place,
            next_action="Check the delivery: an empty night is never published.",
        )
    key: Callable[[Any], str] = lambda item: item.uri  # noqa: E731
    return Listing(tuple(sorted(walk.files, key=key)), tuple(sorted(walk.problems, key=key)), walk.ignored)


def date_of(uri: str) -> str | None:
    """The batch date that a path names: a folder ``YYYY-MM-DD``, ``dt=YYYY-MM-DD`` or ``YYYY/MM/DD``; the innermost.

    >>> date_of("2026-11-01/a.txt"), date_of("x/dt=2026-11-01/a.jsonl#3"), date_of("2026/11/01/a.txt")
    ('2026-11-01', '2026-11-01', '2026-11-01')
    >>> date_of("2026-02-30/a.txt") is None and date_of("2026-11-01.txt") is None
    True
    """
    folder = uri.rpartition("/")[0]
    for match in reversed(list(_DAY.finditer(folder))):
        year, month, day = (int(part) for part in match.groups() if part)
        try:
            return dt.date(year, month, day).isoformat()
        except ValueError:
            continue
    return None


def digest(root: Path, file: RawFile) -> str:
    """SHA-256 of the raw bytes, streamed; a file that changes meanwhile is read once more.

    Raises UnreadableError with reason ``unstable``, ``vanished``, ``permission``, ``not_a_regular_file`` or
    ``io_error``.
    """
    for _ in range(2):
        with RawReader(os.fspath(root), file.uri) as reader:
            sha = hashlib.sha256()
            seen = 0
            while data := reader.read(1 << 20):
                sha.update(data)
                seen += len(data)
            if seen == reader.size and reader.unchanged():
                return sha.hexdigest()
    raise UnreadableError(
        "changed while it was read, twice",
        place=file.uri,
        next_action=next_action("unstable"),
        reason="unstable",
    )


def plan(files: Sequence[tuple[RawFile, str]], target: int) -> list[RawBatch]:
    """Group the files of one unit into batches of about ``target`` articles, in order of their content's hash.

    A batch ends after a file whose hash says so (content-defined chunking), so that a new or removed file changes
    its own batch and, rarely, the next, and a renamed one leaves every batch with the same documents; between
    target/3 and 2·target files, and about 32 MiB. Large files of records are batches of their own, and so are archives.
    """
    batches: list[RawBatch] = []
    group: list[tuple[str, str]] = []
    size = 0

    def close() -> None:
        nonlocal group, size
        if group:
            batches.append(RawBatch("text", tuple(group)))
        group, size = [], 0

    for file, sha256 in sorted(files, key=lambda item: (item[1], item[0].uri)):
        if file.form not in formats.ARTICLES and (file.size > SMALL or file.form in LARGE):
            batches.append(RawBatch(file.form, ((file.uri, sha256),)))
            continue
        if group and size + file.size > BATCH_BYTES:
            close()
        group.append((file.uri, sha256))
        size += file.size
        if cut(sha256.encode("ascii"), len(group), target):
            close()
    close()
    return batches


def cut(key: bytes, count: int, target: int) -> bool:
    """True where a batch of ``count`` items ends after the item ``key``."""
    return count >= 2 * target or (count >= target // 3 and zlib.crc32(key) % target == 0)
