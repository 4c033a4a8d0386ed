// Files on their way through the service: a few at once, again where it asks for that, each on its own.

import { call, formOf, ServiceError } from "./api.js";
import { size } from "./dom.js";
import { Reading } from "./reading.js";

const AT_ONCE = 3;
const TRIES = 20;
const LONGEST_WAIT = 15;
const KEY_REASONS = ["API_KEY_MISSING", "API_KEY_INVALID"];
const LATER = ["OVERLOADED", "RATE_LIMITED", "DRAINING", "KEY_STORE_UNAVAILABLE"];

/** One file. `state` is queued, waiting (for a busy server), sending, reading, done, failed or cancelled. */
export class Job {
  static #count = 0;

  constructor(file) {
    this.id = ++Job.#count;
    this.file = file;
    this.begin();
  }

  /** Go back to the start. */
  begin() {
    Object.assign(this, { state: "queued", sent: 0, tries: 0, error: "", reading: null, stop: null });
  }

  get isOver() {
    return ["done", "failed", "cancelled"].includes(this.state);
  }
}

/** The files, in the order in which they came. */
export class Queue {
  jobs = [];
  held = true;

  /**
   * @param choices Returns the options for the next file and the server's limits.
   * @param onChange Called with a job that has changed.
   * @param onKey Called when the server does not take the key; the queue is held then.
   */
  constructor(choices, onChange, onKey) {
    Object.assign(this, { choices, onChange, onKey });
  }

  add(files) {
    const jobs = files.map((file) => new Job(file));
    this.jobs.push(...jobs);
    jobs.forEach(this.onChange);
    this.#next();
    return jobs;
  }

  /** Start, or go on once there is a key. */
  release() {
    this.held = false;
    this.#next();
  }

  hold() {
    this.held = true;
  }

  cancel(job) {
    if (job.isOver) return;
    job.stop?.abort();
    this.#set(job, "cancelled");
    this.#next();
  }

  retry(job) {
    job.stop?.abort();
    job.begin();
    this.onChange(job);
    this.#next();
  }

  remove(job) {
    this.cancel(job);
    job.reading?.release();
    this.jobs = this.jobs.filter((other) => other !== job);
  }

  #next() {
    // One that waits for a busy server keeps its place: others would only be refused too.
    const busy = this.jobs.filter((job) => ["waiting", "sending", "reading"].includes(job.state)).length;
    const queued = this.jobs.filter((job) => job.state === "queued");
    if (!this.held) queued.slice(0, Math.max(0, AT_ONCE - busy)).forEach((job) => this.#run(job));
  }

  async #run(job) {
    const stop = new AbortController();
    job.stop = stop;
    this.#set(job, "sending");
    try {
      const reading = await this.#read(job, stop.signal);
      if (job.stop !== stop || job.isOver) return;
      job.reading = reading;
      this.#set(job, "done");
    } catch (error) {
      if (job.stop === stop && !job.isOver) this.#failed(job, error);
    }
    this.#next();
  }

  async #read(job, signal) {
    const { options, limits } = this.choices();
    if (!job.file.size) throw new ServiceError("This file is empty. Choose another.");
    if (job.file.size > limits.bytes) {
      throw new ServiceError(`This file has ${size(job.file.size)}; the server takes ${size(limits.bytes)}. Send fewer pages or a smaller picture.`);
    }
    const onSent = (part) => {
      if (job.isOver || job.stop?.signal !== signal) return;
      job.sent = part;
      this.#set(job, part < 1 ? "sending" : "reading");
    };
    const read = (outputs) => call("/v1/images:recognize", { form: formOf(job.file, { ...options, outputs }), seconds: limits.seconds, onSent, signal });
    const pictured = Reading.needsPictures(job.file);
    const reply = await read(pictured ? ["OUTPUT_FORMAT_SEARCHABLE_PDF"] : []).catch((error) => {
      if (pictured && error.reason === "CONTENT_TOO_LARGE") return read([]); // without pictures it may be sent
      throw error;
    });
    return new Reading(job.file, options, limits.seconds, reply);
  }

  #failed(job, error) {
    if (KEY_REASONS.includes(error.reason)) {
      this.held = true;
      this.#set(job, "queued");
      this.onKey(error.message);
    } else if (LATER.includes(error.reason) && ++job.tries < TRIES) {
      this.#later(job, Math.min(LONGEST_WAIT, (error.retryAfter ?? 1) * 1.3 ** job.tries));
    } else {
      job.error = error instanceof ServiceError ? error.message : "The page failed on this file. Reload it and try again.";
      this.#set(job, "failed");
    }
  }

  #later(job, seconds) {
    this.#set(job, "waiting");
    const timer = setTimeout(() => {
      if (job.state === "waiting") this.#set(job, "queued");
      this.#next();
    }, seconds * 1000);
    job.stop.signal.addEventListener("abort", () => clearTimeout(timer));
  }

  #set(job, state) {
    job.state = state;
    this.onChange(job);
  }
}
