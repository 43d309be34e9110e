// The panel: the question at hand, its candidates, what was decided before, what the guideline says.

import { documentPath, get } from "./api.js";
import { h } from "./dom.js";
import { language, t } from "./i18n.js";
import { idOf, placeOf } from "./model.js";

const KINDS = {
  boundary: "boundary", label: "label", attribute: "attribute", split: "split", missing: "missing", direction: "direction",
  endpoint: "endpoint", stale: "outdated decision", agreed: "agreed",
};

let guideline = null;
const similar = new Map();

export async function loadGuideline() {
  guideline = await get(`/api/guideline/${language}`);
}

/** Have earlier like decisions at hand before their question is shown. */
export async function prefetch(model, id) {
  const question = model.questions.get(id);
  if (!question?.key || similar.has(id)) return;
  similar.set(id, null);
  similar.set(id, await get(`${documentPath(model.data.id)}/like?key=${encodeURIComponent(question.key)}`));
}

export const forgetSimilar = () => similar.clear();

export const kindText = (kind) => kind.split(" + ").map((part) => t(KINDS[part] ?? part)).join(" + ");

/** A candidate, or a choice of a lead's own, in words. */
export function said(model, choice) {
  if (choice === "none" || choice === null || choice === undefined) return t("nothing");
  if (choice.head) return model.onward(surface(model, choice.head), model.name(choice.label), surface(model, choice.tail));
  if (choice.label) return `${surface(model, choice)} · ${model.name(choice.label)}`;
  return Object.entries(choice.attributes ?? {}).map(([name, value]) => `${name}=${value}`).join(", ") || t("nothing");
}

const surface = (model, place) => model.text(place.start, place.end);

/** A decision in words: what was chosen among what stood there. */
export function decided(model, decision, question) {
  const chosen = Number.isInteger(decision.choice) ? question?.candidates[decision.choice - 1] : decision.choice;
  return said(model, chosen);
}

const typed = new Map(); // by item, the reason and the paragraph typed for it and not yet saved

/** Keep a reason and a paragraph for an item; null and empty strings forget them. */
export function keepTyped(id, reason, cite) {
  if (reason || cite) typed.set(id, { reason, cite });
  else typed.delete(id);
}

export function renderPanel(panel, model, item, view) {
  const shown = panel.querySelector("#reason");
  if (shown) keepTyped(panel.dataset.item, shown.value, panel.querySelector("#cite").value);
  const same = panel.dataset.item === (item?.id ?? "");
  const focused = panel.contains(document.activeElement) ? document.activeElement : null;
  panel.dataset.item = item?.id ?? "";
  panel.replaceChildren(...[
    view.error ? h("div", { class: "note bad", role: "alert" }, h("p", { dir: "auto" }, view.error)) : null,
    ...(item ? itemParts(model, item, view) : [emptyPart(model, view)]),
    item ? whyPart(item, model) : null,
    ...answersPart(item, model),
    actionsPart(item, view, model),
    item ? guidelinePart(model, item) : null,
    item?.question ? likePart(model, item) : null,
  ].filter(Boolean));
  if (same && focused?.id) keepFocus(panel.querySelector(`#${focused.id}`), focused);
}

/** What annotators answered to questions on this conflict, or on the document as a whole. */
function answersPart(item, model) {
  const here = (model.data.answers ?? []).filter((answer) => !answer.key || answer.key === item?.question?.key);
  return here.map((answer) => h("div", { class: "note" }, h("p", { dir: "auto", class: "faint" }, answer.question), h("p", { dir: "auto" }, answer.text || "✓"), h("p", { class: "faint" }, answer.by)));
}

/** Who is typing goes on typing where the panel is drawn anew. */
function keepFocus(field, before) {
  field?.focus();
  if (before.selectionStart !== undefined) field?.setSelectionRange(before.selectionStart, before.selectionEnd);
}

