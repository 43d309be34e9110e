// The document page: shows the model, takes keys and the mouse, sends acts, and shows what the server says came of them.

import { documentPath, get, post } from "./api.js";
import * as dialogs from "./dialogs.js";
import { h, plain, s } from "./dom.js";
import { draw } from "./draw.js";
import { t } from "./i18n.js";
import { pressed } from "./keys.js";
import { Lines } from "./lines.js";
import { Model, endOf, idOf, placeOf } from "./model.js";
import { decided, forgetSimilar, keepTyped, kindText, loadGuideline, prefetch, renderPanel, said } from "./panel.js";

const POLL = 3000;
const desk = document.getElementById("desk");
const host = document.getElementById("text");
const panel = document.getElementById("panel");
const readonly = "readonly" in desk.dataset;
const path = documentPath(desk.dataset.document);

let model;
let lines;
let current = null;
let stood = null; // the id of the decision that stood at the current question when this lead came to it
let mode = null;
let draft = null;
let error = "";
const unsent = new Map(); // by item, a question to annotators that did not get through
let saving = null; // the save under way: whether it came to be what was asked

// ---- Showing ------------------------------------------------------------------------------------------------------

function picture() {
  const marks = model.spans.map((span) => ({
    id: span.id, start: span.start, end: span.end, label: span.label, text: model.name(span.label), number: model.spans.indexOf(span),
    class: classes(span.id, model.waiting.has(span.id) && "waiting", span.how === "lead" && "lead", draft?.head?.id === span.id && "source", draft?.target?.id === span.id && "target"),
    title: `${span.label} ${attributes(span.attributes)} (${span.how})`,
  }));
  for (const question of model.open) {
    if (question.of !== "span" || question.place.start === undefined) continue;
    marks.push({
      id: idOf(question), start: question.place.start, end: question.place.end, kind: question.kind.split(" + ")[0],
      class: classes(idOf(question), "open", model.waiting.has(idOf(question)) && "waiting"), text: kindText(question.kind), title: kindText(question.kind),
    });
  }
  if (mode === "range" || mode === "new") marks.push({ id: "draft", ...draft, label: null, class: "draft", text: "", title: "" });
  return { marks, arcs: arcs(), lanes: model.data.lanes.map(laneOf) };
}

const classes = (id, ...more) => [id === current && "current", ...more].filter(Boolean).join(" ");
const attributes = (values) => Object.entries(values ?? {}).map(([name, value]) => `${name}=${value}`).join(", ");

/** Framed is what the merged reading has not; an annotator is not shown that before nothing is open. */
function laneOf(lane) {
  const isWithheld = readonly && model.data.open > 0;
  const merged = new Set(model.spans.map((span) => `${span.start} ${span.end} ${span.label}`));
  return {
    annotator: lane.annotator,
    spans: lane.spans.map((span) => ({
      start: span.start, end: span.end, label: span.label,
      class: isWithheld || merged.has(`${span.start} ${span.end} ${span.label}`) ? "" : "differs",
      title: `${lane.annotator}: ${span.label} ${attributes(span.attributes)}`,
    })),
  };
}

function arcs() {
  const wanted = document.getElementById("arcs").value;
  const source = document.getElementById("arc-source").value;
  const found = source === "" ? mergedArcs() : laneArcs(source);
  if (source === "") found.push(...openArcs());
  if (wanted === "none") return found.filter((arc) => arc.id === current);
  if (wanted === "open") return found.filter((arc) => arc.kind || arc.id === current);
  if (wanted === "selected") return found.filter((arc) => arc.id === current || arc.ends.includes(current));
  return wanted === "all" ? found : found.filter((arc) => arc.label === wanted);
}

function mergedArcs() {
  const undecided = new Set(model.open.map(idOf));
  return model.arcs.filter((arc) => !undecided.has(arc.id)).map((arc) => arcOf(arc.id, arc.label, arc.head, arc.tail, arc.how === "lead" && "lead", [arc.head.id, arc.tail.id]));
}

