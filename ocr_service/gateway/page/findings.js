// The list of findings, by type.

import { copy, element, plain } from "./dom.js";

const CHECKS = { VALIDATION_VALID: ["valid", "Check passed"], VALIDATION_INVALID: ["invalid", "Check failed"] };

/**
 * Return the list.
 *
 * @param found Findings of all pages.
 * @param masked Whether their characters are hidden.
 * @param pages Number of pages; with several, each finding tells its own.
 * @param choose Called with the number of a finding.
 */
export function listOf(found, masked, pages, choose) {
  if (!found.length) return [element("p", { class: "quiet" }, "Nothing sensitive was found.")];
  const groups = Map.groupBy(found.map((finding, number) => ({ finding, number })), ({ finding }) => finding.type);
  return [...groups].map(([type, members]) => {
    const title = element("h4", { class: type }, plain(type, "ENTITY_TYPE_"), element("span", { class: "quiet" }, ` ${members.length}`));
    const items = members.map(({ finding, number }) => itemOf(finding, number, masked, pages, choose));
    return element("section", { class: `group ${type}` }, title, element("ul", {}, ...items));
  });
}

function itemOf(found, number, masked, pages, choose) {
  const text = masked ? found.maskedText : found.text;
  const [name, check] = CHECKS[found.validation] ?? [];
  const facts = element("span", { class: "facts" },
    check ? element("span", { class: name }, check) : "",
    element("span", { class: "quiet" }, `${Math.round(found.confidence * 100)} % sure`),
    ...(pages > 1 && found.regions.length ? [element("span", { class: "quiet" }, `page ${found.regions[0].pageNumber}`)] : []),
    ...detailsOf(found).map((detail) => element("span", { class: "quiet" }, detail)));
  const show = element("button", { type: "button", class: "show", "data-finding": number, onclick: () => choose(number) }, element("bdi", { class: "value" }, text), facts);
  const value = masked || !found.value ? text : found.value;
  const take = element("button", { type: "button", class: "small", "aria-label": `Copy ${plain(found.type, "ENTITY_TYPE_")} ${number + 1}`, onclick: ({ target }) => copy(value, target) }, "Copy");
  const item = element("li", { "data-finding": number }, show, take);
  if (!masked && found.value && found.value !== found.text) item.append(element("p", { class: "more" }, "Means ", element("bdi", {}, found.value)));
  if (!masked && found.corrections.length) item.append(correctionsOf(found.corrections));
  return item;
}

function correctionsOf(corrections) {
  const parts = corrections.flatMap(({ recognized, corrected }, n) => [
    n ? ", " : "", element("del", {}, visible(recognized)), " → ", element("ins", {}, visible(corrected)),
  ]);
  return element("p", { class: "more" }, "Misread, put right: ", ...parts);
}

const visible = (text) => (text === "" ? "nothing" : text === " " ? "a space" : text);

/** What only this type has, in words. */
function detailsOf(found) {
  const { phoneNumber, idNumber, creditCard, plate, date, hash, combolist } = found;
  return [
    phoneNumber?.country, phoneNumber?.lineType?.replaceAll("_", " "), idNumber?.country, idNumber?.scheme, creditCard?.brand, plate?.country,
    date?.ambiguous ? "day and month could be exchanged" : "", hash?.algorithms?.slice(0, 2).join(" or "), combolist?.format,
  ].filter(Boolean);
}
