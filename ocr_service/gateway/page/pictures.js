// Pictures of a file's pages: drawn by the browser where it can, otherwise from a PDF file of the service.

import { pagePictures } from "./service-pdf.js";

export class Pictures {
  #addresses = new Map();
  #pictures = null;

  /**
   * @param file What was submitted, or its redaction.
   * @param pages As the service read them.
   * @param asPdf Returns the bytes of the file as a PDF of the service.
   */
  constructor(file, pages, asPdf) {
    Object.assign(this, { file, pages, asPdf });
  }

  /** The address of a page's picture. Null where there is none. */
  address(index) {
    if (!this.#addresses.has(index)) this.#addresses.set(index, this.#find(index));
    return this.#addresses.get(index);
  }

  /** Give back what the browser holds. */
  release() {
    for (const found of this.#addresses.values()) found.then((address) => address && URL.revokeObjectURL(address));
    this.#addresses.clear();
  }

  async #find(index) {
    return (await this.#drawn(this.file, index)) ?? (await this.#fromPdf(index));
  }

  /** The file itself, if the browser sees the one page in it that the service saw. */
  async #drawn(blob, index) {
    if (this.pages.length !== 1 || !blob.type.startsWith("image/")) return null;
    const { width, height } = this.pages[index];
    const address = URL.createObjectURL(blob);
    const image = new Image();
    image.src = address;
    try {
      await image.decode();
      if (image.naturalWidth === width && image.naturalHeight === height) return address;
    } catch {
      // A type that this browser does not draw.
    }
    URL.revokeObjectURL(address);
    return null;
  }

  async #fromPdf(index) {
    try {
      this.#pictures ??= this.asPdf().then(pagePictures);
      const pictures = await this.#pictures;
      return URL.createObjectURL(await pictures[index]());
    } catch {
      return null; // the words are drawn on blank paper then
    }
  }
}
