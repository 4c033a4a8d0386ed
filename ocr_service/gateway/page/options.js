// The choices of how to read, from what the server can do.

import { byId, count, element, plain } from "./dom.js";

const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language" });

/** Offer what the server has. */
export function offer({ engines, entityTypes }) {
  const { engine } = form().elements;
  const first = engines.find((found) => found.isDefault);
  const usual = element("option", { value: "ENGINE_UNSPECIFIED" }, `Server's choice (${plain(first?.engine ?? "ENGINE_AUTO", "ENGINE_")})`);
  engine.replaceChildren(usual, ...engines.map((found) => element("option", { value: found.engine }, plain(found.engine, "ENGINE_"))));
  const languagesOf = (value) => engines.find((found) => found.engine === value)?.languages ?? first?.languages ?? [];
  const offerLanguages = () => {
    const chosen = checked("languages");
    const named = languagesOf(engine.value).map((tag) => [tag, LANGUAGES.of(tag) ?? tag]).sort((a, b) => a[1].localeCompare(b[1]));
    byId("languages").replaceChildren(...named.map(([tag, name]) => choice("languages", tag, name, chosen.includes(tag))));
  };
  engine.onchange = offerLanguages;
  offerLanguages();
  byId("types").replaceChildren(...entityTypes.map((type) => choice("types", type, plain(type, "ENTITY_TYPE_"), true)));
  form().onchange = summarise;
  form().onsubmit = (event) => event.preventDefault();
  summarise();
}

/** The choices as the contract's RecognizeOptions. */
export function chosen() {
  const { engine, preprocessing, regions, mask } = form().elements;
  const types = checked("types");
  const all = types.length === document.getElementsByName("types").length;
  return {
    engine: engine.value || "ENGINE_UNSPECIFIED",
    languages: checked("languages"),
    preprocessing: preprocessing.value,
    entities: {
      types: all ? [] : types,
      skip: types.length === 0 && !all,
      regions: regions.value.toUpperCase().split(/[^A-Z]+/).filter(Boolean),
      mask: mask.checked,
    },
  };
}

const form = () => document.querySelector("#options form");

const checked = (name) => [...document.getElementsByName(name)].filter((box) => box.checked).map((box) => box.value);

function choice(name, value, label, isChecked) {
  return element("label", { class: "check" }, element("input", { type: "checkbox", name, value, checked: isChecked }), label);
}

function summarise() {
  const { engine, languages, entities } = chosen();
  const parts = [
    engine === "ENGINE_UNSPECIFIED" ? "" : plain(engine, "ENGINE_"),
    languages.map((tag) => LANGUAGES.of(tag)).join(", "),
    entities.skip ? "text only" : entities.types.length ? count(entities.types.length, "type") : "",
    entities.mask ? "masked" : "",
  ].filter(Boolean);
  byId("options-summary").textContent = parts.join(" · ");
}