function emptyPart(model, view) {
  if (model.waiting.size) return h("p", {}, t("Saving…"));
  if (model.data.open) return h("p", {}, t("Choose a conflict: J goes to the next one."));
  const finished = model.data.finished;
  return h("div", { class: "note" }, [
    h("p", {}, finished ? t("Finished by {by}, {at}.", { by: finished.by, at: finished.at.slice(0, 16).replace("T", " ") }) : t("Nothing is open in this document. Read it through and finish it.")),
    h("button", { type: "button", class: "primary", onclick: () => view.act(finished ? "reopen" : "finish") }, finished ? t("Open it again") : t("Finish the document"), " ", h("kbd", {}, "F")),
  ]);
}

function itemParts(model, item, view) {
  const { question } = item;
  const number = question?.open ? model.open.indexOf(question) + 1 : 0;
  const title = question ? kindText(question.kind) : t("added by a lead");
  const parts = [
    h("h2", {}, [
      h("span", { class: "kind", "data-kind": (question?.kind ?? "agreed").split(" + ")[0] }, h("span", { class: "shape", "aria-hidden": "true" }), title),
      h("span", { class: "faint" }, number ? t("{number} of {total}", { number, total: model.open.length }) : t("settled")),
      question?.sent_back ? h("span", { class: "voter" }, t("sent back")) : null,
    ]),
  ];
  if (question?.why) parts.push(h("div", { class: "note bad" }, h("p", { dir: "auto" }, question.why)));
  if (question?.contested) parts.push(h("p", { class: "faint" }, t("Contested:"), " ", question.contested.join(", ")));
  for (const old of question?.stale ?? []) parts.push(decisionPart(model, old, question, t("Decided when other readings stood here"), view));
  if (view.mode === "range" || view.mode === "new") parts.push(draftPart(model, view));
  if (view.mode === "relation") parts.push(relationPart(model, view));
  parts.push(question ? candidatesPart(model, question, view) : additionPart(model, item));
  const standing = question?.decision ?? model.data.decisions.find((d) => `+${d.id}` === item.id);
  if (standing) parts.push(decisionPart(model, standing, question, t("Decided"), view));
  return parts;
}

function additionPart(model, item) {
  const choice = item.span ?? { ...item.arc };
  return h("p", { class: "what", dir: "auto" }, said(model, choice), " ", attributesText(choice.attributes));
}

function decisionPart(model, decision, question, title, view) {
  return h("div", { class: "note" }, [
    h("p", {}, h("strong", {}, title), " · ", h("bdi", {}, decision.by), " · ", h("time", {}, decision.at.slice(0, 16).replace("T", " "))),
    h("p", { dir: "auto" }, decided(model, decision, question)),
    decision.reason ? h("p", { dir: "auto" }, decision.reason, " ", decision.guideline ?? "") : null,
    h("button", { type: "button", onclick: () => view.act("withdraw", decision.id) }, t("Take this decision back")),
  ]);
}

function candidatesPart(model, question, view) {
  const differing = differingAttributes(question.candidates);
  const chosen = question.decision?.seen === question.seen ? question.decision.choice : null;
  const items = question.candidates.map((candidate, i) =>
    h("li", {}, h("button", { type: "button", onclick: () => view.act("take", i + 1), "aria-current": chosen === i + 1, "data-choice": i + 1 }, [
      h("kbd", {}, String(i + 1)),
      h("span", { class: "what", dir: model.data.schema.direction }, what(model, candidate, question)),
      h("span", { class: "facts" }, [
        candidate.label ? h("span", { class: "label", "data-label": candidate.label }, model.name(candidate.label)) : null,
        Object.entries(candidate.attributes ?? {}).map(([name, value]) => h("span", { class: differing.has(name) ? "differs" : null }, `${name}=${value}`)),
        candidate.annotators.map((name) => h("bdi", { class: "voter" }, name)),
        typeof candidate.posterior === "number" ? h("span", {}, `p = ${candidate.posterior.toFixed(2)}`) : null,
      ]),
      typeof candidate.posterior === "number" ? h("progress", { class: "posterior", max: 1, value: candidate.posterior, "aria-label": t("posterior") }) : null,
    ])),
  );
  if (question.of !== "document" && question.candidates.length) {
    items.push(h("li", {}, h("button", { type: "button", onclick: () => view.act("none"), "aria-current": chosen === "none", "data-choice": "none" }, [
      h("kbd", {}, "0"),
      h("span", { class: "what" }, t("nothing here")),
      h("span", { class: "facts" }, question.nothing.length ? question.nothing.map((name) => h("bdi", { class: "voter" }, name)) : t("nobody")),
    ])));
  }
  return h("ol", { class: "candidates" }, items);
}

