"""What a release costs: seconds and memory of making its contents and of writing each format.

    python benchmarks/release.py --documents 10000

The reports are made up, two annotators each, 13 spans and 4 relations, one in fifty a reprint. Each format is written
by a process of its own, so that the memory is what it adds to that of the contents. At the end: splits of reports
that are all one story told again, which ask most of the search for reprints.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tahkim import project as projects
from tahkim.adjudicate.strategies import Settings
from tahkim.gold.release import write_formats
from tahkim.gold.splits import stories
from tahkim.model import Annotation, Corpus, Document, Relation, Span
from tahkim.workflow import intake
from tahkim.workflow.contents import Cut, contents
from tahkim.workflow.formats import FORMATS

EVENTS = (("غارة", "AIRSTRIKE"), ("قصف", "SHELLING"), ("انفجار", "EXPLOSION"), ("اشتباكات", "CLASH"))
ACTORS = ("قوات الجيش", "فصائل محلية", "مسلحين مجهولين", "الشرطة العسكرية")
PLACES = ("بلدة الشحيل", "مدينة سرمين", "ريف القنيطرة", "قرية الحمرة", "حي الوعر")
VICTIMS = ("ثلاثة مدنيين", "عنصرين", "خمسة أشخاص", "سبعة جنود")
FILLING = "وقال شهود إن الوضع هادئ منذ ساعات بعد وصول فرق الإسعاف إلى المكان وإغلاق الطرق المؤدية إليه"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--strategy", default="majority")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        _formats(Path(scratch), collection(options.documents), options.strategy)
    alike = [Document(id=f"d{n}", text=f"{FILLING} " * 5 + f"رقم {n}") for n in range(options.documents)]
    _measured("splits, one story", lambda: stories(alike, {}))


def _formats(scratch: Path, corpus: Corpus, strategy: str) -> None:
    projects.init(scratch / "project", None)
    with projects.open_project(scratch / "project", None) as project:
        intake.take_in(project, corpus, "made up")
        cut = Cut(
            revision=project.store.last_revision(),
            entry=0,
            settings=Settings(strategy),
            partial=True,
            by="lead",
            at="2026-01-01T00:00:00Z",
            schema=project.schema_text,
            formats=("soft",),
        )
        begin = time.perf_counter()
        made = contents(project, "benchmark", cut)
        print(f"{'contents':20}{time.perf_counter() - begin:8.1f} s {_memory('VmHWM'):8.0f} MB", flush=True)
    for name, format in FORMATS.items():
        _measured(name, partial(write_formats, scratch, made.items, made.schema, {name: format}))


def _measured(name: str, work: Callable[[], object]) -> None:
    """Do it in a child, which prints its seconds and by how much its memory grew."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before, begin = _memory("VmRSS"), time.perf_counter()
    work()
    print(f"{name:20}{time.perf_counter() - begin:8.1f} s +{_memory('VmHWM') - before:7.0f} MB", flush=True)
    os._exit(0)


def _memory(key: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(key))


def collection(number: int, seed: int = 0) -> Corpus:
    """Reports with two readings each; the second annotator differs in one mark of every third report."""
    draw = random.Random(seed)
    documents, annotations = {}, []
    text, reading = "", Annotation(doc_id="", annotator="amal")
    for n in range(number):
        doc_id = f"d{n:06}"
        if n % 50 != 1:
            text, reading = _report(draw)
        documents[doc_id] = Document(id=doc_id, text=text, meta={"outlet": draw.choice("AB")})
        for who in ("amal", "basim"):
            spans = reading.spans
            if who == "basim" and draw.random() < 1 / 3:
                spans = spans[:-1]
            annotations.append(Annotation(doc_id=doc_id, annotator=who, spans=spans, relations=reading.relations))
    return Corpus(documents, tuple(annotations))


def _report(draw: random.Random) -> tuple[str, Annotation]:
    text, spans, relations = "", [], []
    for _ in range(3):
        said = dict(zip(("event", "ACTOR", "LOC", "CASUALTY"), _sentence(draw), strict=True))
        for kind, (before, surface, label) in said.items():
            start = len(text) + len(before)
            text += before + surface
            spans.append(Span(f"s{len(spans) + 1}", start, start + len(surface), label))
            if kind == "ACTOR":
                relations.append(Relation(f"r{len(relations) + 1}", "agent", spans[-2].id, spans[-1].id))
        text += f". {' '.join(draw.choices(FILLING.split(), k=30))} {draw.randrange(10**6)}.\n"
    relations.append(Relation(f"r{len(relations) + 1}", "place", "s1", "s3"))
    text += "مساء الاثنين"
    spans.append(Span(f"s{len(spans) + 1}", len(text) - len("الاثنين"), len(text), "TIME"))
    return text, Annotation(doc_id="", annotator="amal", spans=tuple(spans), relations=tuple(relations))


def _sentence(draw: random.Random) -> Iterator[tuple[str, str, str]]:
    """What stands before each mark, the mark, its label."""
    yield ("", *draw.choice(EVENTS))
    yield (" نفذتها ", draw.choice(ACTORS), "ACTOR")
    yield (" في ", draw.choice(PLACES), "LOC")
    yield (" وأسفرت عن مقتل ", draw.choice(VICTIMS), "CASUALTY")


if __name__ == "__main__":
    main()
