// What the service made of one file, and what else can be had of it.

import { bytesOf, call, formOf } from "./api.js";
import { Pictures } from "./pictures.js";

const PDF = "OUTPUT_FORMAT_SEARCHABLE_PDF";
const BROWSERS_DRAW = /^image\/(jpeg|png|gif|webp|bmp)$/;

/** A file that was read. Offsets into the text count code points, as in the contract. */
export class Reading {
  #outputs = new Map();
  #masked = null;
  #redactions = new Map();

  constructor(file, options, seconds, reply) {
    Object.assign(this, { file, options, seconds, reply });
    for (const output of reply.outputs) this.#keep(output, this.isMasked);
    this.pictures = new Pictures(file, reply.pages, () => this.output(PDF, this.isMasked));
  }

  /** Whether a browser cannot draw files of this type, so that pictures of the pages are needed. */
  static needsPictures(file) {
    return !BROWSERS_DRAW.test(file.type);
  }

  /** Whether the service masked the findings, because it was asked to or because of the key. */
  get isMasked() {
    return Boolean(this.options.entities.mask) || (this.reply.entities.length > 0 && this.reply.entities.every((found) => found.text === found.maskedText && !found.value));
  }

  /** Words of a page, in reading order. */
  words(number) {
    const page = this.reply.pages.find((other) => other.number === number);
    return page.blocks.flatMap((block) => block.lines.flatMap((line) => line.words));
  }

  /** The code points of the text, masked by what the service says of each finding. */
  codePoints(masked) {
    const points = Array.from(this.reply.text);
    if (masked) {
      for (const { start, end, maskedText } of this.reply.entities) {
        const hidden = Array.from(maskedText);
        for (let at = start; at < end; at++) if (hidden[at - start] !== points[at]) points[at] = "*";
      }
    }
    return points;
  }

  /** The reply as the service gives it, masked where that is wanted; without the documents made from it. */
  async replyAs(masked) {
    const reply = masked && !this.isMasked ? await this.#askMasked([]) : this.reply;
    return { ...reply, outputs: [] };
  }

  /** The bytes of a document made from the result. */
  async output(format, masked) {
    const hidden = masked || this.isMasked;
    const name = `${format} ${hidden}`;
    if (!this.#outputs.has(name)) {
      const reply = masked && !this.isMasked ? await this.#askMasked([format]) : await this.#ask(this.options, [format]);
      for (const output of reply.outputs) this.#keep(output, hidden);
    }
    return this.#outputs.get(name);
  }

  /** The file with its findings painted over: { blob, residual, pictures }. */
  async redacted(style) {
    if (!this.#redactions.has(style)) this.#redactions.set(style, await this.#redact(style));
    return this.#redactions.get(style);
  }

  /** Give back what the browser holds of the pictures. */
  release() {
    for (const { pictures } of [this, ...this.#redactions.values()]) pictures.release();
  }

  async #redact(style) {
    const { seconds } = this;
    const reply = await call("/v1/documents:redact", { form: formOf(this.file, this.options, { style }), seconds });
    const blob = new Blob([bytesOf(reply.content)], { type: reply.mimeType });
    const asPdf = async () => {
      if (blob.type === "application/pdf") return new Uint8Array(await blob.arrayBuffer());
      const plain = { ...this.options, entities: { skip: true }, outputs: [PDF] };
      const { outputs } = await call("/v1/images:recognize", { form: formOf(blob, plain), seconds });
      return bytesOf(outputs[0].content);
    };
    return { blob, residual: reply.residualCount, pictures: new Pictures(blob, this.reply.pages, asPdf) };
  }

  async #askMasked(outputs) {
    if (!this.#masked || outputs.length) {
      this.#masked = await this.#ask({ ...this.options, entities: { ...this.options.entities, mask: true } }, outputs);
    }
    return this.#masked;
  }

  #ask(options, outputs) {
    return call("/v1/images:recognize", { form: formOf(this.file, { ...options, outputs }), seconds: this.seconds });
  }

  #keep(output, masked) {
    this.#outputs.set(`${output.format} ${masked}`, bytesOf(output.content));
  }
}
