// Questions of a survey come and go with the answers they depend on. Without this script they say in words when they are asked.

// A question whose condition is not met is not asked; its answer stays in case it is met again.
export function reflect(form) {
  for (const part of form.querySelectorAll("[data-depends]")) {
    part.dataset.live = "";
    const other = form.querySelector(`[data-question="${part.dataset.depends}"]`);
    if (!other) {
      // It depends on another section's answer: the server knows.
      part.hidden = part.dataset.shown === "0";
      continue;
    }
    const wanted = part.dataset.answers.split(" ");
    const given = new FormData(form).getAll(part.dataset.depends).map(String);
    part.hidden = other.hidden || !given.some((value) => wanted.includes(value));
  }
}