function openArcs() {
  const asked = model.open.filter((question) => question.of === "relation" && question.place.head);
  return asked.map((question) => {
    const [head, tail] = [question.place.head, question.place.tail].map((place) => model.spanAt(place) ?? place);
    return { ...arcOf(idOf(question), question.place.label, head, tail, "open", [head.id, tail.id]), kind: question.kind.split(" + ")[0] };
  });
}

function laneArcs(annotator) {
  const lane = model.data.lanes.find((one) => one.annotator === annotator);
  const spans = new Map((lane?.spans ?? []).map((span) => [span.id, span]));
  return (lane?.relations ?? []).map((relation) => arcOf(null, relation.label, spans.get(relation.head), spans.get(relation.tail), false, []));
}

function arcOf(id, label, head, tail, extra, ends) {
  const place = (span) => ({ start: span.start, end: span.end });
  return {
    id, label, head: place(head), tail: place(tail), ends, text: model.name(label), class: classes(id ?? "-", extra),
    title: model.onward(model.text(head.start, head.end), model.name(label), model.text(tail.start, tail.end)),
  };
}

const view = () => ({ act, move, mode, draft, error });

function show() {
  draw(lines, picture());
  if (!readonly) renderPanel(panel, model, current === null ? null : model.item(current), view());
  else panel.replaceChildren(...ownNotes());
  const counts = document.getElementById("counts");
  counts.textContent = model.data.finished ? t("finished") : t("{open} open", { open: model.data.open });
  sayWhetherSaving();
}

function ownNotes() {
  const back = model.data.sent_back.map((note) => h("div", { class: "note" }, h("p", { dir: "auto" }, note.reason), h("p", { class: "faint" }, note.by)));
  const state = model.data.open ? t("Gold is shown once nothing is open in this document.") : t("Above the text: gold. Below: your spans; those that differ are framed.");
  return [h("h2", {}, t("My reading")), h("p", {}, state), back.length ? h("h3", {}, t("Sent back")) : "", ...back];
}

function scrollTo(id) {
  const item = model.item(id);
  const place = item?.question ? placeOf(item.question) : (item?.span ?? item?.arc?.head);
  if (place?.start === undefined) return;
  const element = lines.of(place.start).element;
  const [box, frame] = [element.getBoundingClientRect(), host.getBoundingClientRect()];
  if (box.top < frame.top + 20 || box.bottom > frame.bottom - 60) host.scrollTop += box.top - frame.top - frame.height / 3;
}

function select(id, stays = false) {
  if (!stays) stood = model.questions.get(id)?.decision?.id ?? null;
  current = id;
  show();
  if (id === null) return;
  if (!stays) scrollTo(id);
  if (readonly) return;
  for (const one of [id, model.neighbour(id, 1)]) {
    prefetch(model, one).then(() => one === current && renderPanel(panel, model, model.item(current), view()), () => {});
  }
}

function announce(text) {
  document.getElementById("announce").textContent = plain(text);
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => (document.getElementById("announce").textContent = ""), 4000);
}

// ---- Sending ------------------------------------------------------------------------------------------------------

/**
 * Send an act, after those before it; only when the server has it for good does the page call it done. Null when it was
 * refused, undefined when one before it was: then it was meant for a page that never came to be.
 */
async function send(what, body) {
  while (saving) if (!(await saving)) return undefined;
  const answer = deliver(what, body);
  saving = answer.then((changes) => changes !== null && !changes.status);
  sayWhetherSaving();
  try {
    await saving;
  } finally {
    saving = null;
    sayWhetherSaving();
  }
  return answer;
}

function sayWhetherSaving() {
  document.getElementById("saving").hidden = !saving && !model.waiting.size;
}

async function deliver(what, body) {
  try {
    const changes = await post(`${path}/${what}`, body);
    error = "";
    model.take(changes);
    return changes;
  } catch (refusal) {
    if (refusal.status === 409) return refusal;
    error = refusal.status === 401 ? t("You are logged out. Log in in another window, then do it again: nothing you typed is lost.")
      : refusal.status ? refusal.message : t("Not saved: the server cannot be reached. Do it again when it is back.");
    show();
    return null;
  }
}

