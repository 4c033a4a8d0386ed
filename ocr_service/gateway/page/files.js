// The list of files, each with its progress and what can be done with it.

import { byId, count, element, say } from "./dom.js";

const WORDS = {
  queued: "Waits",
  waiting: "Waits: the server is busy",
  sending: "Sending",
  reading: "Reading",
  cancelled: "Cancelled",
};

export class Files {
  #items = new Map();

  /** @param acts Functions of a job: show, cancel, retry, remove. */
  constructor(acts) {
    this.acts = acts;
  }

  /** Draw a job's present state; `jobs` are all of them. */
  draw(job, jobs) {
    if (!this.#items.has(job.id)) this.#add(job);
    const { item, state, bar, cancel, retry } = this.#items.get(job.id);
    const over = job.isOver;
    item.className = job.state;
    state.textContent = this.#stateOf(job);
    bar.hidden = over;
    if (job.state === "sending") bar.value = job.sent;
    else if (job.state === "reading") bar.removeAttribute("value");
    else bar.value = 0;
    cancel.setAttribute("aria-label", `${over ? "Remove" : "Cancel"} ${job.file.name}`);
    cancel.title = over ? "Remove" : "Cancel";
    retry.hidden = !["failed", "cancelled"].includes(job.state);
    this.#summarise(job, jobs);
  }

  /** Mark the job that is shown. */
  mark(job) {
    for (const [id, { show }] of this.#items) show.setAttribute("aria-current", String(id === job?.id));
  }

  remove(job, jobs) {
    const { item } = this.#items.get(job.id);
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    this.#items.delete(job.id);
    (next?.querySelector("button") ?? byId("choose")).focus();
    this.#summarise(null, jobs);
  }

  #add(job) {
    const state = element("span", { class: "state" });
    const show = element("button", { type: "button", class: "show", onclick: () => this.acts.show(job) }, element("span", { class: "file-name" }, job.file.name), state);
    const bar = element("progress", { max: 1, "aria-label": `Progress of ${job.file.name}` });
    const retry = element("button", { type: "button", class: "small", "aria-label": `Retry ${job.file.name}`, title: "Retry", onclick: () => this.acts.retry(job) }, "↻");
    const cancel = element("button", { type: "button", class: "small", onclick: () => (job.isOver ? this.acts.remove(job) : this.acts.cancel(job)) }, "×");
    const item = element("li", {}, show, retry, cancel, bar);
    byId("files").append(item);
    this.#items.set(job.id, { item, show, state, bar, cancel, retry });
  }

  #stateOf(job) {
    if (job.state === "failed") return job.error;
    if (job.state === "sending" && job.sent > 0) return `Sending, ${Math.round(job.sent * 100)} %`;
    if (job.state !== "done") return WORDS[job.state];
    const { pages, entities } = job.reading.reply;
    return `${entities.length ? count(entities.length, "finding") : "No findings"}${pages.length > 1 ? ` · ${pages.length} pages` : ""}`;
  }

  #summarise(job, jobs) {
    const number = (state) => jobs.filter((other) => other.state === state).length;
    const [done, failed] = [number("done"), number("failed")];
    const text = jobs.length ? `${done} of ${jobs.length} read${failed ? `, ${failed} failed` : ""}` : "";
    if (byId("progress").textContent !== text) byId("progress").textContent = text;
    byId("retry-all").hidden = failed < 2;
    byId("clear").hidden = jobs.length < 2;
    if (job?.state === "failed" && jobs.length === 1) say(job.error);
  }
}
