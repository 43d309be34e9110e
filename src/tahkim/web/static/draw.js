// What is drawn on each line: the merged reading and open conflicts above the text, arcs above those, lanes below.
// A line whose picture would come out the same is left alone.

import { h, s } from "./dom.js";

const LEVEL = 15;
const MERGED = 21;
const LANE = 11;
const PADDING = 12;
const NAME = 11;
const SMALLEST_NAME = 8;

/** Draw every line. `picture` gives marks, lanes and arcs of the whole text; see `document.js`. */
export function draw(lines, picture) {
  const perLine = new Map(lines.lines.map((line) => [line, { marks: [], arcs: [], lanes: picture.lanes.map(() => []) }]));
  for (const mark of picture.marks) {
    for (const line of lines.covering(mark.start, mark.end)) perLine.get(line).marks.push(mark);
  }
  picture.lanes.forEach((lane, number) => {
    for (const span of lane.spans) {
      for (const line of lines.covering(span.start, span.end)) perLine.get(line).lanes[number].push(span);
    }
  });
  for (const arc of picture.arcs) {
    const [from, to] = [lines.of(arc.head.start), lines.of(arc.tail.start)];
    for (const line of new Set([from, to])) perLine.get(line).arcs.push({ arc, from, to });
  }
  for (const [line, content] of perLine) {
    const signature = JSON.stringify([content.marks, content.arcs.map((a) => a.arc), content.lanes, line.width]);
    if (signature === line.drawn) continue;
    line.drawn = signature;
    drawMarks(lines, line, content.marks);
    drawArcs(lines, line, content.arcs);
    drawLanes(lines, line, content.lanes, picture.lanes);
    const height = line.arcsHeight + line.mergedHeight + line.wordsHeight + LANE * picture.lanes.length + PADDING;
    line.element.style.containIntrinsicSize = `auto ${line.width}px auto ${height}px`;
  }
}

const px = (element, left, width) => {
  element.style.left = `${left.toFixed(1)}px`;
  element.style.width = `${Math.max(width, 4).toFixed(1)}px`;
  return element;
};

const ruler = document.createElement("canvas").getContext("2d");
const widths = new Map();

/** A name in letters small enough for the room it has; where even the smallest do not fit, it is cut. */
function named(text, room) {
  const element = h("span", { class: "name" }, text);
  if (!widths.has(text)) {
    ruler.font = `600 ${NAME}px ${getComputedStyle(document.body).fontFamily}`;
    widths.set(text, ruler.measureText(text).width);
  }
  const size = Math.max(SMALLEST_NAME, (NAME * room) / widths.get(text));
  if (size < NAME) element.style.fontSize = `${size.toFixed(1)}px`;
  return element;
}

function drawMarks(lines, line, marks) {
  const taken = [];
  const elements = [];
  for (const mark of marks) {
    const boxes = lines.boxes(line, mark.start, mark.end);
    if (!boxes.length) continue;
    const [left, right] = [boxes[0][0], boxes.at(-1)[0] + boxes.at(-1)[1]];
    let level = 0;
    while (taken.some((t) => t.level === level && left < t.right - 0.5 && t.left + 0.5 < right)) level++;
    taken.push({ level, left, right });
    boxes.forEach(([boxLeft, width], i) => {
      const element = h(
        "div",
        {
          class: `mark ${mark.class}`, title: mark.title, "data-id": mark.id, "data-label": mark.label, "data-kind": mark.kind,
          "data-cut": mark.start < line.start || mark.end > line.end, "data-number": mark.number,
        },
        mark.kind ? h("span", { class: "shape" }) : null,
        i === 0 ? named(mark.text, width - (mark.kind ? 18 : 4)) : null,
      );
      element.style.bottom = `${level * MERGED}px`;
      elements.push(px(element, boxLeft, width));
    });
  }
  const levels = Math.max(1, ...taken.map((t) => t.level + 1));
  line.mergedHeight = levels * MERGED;
  line.merged.style.height = `${line.mergedHeight}px`;
  line.merged.replaceChildren(...elements);
}

function drawLanes(lines, line, spans, lanes) {
  line.lanes.replaceChildren(
    ...lanes.map((lane, number) =>
      h(
        "div",
        { class: "lane" },
        h("bdi", { class: "lane-name", dir: "auto", title: lane.annotator }, lane.annotator),
        spans[number].flatMap((span) =>
          lines
            .boxes(line, span.start, span.end)
            .map(([left, width]) => px(h("i", { "data-label": span.label, title: span.title, class: span.class }), left, width)),
        ),
      ),
    ),
  );
}

