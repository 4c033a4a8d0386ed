// The result of one file: its page, its findings and its text, tied to each other.

import { byId, copy, count, plain } from "./dom.js";
import { listOf } from "./findings.js";
import { sheet } from "./sheet.js";
import { listenToArrows, textOf } from "./text.js";
import * as ties from "./ties.js";

const SIZES = [1, 1.5, 2, 3, 4];
const root = document.querySelector(".stage");

export class Workspace {
  job = null;
  #shown = null;
  #page = 0;
  #size = 0;
  #redacting = false;
  #wantsMask = false;
  #drawing = 0;
  #drawingRedacted = 0;

  /**
   * @param again Called with the job that is to be read again.
   * @param fail Called with an error.
   */
  constructor(again, fail) {
    this.fail = fail;
    for (const id of ["original", "findings", "text"]) byId(id).dataset.pane = id;
    ties.listen(root, (what) => this.#choose(what));
    listenToArrows(byId("text"), (word) => ties.choose(root, { word }));
    byId("previous").onclick = () => this.#turn(this.#page - 1);
    byId("next").onclick = () => this.#turn(this.#page + 1);
    byId("smaller").onclick = () => this.#resize(this.#size - 1);
    byId("larger").onclick = () => this.#resize(this.#size + 1);
    byId("masked").onchange = ({ target }) => { this.#wantsMask = target.checked; this.#draw(); };
    for (const id of ["again", "try-again"]) byId(id).onclick = () => again(this.job);
    byId("redact").onclick = () => { this.#redacting = !this.#redacting; this.#drawRedacted(); };
    byId("style").onchange = () => { if (this.#redacting) this.#drawRedacted(); };
    byId("copy-text").onclick = ({ target }) => copy(byId("text").textContent, target);
    this.#resize(0);
  }

  /** What downloads are made of. */
  get current() {
    return { reading: this.job.reading, masked: this.#masked, style: byId("style").value };
  }

  /** Show a job, or nothing. */
  show(job) {
    this.job = job;
    const has = (name, on) => { document.querySelector(`main > .${name}`).hidden = !on; };
    document.body.classList.toggle("empty", !job);
    has("welcome", !job);
    has("working", job && !job.reading);
    has("done", job?.reading);
    if (!job) return;
    byId("working-name").textContent = job.file.name;
    byId("working-state").textContent = job.state === "failed" ? job.error : { cancelled: "Cancelled.", waiting: "The server is busy; this file waits to be tried again." }[job.state] ?? "On its way …";
    byId("try-again").hidden = !["failed", "cancelled"].includes(job.state);
    if (!job.reading) this.#shown = null;
    else if (this.#shown !== job.reading) this.#open(job.reading);
  }

  #open(reading) {
    this.#shown = reading;
    this.#page = 0;
    this.#redacting = false;
    byId("masked").checked = reading.isMasked || this.#wantsMask;
    byId("masked").disabled = reading.isMasked;
    byId("name").textContent = reading.file.name;
    const { reply } = reading;
    const words = reply.pages.reduce((sum, page) => sum + reading.words(page.number).length, 0);
    const seconds = Number.parseFloat(reply.timings?.total ?? "0");
    byId("facts").textContent = [
      count(reply.entities.length, "finding"), count(words, "word"), reply.pages.length > 1 ? `${reply.pages.length} pages` : "",
      plain(reply.engine, "ENGINE_"), `${seconds.toFixed(1)} s`,
    ].filter(Boolean).join(" · ");
    byId("warnings").hidden = !reply.warnings.length;
    byId("warnings").textContent = reply.warnings.map(({ message }) => message).join(" ");
    this.#draw();
  }

  get #masked() {
    return byId("masked").checked;
  }

  #draw() {
    const reading = this.#shown;
    const { entities, pages } = reading.reply;
    byId("findings").replaceChildren(...listOf(entities, this.#masked, pages.length, (number) => this.#choose({ finding: String(number) })));
    byId("findings-title").textContent = `Findings${entities.length ? ` (${entities.length})` : ""}`;
    this.#drawPage();
  }

  #turn(page) {
    this.#page = Math.max(0, Math.min(this.#shown.reply.pages.length - 1, page));
    this.#drawPage();
  }

  async #drawPage() {
    const drawing = ++this.#drawing;
    const reading = this.#shown;
    const { pages, entities } = reading.reply;
    const page = pages[this.#page];
    const words = reading.words(page.number);
    const findings = [...entities.entries()].filter(([, found]) => found.regions.some((region) => region.pageNumber === page.number));
    byId("text").replaceChildren(...textOf(reading.codePoints(this.#masked), words, findings));
    byId("text-title").textContent = pages.length > 1 ? `Text of page ${page.number}` : "Text";
    byId("turn").hidden = pages.length < 2;
    byId("page-number").textContent = `${page.number} of ${pages.at(-1).number}`;
    byId("previous").disabled = this.#page === 0;
    byId("next").disabled = this.#page === pages.length - 1;
    byId("original").classList.toggle("masked", this.#masked);
    this.#drawRedacted();
    const address = await reading.pictures.address(this.#page);
    if (drawing !== this.#drawing) return;
    byId("original").replaceChildren(sheet({ page, address, words, findings, label: `Page ${page.number} of ${reading.file.name}` }));
  }

  async #drawRedacted() {
    const drawing = ++this.#drawingRedacted;
    const [button, reading, page] = [byId("redact"), this.#shown, this.#page];
    button.setAttribute("aria-pressed", String(this.#redacting));
    for (const id of ["original-caption", "redacted-figure"]) byId(id).hidden = !this.#redacting;
    if (!this.#redacting) return;
    button.classList.add("busy");
    try {
      const { residual, pictures } = await reading.redacted(byId("style").value);
      const address = await pictures.address(page);
      if (drawing !== this.#drawingRedacted) return;
      byId("residual").textContent = residual ? `${count(residual, "finding")} can still be read; look at the page` : "nothing left when read again";
      byId("residual").className = residual ? "invalid" : "valid";
      const label = `Redacted page ${page + 1} of ${reading.file.name}`;
      byId("redacted").replaceChildren(sheet({ page: reading.reply.pages[page], address, label }));
    } catch (error) {
      if (drawing !== this.#drawingRedacted) return;
      this.#redacting = false;
      this.#drawRedacted();
      this.fail(error);
    } finally {
      if (drawing === this.#drawingRedacted) button.classList.remove("busy");
    }
  }

  async #choose(what) {
    if (what.finding !== undefined) {
      const { pages, entities } = this.#shown.reply;
      const number = entities[what.finding].regions[0]?.pageNumber;
      const page = pages.findIndex((other) => other.number === number);
      if (page >= 0 && page !== this.#page) {
        this.#page = page;
        await this.#drawPage();
      }
    }
    ties.choose(root, what);
  }

  #resize(size) {
    this.#size = Math.max(0, Math.min(SIZES.length - 1, size));
    byId("smaller").disabled = this.#size === 0;
    byId("larger").disabled = this.#size === SIZES.length - 1;
    document.querySelector(".sheets").style.setProperty("--zoom", SIZES[this.#size]);
  }
}