function grounds() {
  const reason = panel.querySelector("#reason")?.value.trim();
  const cite = panel.querySelector("#cite")?.value.trim().replace(/^§?/, "§");
  return { ...(reason ? { reason } : {}), ...(cite && cite !== "§" ? { guideline: cite } : {}) };
}

function clearGrounds() {
  for (const id of ["reason", "cite"]) if (panel.querySelector(`#${id}`)) panel.querySelector(`#${id}`).value = "";
  if (current !== null) keepTyped(current, "", "");
}

/**
 * Decide the current question. The next one is shown at once, this one as being saved; it is counted as decided when the
 * server has it, and comes back when it has not. When somebody else has decided it meanwhile, show that and ask.
 */
async function decide(choice, item = model.item(current)) {
  if (!item) return;
  if (!item.question) {
    await changeAddition(item, choice);
    return;
  }
  if (!item.question.key) return;
  const { key, seen } = item.question;
  const body = { key, seen, standing: stood, choice, ...grounds() };
  model.waiting.add(item.id);
  onward(item.question);
  const ahead = current;
  const answer = await send("decisions", body);
  model.waiting.delete(item.id);
  if (answer?.status === 409) await meanwhile(answer.body, item.question, body);
  else if (answer) settled(ahead);
  else if (answer === null) comeBack(item.id, body);
  else notSent(item.id, body);
}

/** Somebody is typing or choosing: the page must not turn to another conflict under their hands. */
function isBusy() {
  const field = document.activeElement?.closest("#panel input, #panel textarea");
  return Boolean(mode || field || document.querySelector("dialog[open]"));
}

/** After a save: stay with the conflict that was shown ahead of it, unless the save settled that one too. */
function settled(ahead) {
  if (isBusy()) return show();
  const moot = ahead === null || !(model.questions.get(ahead)?.open || model.waiting.has(ahead));
  if (current !== ahead || !moot) return select(current !== null && model.item(current) ? current : null, true);
  select(model.neighbour(ahead, 1));
  if (current === null && !model.open.length) announce(t("Nothing is open any more in this document."));
}

async function idle() {
  while (isBusy()) await new Promise((done) => setTimeout(done, 200));
}

/** A decision that was not taken is the current question again, with what was typed and drawn for it. */
function comeBack(id, body) {
  notSent(id, body);
  if (isBusy()) return;
  if (body.choice.start !== undefined) [mode, draft] = ["range", { ...body.choice }];
  select(id);
}

/** What was typed for a decision that was not taken stands at its question again. */
function notSent(id, { reason = "", guideline = "" }) {
  if (id !== current) keepTyped(id, reason, guideline);
  for (const [field, text] of id === current ? [["reason", reason], ["cite", guideline]] : []) panel.querySelector(`#${field}`).value ||= text;
  show();
}

async function meanwhile({ decision, changes }, before, body) {
  const { choice } = body;
  const ours = said(model, Number.isInteger(choice) ? before.candidates[choice - 1] : choice);
  model.take(changes);
  notSent(idOf(before), body);
  await idle();
  const question = model.questions.get(idOf(before));
  select(question ? idOf(before) : model.item(current ?? "") ? current : null);
  const other = decision && { by: decision.by, reason: decision.reason, text: decided(model, decision, question) };
  const own = Number.isInteger(choice) ? before.candidates[choice - 1] : choice;
  if (question && (await dialogs.insist(other, ours))) {
    stood = question.decision?.id ?? null;
    const again = Number.isInteger(choice) && question.seen !== before.seen ? choiceOf(own) : choice;
    await decide(again, { id: idOf(question), question });
  } else if (question && !question.open) onward(question);
}

/** A candidate as a choice of one's own. */
function choiceOf({ start, end, label, head, tail, attributes: values }) {
  if (!head) return { start, end, label, attributes: values ?? {} };
  const [from, to] = [model.spanAt(head), model.spanAt(tail)];
  return from && to ? { label, head: endOf(from), tail: endOf(to), attributes: values ?? {} } : null;
}

