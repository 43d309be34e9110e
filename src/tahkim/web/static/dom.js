// Elements from values. Text only ever becomes text nodes: nothing that people write can become markup.

const TURNING = { 0x202a: "LRE", 0x202b: "RLE", 0x202c: "PDF", 0x202d: "LRO", 0x202e: "RLO", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI" };

/** What people wrote, with characters that would turn the text around shown by name. */
export const plain = (text) => String(text).replace(/[\u202a-\u202e\u2066-\u2069]/g, (char) => `⟨${TURNING[char.codePointAt(0)]}⟩`);

/** An element: `attributes` may hold class, data-*, aria-*, on… functions; children are nodes, strings, or nothing. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  const shown = children.flat(3).filter((child) => child !== null && child !== undefined && child !== false);
  const told = tag === "textarea" ? String : plain; // what is being typed is left as it is
  element.append(...shown.map((child) => (child instanceof Node ? child : told(child))));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter(Boolean));
  return element;
}
