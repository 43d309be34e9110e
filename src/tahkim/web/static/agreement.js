// The agreement report: tables of figures with their intervals, drawn from one JSON value.

import { Refusal, get } from "./api.js";
import { h } from "./dom.js";
import { language, t } from "./i18n.js";

const state = document.getElementById("state");
const host = document.getElementById("report");
const terms = JSON.parse(host.dataset.terms); // name and meaning of each measure

const number = (value) => (value === null || value === undefined ? t("undefined") : value.toFixed(3));

function interval(figure) {
  const place = (value) => `${(100 * Math.min(1, Math.max(0, value))).toFixed(1)}%`;
  const bar = h("div", { class: "interval", "aria-hidden": "true" });
  if (typeof figure.value !== "number") return bar;
  if (typeof figure.low === "number") {
    const range = h("i");
    range.style.insetInlineStart = place(figure.low);
    range.style.width = place(figure.high - figure.low);
    bar.append(range);
  }
  const point = h("b");
  point.style.insetInlineStart = place(figure.value);
  bar.append(point);
  return bar;
}

function row(figure) {
  const group = [figure.pair?.join(" – "), figure.label, figure.attribute, figure.arm].filter(Boolean).join(" · ");
  const range = typeof figure.low === "number" ? `${number(figure.low)} – ${number(figure.high)}` : (figure.reason ?? "");
  const [name, meaning] = terms[figure.measure] ?? [figure.measure, null];
  return h("tr", {}, h("th", { scope: "row", title: meaning }, name), h("td", {}, h("bdi", {}, group || t("all"))), h("td", {}, number(figure.value)), h("td", {}, h("bdi", {}, range)), h("td", {}, interval(figure)));
}

function table(title, head, rows) {
  return h("section", {}, h("h2", {}, title), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title },
    h("table", {}, h("thead", {}, h("tr", {}, head.map((text) => h("th", { scope: "col" }, text)))), h("tbody", {}, rows))));
}

const GROUPS = { humans: "People with each other", rules: "People with the rules", gold: "People with gold" };

function show(report) {
  state.textContent = "";
  const names = [...new Set(report.figures.map((figure) => figure.of))];
  host.replaceChildren(
    ...report.warnings.map((warning) => h("p", { class: "hint", dir: "auto" }, warning)),
    ...names.map((name) => table(t(GROUPS[name] ?? name), [t("Measure"), t("Of"), t("Value"), t("95 % interval"), ""], report.figures.filter((f) => f.of === name).map(row))),
  );
}

async function ask() {
  try {
    show(await get(`/api/agreement?language=${language}`));
  } catch (refusal) {
    if (refusal instanceof Refusal && refusal.status === 202) setTimeout(ask, 1000);
    else state.textContent = refusal.message;
  }
}

ask();