async function changeAddition(item, choice) {
  const decision = (item.span ?? item.arc).decision;
  const answer = await send("additions/change", { decision, choice: choice === "none" ? null : choice, ...grounds() });
  if (!answer) return;
  if (answer.status === 409) model.take(answer.body.changes);
  select(choice === "none" || answer.status ? null : newest(choice));
}

async function add(choice) {
  const answer = await send("additions", { choice, ...grounds() });
  if (!answer || answer.status) return false;
  clearGrounds();
  announce(t("Added: {what}", { what: said(model, choice) }));
  select(newest(choice));
  return true;
}

/** The id of what was just added. */
function newest(choice) {
  const own = model.data.decisions.filter((d) => d.of === "new" && d.by === model.data.me);
  const last = own.findLast((d) => d.choice.label === choice.label && Boolean(d.choice.head) === Boolean(choice.head));
  return last ? `+${last.id}` : null;
}

function onward(question) {
  clearGrounds();
  mode = null;
  draft = null;
  const still = model.questions.get(idOf(question));
  select(model.following(still ?? question));
}

async function step(name) {
  while (saving) if (!(await saving)) return;
  const before = new Set(model.data.decisions.map((d) => d.id));
  const answer = await send(name);
  if (!answer || answer.status) return;
  const fresh = model.data.decisions.filter((d) => !before.has(d.id));
  const by = new Map(model.data.decisions.map((d) => [d.id, d]));
  const touched = fresh.map((d) => (d.undoes ? by.get(d.undoes) : d)).find(Boolean);
  select(touched?.key && model.item(touched.key) ? touched.key : model.item(current ?? "") ? current : null);
  announce(name === "undo" ? t("Undone.") : t("Redone."));
}

// ---- Acts ---------------------------------------------------------------------------------------------------------

const isRelation = (item) => (item.question ? item.question.of === "relation" : Boolean(item.arc));

/** What stands, or could stand, at the current item: the merged reading, else the candidate most people have. */
function basis(item) {
  if (isRelation(item)) {
    const relation = item.arc ?? mostVoted(item.question);
    const [head, tail] = item.arc ? [item.arc.head, item.arc.tail] : [model.spanAt(relation.head), model.spanAt(relation.tail)];
    if (!head || !tail) throw new Error(t("Decide the spans at its ends first."));
    return { label: relation.label, head: endOf(head), tail: endOf(tail), attributes: relation.attributes ?? {} };
  }
  const span = item.span ?? mostVoted(item.question);
  if (!span || span.start === undefined) return { attributes: span?.attributes ?? {} };
  return { start: span.start, end: span.end, label: span.label, attributes: span.attributes ?? {} };
}

const mostVoted = (question) => [...question.candidates].sort((a, b) => b.annotators.length - a.annotators.length)[0];

const ACTS = {
  take: (item, number) => number <= (item.question?.candidates.length ?? 0) && decide(number),
  none: (item) => decide("none", item),
  withdraw: async (item, id) => {
    const answer = await send("withdraw", { decision: id });
    if (answer?.status === 409) model.take(answer.body.changes);
    if (answer) select(model.item(current ?? "") ? current : null);
  },
  range: (item) => {
    if (isRelation(item)) return;
    mode = "range";
    draft = { ...basis(item) };
    show();
  },
  label: async (item) => {
    const own = basis(item);
    const picked = isRelation(item) ? await pickRelation(spanOf(own.head), spanOf(own.tail), own.label) : await pickLabel(own.label);
    if (picked) await decide({ ...own, label: picked.name, attributes: kept(own.attributes, picked.attributes) }, item);
  },
  attributes: async (item) => {
    const own = basis(item);
    const known = item.question?.of === "document" ? model.data.schema.document : model.attributesOf(own.label);
    const values = await dialogs.fill(t("Attributes of {what}", { what: said(model, own) }), known, own.attributes);
    if (values) await decide({ ...own, attributes: values }, item);
  },
  reverse: async (item) => {
    if (!isRelation(item)) return;
    const own = basis(item);
    await decide({ ...own, head: own.tail, tail: own.head }, item);
  },
  back: async (item) => {
    const answer = await dialogs.sendBack(model.data.lanes.map((lane) => lane.annotator), unsent.get(item.id));
    if (!answer) return;
    unsent.set(item.id, answer.reason);
    const sent = await send("send-back", { ...answer, key: item.question?.key ?? null });
    if (sent && !sent.status) {
      unsent.delete(item.id);
      announce(t("Sent back."));
      select(item.question?.open ? model.neighbour(item.id, 1) : current);
    }
  },
};

