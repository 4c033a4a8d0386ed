// Ties a word or a finding to every place where it is shown: its box on the page, its text, its entry in the list.

const TIED = "[data-finding], [data-word]";
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** Light up what belongs to what the pointer or the focus is on; a click chooses it. */
export function listen(root, onChoose) {
  const enter = ({ target }) => mark(root, "lit", tied(root, target));
  root.addEventListener("pointerover", enter);
  root.addEventListener("focusin", enter);
  root.addEventListener("pointerleave", () => mark(root, "lit", null));
  root.addEventListener("click", ({ target }) => {
    const found = tied(root, target);
    if (found && !target.closest("button")) onChoose(found);
  });
}

/** Mark a word or finding as chosen and bring it into sight, but for where the user just chose it. */
export function choose(root, what, from = null) {
  mark(root, "chosen", what);
  const seen = new Set([from]);
  for (const place of placesOf(root, what)) {
    const pane = place.closest("[data-pane]");
    if (seen.has(pane)) continue;
    seen.add(pane);
    place.scrollIntoView({ block: "nearest", inline: "nearest", behavior: calm.matches ? "auto" : "smooth" });
  }
}

/** { finding } or { word } of an element, or null. A finding counts for more than the words in it. */
function tied(root, target) {
  const { finding, word } = target.closest?.(TIED)?.dataset ?? {};
  if (finding !== undefined) return { finding };
  return word === undefined ? null : { word };
}

function mark(root, name, what) {
  for (const place of root.querySelectorAll(`.${name}`)) place.classList.remove(name);
  for (const place of placesOf(root, what)) place.classList.add(name);
}

function placesOf(root, what) {
  if (!what) return [];
  const [[kind, number]] = Object.entries(what);
  return root.querySelectorAll(`[data-${kind}="${number}"]`);
}
