"""Train, dev and test: by stories, seeded, kept from release to release, near-duplicates never apart.

A story is what must stay together: documents of one group, and documents so alike that one is a reprint of another.
Stories are taken in the order of their event kind, then of a seeded hash, and each goes to the split that lags most
behind its share: so every kind is spread over the splits as evenly as whole stories allow.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from msgspec import Struct

from tahkim.errors import UsageError
from tahkim.gold.content import SPLITS
from tahkim.gold.reprints import reprints
from tahkim.model import Annotation, Document
from tahkim.schema import Schema

Splits = Mapping[str, str | None]


class Shares(Struct, frozen=True):
    """How documents are shared out, and the seed that decides which."""

    train: float = 0.8
    dev: float = 0.1
    test: float = 0.1
    seed: int = 0

    def check(self) -> Shares:
        """These shares, or UsageError when they are none."""
        # Written so that no number (nan) fails too.
        if not (min(self.train, self.dev, self.test) >= 0 and abs(self.train + self.dev + self.test - 1) <= 1e-9):
            raise UsageError("--splits are three shares for train, dev and test that sum to 1, such as 0.8,0.1,0.1")
        return self


class Story(NamedTuple):
    """Documents that stay together, sorted by id, and the kind of event that most of their spans are about."""

    doc_ids: tuple[str, ...]
    kind: str


def assign(
    documents: Sequence[Document], kinds: Mapping[str, str], previous: Splits, shares: Shares
) -> dict[str, str | None]:
    """The split of each document, by id.

    `documents` are those to be shared out and those that `previous` releases have, which stay where they are; a new
    document of an old story joins it. `kinds` gives the kind of event by document. Where a new document ties stories
    together that are in different splits already, the documents of the strictest (test, then dev) stay and the others
    are in none (None).
    """
    found: dict[str, str | None] = {}
    fresh: list[Story] = []
    for story in stories(documents, kinds):
        if previous.keys() & story.doc_ids:
            found |= _joined(story, previous)
        else:
            fresh.append(story)
    share = {split: getattr(shares, split) for split in SPLITS}
    count = Counter(split for split in found.values() if split is not None)
    for story in sorted(fresh, key=lambda story: (story.kind, _drawn(story, shares.seed))):
        total = count.total() + len(story.doc_ids)
        split = max(SPLITS, key=lambda split: (share[split] * total - count[split], share[split]))
        count[split] += len(story.doc_ids)
        found |= dict.fromkeys(story.doc_ids, split)
    return found


def _joined(story: Story, previous: Splits) -> dict[str, str | None]:
    """The splits of a story that has documents of earlier releases. Who is in none stays there."""
    taken = {previous[doc_id] for doc_id in story.doc_ids if doc_id in previous}
    strictest = max((split for split in SPLITS if split in taken), key=SPLITS.index, default=None)
    of_new = strictest if len(taken) == 1 else None
    return {
        doc_id: of_new if doc_id not in previous else strictest if previous[doc_id] == strictest else None
        for doc_id in story.doc_ids
    }


def _drawn(story: Story, seed: int) -> str:
    return sha256(f"{seed}\n{story.doc_ids[0]}".encode()).hexdigest()


def event_kind(gold: Annotation, schema: Schema) -> str:
    """The event label that most spans of a document have, the schema's first of equals; empty if it has none."""
    events = [s.label for s in gold.spans if s.label in schema.labels and schema.labels[s.label].kind == "event"]
    count = Counter(events)
    return min(count, key=lambda label: (-count[label], schema.label_order(label)), default="")


def stories(documents: Sequence[Document], kinds: Mapping[str, str]) -> list[Story]:
    """Documents by what must stay together, in the order of their ids."""
    root = {document.id: document.id for document in documents}

    def find(doc_id: str) -> str:
        while root[doc_id] != doc_id:
            root[doc_id] = root[root[doc_id]]
            doc_id = root[doc_id]
        return doc_id

    first_of_group: dict[str, str] = {}
    ties = [
        (document.id, first_of_group.setdefault(document.group, document.id))
        for document in documents
        if document.group is not None
    ]
    for one, other in (*ties, *reprints(documents)):
        root[find(one)] = find(other)
    members: dict[str, list[str]] = defaultdict(list)
    for doc_id in sorted(root):
        members[find(doc_id)].append(doc_id)
    return [Story(tuple(ids), _most_common(kinds.get(doc_id, "") for doc_id in ids)) for ids in members.values()]


def _most_common(kinds: Iterable[str]) -> str:
    count = Counter(kinds)
    return min(count, key=lambda kind: (-count[kind], kind))
