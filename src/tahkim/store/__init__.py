"""The project store, and the only SQL: documents, every revision of every annotation, and one append-only log.

A project lives in an SQLite file (`FOLDER/.tahkim/project.db`, write-ahead logging) or in a PostgreSQL database named
by a URL; both behave alike. Every call that writes is one transaction, alone at its time: it happens whole or not at
all, and the same call again changes nothing. The store never reads the clock: times are handed in.
"""

from tahkim.store.accounts import ROLES, SCOPES, Accounts, Role, Scope, Token, User
from tahkim.store.project import Added, Counts, Draft, Entry, Imported, Mark, Revision, Store

__all__ = [
    "ROLES",
    "SCOPES",
    "Accounts",
    "Added",
    "Counts",
    "Draft",
    "Entry",
    "Imported",
    "Mark",
    "Revision",
    "Role",
    "Scope",
    "Store",
    "Token",
    "User",
]
