// Questions to the lead: a palette of labels, a form of attributes, a text. Each resolves to an answer, or null.

import { h } from "./dom.js";
import { language, t } from "./i18n.js";
import { pressed } from "./keys.js";

const dialog = document.getElementById("dialog");

/** Show the dialog with this content until `done` is called or it is closed. */
function ask(title, build, onkey) {
  return new Promise((resolve) => {
    let answer = null;
    const done = (value) => {
      answer = value;
      dialog.close();
    };
    const head = h("h2", { id: "dialog-title" }, title);
    const listen = (event) => {
      event.stopPropagation();
      if (onkey?.(event, done)) event.preventDefault();
    };
    dialog.replaceChildren(head, ...[build(done)].flat());
    dialog.onkeydown = listen;
    dialog.onclose = () => resolve(answer);
    dialog.showModal();
    dialog.querySelector("[autofocus]")?.focus();
  });
}

export const nameOf = (entry) => entry[language] || entry.name;

/** Choose one of schema entries; `keys` gives the hot key of each by its number. */
export function choose(title, entries, keys, current = null) {
  const items = entries.map((entry, i) => ({ entry, key: keys(entry, i) }));
  const build = (done) =>
    h(
      "ul",
      { class: "palette" },
      items.map(({ entry, key }, i) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", onclick: () => done(entry), autofocus: i === 0, "aria-current": entry.name === current },
            h("kbd", {}, key),
            h("span", { class: "label", "data-label": entry.name }, entry.name),
            h("span", {}, nameOf(entry)),
          ),
        ),
      ),
    );
  return ask(title, build, (event, done) => {
    const found = items.find((item) => item.key === pressed(event));
    if (!found) return false;
    done(found.entry);
    return true;
  });
}

export const NUMBERS = "123456789abcdefghijklmnopqrstuvwxyz";

/** A field for an attribute of the schema. */
export function field(attribute, value, first = false) {
  const name = nameOf(attribute);
  const common = { name: attribute.name, "data-type": attribute.type, autofocus: first };
  if (attribute.type === "choice" || attribute.type === "bool") {
    const values = attribute.type === "bool" ? ["true", "false"] : attribute.values.map(String);
    const options = ["", ...values].map((v) => h("option", { value: v, selected: v === String(value ?? "") }, v || "–"));
    return h("label", {}, name, h("select", common, options));
  }
  const type = attribute.type === "text" ? "text" : "number";
  return h("label", {}, name, h("input", { ...common, type, step: attribute.type === "int" ? "1" : "any", value: value ?? "", dir: "auto" }));
}

/** The attributes that a form with such fields holds; those left empty are not there. */
export function read(form, attributes) {
  const found = {};
  for (const attribute of attributes) {
    const text = form.elements.namedItem(attribute.name).value.trim();
    if (text === "") continue;
    if (attribute.type === "bool") found[attribute.name] = text === "true";
    else if (attribute.type === "int" || attribute.type === "number") found[attribute.name] = Number(text);
    else if (attribute.type === "choice") found[attribute.name] = attribute.values.find((v) => String(v) === text);
    else found[attribute.name] = text;
  }
  return found;
}

function form(title, saves, fields, give) {
  const build = (done) =>
    h(
      "form",
      {
        class: "fields",
        onsubmit: (event) => {
          event.preventDefault();
          done(give(event.target));
        },
      },
      fields,
      h("div", { class: "buttons" }, [
        h("button", { class: "primary" }, saves, " ", h("kbd", {}, "Enter")),
        h("button", { type: "button", onclick: () => dialog.close() }, t("Cancel"), " ", h("kbd", {}, "Esc")),
      ]),
    );
  // Enter saves from any field; by themselves browsers would do nothing in lists of choices, and begin a line in texts.
  return ask(title, build, (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.closest("select, input, textarea")) return false;
    event.target.form.requestSubmit();
    return true;
  });
}

/** Fill in attributes; null when cancelled. */
export function fill(title, attributes, values) {
  if (!attributes.length) return tell(title, t("It has no attributes."));
  const fields = attributes.map((attribute, i) => field(attribute, values[attribute.name], i === 0));
  return form(title, t("Save"), fields, (element) => read(element, attributes));
}

/** Ask to whom something goes back, and why; `reason` is what was typed before and did not get through. */
export function sendBack(people, reason = "") {
  const boxes = people.map((name) => h("label", { class: "check" }, h("input", { type: "checkbox", name: "to", value: name, checked: true }), h("bdi", {}, name)));
  const why = h("label", {}, t("What should be looked at again?"), h("textarea", { name: "reason", required: true, maxlength: 2000, dir: "auto", autofocus: true, rows: 3 }, reason));
  return form(t("Send back"), t("Send back"), [why, h("fieldset", {}, h("legend", {}, t("To")), boxes)], (element) => {
    const data = new FormData(element);
    return { to: data.getAll("to"), reason: data.get("reason") };
  });
}

/** Say something; resolves to null when it was read. */
export function tell(title, ...content) {
  return ask(title, (done) => [
    ...content.map((part) => (part instanceof Node ? part : h("p", { dir: "auto" }, part))),
    h("div", { class: "buttons" }, h("button", { type: "button", class: "primary", autofocus: true, onclick: () => done(null) }, t("Close"), " ", h("kbd", {}, "Esc"))),
  ]);
}

/** Two leads on one unit: show what the other decided; true when this lead's own is to stand all the same. */
export function insist(other, ours) {
  const build = (done) => [
    other
      ? h("p", {}, t("{by} decided this meanwhile:", { by: other.by }), " ", h("strong", { dir: "auto" }, other.text))
      : h("p", {}, t("The readings here have changed since the page was drawn.")),
    other?.reason ? h("p", { dir: "auto" }, other.reason) : null,
    h("p", {}, t("Yours:"), " ", h("strong", { dir: "auto" }, ours)),
    h("div", { class: "buttons" }, [
      h("button", { type: "button", class: "primary", autofocus: true, onclick: () => done(false) }, t("Leave it as it is"), " ", h("kbd", {}, "Esc")),
      h("button", { type: "button", onclick: () => done(true), id: "insist" }, t("Decide mine all the same"), " ", h("kbd", {}, "M")),
    ]),
  ];
  return ask(t("Decided meanwhile"), (done) => build(done).filter(Boolean), (event, done) => {
    if (pressed(event) !== "m") return false;
    done(true);
    return true;
  });
}
