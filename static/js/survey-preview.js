// The preview of a survey: its questions come and go as they do for a participant; nothing is saved.

import { reflect } from "./conditions.js";

const form = document.getElementById("survey-form");
form.addEventListener("input", () => reflect(form));
form.addEventListener("submit", (event) => event.preventDefault());
reflect(form);
