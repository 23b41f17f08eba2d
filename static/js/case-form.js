// Writes a case: saves by itself, hints at identifiers, keeps the body map and its checkboxes alike, adds medications.
// The server holds the text; nothing of it is put into the browser's storage. Without this script the form's buttons do all.

import { post, renewToken } from "./saving.js";

const SAVE_AFTER = 1400;
const HINT_AFTER = 700;
const RETRY_AFTER = 10000;

const form = document.getElementById("case-form");
const state = document.getElementById("save-state");
const conflict = document.getElementById("conflict");
const revision = form.elements.revision;

let edits = 0;
let saved = 0;
let running = null;
let timer = 0;

// --- saving

function say(words) {
  if (state.textContent !== words) state.textContent = words;
}

function isStopped() {
  return conflict.childElementCount > 0;
}

function later(after) {
  clearTimeout(timer);
  timer = setTimeout(() => save(), after);
}

function changed() {
  edits += 1;
  if (!isStopped()) {
    say(navigator.onLine ? state.dataset.unsaved : state.dataset.offline);
    later(SAVE_AFTER);
  }
}

async function save({ keep = "" } = {}) {
  clearTimeout(timer);
  while (running) await running;
  if (isStopped() && !keep) return;
  running = send(keep);
  await running;
}

async function send(keep) {
  const edit = edits;
  const active = document.activeElement;
  const before = active?.value;
  const data = new FormData(form);
  if (keep) data.set("keep", keep);
  say(state.dataset.saving);
  try {
    let response = await post(form.action, data);
    if (response.status === 403 && (await renewToken(form))) {
      data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      response = await post(form.action, data);
    }
    if (response.type === "opaqueredirect" || [403, 404].includes(response.status)) {
      say(state.dataset.gone);
      later(RETRY_AFTER);
    } else if (response.status >= 500) {
      throw new Error("server");
    } else {
      const answer = await response.json();
      if (response.ok) {
        // What could not be read is not saved, and leaving the page would lose it.
        if (answer.invalid.length === 0) saved = edit;
        revision.value = answer.revision;
      }
      // What was typed while it was saved has its own hints.
      show(answer, active?.value === before ? "" : `${active.id}_notes`);
      say(answer.state);
      if (response.status === 409) conflict.querySelector("section").focus();
    }
  } catch {
    say(navigator.onLine ? state.dataset.failed : state.dataset.offline);
    later(RETRY_AFTER);
  } finally {
    running = null;
  }
  if (edits > edit && !isStopped()) {
    if (saved === edit) say(state.dataset.unsaved);
    later(SAVE_AFTER);
  }
}

function show({ fragments = {}, invalid }, besides) {
  for (const [id, html] of Object.entries(fragments)) {
    const part = document.getElementById(id);
    if (part && id !== besides) replace(part, html);
  }
  if (!invalid) return;
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const id of invalid) document.getElementById(id)?.setAttribute("aria-invalid", "true");
}

function replace(part, html) {
  // Unchanged parts are left alone: neither focus nor a screen reader loses its place.
  if (part.dataset.html === html) return;
  part.dataset.html = html;
  part.innerHTML = html;
}

// --- hints while typing

const asked = new WeakMap();

function hint(control) {
  clearTimeout(asked.get(control));
  const notes = document.getElementById(`${control.id}_notes`);
  if (!notes || control.inputMode) return;
  asked.set(
    control,
    setTimeout(async () => {
      const data = new FormData();
      data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      data.set("text", control.value);
      const typed = control.value;
      try {
        const response = await post(form.dataset.hints, data);
        const html = response.ok ? await response.text() : "";
        // The full look of a save says more; only what is new is shown before it.
        if (html && edits > saved && control.value === typed) replace(notes, html);
      } catch {
        // The save says that the portal does not answer.
      }
    }, HINT_AFTER),
  );
}

// --- the body map

function reflect() {
  for (const part of form.querySelectorAll("[data-site]")) {
    part.classList.toggle("is-marked", box(part)?.checked ?? false);
  }
}

function box(part) {
  return form.querySelector(`input[name=sites][value=${part.dataset.site}]`);
}

// --- medications

const rows = document.getElementById("medication-rows");

function addRow() {
  const number = Number(form.elements.medication_rows.value);
  const html = document.getElementById("medication-row").innerHTML;
  rows.insertAdjacentHTML("beforeend", html.replaceAll("__row__", number).replaceAll("__number__", number + 1));
  form.elements.medication_rows.value = number + 1;
  ready(rows.lastElementChild);
  rows.lastElementChild.querySelector("input").focus();
}

function removeRow(row) {
  for (const control of row.querySelectorAll("input, select")) control.value = "";
  row.hidden = true;
  form.elements.add.focus();
  changed();
}

function ready(part) {
  for (const button of part.querySelectorAll("[data-remove]")) button.hidden = false;
}

// --- what people do

form.addEventListener("input", (event) => {
  changed();
  if (event.target.name === "sites") reflect();
  if (event.target.matches("textarea, input:not([type=checkbox], [type=radio])")) hint(event.target);
});

form.addEventListener("click", (event) => {
  const part = event.target.closest("[data-site]");
  if (part) box(part).click();
  const row = event.target.closest("[data-remove]")?.closest("[data-row]");
  if (row) removeRow(row);
});

form.addEventListener("submit", (event) => {
  const pressed = event.submitter?.name;
  event.preventDefault();
  if (pressed === "check") {
    // The page is left only once everything is saved.
    save().then(() => {
      if (edits === saved && !isStopped()) location.assign(form.dataset.check);
    });
  } else if (pressed === "add") {
    addRow();
  } else if (pressed === "keep") {
    const keep = event.submitter.value;
    replace(conflict, "");
    save({ keep });
  } else {
    save();
  }
});

window.addEventListener("online", () => {
  if (edits > saved) save();
});
window.addEventListener("offline", () => {
  if (edits > saved) say(state.dataset.offline);
});
window.addEventListener("beforeunload", (event) => {
  if (edits > saved) event.preventDefault();
});

ready(form);
reflect();
form.classList.add("is-live");