const FREE = {
  next: () => select(model.neighbour(current, 1)),
  previous: () => select(model.neighbour(current, -1)),
  new: () => {
    const item = model.item(current ?? "");
    const place = (item && (item.span ?? (item.question && placeOf(item.question)) ?? item.arc?.head)) ?? { start: 0 };
    const word = model.data.words.find(([, end]) => end > (place.start ?? 0)) ?? [0, 1];
    mode = "new";
    draft = { start: word[0], end: word[1] };
    show();
  },
  relation: () => {
    const span = model.item(current ?? "")?.span ?? null;
    mode = "relation";
    draft = { head: span, target: span ?? model.spans[0] ?? null };
    show();
  },
  confirm: () => confirm(),
  cancel: () => {
    mode = null;
    draft = null;
    error = "";
    show();
  },
  undo: () => step("undo"),
  redo: () => step("redo"),
  finish: async () => {
    const answer = await send("finish");
    if (!answer || answer.status) return;
    announce(t("Finished."));
    if (model.data.next) location.assign(`/documents/${encodeURIComponent(model.data.next)}`);
    else show();
  },
  reopen: async () => (await send("reopen")) && show(),
  keys: () => dialogs.tell(t("Keys"), h("ul", { class: "keys" }, KEY_HELP.map(([key, text]) => h("li", {}, h("span", {}, t(text)), h("kbd", {}, key))))),
  reason: () => panel.querySelector("#reason")?.focus(),
  cite: () => {
    const field = panel.querySelector("#cite");
    if (field && !field.value) field.value = field.placeholder;
    field?.focus();
  },
  forward: () => along(1),
  backward: () => along(-1),
};

async function act(name, value) {
  error = "";
  try {
    if (FREE[name]) return await FREE[name](value);
    if (saving && !model.waiting.size) await saved(); // what is being saved becomes the current item
    if (current !== null && model.item(current)) await ACTS[name](model.item(current), value);
  } catch (problem) {
    error = problem.message;
    show();
  }
}

/** Until a save is over and what came of it is shown. */
async function saved() {
  while (saving) await saving;
  await new Promise((done) => setTimeout(done));
}

const spanOf = (end) => model.spans.find((span) => span.start === end.start && span.end === end.end && span.label === end.label);

const kept = (values, known) => Object.fromEntries(Object.entries(values).filter(([name]) => known.some((attribute) => attribute.name === name)));

const pickLabel = (label) => dialogs.choose(t("Label"), model.data.schema.labels, (entry, i) => entry.key ?? dialogs.NUMBERS[i], label);

async function pickRelation(head, tail, label = null) {
  const fitting = model.relationsBetween(head, tail);
  if (!fitting.length) {
    throw new Error(t("No relation leads from {head} to {tail}.", { head: model.name(head.label), tail: model.name(tail.label) }));
  }
  return dialogs.choose(t("Relation"), fitting, (entry, i) => dialogs.NUMBERS[i], label);
}

/** Select the span or relation after the current one in the text. */
function along(by) {
  const ids = model.items();
  if (!ids.length) return;
  const at = ids.indexOf(current);
  select(ids[at < 0 ? 0 : (at + by + ids.length) % ids.length]);
}

