// Files that the result can be taken away in.

import { byId, element } from "./dom.js";

const FORMATS = [
  ["Text", "txt", "text/plain", (reading, masked) => reading.codePoints(masked).join("")],
  ["JSON", "json", "application/json", async (reading, masked) => JSON.stringify(await reading.replyAs(masked), null, 2)],
  ["hOCR", "hocr.html", "text/html", (reading, masked) => reading.output("OUTPUT_FORMAT_HOCR", masked)],
  ["ALTO", "alto.xml", "application/xml", (reading, masked) => reading.output("OUTPUT_FORMAT_ALTO", masked)],
  ["Searchable PDF", "searchable.pdf", "application/pdf", (reading, masked) => reading.output("OUTPUT_FORMAT_SEARCHABLE_PDF", masked)],
];

/**
 * Offer the downloads.
 *
 * @param current Returns { reading, masked, style } of what is shown.
 * @param fail Called with an error.
 */
export function offer(current, fail) {
  const button = (label, make) => {
    const made = element("button", { type: "button", class: "small", onclick: () => busy(made, make, fail) }, label);
    return made;
  };
  const made = FORMATS.map(([label, ending, type, make]) => button(label, async () => {
    const { reading, masked } = current();
    save(new Blob([await make(reading, masked)], { type }), named(reading.file.name, masked ? `masked.${ending}` : ending));
  }));
  const redacted = button("Redacted file", async () => {
    const { reading, style } = current();
    const { blob } = await reading.redacted(style);
    const ending = /\.[^.]*$/.exec(reading.file.name)?.[0] ?? "";
    save(blob, named(reading.file.name, `redacted${ending}`));
  });
  document.querySelector(".downloads").append(element("span", { class: "quiet" }, "Download"), ...made, redacted);
}

/** Do what takes time, with the button out of use meanwhile. */
export async function busy(button, act, fail) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  button.classList.add("busy");
  try {
    await act();
  } catch (error) {
    fail(error);
  } finally {
    button.removeAttribute("aria-disabled");
    button.classList.remove("busy");
  }
}

const named = (name, ending) => `${name.replace(/\.[^.]*$/, "") || "page"}.${ending}`;

function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = element("a", { href: address, download: name });
  byId("result").append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
