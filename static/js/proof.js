// Joins each note in the margin to its words, like an editor's proof: the note moves down to their line, and a thin
// line is drawn between them. Without this script the notes begin where their field begins, and numbers join them.

const SVG = "http://www.w3.org/2000/svg";
const GAP = 8;

function rowOf(noted) {
  return [...noted.querySelectorAll(".note")].map((note) => ({
    note,
    mark: noted.querySelector(`mark a[href="#${CSS.escape(note.id)}"]`)?.parentElement,
  }));
}

function place(noted) {
  const rows = rowOf(noted).filter((row) => row.mark);
  for (const { note } of rows) note.style.marginBlockStart = "";
  const text = noted.querySelector(".answer").getBoundingClientRect();
  const isBeside = () => rows[0].note.getBoundingClientRect().left >= text.right;
  if (rows.length === 0 || !isBeside()) return [];
  let last = -Infinity;
  for (const { note, mark } of rows) {
    const wanted = Math.max(mark.getClientRects()[0].top, last);
    note.style.marginBlockStart = `${Math.max(0, wanted - note.getBoundingClientRect().top)}px`;
    last = note.getBoundingClientRect().bottom + GAP;
  }
  return rows.map((row, index) => ({ ...row, step: Math.min(index, 5) }));
}

function draw(proof) {
  proof.querySelector(".leader")?.remove();
  const rows = [...proof.querySelectorAll(".noted")].flatMap(place);
  if (rows.length === 0) return;
  const leader = document.createElementNS(SVG, "svg");
  leader.setAttribute("class", "leader");
  leader.setAttribute("aria-hidden", "true");
  const frame = proof.getBoundingClientRect();
  for (const { note, mark, step } of rows) {
    const words = [...mark.getClientRects()].at(-1);
    const box = note.getBoundingClientRect();
    const edge = box.left - frame.left;
    const [x, y] = [words.right - frame.left, words.bottom - frame.top + 2];
    const line = document.createElementNS(SVG, "path");
    line.setAttribute("class", note.classList.contains("problem") ? "problem" : "attention");
    // Each bends a little before the one above it, so that none crosses another.
    line.setAttribute("d", `M${x} ${y}H${edge - 6 - 4 * step}V${box.top - frame.top + 12}H${edge}`);
    leader.append(line);
  }
  proof.append(leader);
}

for (const proof of document.querySelectorAll(".proof")) {
  const redraw = () => draw(proof);
  redraw();
  document.fonts.ready.then(redraw);
  // A note grows as one explains, and a window is made narrow.
  new ResizeObserver(redraw).observe(proof);
  for (const field of proof.querySelectorAll("textarea")) new ResizeObserver(redraw).observe(field);
}
