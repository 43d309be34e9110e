"""Every error a user can meet, one tree: each message says what is wrong, where, and what to do next."""

from __future__ import annotations


class TahkimError(Exception):
    """Root of the tree. The command line prints its text as one line and exits with `exit_code`."""

    exit_code = 1


class UsageError(TahkimError):
    """The call itself cannot work: an unknown strategy, a missing project, options that exclude each other."""

    exit_code = 2


class InputError(TahkimError):
    """A file, or a line of one, cannot be read as what it should be."""


class OffsetError(InputError):
    """An offset lies outside its text, splits a character, or does not agree with its surface."""


class SchemaError(TahkimError):
    """The annotation schema is wrong, or an annotation does not follow it."""


class RuleError(TahkimError):
    """A lexicon or pattern file is wrong; names file and line."""


class StoreError(TahkimError):
    """The project store is missing, locked, damaged, or made by another version."""


class DecisionError(TahkimError):
    """A decision cannot be taken: unknown key, wrong document, an undo of an undo."""


class ReleaseError(TahkimError):
    """A release exists already, is empty, or does not verify."""


class ServerError(TahkimError):
    """An annotation tool cannot be installed, reached or understood, or it refuses what was asked."""
