"""The errors of this library: each message says what was found, what was expected and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .optimise import Result


class SaeError(ValueError):
    """Input that can't be used."""


class MissingDataError(SaeError):
    """Data that are not here: in no installed package, not downloaded, not in a folder that was named."""


class TrainingError(SaeError):
    """A training that can't go on; `.result` is the best theta so far, with its history."""

    def __init__(self, message: str, result: Result):
        super().__init__(message)
        self.result = result
