// Talking to the server. An answer that is no success is an error with the server's words, its status and its body.

export class Refusal extends Error {
  constructor(status, body) {
    super(body.error || `HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

export async function get(path, headers = {}) {
  return read(await fetch(path, { headers: { accept: "application/json", ...headers }, credentials: "include" }));
}

export async function post(path, body) {
  const options = { method: "POST", credentials: "include", headers: { accept: "application/json" } };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["content-type"] = "application/json";
  }
  return read(await fetch(path, options));
}

async function read(answer) {
  if (answer.status === 304) return null;
  const body = await answer.json();
  if (!answer.ok || answer.status === 202) throw new Refusal(answer.status, body);
  return body;
}

export const documentPath = (id) => `/api/documents/${encodeURIComponent(id)}`;
