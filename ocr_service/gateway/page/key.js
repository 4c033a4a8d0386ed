// The API key: in this tab's storage, never in an address that is sent, and asked for where there is none.

import { byId } from "./dom.js";

const NAME = "ocr-api-key";

/** The key, or an empty string. */
export const key = () => sessionStorage.getItem(NAME) ?? "";

/** Keep the key that the address carries, as #key=..., and take it out of the address. */
export function takeFromAddress() {
  const found = new URLSearchParams(location.hash.slice(1)).get("key");
  if (!found) return false;
  history.replaceState(null, "", location.pathname);
  sessionStorage.setItem(NAME, found.trim());
  return true;
}

/** Ask for a key. `onKey` is called when one was given. */
export function askForKey(why, onKey) {
  const dialog = byId("key-dialog");
  byId("key-error").textContent = why;
  byId("key").value = "";
  byId("key-cancel").onclick = () => dialog.close();
  dialog.querySelector("form").onsubmit = (event) => {
    event.preventDefault(); // it closes when the key is found to be right
    sessionStorage.setItem(NAME, byId("key").value.trim());
    onKey();
  };
  if (!dialog.open) dialog.showModal();
  byId("key").focus();
}
