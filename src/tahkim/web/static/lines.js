// The text in lines: broken where the window is full, each laid out by itself from right to left (or as the schema says),
// with a map between code points and places in the page. Characters that would turn the text around or cannot be
// seen are shown by name, so that what is read is what is there.

import { h } from "./dom.js";

const BREAKS = new Set("\n\r\v\f\u001c\u001d\u001e\u0085\u2028\u2029");
const NAMES = {
  0x061c: "ALM", 0x200b: "ZWSP", 0x200e: "LRM", 0x200f: "RLM", 0x202a: "LRE", 0x202b: "RLE", 0x202c: "PDF", 0x202d: "LRO",
  0x202e: "RLO", 0x2060: "WJ", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI", 0xfeff: "BOM", 0x09: "TAB",
  0x00ad: "SHY",
};

const nameOf = (char) => {
  const code = char.codePointAt(0);
  if (NAMES[code]) return NAMES[code];
  return code < 0x20 || (code >= 0x7f && code < 0xa0) ? `U+${code.toString(16).padStart(4, "0").toUpperCase()}` : null;
};

/** Text nodes for characters [start, end), and for each of them and the end its node and offset. */
function render(chars, start, end, into) {
  const points = [];
  let node = null;
  const fresh = () => into.appendChild((node = document.createTextNode("")));
  for (let at = start; at < end; at++) {
    const name = nameOf(chars[at]);
    if (name) {
      const shown = document.createTextNode(name);
      points.push([shown, 0]);
      into.append(h("bdi", { class: "control" }, shown));
      node = null;
    } else {
      if (!node) fresh();
      points.push([node, node.data.length]);
      node.data += chars[at];
    }
  }
  if (!node) fresh();
  points.push([node, node.data.length]);
  return points;
}

export class Lines {
  /** `host` is where the lines go; `chars` the text, one element a code point; `direction` rtl or ltr. */
  constructor(host, chars, words, direction) {
    this.host = host;
    this.chars = chars;
    this.words = words;
    this.direction = direction;
    this.lines = [];
  }

  /** Break the text anew for the width there is. Each line has its own element with places for what is drawn on it. */
  lay() {
    const probe = h("div", { class: "words", dir: this.direction });
    this.host.replaceChildren(h("div", { class: "line probe" }, probe));
    const ranges = [];
    for (const [start, end] of this.paragraphs()) ranges.push(...this.broken(probe, start, end));
    this.lines = ranges.map(([start, end]) => this.line(start, end));
    this.host.replaceChildren(...this.lines.map((line) => line.element));
    for (const line of this.lines) this.measureLine(line);
  }

  paragraphs() {
    const found = [];
    let start = 0;
    this.chars.forEach((char, at) => {
      if (!BREAKS.has(char)) return;
      if (at > start) found.push([start, at]);
      start = at + 1;
    });
    if (this.chars.length > start) found.push([start, this.chars.length]);
    return found;
  }

  /** Where the browser breaks a paragraph: a word that stands lower than the one before it begins a line. */
  broken(probe, start, end) {
    probe.replaceChildren();
    const points = render(this.chars, start, end, probe);
    const range = document.createRange();
    const cuts = [start];
    let last = null;
    for (const [from, to] of this.words) {
      if (from < start || to > end) continue;
      range.setStart(...points[from - start]);
      range.setEnd(...points[to - start]);
      const box = range.getBoundingClientRect();
      if (last !== null && box.top > last + box.height / 2) cuts.push(this.wordStart(from, cuts.at(-1)));
      last = box.top;
    }
    return cuts.map((cut, i) => [cut, cuts[i + 1] ?? end]);
  }

  /** A break falls behind the space before a word, so that marks that hang together stay on one line. */
  wordStart(at, least) {
    let start = at;
    while (start > least + 1 && !/\s/u.test(this.chars[start - 1])) start--;
    return start > least ? start : at;
  }

  line(start, end) {
    const words = h("div", { class: "words", dir: this.direction });
    const points = render(this.chars, start, end, words);
    const arcs = h("div", { class: "arcs" });
    const merged = h("div", { class: "merged" });
    const lanes = h("div", { class: "lanes" });
    const element = h("div", { class: "line" }, arcs, merged, words, lanes);
    return { start, end, points, element, words, arcs, merged, lanes, boxes: new Map(), left: 0, width: 0, drawn: "" };
  }

  measureLine(line) {
    const box = line.words.getBoundingClientRect();
    line.left = box.left;
    line.width = box.width;
    line.wordsHeight = box.height;
  }

  /** Visual boxes [left, width] of code points [start, end) in a line, in pixels from the line's left edge. */
  boxes(line, start, end) {
    const from = Math.max(start, line.start);
    const to = Math.min(end, line.end);
    if (from >= to) return [];
    const key = from * 1e6 + to;
    const known = line.boxes.get(key);
    if (known) return known;
    const range = document.createRange();
    range.setStart(...line.points[from - line.start]);
    range.setEnd(...line.points[to - line.start]);
    const found = joined([...range.getClientRects()].map((box) => [box.left - line.left, box.width]));
    line.boxes.set(key, found);
    return found;
  }

  /** The line that holds a code point. */
  of(at) {
    return this.lines[this.number(at)];
  }

  /** The number of the line that holds a code point: the first that ends behind it, or the last. */
  number(at) {
    let low = 0;
    let high = this.lines.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.lines[middle].end <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Lines that hold some of [start, end). */
  *covering(start, end) {
    for (let at = this.number(start); at < this.lines.length && this.lines[at].start < end; at++) {
      if (start < this.lines[at].end) yield this.lines[at];
    }
  }

  /** The code point at a place in the page, null when it is none of the text. */
  at(node, offset) {
    for (const line of this.lines) {
      if (!line.words.contains(node)) continue;
      let best = line.start;
      line.points.forEach(([other, place], i) => {
        const before = other === node ? place <= offset : other.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_FOLLOWING;
        if (before) best = line.start + i;
      });
      return best;
    }
    return null;
  }

  /** The range of code points that is selected in the page, without spaces at its edges; null when there is none. */
  selected() {
    const selection = getSelection();
    if (selection.isCollapsed || !selection.rangeCount) return null;
    const range = selection.getRangeAt(0);
    let start = this.at(range.startContainer, range.startOffset);
    let end = this.at(range.endContainer, range.endOffset);
    if (start === null || end === null) return null;
    while (start < end && /\s/u.test(this.chars[start])) start++;
    while (end > start && /\s/u.test(this.chars[end - 1])) end--;
    return start < end ? [start, end] : null;
  }
}

/** Boxes that touch become one. */
function joined(boxes) {
  const sorted = boxes.filter(([, width]) => width > 0).sort((a, b) => a[0] - b[0]);
  const found = [];
  for (const [left, width] of sorted) {
    const last = found.at(-1);
    if (last && left <= last[0] + last[1] + 1) last[1] = Math.max(last[1], left + width - last[0]);
    else found.push([left, width]);
  }
  return found;
}