async function confirm() {
  if (mode === "range") {
    const choice = { ...draft };
    const item = model.item(current);
    mode = null;
    draft = null;
    show();
    await decide(choice, item);
  } else if (mode === "new") {
    await addSpan(draft.start, draft.end);
  } else if (mode === "relation" && draft.target) {
    if (!draft.head) draft = { head: draft.target, target: draft.target };
    else if (draft.head.id !== draft.target.id) {
      await addRelation(draft.head, draft.target);
      return;
    }
    show();
  }
}

async function addSpan(start, end) {
  const picked = await pickLabel(null);
  mode = null;
  draft = null;
  getSelection().removeAllRanges();
  if (picked && !(await add({ start, end, label: picked.name, attributes: {} }))) [mode, draft] = ["new", { start, end }];
  show();
}

async function addRelation(head, tail) {
  mode = null;
  draft = null;
  show();
  const picked = await pickRelation(head, tail);
  if (picked) await add({ label: picked.name, head: endOf(head), tail: endOf(tail), attributes: {} });
}

// ---- Moving edges -------------------------------------------------------------------------------------------------

/** Move an edge of the draft on by a character, word or clitic. */
function move(edge, unit, by) {
  const next = place(draft[edge], edge, unit, by);
  const moved = { ...draft, [edge]: next };
  if (moved.start < moved.end && moved.start >= 0 && moved.end <= model.chars.length) draft = moved;
  show();
}

function place(at, edge, unit, by) {
  if (unit === "character") return at + by;
  const edges = model.data.words.map(([start, end]) => (edge === "start" ? start : end));
  const stops = (unit === "clitic" ? [...edges, ...model.data.clitics] : edges).sort((a, b) => a - b);
  return by > 0 ? (stops.find((stop) => stop > at) ?? at) : (stops.findLast((stop) => stop < at) ?? at);
}

function moveWord(by) {
  const { words } = model.data;
  const at = words.findIndex(([, end]) => end > draft.start);
  const [start, end] = words[Math.min(words.length - 1, Math.max(0, at + by))];
  draft = { ...draft, start, end };
  show();
  const element = lines.of(start).element;
  element.scrollIntoView({ block: "nearest" });
}

function moveTarget(by) {
  const at = model.spans.indexOf(draft.target);
  draft = { ...draft, target: model.spans[(at + by + model.spans.length) % model.spans.length] };
  show();
  lines.of(draft.target.start).element.scrollIntoView({ block: "nearest" });
}

// ---- Keys ---------------------------------------------------------------------------------------------------------

const KEYS = {
  j: "next", arrowdown: "next", k: "previous", arrowup: "previous", 0: "none", x: "none", delete: "none", e: "range", l: "label",
  a: "attributes", s: "new", r: "relation", v: "reverse", b: "back", c: "reason", g: "cite", u: "undo", "ctrl+z": "undo",
  "shift+u": "redo", "ctrl+shift+z": "redo", "ctrl+y": "redo", ".": "forward", ",": "backward", "shift+/": "keys", escape: "cancel",
};

const KEY_HELP = [
  ["1 … 9", "take this candidate"], ["0  X", "nothing here, or remove"], ["J ↓", "next conflict"], ["K ↑", "previous conflict"],
  [".", "next span or relation"], [",", "previous span or relation"], ["E", "edit the range"], ["L", "change the label"],
  ["A", "change attributes"], ["S", "new span"], ["R", "new relation"], ["V", "reverse the relation"], ["C", "reason"],
  ["G", "guideline paragraph"], ["B", "send back"], ["U", "undo"], ["⇧U", "redo"], ["F", "finish the document, or open it again"],
  ["[  ]", "previous and next document"], ["← →", "while editing: the end"], ["⇧← ⇧→", "while editing: the start"],
  ["Ctrl ← →", "while editing: by word"], ["Alt ← →", "while editing: by clitic"], ["Esc", "leave a field, or cancel"], ["?", "these keys"],
];

