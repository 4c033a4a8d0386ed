// A page as it looks, with its words and findings at their places.

import { drawn, element } from "./dom.js";

const points = (poly) => poly.vertices.map(({ x, y }) => `${x},${y}`).join(" ");

/**
 * Draw a page.
 *
 * @param page Of the contract.
 * @param address Of its picture; null draws the words on blank paper.
 * @param words Of the page; none are drawn for a redacted page.
 * @param findings Pairs of a finding's number and the finding.
 * @param label For those who cannot see the picture.
 */
export function sheet({ page, address, words = [], findings = [], label }) {
  const marks = drawn("svg", { viewBox: `0 0 ${page.width} ${page.height}`, preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" });
  if (!address) marks.append(...words.map(written));
  words.forEach((word, number) => marks.append(drawn("polygon", { points: points(word.boundingPoly), class: "word", "data-word": number })));
  for (const [number, found] of findings) {
    for (const region of found.regions.filter((part) => part.pageNumber === page.number)) {
      marks.append(drawn("polygon", { points: points(region.boundingPoly), class: `finding ${found.type}`, "data-finding": number }));
    }
  }
  const paper = address ? element("img", { src: address, alt: label, draggable: "false" }) : element("div", { class: "blank", role: "img", "aria-label": `${label}, without its picture` });
  const made = element("div", { class: "sheet" }, paper, marks);
  made.style.setProperty("--shape", page.width / page.height);
  return made;
}

/** A word written where it stands. */
function written({ text, boundingPoly }) {
  const [topLeft, topRight, , bottomLeft] = boundingPoly.vertices;
  const long = Math.hypot(topRight.x - topLeft.x, topRight.y - topLeft.y);
  const high = Math.hypot(bottomLeft.x - topLeft.x, bottomLeft.y - topLeft.y);
  const turn = (Math.atan2(topRight.y - topLeft.y, topRight.x - topLeft.x) * 180) / Math.PI;
  return drawn("text", {
    transform: `translate(${bottomLeft.x} ${bottomLeft.y}) rotate(${turn})`, y: -high * 0.2, "font-size": high * 0.9, textLength: long, lengthAdjust: "spacingAndGlyphs",
  }, text);
}