function differingAttributes(candidates) {
  const names = new Set(candidates.flatMap((c) => Object.keys(c.attributes ?? {})));
  return new Set([...names].filter((name) => new Set(candidates.map((c) => String(c.attributes?.[name]))).size > 1));
}

/** The words of a candidate; what of its place it leaves out stands pale beside them. */
function what(model, candidate, question) {
  if (candidate.head) return model.onward(surface(model, candidate.head), surface(model, candidate.tail));
  if (candidate.start === undefined) return t("the document");
  const { start, end } = question.place;
  return [h("s", {}, model.text(start, candidate.start)), h("strong", {}, surface(model, candidate)), h("s", {}, model.text(candidate.end, end))];
}

const attributesText = (attributes) => Object.entries(attributes ?? {}).map(([name, value]) => `${name}=${value}`).join(", ");

function draftPart(model, view) {
  const { draft } = view;
  const step = (text, edge, unit, by) => h("button", { type: "button", onclick: () => view.move(edge, unit, by), "aria-label": `${text} ${t(edge)} ${t(unit)} ${by > 0 ? "+" : "−"}` }, by > 0 ? "+" : "−");
  const row = (edge, text) => h("div", { class: "actions" }, text, ["character", "word", "clitic"].map((unit) => [h("span", {}, t(unit)), step(text, edge, unit, -1), step(text, edge, unit, 1)]));
  return h("div", { class: "note", id: "draft" }, [
    h("p", {}, h("strong", {}, view.mode === "new" ? t("New span") : t("New range")), " ", h("mark", { dir: model.data.schema.direction }, model.text(draft.start, draft.end))),
    h("p", { class: "faint" }, t("Arrows move the end, with Shift the start; with Ctrl by word, with Alt by clitic.")),
    view.mode === "new" ? h("p", { class: "faint" }, t("J and K go to the next and previous word.")) : null,
    row("start", t("Start")),
    row("end", t("End")),
    h("div", { class: "actions" }, [
      h("button", { type: "button", class: "primary", onclick: () => view.act("confirm") }, t("Save"), " ", h("kbd", {}, "Enter")),
      h("button", { type: "button", onclick: () => view.act("cancel") }, t("Cancel"), " ", h("kbd", {}, "Esc")),
    ]),
  ]);
}

function relationPart(model, view) {
  const { head, target } = view.draft;
  return h("div", { class: "note", id: "draft" }, [
    h("p", {}, h("strong", {}, t("New relation")), " ", h("bdi", { dir: model.data.schema.direction }, h("bdi", {}, head ? said(model, head) : "…"), ` ${model.data.schema.arrow} `, h("bdi", {}, target ? said(model, target) : "…"))),
    h("p", { class: "faint" }, t("Arrows go from span to span, Enter takes one: first the head, then the tail. With the mouse, drag from span to span.")),
    h("div", { class: "actions" }, h("button", { type: "button", onclick: () => view.act("cancel") }, t("Cancel"), " ", h("kbd", {}, "Esc"))),
  ]);
}

function whyPart(item, model) {
  const numbers = paragraphsFor(model, item);
  const { reason = "", cite = "" } = typed.get(item.id) ?? {};
  return h("div", { class: "why" }, [
    h("label", {}, h("span", {}, t("Reason"), " ", h("kbd", {}, "C")), h("textarea", { id: "reason", rows: 1, maxlength: 2000, dir: "auto" }, reason)),
    h("label", {}, h("span", {}, t("Guideline"), " ", h("kbd", {}, "G")), h("input", { id: "cite", value: cite, list: "paragraphs", placeholder: numbers.length ? `§${numbers[0]}` : "§", pattern: "§?[0-9]{1,4}", dir: "ltr" })),
    h("datalist", { id: "paragraphs" }, numbers.map((number) => h("option", { value: `§${number}` }))),
  ]);
}