function onKey(event) {
  if (event.target.closest("dialog")) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) {
    const leaves = event.key === "Escape" || (event.key === "Enter" && !event.shiftKey && panel.contains(event.target));
    if (leaves) {
      event.preventDefault();
      host.focus();
    }
    return;
  }
  const key = pressed(event);
  if (key === "enter" && !mode && event.target.closest("button, a, summary")) return;
  if (handled(key)) event.preventDefault();
}

function handled(key) {
  const arrow = /^(ctrl\+)?(alt\+)?(shift\+)?arrow(left|right)$/.exec(key);
  if (arrow && mode) {
    onArrow(arrow);
    return true;
  }
  if (key === "enter" && mode) return act("confirm"), true;
  if (mode === "new" && (key === "j" || key === "k")) return moveWord(key === "j" ? 1 : -1), true;
  if (mode === "range" && (key === "l" || key === "a")) return editDraft(key), true;
  if (/^[1-9]$/.test(key)) return act("take", Number(key)), true;
  if (key === "f") return act(model.data.finished ? "reopen" : "finish"), true;
  if (key === "[" || key === "]") {
    document.getElementById(key === "[" ? "previous-document" : "next-document").click();
    return true;
  }
  if (!KEYS[key]) return false;
  act(KEYS[key]);
  return true;
}

function onArrow([, word, clitic, shift, side]) {
  const onwards = (side === "left") === (model.data.schema.direction === "rtl") ? 1 : -1;
  if (mode === "relation") moveTarget(onwards);
  else move(shift ? "start" : "end", word ? "word" : clitic ? "clitic" : "character", onwards);
}

/** While the range is edited, label and attributes can be changed before all is saved at once. */
async function editDraft(key) {
  if (key === "l") {
    const picked = await pickLabel(draft.label);
    if (picked) draft = { ...draft, label: picked.name, attributes: kept(draft.attributes, picked.attributes) };
  } else {
    const values = await dialogs.fill(t("Attributes"), model.attributesOf(draft.label), draft.attributes);
    if (values) draft = { ...draft, attributes: values };
  }
  show();
}

// ---- The mouse ----------------------------------------------------------------------------------------------------

function onClick(event) {
  const id = event.target.closest("[data-id]")?.dataset.id;
  if (id && id !== "draft" && model.item(id) && !readonly) select(id);
}

function onSelected() {
  if (readonly || mode === "relation") return;
  const range = lines.selected();
  if (!range) return;
  if (mode === "range" || mode === "new") {
    draft = { ...draft, start: range[0], end: range[1] };
    getSelection().removeAllRanges();
    show();
  } else addSpan(...range).catch(() => {});
}

/** Dragging from a merged span to another draws a relation. */
function onDown(event) {
  const from = event.target.closest(".mark[data-number]");
  if (!from || readonly || event.button !== 0) return;
  const head = model.spans[Number(from.dataset.number)];
  const frame = host.getBoundingClientRect();
  const line = s("path");
  const rubber = s("svg", { id: "rubber", height: host.scrollHeight, width: "100%" }, line);
  const at = (e) => [e.clientX - frame.left, e.clientY - frame.top + host.scrollTop];
  const start = at(event);
  const onMove = (e) => {
    const [x, y] = at(e);
    if (Math.hypot(x - start[0], y - start[1]) < 6) return;
    if (!rubber.isConnected) host.append(rubber);
    line.setAttribute("d", `M${start[0]} ${start[1]}L${x} ${y}`);
  };
  const onUp = (e) => {
    removeEventListener("pointermove", onMove);
    const dragged = rubber.isConnected;
    rubber.remove();
    const to = document.elementFromPoint(e.clientX, e.clientY)?.closest(".mark[data-number]");
    const tail = to && model.spans[Number(to.dataset.number)];
    if (dragged && tail && tail.id !== head.id) guarded(() => addRelation(head, tail));
  };
  addEventListener("pointermove", onMove);
  addEventListener("pointerup", onUp, { once: true });
}

async function guarded(what) {
  try {
    await what();
  } catch (problem) {
    error = problem.message;
    show();
  }
}

