// Answers a survey: each answer saves by itself, and questions come and go with the answers they depend on. The server holds
// the answers; nothing of them is put into the browser's storage. Without this script the form's buttons do all.

import { reflect } from "./conditions.js";
import { post, renewToken } from "./saving.js";

const SAVE_AFTER = 900;
const RETRY_AFTER = 10000;

const form = document.getElementById("survey-form");
const state = document.getElementById("save-state");
const words = form.dataset;

// The names of questions that were changed and are not saved; those that two devices differ about wait for a decision.
const changed = new Set();
const undecided = new Set();
let running = null;
let timer = 0;

function say(sentence) {
  if (state.textContent !== sentence) state.textContent = sentence;
}

function later(after) {
  clearTimeout(timer);
  timer = setTimeout(() => save(), after);
}

function answersOf(name) {
  return new FormData(form).getAll(name).map(String);
}

async function save() {
  clearTimeout(timer);
  while (running) await running;
  const names = [...changed].filter((name) => !undecided.has(name));
  if (names.length === 0) return;
  running = send(names);
  await running;
}

async function send(names) {
  const data = new FormData();
  data.set("only", names.join(" "));
  for (const name of names) {
    for (const value of answersOf(name)) data.append(name, value);
    data.set(`seen_${name}`, form.elements[`seen_${name}`].value);
    changed.delete(name);
  }
  say(words.saving);
  try {
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    let response = await post(location.pathname, data);
    if (response.status === 403 && (await renewToken(form))) {
      data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      response = await post(location.pathname, data);
    }
    if (response.type === "opaqueredirect" || [403, 404].includes(response.status)) {
      again(names, words.gone);
    } else if (response.ok || response.status === 422) {
      const answer = await response.json();
      show(answer, names);
      if (!answer.is_refused && changed.size > undecided.size) later(SAVE_AFTER);
    } else {
      throw new Error("server");
    }
  } catch {
    again(names, navigator.onLine ? words.failed : words.offline);
  } finally {
    running = null;
  }
}

function again(names, sentence) {
  for (const name of names) changed.add(name);
  say(sentence);
  later(RETRY_AFTER);
}

function show(answer, names) {
  for (const [name, mark] of Object.entries(answer.marks)) form.elements[name].value = mark;
  for (const name of names) {
    const place = form.querySelector(`[data-error="${name}"]`);
    const error = answer.errors[name] ?? "";
    const conflict = answer.conflicts[name];
    if (conflict) {
      changed.add(name);
      undecided.add(name);
      const panel = form.querySelector(`[data-conflict="${name}"]`);
      panel.innerHTML = conflict.html;
      panel.dataset.text = conflict.text;
      ready(panel);
      panel.firstElementChild.focus();
    } else if (place) {
      place.textContent = error;
      place.hidden = !error;
      for (const control of form.querySelectorAll(`[name="${name}"]`)) {
        if (error) control.setAttribute("aria-invalid", "true");
        else control.removeAttribute("aria-invalid");
      }
    }
  }
  if (answer.is_refused) {
    for (const name of names) changed.add(name);
  }
  say(undecided.size > 0 ? words.decide : Object.values(answer.errors).join(" ") || answer.state);
}

function decide(name, text) {
  const panel = form.querySelector(`[data-conflict="${name}"]`);
  if (text !== undefined) form.elements[name].value = text;
  panel.replaceChildren();
  undecided.delete(name);
  changed.add(name);
  form.elements[name].focus();
  save();
}

function ready(part) {
  for (const button of part.querySelectorAll("[data-take], [data-keep]")) button.hidden = false;
}

form.addEventListener("input", (event) => {
  const name = event.target.name;
  if (!/^q\d+$/.test(name)) return;
  changed.add(name);
  reflect(form);
  if (undecided.has(name)) return;
  say(navigator.onLine ? words.unsaved : words.offline);
  later(SAVE_AFTER);
});

form.addEventListener("click", (event) => {
  const { take, keep } = event.target.dataset;
  if (take) decide(take, form.querySelector(`[data-conflict="${take}"]`).dataset.text ?? event.target.closest("section").querySelector("[data-theirs]").innerText);
  if (keep) decide(keep);
});

form.addEventListener("submit", (event) => {
  if (running) {
    // What is being saved is waited for: the page would differ from it.
    event.preventDefault();
    running.then(() => form.requestSubmit(event.submitter));
    return;
  }
  // The page is left on purpose, with everything that is on it.
  clearTimeout(timer);
  changed.clear();
});

window.addEventListener("online", () => save());
window.addEventListener("offline", () => {
  if (changed.size > 0) say(words.offline);
});
window.addEventListener("beforeunload", (event) => {
  if (changed.size > 0) event.preventDefault();
});

ready(form);
reflect(form);
