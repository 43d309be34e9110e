"""One decision in the browser, on a large document: from the key press until the next conflict is painted, and until
the page counts the decision as taken, which is when the server has it on disk.

    python benchmarks/browser.py        5,000 characters, 5 annotators, 300 spans and 200 relations each

The server is a process of its own, as in use; the time is what the browser's own clock says.
"""

from __future__ import annotations

import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from tahkim import project as projects
from tahkim import schema as schemas
from tahkim.clock import now
from tahkim.model import Annotation, Document, Relation, Span
from tahkim.text import tokens

CHARACTERS, ANNOTATORS, SPANS, RELATIONS, DECISIONS = 5000, 5, 300, 200, 60
WORDS = ["قصفت", "طائرة", "مستودعاً", "قرب", "بلدة", "الهول", "وقُتل", "مدنيان", "بجروح", "في", "انفجار", "المدينة"]

WATCH = """() => {
  window.times = [];
  window.saved = [];
  document.addEventListener('keydown', (event) => {
    if (event.key !== '1') return;
    const began = performance.now();
    const painted = (times) => requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - began)));
    const counts = document.getElementById('counts');
    const open = counts.textContent;
    new MutationObserver((_, observer) => {
      if (counts.textContent === open) return;
      observer.disconnect();
      painted(window.saved);
    }).observe(counts, {childList: true});
    const panel = document.getElementById('panel');
    const item = panel.dataset.item;
    new MutationObserver((_, observer) => {
      if (panel.dataset.item === item) return;
      observer.disconnect();
      painted(window.times);
    }).observe(panel, {attributes: true, childList: true});
  }, true);
}"""


def build(folder: Path) -> None:
    """A project with one document in which many spans and relations are contested."""
    rnd = random.Random(3)
    text = ""
    while len(text) < CHARACTERS:
        text += rnd.choice(WORDS) + (" " if rnd.random() > 0.03 else ".\n")
    projects.init(folder)
    with projects.open_project(folder) as project:
        project.store.add_documents([Document(id="large", text=text)])
        readings = [reading(text, f"annotator{n}", rnd) for n in range(ANNOTATORS)]
        project.store.add_annotations(readings, {"benchmark": "browser"}, now())


def reading(text: str, name: str, rnd: random.Random) -> Annotation:
    """All spans at the same words, half of the annotators' labels at random; relations from each to the next."""
    labels = list(schemas.load().labels)
    words = tokens(text)
    places = [words[n * len(words) // SPANS] for n in range(SPANS)]
    chosen = [labels[n % 8] if rnd.random() < 0.6 else rnd.choice(labels[:8]) for n in range(SPANS)]
    spans = tuple(Span(f"s{n}", a, b, chosen[n]) for n, (a, b) in enumerate(places))
    relations = tuple(Relation(f"r{n}", "place", f"s{n}", f"s{n + 1}") for n in range(RELATIONS) if rnd.random() < 0.8)
    return Annotation(doc_id="large", annotator=name, spans=spans, relations=relations)


def measure(page: Page, base: str) -> dict[str, Any]:
    """Milliseconds to the next conflict painted (`times`) and to the decision counted (`saved`)."""
    page.goto(f"{base}/documents/large")
    page.wait_for_selector("#desk[data-ready]")
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)
    for number in range(DECISIONS):
        page.keyboard.press("1")
        page.wait_for_function(f"() => window.times.length > {number} && window.saved.length > {number}")
        page.wait_for_timeout(100)
    return {name: np.array(page.evaluate(f"window.{name}")) for name in ("times", "saved")}


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "project"
        build(folder)
        tahkim = Path(sys.executable).with_name("tahkim")
        command = [str(tahkim), "serve", "--project", str(folder), "--port", "0"]
        told = Path(scratch) / "told"
        with told.open("w") as out, subprocess.Popen(command, stderr=out) as served, sync_playwright() as playwright:
            while (link := re.search(r"(http://[\w.:]+)/enter/\S+", told.read_text())) is None:
                time.sleep(0.1)
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            try:
                page.goto(link[0])
                found = measure(page, link[1])
            finally:
                browser.close()
                served.terminate()
    print(f"{DECISIONS} decisions, milliseconds from the key")
    for name, what in (("times", "to the next conflict painted"), ("saved", "to the decision counted")):
        times = found[name]
        print(f"{what}: median {np.median(times):.0f}, p95 {np.percentile(times, 95):.0f}, most {times.max():.0f}")


if __name__ == "__main__":
    main()