// ---- Others' decisions --------------------------------------------------------------------------------------------

/** Ask for what others decided; where there is no answer, say so until there is one again. */
async function keepUp() {
  if (document.visibilityState !== "visible" || saving) return;
  let trouble = "";
  try {
    await poll();
  } catch (refusal) {
    if (refusal.status === 401) trouble = t("You are logged out. Log in in another window, then do it again: nothing you typed is lost.");
    else trouble = refusal.status ? refusal.message : t("The server cannot be reached. What is decided is safe; this page goes on when it is back.");
  }
  const away = document.getElementById("away");
  away.textContent = trouble;
  away.hidden = !trouble;
}

async function poll() {
  const changes = await get(`${path}/changes`, { "if-none-match": `"${model.data.version}"` });
  if (!changes || mode || host.matches(":active") || document.querySelector("dialog[open]") || saving || changes.version === model.data.version) return;
  const known = new Set(model.data.decisions.map((d) => d.id));
  const others = changes.decisions.filter((d) => !known.has(d.id) && d.by !== model.data.me);
  model.take(changes);
  forgetSimilar();
  select(current !== null && model.item(current) ? current : null, true);
  if (others.length) announce(t("{by} decided here: {number}", { by: others.at(-1).by, number: others.length }));
}

// ---- Beginning ----------------------------------------------------------------------------------------------------

function options(select, entries) {
  select.replaceChildren(...entries.map(([value, text]) => h("option", { value }, text)));
  select.addEventListener("change", redraw);
}

/** Draw anew what makes lines higher or lower, and keep the current conflict in sight. */
function redraw() {
  show();
  if (current !== null) scrollTo(current);
}

function neighbours() {
  for (const side of ["previous", "next"]) {
    const link = document.getElementById(`${side}-document`);
    link.hidden = !model.data[side];
    if (model.data[side]) link.href = `/documents/${encodeURIComponent(model.data[side])}`;
  }
}

function relay() {
  const start = lines.lines.find((line) => line.element.getBoundingClientRect().bottom > host.getBoundingClientRect().top)?.start ?? 0;
  lines.lay();
  show();
  lines.of(start).element.scrollIntoView({ block: "start" });
}

async function begin() {
  const [data] = await Promise.all([get(path), readonly ? null : loadGuideline()]); // keys need both
  model = new Model(data);
  host.classList.add(model.data.schema.direction);
  lines = new Lines(host, model.chars, model.data.words, model.data.schema.direction);
  options(document.getElementById("arcs"), [["all", t("all")], ["open", t("open")], ["selected", t("of the selected")], ["none", t("none")], ...model.data.schema.relations.map((r) => [r.name, model.name(r.name)])]);
  options(document.getElementById("arc-source"), [["", t("the merged reading")], ...model.data.lanes.map((lane) => [lane.annotator, lane.annotator])]);
  lines.lay();
  neighbours();
  const asked = decodeURIComponent(location.hash.slice(1));
  select(model.item(asked) ? asked : model.open.length && !readonly ? idOf(model.open[0]) : null);
  desk.dataset.ready = "";
  host.focus({ preventScroll: true });
  if (readonly) return;
  document.addEventListener("keydown", onKey);
  host.addEventListener("click", onClick);
  host.addEventListener("pointerdown", onDown);
  host.addEventListener("pointerup", () => setTimeout(onSelected));
  setInterval(keepUp, POLL);
  for (const event of ["online", "offline", "visibilitychange"]) (event === "visibilitychange" ? document : window).addEventListener(event, keepUp);
}

document.getElementById("lanes").addEventListener("change", (event) => {
  host.classList.toggle("no-lanes", !event.target.checked);
  redraw();
});
let width = host.clientWidth;
new ResizeObserver(() => {
  if (!lines || host.clientWidth === width) return;
  width = host.clientWidth;
  relay();
}).observe(host);
begin().catch((problem) => host.replaceChildren(h("p", { class: "problem", role: "alert", dir: "auto" }, problem.message)));
