// Files on their way in: chosen, photographed, dropped (folders too) or pasted.

import { byId } from "./dom.js";

/** Call `take` with an array of File whenever the user gives some. */
export function listen(take) {
  const give = (files) => { if (files.length) take([...files]); };
  for (const id of ["choose", "camera"]) {
    byId(id).addEventListener("change", ({ target }) => {
      give(target.files);
      target.value = ""; // so that the same file can be chosen again
    });
  }
  document.addEventListener("paste", (event) => give(event.clipboardData.files));
  listenToDrops(give);
}

function listenToDrops(give) {
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (on) => document.body.classList.toggle("dropping", on);
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(false); });
  document.addEventListener("drop", async (event) => {
    mark(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
    const plain = [...event.dataTransfer.files];
    give(entries.some((entry) => entry?.isDirectory) ? (await Promise.all(entries.filter(Boolean).map(filesIn))).flat() : plain);
  });
}

/** The files of a dropped entry; a folder's own, and those of the folders in it. */
async function filesIn(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)); // a hundred at a time
    if (!some.length) return (await Promise.all(found.map(filesIn))).flat();
    found.push(...some.filter((inner) => !inner.name.startsWith(".")));
  }
}
