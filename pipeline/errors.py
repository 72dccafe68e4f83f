"""Errors that a person can act on: each names its place and the next step, and knows its exit code."""

from __future__ import annotations


class IsnadError(Exception):
    """A failure with a cause, a place and a next action.

    ``exit_code`` is that of the command line (see docs: 1 failed, 2 refused, 4 gate held, 75 locked).
    """

    exit_code = 1

    def __init__(self, message: str, *, place: str | None = None, next_action: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.next_action = next_action

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text}\n  next: {self.next_action}" if self.next_action else text

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders; the default pickling would lose the keyword arguments.
        return (_rebuild, (type(self), self.message, self.place, self.next_action))


def _rebuild(cls: type[IsnadError], message: str, place: str | None, next_action: str | None) -> IsnadError:
    return cls(message, place=place, next_action=next_action)


class ConfigError(IsnadError):
    """The configuration or the command line is refused before any work."""

    exit_code = 2


class InputError(IsnadError):
    """The raw folder as a whole cannot be used (missing, empty, unreadable)."""

    exit_code = 2


class ModelError(IsnadError):
    """A language model is missing, is not what its checksum says, or fails its sanity sentence."""

    exit_code = 2


class StageError(IsnadError):
    """A stage failed as a whole; the published snapshot stands."""


class StoreError(IsnadError):
    """The processed folder cannot be written or read."""


class CorruptError(StoreError):
    """A stored file is not what its name and the manifest say."""


class GateError(IsnadError):
    """A quality gate held the publication."""

    exit_code = 4


class LockedError(IsnadError):
    """Another run holds the lock of the processed folder."""

    exit_code = 75
