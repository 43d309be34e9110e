// Messages in the page's language. They are written in English; the catalogue gives the rest.

const answer = await fetch(document.documentElement.dataset.messages);
const catalogue = answer.ok ? await answer.json() : {};

/** The message in the page's language; {name} is replaced by values.name. */
export function t(message, values = {}) {
  const text = catalogue[message] || message;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export const language = document.documentElement.lang;
