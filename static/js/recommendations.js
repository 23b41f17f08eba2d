// Writes recommendations: each heading saves by itself, and takes suggestions over. The server holds the texts; nothing of
// them is put into the browser's storage. Without this script the form's buttons do all.

import { post, renewToken } from "./saving.js";

const SAVE_AFTER = 1200;
const RETRY_AFTER = 10000;

const form = document.getElementById("recommendations");
const words = form.dataset;

class Heading {
  constructor(part) {
    this.key = part.dataset.heading;
    this.text = form.elements[`text_${this.key}`];
    this.revision = form.elements[`revision_${this.key}`];
    this.state = part.querySelector(".save-state");
    this.notes = part.querySelector("[data-notes]");
    this.conflict = part.querySelector("[data-conflict]");
    this.edits = 0;
    this.saved = 0;
    this.isSaving = false;
    this.timer = 0;
    this.text.addEventListener("input", () => this.changed());
  }

  get isUnsaved() {
    return this.edits > this.saved;
  }

  // Two windows differ: what is typed is kept on the page, and saved only when somebody has decided.
  get isStopped() {
    return this.conflict.childElementCount > 0;
  }

  say(sentence) {
    if (this.state.textContent !== sentence) this.state.textContent = sentence;
  }

  later(after) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), after);
  }

  changed() {
    this.edits += 1;
    this.say(navigator.onLine ? words.unsaved : words.offline);
    if (!this.isStopped) this.later(SAVE_AFTER);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.isStopped) return;
    if (this.isSaving) {
      this.later(SAVE_AFTER);
      return;
    }
    this.isSaving = true;
    const edit = this.edits;
    const data = new FormData();
    data.set(this.text.name, this.text.value);
    data.set(this.revision.name, this.revision.value);
    this.say(words.saving);
    try {
      let response = await send(data);
      if (response.status === 403 && (await renewToken(form))) response = await send(data);
      if (response.type === "opaqueredirect" || [403, 404].includes(response.status)) {
        this.say(words.gone);
        this.later(RETRY_AFTER);
      } else if (response.ok) {
        this.show((await response.json()).headings[this.key], edit);
      } else {
        throw new Error("server");
      }
    } catch {
      this.say(navigator.onLine ? words.failed : words.offline);
      this.later(RETRY_AFTER);
    } finally {
      this.isSaving = false;
    }
    if (this.saved === edit && this.isUnsaved) {
      this.say(words.unsaved);
      this.later(SAVE_AFTER);
    }
  }

  show(answer, edit) {
    this.say(answer.state);
    if (answer.conflict) {
      this.conflict.innerHTML = answer.conflict;
      this.conflict.firstElementChild.focus();
    } else if (answer.revision !== undefined) {
      this.saved = edit;
      this.revision.value = answer.revision;
      if (this.notes.innerHTML.trim() !== answer.notes) this.notes.innerHTML = answer.notes;
    }
  }

  // The text on the page replaces the one that was saved meanwhile: both have been read.
  decide() {
    if (!this.isStopped) return;
    this.revision.value = this.conflict.firstElementChild.dataset.revision;
    this.conflict.replaceChildren();
    this.edits += 1;
  }

  add(suggestion) {
    const before = this.text.value.trimEnd();
    this.text.value = before ? `${before}\n\n${suggestion}` : suggestion;
    this.changed();
    this.text.focus();
  }
}

function send(data) {
  data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  return post(location.pathname, data);
}

const headings = [...form.querySelectorAll("[data-heading]")].map((part) => new Heading(part));

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.name === "use") {
    event.preventDefault();
    const key = button.closest("[data-heading]").dataset.heading;
    headings.find((heading) => heading.key === key).add(document.getElementById(`suggestion-${button.value}`).innerText.trim());
  } else if (button?.name === "save") {
    event.preventDefault();
    for (const heading of headings) {
      heading.decide();
      if (heading.isUnsaved) heading.save();
    }
  } else {
    // The page is left on purpose, with everything that is typed.
    for (const heading of headings) {
      clearTimeout(heading.timer);
      heading.saved = heading.edits;
    }
  }
});

window.addEventListener("online", () => {
  for (const heading of headings) if (heading.isUnsaved) heading.save();
});
window.addEventListener("offline", () => {
  for (const heading of headings) if (heading.isUnsaved) heading.say(words.offline);
});
window.addEventListener("beforeunload", (event) => {
  if (headings.some((heading) => heading.isUnsaved)) event.preventDefault();
});
