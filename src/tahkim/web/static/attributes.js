// The page of attributes to fill in: one row a span or relation, saved by Enter.

import { documentPath, get, post } from "./api.js";
import { field, read } from "./dialogs.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { Model, endOf } from "./model.js";

const rows = [...document.querySelectorAll("#gaps > li[data-document]")];
const models = new Map();

async function modelOf(id) {
  if (!models.has(id)) models.set(id, get(documentPath(id)).then((data) => new Model(data)));
  return models.get(id);
}

async function build(row) {
  const model = await modelOf(row.dataset.document);
  const form = row.querySelector("form");
  const attributes = model.attributesOf(row.dataset.name);
  const list = row.dataset.of === "span" ? model.spans : model.arcs;
  row.target = list[Number(row.dataset.number)].id;
  const state = h("span", { role: "status" });
  form.replaceChildren(...attributes.map((attribute) => field(attribute, undefined)), h("button", { class: "primary" }, t("Save")), state);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await save(model, row, read(form, attributes));
      row.classList.add("saved");
      state.textContent = t("saved");
      rows[rows.indexOf(row) + 1]?.querySelector("select, input")?.focus();
    } catch (refusal) {
      state.textContent = refusal.message;
      if (refusal.body?.changes) model.take(refusal.body.changes);
    }
  });
}

async function save(model, row, values) {
  const { span, arc, question } = model.item(row.target);
  const choice = span ? { ...endOf(span), attributes: values } : { label: arc.label, head: endOf(arc.head), tail: endOf(arc.tail), attributes: values };
  const path = documentPath(row.dataset.document);
  const one = span ?? arc;
  const body = question
    ? { key: question.key, seen: question.seen, standing: question.decision?.id ?? null, choice }
    : { decision: one.decision, choice };
  model.take(await post(`${path}/${question ? "decisions" : "additions/change"}`, body));
}

for (const row of rows) build(row);
