// Elements, and what the page says of numbers and names. Text is never parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** Make an element: element("button", { type: "button", onclick: act }, "Copy"). */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Make an element of a drawing. */
export function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** Text for people who listen to the page. */
export function say(text) {
  byId("said").textContent = text;
}

/** Bytes in words. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
}

/** "1 finding", "3 findings". */
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** The name of an enum's value for people: plain("ENTITY_TYPE_ID_NUMBER", "ENTITY_TYPE_") is "Id number". */
export function plain(value, prefix) {
  const special = { ID_NUMBER: "ID number", URL: "Web address", EASYOCR: "EasyOCR", RAPIDOCR: "RapidOCR", AUTO: "Automatic", PLATE: "Number plate", COMBOLIST: "Leaked login" };
  const name = value.replace(prefix, "");
  return special[name] ?? name[0] + name.slice(1).toLowerCase().replaceAll("_", " ");
}

/** Put text on the clipboard, also where the page is not served over HTTPS. */
export async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = element("textarea", { class: "unseen", "aria-hidden": "true" });
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  const label = button.textContent;
  button.textContent = "Copied";
  say("Copied");
  setTimeout(() => { button.textContent = label === "Copied" ? "Copy" : label; }, 1500);
}
