// What every page can do: theme, language, hidden names, logging in and out, arrow keys in lists.

import { post } from "./api.js";

const remember = (name, value) => {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
};

document.getElementById("theme").addEventListener("click", (event) => {
  remember("tahkim_theme", event.currentTarget.dataset.next);
  location.reload();
});
for (const button of document.querySelectorAll(".language")) {
  button.addEventListener("click", () => {
    remember("tahkim_language", button.dataset.language);
    location.reload();
  });
}
document.getElementById("blind")?.addEventListener("click", (event) => {
  remember("tahkim_blind", event.currentTarget.getAttribute("aria-pressed") === "true" ? "0" : "1");
  location.reload();
});
document.getElementById("logout")?.addEventListener("click", async () => {
  await post("/logout");
  location.assign("/login");
});

document.getElementById("login")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  try {
    await post("/login", { name: form.get("name"), password: form.get("password") });
    const next = new URLSearchParams(location.search).get("next") || "/";
    location.assign(next.startsWith("/") && !next.startsWith("//") && !next.includes("\\") ? next : "/");
  } catch (refusal) {
    document.getElementById("login-error").textContent = refusal.message;
  }
});

const rows = [...document.querySelectorAll("#rows > li > a")];
document.addEventListener("keydown", (event) => {
  if (!rows.length || event.target.closest("input, select, textarea")) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))].focus();
});
