"""Many leads at once against one real server: is every decision there, and how long did each take?

    python benchmarks/web.py                       50 leads, one decision a second each, for a minute, on SQLite
    python benchmarks/web.py --postgresql URL      the same, and then again on an empty PostgreSQL database
    python benchmarks/web.py --kill                the server is killed (-9) half way, started again, and the log held
                                                   against what was acknowledged

Leads share documents, so that some meet on one unit: those are told "decided meanwhile" and go on. Afterwards every
acknowledged decision must stand in the log exactly once, and nothing else may. Exit 1 when it does not.

The leads run on the machine that serves them: the CPU time of both is told, so that it can be seen which of the two a
time hangs on. That of PostgreSQL's own processes is in neither.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil

from tahkim import project as projects
from tahkim.clock import now
from tahkim.model import Annotation, Document, Span
from tahkim.store import Accounts, Store
from tahkim.text import tokens
from tahkim.web.access import new_token

TEXT = "قصفت طائرة مسيّرة مستودعاً قرب بلدة الهول، وقُتل مدنيان وأصيب ثلاثة آخرون بجروح في انفجار عبوة غرب المدينة. "
LABELS = ("LOC", "ACTOR", "ASSET", "WEAPON")
SPANS = 40


def build(folder: Path, store: str | None, documents: int, leads: int) -> list[str]:
    """A project of documents in which two annotators differ at every span; a token for each lead."""
    projects.init(folder, store)
    with projects.open_project(folder, store) as project:
        ids = [f"d{n:04}" for n in range(documents)]
        texts = {doc_id: TEXT * 3 + doc_id for doc_id in ids}
        project.store.add_documents(Document(id=i, text=texts[i]) for i in ids)
        annotations = [
            Annotation(doc_id=i, annotator=who, spans=_spans(texts[i], shift))
            for i in ids
            for shift, who in enumerate(("amal", "basim"))
        ]
        project.store.add_annotations(annotations, {"benchmark": "web"}, now())
        accounts = Accounts(project.store)
        for number in range(leads):
            accounts.add(f"lead{number}", "lead", "no password logs in here", by="benchmark", at=now())
        return [new_token(accounts, f"lead{number}", "decide", by="benchmark") for number in range(leads)]


def _spans(text: str, shift: int) -> tuple[Span, ...]:
    words = tokens(text)[:SPANS]
    return tuple(Span(f"s{n}", a, b, LABELS[(n + shift) % len(LABELS)]) for n, (a, b) in enumerate(words))


class Served:
    """A server in a process of its own."""

    def __init__(self, folder: Path, store: str | None) -> None:
        tahkim = Path(sys.executable).with_name("tahkim")
        self.command = [str(tahkim), "serve", "--project", str(folder), "--port", "0"]
        self.command += ["--store", store] if store else []
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        found = re.search(r"http://[\w.:]+", self.process.stderr.readline())
        assert found is not None
        self.base = found[0]
        self._drain = asyncio.get_running_loop().run_in_executor(None, self.process.stderr.read)

    def cpu(self) -> float:
        """Seconds of CPU time so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return float(times.user + times.system)


async def lead(
    client: httpx.AsyncClient, served: Served, token: str, ids: list[str], until: float, seed: int, tally: Any
) -> None:
    """One decision a second on documents at random until the time is up."""
    rnd = random.Random(seed)
    headers = {"authorization": f"Bearer {token}"}
    questions: list[dict[str, Any]] = []
    path = ""
    await asyncio.sleep(rnd.random())
    while (began := time.perf_counter()) < until:
        try:
            if not questions:
                path = f"/api/documents/{rnd.choice(ids)}"
                questions = open_questions((await client.get(served.base + path, headers=headers)).json(), rnd)
            questions = await decide(client, served.base + path, headers, questions, rnd, tally)
        except httpx.TransportError:
            tally["refused"] += 1
        await asyncio.sleep(max(0.0, 1.0 - (time.perf_counter() - began)))


def open_questions(document: dict[str, Any], rnd: random.Random) -> list[dict[str, Any]]:
    found = [q for q in document["questions"] if q["open"]]
    rnd.shuffle(found)
    return found


