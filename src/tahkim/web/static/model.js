// The document as the page knows it: what the server sent, and what can be worked out from it. No drawing here.

import { language } from "./i18n.js";

export class Model {
  constructor(data) {
    this.data = data;
    this.chars = Array.from(data.text);
    this.labels = new Map(data.schema.labels.map((label) => [label.name, label]));
    this.waiting = new Set(); // ids of questions whose decision is being saved
    this.relations = new Map(data.schema.relations.map((relation) => [relation.name, relation]));
    this.take(data);
  }

  /** What a decision can change, as the server gives it after each. */
  take(changes) {
    Object.assign(this.data, changes);
    const { merged, questions } = this.data;
    this.questions = new Map(questions.map((question) => [idOf(question), question]));
    this.spans = merged.spans.map((span) => ({ ...span, id: span.key ?? `+${span.decision}` }));
    this.arcs = merged.relations.map((relation, i) => ({
      ...relation, id: relation.key ?? (relation.decision ? `+${relation.decision}` : `implied${i}`),
      head: this.spans[relation.head], tail: this.spans[relation.tail],
    }));
    this.open = questions.filter((question) => question.open).sort(readingOrder);
  }

  text(start, end) {
    return this.chars.slice(start, end).join("");
  }

  /** Texts in the order of reading with arrows between them: for an element that runs as the text does. */
  onward(...texts) {
    return texts.join(` ${this.data.schema.arrow} `);
  }

  name(label) {
    const entry = this.labels.get(label) || this.relations.get(label);
    return (entry && entry[language]) || label;
  }

  /** What an id stands for: its question, its merged span and its merged relation, as far as there are any. */
  item(id) {
    const question = this.questions.get(id) || null;
    const span = this.spans.find((one) => one.id === id) || null;
    const arc = this.arcs.find((one) => one.id === id) || null;
    return question || span || arc ? { id, question, span, arc } : null;
  }

  /** Everything that can be selected, in the order of the text. */
  items() {
    const ids = new Map(this.spans.map((span) => [span.id, span.start]));
    for (const question of this.open) ids.set(idOf(question), placeOf(question)?.start ?? 0);
    for (const arc of this.arcs) if (!arc.id.startsWith("implied")) ids.set(arc.id, arc.head.start);
    return [...ids].sort((a, b) => a[1] - b[1]).map(([id]) => id);
  }

  /** Open questions that are not being saved. */
  get undecided() {
    return this.open.filter((question) => !this.waiting.has(idOf(question)));
  }

  /** The open question after one, or before it, going round. */
  neighbour(id, step) {
    const { undecided } = this;
    if (!undecided.length) return null;
    const at = undecided.findIndex((question) => idOf(question) === id);
    return idOf(undecided[(at + step + undecided.length) % undecided.length]);
  }

  /** The open question that follows a place in the text: where to go when the one there is decided. */
  following(question) {
    const { undecided } = this;
    const after = undecided.find((other) => readingOrder(question, other) < 0) ?? undecided[0];
    return after ? idOf(after) : null;
  }

  /** The merged span at a place that a question names. */
  spanAt(place) {
    const question = this.data.questions.find(
      (q) => q.of === "span" && q.place.start === place.start && q.place.end === place.end && (q.place.nth ?? 0) === (place.nth ?? 0),
    );
    const exact = (span) => span.start === place.start && span.end === place.end && (!place.label || span.label === place.label);
    return this.spans.find((span) => question && span.key === question.key) || this.spans.find(exact) || null;
  }

  /** The attributes that a label or relation may have. */
  attributesOf(label) {
    return (this.labels.get(label) || this.relations.get(label))?.attributes ?? [];
  }

  /** Relations that may lead from one span to another. */
  relationsBetween(head, tail) {
    return this.data.schema.relations.filter((r) => r.domain.includes(head.label) && r.range.includes(tail.label));
  }
}

export const idOf = (question) => question.key ?? `stray-${question.stale?.[0]?.id}`;

export const placeOf = (question) => (question.of === "relation" ? question.place.head : question.place);

export const endOf = (span) => ({ start: span.start, end: span.end, label: span.label });

/** Spans come before relations, which hang on them; then by place. */
function readingOrder(a, b) {
  const rank = (question) => (question.of === "span" ? 0 : question.of === "relation" ? 1 : 2);
  const start = (question) => placeOf(question)?.start ?? -1;
  return rank(a) - rank(b) || start(a) - start(b) || (a.key ?? "").localeCompare(b.key ?? "");
}
