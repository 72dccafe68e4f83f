"""Reading single raw files safely: names that survive, regular files only, retries.

Nothing here follows a link out of the raw folder or opens a pipe or device.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import time
from collections.abc import Callable
from functools import cache
from types import TracebackType
from typing import Any, BinaryIO, TypeVar

from pipeline.errors import IsnadError
from pipeline.rawnames import from_uri
from pipeline.resources import load
from pipeline.streams import CHUNK

T = TypeVar("T")
ATTEMPTS = 4
PAUSE = 0.05  # seconds before the second attempt, then doubling
_RETRY = {errno.ESTALE, errno.EIO, errno.EINTR, errno.EAGAIN, errno.ETIMEDOUT}


def next_action(reason: str) -> str:
    """What an operator can do about a reason code of the raw folder or of ingest."""
    return str(load("reject_reasons.yaml")[reason]["next"])


def transient(reason: str) -> bool:
    """True where the same input may be readable on the next run, so that the outcome must not be remembered.

    >>> transient("vanished"), transient("binary")
    (True, False)
    """
    return bool(load("reject_reasons.yaml")[reason].get("transient", False))


class UnreadableError(IsnadError):
    """One raw file cannot be read; ``reason`` is the code that goes into ``rejects``."""

    def __init__(
        self,
        message: str,
        *,
        place: str | None = None,
        next_action: str | None = None,
        reason: str = "io_error",
    ) -> None:
        super().__init__(message, place=place, next_action=next_action)
        self.reason = reason

    def __reduce__(self) -> tuple[object, ...]:
        return (_unreadable, (self.reason, self.message, self.place))


def _unreadable(reason: str, message: str, place: str | None) -> UnreadableError:
    return UnreadableError(message, place=place, next_action=next_action(reason), reason=reason)


def reason_of(error: OSError) -> str:
    """The reason code of an operating system error on a raw file.

    >>> reason_of(FileNotFoundError(2, "gone")), reason_of(PermissionError(13, "no"))
    ('vanished', 'permission')
    """
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "vanished"
    if isinstance(error, PermissionError):
        return "permission"
    if error.errno in (errno.ENXIO, errno.ENODEV, errno.EISDIR):
        return "not_a_regular_file"
    return "io_error"


def retrying(action: Callable[[], T]) -> T:
    """Run ``action``, again on the errors that network shares pass through; raises the last OSError."""
    for attempt in range(ATTEMPTS):
        try:
            return action()
        except OSError as error:
            if error.errno not in _RETRY or attempt == ATTEMPTS - 1:
                raise
            time.sleep(PAUSE * 2**attempt)
    raise AssertionError("unreachable")


@cache
def _real(root: str) -> str:
    """The root with its links resolved; once for a run."""
    return os.path.realpath(root)


class RawReader:
    """A regular file below the root, opened without blocking and read in order, with retries.

    Raises UnreadableError with reason ``vanished``, ``permission``, ``not_a_regular_file``, ``link_outside``
    or ``io_error``.
    """

    def __init__(self, root: str, uri: str) -> None:
        self.uri = uri
        self._path = os.path.join(root, from_uri(uri))
        self._root = _real(root)
        self._at = 0
        self._fd = -1
        self._fd = self._guard(self._open)
        self._identity = _identity(os.fstat(self._fd))
        self.size = self._identity[0]

    def __enter__(self) -> RawReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)

    def _guard(self, action: Callable[[], T]) -> T:
        try:
            return retrying(action)
        except OSError as error:
            raise _unreadable(reason_of(error), error.strerror or str(error), self.uri) from error

    def _open(self) -> int:
        # O_NONBLOCK: a pipe put in place of the file must not hang the run.
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
        try:
            fd = os.open(self._path, flags | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno != errno.ELOOP:  # anything but a link
                raise
            fd = os.open(self._inside(os.path.realpath(self._path)), flags)
        else:
            # What was opened is asked for its name: one call, where resolving the path takes one for each folder.
            try:
                real = os.readlink(f"/proc/self/fd/{fd}")
            except OSError:
                real = os.path.realpath(self._path)
            try:
                self._inside(real)
            except UnreadableError:
                os.close(fd)
                raise
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise _unreadable("not_a_regular_file", "not a regular file", self.uri)
        return fd

    def _inside(self, real: str) -> str:
        if not real.startswith(os.path.join(self._root, "")):
            raise _unreadable("link_outside", "leads out of the raw folder", self.uri)
        return real

    def read(self, size: int = CHUNK) -> bytes:
        """The next ``size`` bytes at most; empty at the end."""
        data = self.read_at(self._at, size)
        self._at += len(data)
        return data

    def read_at(self, place: int, size: int) -> bytes:
        """At most ``size`` bytes at byte ``place``; empty at the end, which is where it was when the file was opened: a
        file that grows as fast as it is read has an end, too."""
        wanted = max(0, min(size, self.size - place))

        def attempt() -> bytes:
            try:
                return os.pread(self._fd, wanted, place)
            except OSError as error:
                if error.errno == errno.ESTALE:  # the handle is dead; only a fresh one can answer
                    fresh = self._open()
                    os.close(self._fd)
                    self._fd = fresh
                raise

        return self._guard(attempt)

    def file(self) -> BinaryIO:
        """The same bytes as a file that can be read at any place, for formats with a directory at their end."""
        return io.BufferedReader(_Seekable(self), CHUNK)

    def unchanged(self) -> bool:
        """True while the file under this name is the one that was opened, with the same size and time."""
        try:
            return _identity(os.stat(self._path)) == self._identity
        except OSError:
            return False


def _identity(found: os.stat_result) -> tuple[int, int, int, int]:
    return (found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev)


class _Seekable(io.RawIOBase):
    """A RawReader as a file object."""

    def __init__(self, reader: RawReader) -> None:
        self._reader = reader
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._reader.size}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, "a place before the start")
        self._place = base + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        data = self._reader.read_at(self._place, len(buffer))
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)