function actionsPart(item, view, model) {
  const isRelation = item && (item.question ? item.question.of === "relation" : Boolean(item.arc));
  const isSpan = item && !isRelation && item.question?.of !== "document";
  const all = [
    [isSpan, "range", "E", t("Edit range")], [isSpan || isRelation, "label", "L", t("Label")], [item, "attributes", "A", t("Attributes")],
    [isRelation, "reverse", "V", t("Reverse")], [item && !item.question, "none", "0", t("Remove")], [item?.question, "back", "B", t("Send back")],
    [true, "new", "S", t("New span")], [true, "relation", "R", t("New relation")],
    [model.open.length, "previous", "K", t("Previous")], [model.open.length, "next", "J", t("Next")],
    [true, "undo", "U", t("Undo"), !model.data.undo], [true, "redo", "⇧U", t("Redo"), !model.data.redo],
    [true, model.data.finished ? "reopen" : "finish", "F", model.data.finished ? t("Open again") : t("Finish"), model.data.open > 0],
    [true, "keys", "?", t("Keys")],
  ];
  return h("div", { class: "actions", role: "toolbar", "aria-label": t("Actions") }, all.filter(([shown]) => shown).map(([, name, key, text, disabled]) =>
    h("button", { type: "button", "data-act": name, disabled: Boolean(disabled), onclick: () => view.act(name) }, text, " ", h("kbd", {}, key))));
}

/** Numbers of the paragraphs that speak of what is at hand, the nearest first. */
export function paragraphsFor(model, item) {
  if (!guideline) return [];
  const { question } = item;
  const candidates = question?.candidates ?? [];
  const labels = candidates.length ? candidates.map((c) => c.label).filter(Boolean) : [(item.span ?? item.arc)?.label].filter(Boolean);
  const topics = [...(question?.kind.includes("attribute") ? differingAttributes(candidates) : []), ...labels, ...(question?.kind.includes("boundary") ? ["boundary"] : [])];
  return [...new Set(topics.flatMap((topic) => guideline.on[topic] ?? []))];
}

function guidelinePart(model, item) {
  const numbers = paragraphsFor(model, item);
  if (!numbers.length) return null;
  const paragraphs = numbers.map((number) => guideline.paragraphs[number - 1]);
  return h("section", { class: "guideline" }, h("h3", {}, t("Guideline")), paragraphs.map((paragraph, i) => {
    const body = h("div", { dir: language === "ar" ? "rtl" : "ltr" });
    body.innerHTML = paragraph.html; // made by the server from the guideline, in which HTML is text
    return h("details", { open: i === 0 }, h("summary", {}, h("bdi", { dir: "ltr" }, `§${paragraph.number}`), " ", h("bdi", {}, paragraph.title)), body);
  }));
}

function likePart(model, item) {
  const cases = similar.get(item.id);
  if (!cases?.length) return null;
  return h("section", {}, h("h3", {}, t("Decided like this before")), h("ul", { class: "like" }, cases.map((one) =>
    h("li", {}, [
      h("div", { dir: model.data.schema.direction }, one.surface, ` ${model.data.schema.arrow} `, h("strong", {}, one.choice === null ? t("nothing") : one.chosen), " ", one.choice?.label ? h("span", { class: "label", "data-label": one.choice.label }, model.name(one.choice.label)) : null),
      one.reason ? h("div", { dir: "auto" }, one.reason) : null,
      h("div", { class: "faint" }, h("a", { href: `/documents/${encodeURIComponent(one.doc_id)}` }, h("bdi", {}, one.doc_id)), " · ", h("bdi", {}, one.by), " ", one.guideline ?? ""),
    ]))));
}

export { idOf, placeOf };
