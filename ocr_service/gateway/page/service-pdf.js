// Page pictures out of the PDF files that this service writes (ocr_service/pdf_file.py): one image object for each
// page, in order, of JPEG or of deflated pixels. Other PDF files are not read here.

const IMAGE = /\/Subtype \/Image \/Width (\d+) \/Height (\d+) \/ColorSpace \/Device(Gray|RGB) .*?\/Filter \/(\w+) \/Length (\d+) >>\nstream\n/;
const ROW = 20; // bytes of an entry of the table of objects, ISO 32000-1, 7.5.4
const HEAD = 400; // more than any dictionary of an image here

/** The pictures of a file's pages, each a function that returns a Blob. */
export function pagePictures(bytes) {
  const table = Number(/startxref\n(\d+)/.exec(ascii(bytes, bytes.length - 64, bytes.length))[1]);
  const [head, objects] = /^xref\n0 (\d+)\n/.exec(ascii(bytes, table, table + 32));
  const pictures = [];
  for (let number = 1; number < Number(objects); number++) {
    const row = table + head.length + number * ROW;
    const offset = Number(ascii(bytes, row, row + 10));
    const found = IMAGE.exec(ascii(bytes, offset, offset + HEAD).split("\nendobj")[0]);
    if (found) {
      const start = offset + found.index + found[0].length;
      pictures.push(() => blobOf(bytes.subarray(start, start + Number(found[5])), found));
    }
  }
  return pictures;
}

async function blobOf(data, [, width, height, space, filter]) {
  if (filter === "DCTDecode") return new Blob([data], { type: "image/jpeg" });
  const inflated = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  const pixels = new Uint8Array(await new Response(inflated).arrayBuffer());
  const image = new ImageData(Number(width), Number(height));
  const step = space === "RGB" ? 3 : 1;
  for (let from = 0, to = 0; from < pixels.length; from += step, to += 4) {
    image.data[to] = pixels[from];
    image.data[to + 1] = pixels[from + (step > 1 ? 1 : 0)];
    image.data[to + 2] = pixels[from + (step > 1 ? 2 : 0)];
    image.data[to + 3] = 255;
  }
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas.convertToBlob();
}

const ascii = (bytes, from, to) => String.fromCharCode(...bytes.subarray(Math.max(0, from), to));
