// The text of a page, cut where a word or a finding begins or ends, so that each piece knows what it belongs to.

import { element } from "./dom.js";

const UNSURE = 0.6; // confidence below which a word is marked

/**
 * Return the pieces of a page's text.
 *
 * @param points Code points of the whole text.
 * @param words Of the page.
 * @param findings Pairs of a finding's number and the finding.
 */
export function textOf(points, words, findings) {
  if (!words.length) return [element("p", { class: "quiet" }, "There is no text on this page.")];
  const start = words[0].start;
  const end = words.at(-1).end;
  const wordAt = new Map();
  words.forEach((word, number) => { for (let at = word.start; at < word.end; at++) wordAt.set(at, number); });
  const findingAt = new Map();
  for (const finding of findings) {
    const [, found] = finding;
    for (let at = found.start; at < found.end; at++) if (!findingAt.has(at)) findingAt.set(at, finding);
  }

  const pieces = [];
  for (let from = start, to; from < end; from = to) {
    to = from + 1;
    while (to < end && wordAt.get(to) === wordAt.get(from) && findingAt.get(to) === findingAt.get(from)) to++;
    pieces.push(piece(points.slice(from, to).join(""), wordAt.get(from), words, findingAt.get(from)));
  }
  return pieces;
}

function piece(text, word, words, finding) {
  if (word === undefined && !finding) return text;
  const [number, found] = finding ?? [];
  const unsure = word !== undefined && words[word].confidence < UNSURE;
  return element(found ? "mark" : "span", {
    class: [found?.type, unsure && "unsure"].filter(Boolean).join(" ") || null,
    title: unsure ? `Read with a confidence of ${Math.round(words[word].confidence * 100)} %` : null,
    "data-word": word ?? null,
    "data-finding": number ?? null,
  }, text);
}

/** Let the arrow keys go from word to word of a text; `choose` is called with a word's number. */
export function listenToArrows(field, choose) {
  let at = -1;
  field.addEventListener("focus", () => { at = -1; });
  field.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const numbers = [...new Set([...field.querySelectorAll("[data-word]")].map((part) => part.dataset.word))];
    if (!step || !numbers.length || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    at = Math.min(numbers.length - 1, Math.max(0, at + step));
    choose(numbers[at]);
  });
}
