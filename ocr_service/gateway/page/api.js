// Calls of the service over HTTP. XMLHttpRequest, because fetch does not tell how much of a file has been sent.

import { key } from "./key.js";

const AWAY = "The server cannot be reached. See that it runs and that you are connected, then try again.";

/** What went wrong, in a sentence that says what to do; `reason` as in the contract. */
export class ServiceError extends Error {
  constructor(message, { reason = "", status = 0, retryAfter = null } = {}) {
    super(message);
    Object.assign(this, { reason, status, retryAfter });
  }
}

/**
 * Call the service and return its reply.
 *
 * @param path Of the call, such as /v1/images:recognize.
 * @param form A FormData to post; without, the call is a GET.
 * @param seconds That the service may take.
 * @param onSent Called with the part of the form that has been sent, 0 to 1.
 * @param signal Of an AbortController: the service stops its work when the call is aborted.
 */
export function call(path, { form = null, seconds = 60, onSent = () => {}, signal = null } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(form ? "POST" : "GET", path);
    request.responseType = "json";
    if (key()) request.setRequestHeader("X-API-Key", visible(key()));
    request.setRequestHeader("Grpc-Timeout", `${seconds}S`);
    request.upload.onprogress = (event) => { if (event.total) onSent(event.loaded / event.total); };
    request.upload.onload = () => onSent(1);
    request.onload = () => (request.status === 200 && request.response ? resolve(request.response) : reject(errorOf(request)));
    request.onerror = () => reject(new ServiceError(AWAY, { reason: "UNREACHABLE" }));
    request.onabort = () => reject(new ServiceError("Cancelled.", { reason: "CANCELLED" }));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/** A form with a file and the options of a call. */
export function formOf(file, options, fields = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ options: JSON.stringify(options), ...fields })) form.append(name, value);
  form.append("file", file, "file"); // its name may tell something and is not needed
  return form;
}

/** The bytes of a reply's field. */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function errorOf(request) {
  const { status } = request;
  const error = request.response?.error;
  if (!error) return new ServiceError("The server's answer cannot be read. Try again.", { status });
  const reason = error.details?.find((detail) => detail.reason)?.reason ?? "";
  const after = Number.parseFloat(request.getResponseHeader("Retry-After"));
  return new ServiceError(error.message, { reason, status, retryAfter: Number.isFinite(after) ? after : null });
}

/** A key that a header can hold; one with other characters is wrong anyway. */
const visible = (text) => text.replace(/[^ -~]/g, "?");