const middle = (boxes) => (boxes.length ? boxes[0][0] + boxes[0][1] / 2 : 0);

/** Both ends of each arc in a line: on its span, or where the line goes on to the line of the other end. */
function placeArcs(lines, line, arcs) {
  const number = lines.lines.indexOf(line);
  const edge = (other) => ((lines.lines.indexOf(other) > number) === (lines.direction === "rtl") ? 0 : line.width);
  const ends = (boxes, at) => (boxes.length ? boxes : [[at, 0]]);
  const placed = arcs.map(({ arc, from, to }) => ({
    arc, leaves: from !== line, arrives: to === line,
    head: from === line ? ends(lines.boxes(line, arc.head.start, arc.head.end), 0) : null,
    tail: to === line ? ends(lines.boxes(line, arc.tail.start, arc.tail.end), 0) : null,
    x1: from === line ? 0 : edge(from), x2: to === line ? 0 : edge(to),
  }));
  spread(placed);
  for (const one of placed) [one.left, one.right] = [Math.min(one.x1, one.x2), Math.max(one.x1, one.x2)];
  return placed;
}

/** Arcs that meet at one span stand side by side on it, in the order of their other ends, so that they do not cross. */
function spread(placed) {
  const meeting = new Map();
  const far = (boxes, x) => (boxes ? middle(boxes) : x);
  for (const one of placed) {
    if (one.head) at(meeting, one.head[0]).push({ one, end: "x1", other: far(one.tail, one.x2) });
    if (one.tail) at(meeting, one.tail[0]).push({ one, end: "x2", other: far(one.head, one.x1) });
  }
  for (const [key, ends] of meeting) {
    const [left, width] = key.split(" ").map(Number);
    ends.sort((a, b) => a.other - b.other);
    const room = Math.min(width - 6, 14 * (ends.length - 1));
    ends.forEach(({ one, end }, i) => {
      const share = ends.length > 1 ? i / (ends.length - 1) - 0.5 : 0;
      one[end] = left + width / 2 + share * Math.max(0, room);
    });
  }
}

function at(map, [left, width]) {
  const key = `${left} ${width}`;
  if (!map.has(key)) map.set(key, []);
  return map.get(key);
}

function drawArcs(lines, line, arcs) {
  const placed = placeArcs(lines, line, arcs);
  placed.sort((a, b) => a.right - a.left - (b.right - b.left));
  const rows = [];
  for (const one of placed) {
    one.level = rows.findIndex((row) => row.every((other) => one.right + 8 < other.left || other.right + 8 < one.left));
    if (one.level < 0) one.level = rows.push([]) - 1;
    rows[one.level].push(one);
  }
  const height = rows.length ? rows.length * LEVEL + 6 : 0;
  line.arcsHeight = height;
  line.arcs.style.height = `${height}px`;
  if (!height) {
    line.arcs.replaceChildren();
    return;
  }
  const svg = s("svg", { width: line.width, height, "aria-hidden": "true" });
  for (const one of placed) svg.append(drawArc(one, height));
  line.arcs.replaceChildren(svg);
}

function drawArc({ arc, x1, x2, leaves, arrives, level }, height) {
  const y = height - (level + 1) * LEVEL + 4;
  const step = x1 < x2 ? 5 : -5;
  const bend = Math.abs(x2 - x1) > 12 ? step : 0;
  const start = leaves ? `M${x1} ${y}` : `M${x1} ${height}V${y + 5}Q${x1} ${y} ${x1 + bend} ${y}`;
  const end = arrives ? `H${x2 - bend}Q${x2} ${y} ${x2} ${y + 5}V${height - 1}` : `H${x2}`;
  const label = s("text", { x: (x1 + x2) / 2, y: y + 3.5, "text-anchor": "middle" });
  label.textContent = arc.text;
  const group = s("g", { class: `arc ${arc.class}`, "data-id": arc.id, "data-label": arc.label, "data-kind": arc.kind });
  group.append(s("path", { class: "reach", d: start + end }), s("path", { d: start + end }));
  if (arrives) group.append(s("path", { class: "head", d: `M${x2} ${height}l-4 -6h8z` }));
  const title = s("title");
  title.textContent = arc.title;
  group.append(label, title);
  return group;
}