async def decide(
    client: httpx.AsyncClient,
    url: str,
    headers: dict[str, str],
    questions: list[dict[str, Any]],
    rnd: random.Random,
    tally: Any,
) -> list[dict[str, Any]]:
    """Decide the first question; what is open then, in an order of this lead's own."""
    if not questions:
        return []
    question = questions[0]
    body = {"key": question["key"], "seen": question["seen"], "standing": None, "choice": rnd.choice([1, 2, "none"])}
    began = time.perf_counter()
    answer = await client.post(f"{url}/decisions", json=body, headers=headers)
    tally["times"].append(time.perf_counter() - began)
    tally[answer.status_code] += 1
    if answer.status_code == 200:
        tally["acknowledged"].append((url.rpartition("/")[2], question["key"], body["choice"]))
    changes = answer.json()
    return open_questions(changes.get("changes", changes), rnd) if answer.status_code in (200, 409) else []


async def run(arguments: argparse.Namespace, folder: Path, store: str | None) -> int:
    tokens_ = build(folder, store, arguments.documents, arguments.leads)
    served = Served(folder, store)
    ids = [f"d{n:04}" for n in range(arguments.documents)]
    tally: Any = Counter()
    tally["times"], tally["acknowledged"] = [], []
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(timeout=30, limits=limits) as client:
        await ready(client, served)
        began = served.cpu(), time.process_time()
        until = time.perf_counter() + arguments.seconds
        work = [lead(client, served, token, ids, until, number, tally) for number, token in enumerate(tokens_)]
        if arguments.kill:
            work.append(kill_and_restart(served, arguments.seconds / 2))
        await asyncio.gather(*work)
    if not arguments.kill:
        tally["server"], tally["leads"] = served.cpu() - began[0], time.process_time() - began[1]
    served.process.send_signal(signal.SIGTERM)
    served.process.wait(30)
    return report(folder, store, tally, arguments.kill)


async def ready(client: httpx.AsyncClient, served: Served) -> None:
    """Wait until the server answers and has looked through the documents, as one that has run for a while has."""
    while (await client.get(f"{served.base}/healthz")).status_code != 200:
        await asyncio.sleep(0.1)
    cpu = -1.0
    while served.cpu() - cpu > 0.05:
        cpu = served.cpu()
        await asyncio.sleep(1)


async def kill_and_restart(served: Served, after: float) -> None:
    await asyncio.sleep(after)
    served.process.kill()
    served.process.wait()
    served.start()


def report(folder: Path, store: str | None, tally: Any, killed: bool) -> int:
    """Print the figures; 1 when a decision was lost or doubled, the log is broken, or an answer was none announced."""
    with Store.open(store or folder) as opened:
        entered = Counter(
            (e.payload["doc_id"], e.payload["key"], e.payload["choice"]) for e in opened.entries("decision")
        )
        problems = opened.verify_log()
    acknowledged = Counter(tally["acknowledged"])
    lost, extra = acknowledged - entered, entered - acknowledged
    doubled = {key: number for key, number in Counter(key[:2] for key in entered.elements()).items() if number > 1}
    times = np.array(tally["times"]) * 1000
    statuses = {status: tally[status] for status in sorted(s for s in tally if isinstance(s, int))}
    print(f"{len(times)} decisions sent, answers {statuses}, connections refused {tally['refused']}")
    print(
        f"milliseconds: p50 {np.median(times):.0f}, p95 {np.percentile(times, 95):.0f}, "
        f"p99 {np.percentile(times, 99):.0f}, most {times.max():.0f}"
    )
    if not killed:
        server, leads = (1000 * tally[who] / len(times) for who in ("server", "leads"))
        print(f"milliseconds of CPU a decision: server {server:.1f}, leads {leads:.1f}")
    print(f"acknowledged {acknowledged.total()}, lost {lost.total()}, doubled {len(doubled)}")
    print(f"entered but not acknowledged {extra.total()}, problems of the log {len(problems)}")
    bad = lost or doubled or problems or set(statuses) - {200, 409} or (extra and not killed)
    return 1 if bad else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgresql", metavar="URL", help="an empty database, to run on after SQLite")
    parser.add_argument("--leads", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--documents", type=int, default=120)
    parser.add_argument("--kill", action="store_true", help="kill -9 the server half way")
    arguments = parser.parse_args()
    bad = 0
    for name, store in (("SQLite", None), ("PostgreSQL", arguments.postgresql)):
        if name == "SQLite" or store:
            print(name)
            with tempfile.TemporaryDirectory() as folder:
                bad |= asyncio.run(run(arguments, Path(folder) / "project", store))
    return bad


if __name__ == "__main__":
    sys.exit(main())
