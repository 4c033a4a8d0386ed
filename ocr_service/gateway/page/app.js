// The page: files go in, results come out. Each module below does one of the steps.

import { call } from "./api.js";
import { byId, size } from "./dom.js";
import * as downloads from "./downloads.js";
import { Files } from "./files.js";
import * as intake from "./intake.js";
import * as key from "./key.js";
import * as options from "./options.js";
import { Queue } from "./queue.js";
import { Workspace } from "./workspace.js";

const RETRY_SECONDS = 3;
const limits = { bytes: Infinity, seconds: 60 };

const queue = new Queue(() => ({ options: options.chosen(), limits }), changed, ask);
const workspace = new Workspace(retry, ({ message }) => notice(message));
const files = new Files({
  show,
  retry,
  cancel: (job) => queue.cancel(job),
  remove(job) {
    queue.remove(job);
    files.remove(job, queue.jobs);
    if (workspace.job === job) show(queue.jobs.at(-1) ?? null);
  },
});

/** Ask what the server can do: that tells as well whether it is there and takes the key. */
async function connect() {
  try {
    const able = await call("/v1/capabilities", { seconds: 10 });
    options.offer(able);
    limits.bytes = Number(able.limits.maxContentBytes);
    limits.seconds = able.limits.maxDeadlineSeconds;
    byId("choose").accept = [...able.mimeTypes, ".tif", ".tiff", ".jp2", ".pnm", ".pgm", ".ppm", ".pbm"].join();
    byId("limits").textContent = `JPEG, PNG, TIFF, WebP, PDF and more, up to ${size(limits.bytes)} each. Files go to this server only.`;
    byId("key-dialog").close();
    notice("");
    queue.release();
  } catch (error) {
    if (error.status === 401) {
      ask(key.key() ? error.message : "");
    } else {
      byId("key-dialog").close();
      notice(error.message);
      setTimeout(connect, RETRY_SECONDS * 1000);
    }
  }
}

function ask(why) {
  queue.hold();
  key.askForKey(why, connect);
}

function changed(job) {
  files.draw(job, queue.jobs);
  const idle = !workspace.job || (!workspace.job.reading && job.state === "done");
  if (idle || workspace.job === job) show(idle ? job : workspace.job);
}

function show(job) {
  workspace.show(job);
  files.mark(job);
}

function retry(job) {
  job.reading?.release();
  queue.retry(job);
}

function notice(text) {
  byId("notice").hidden = !text;
  byId("notice").textContent = text;
}

intake.listen((found) => {
  notice("");
  queue.add(found);
});
downloads.offer(() => workspace.current, ({ message }) => notice(message));
byId("key-dialog").onclose = () => { if (queue.held) notice("The service needs a key. Press Key to give one."); };
byId("key-button").onclick = () => key.askForKey("", connect);
byId("choose-too").onclick = () => byId("choose").click();
byId("retry-all").onclick = () => queue.jobs.filter((job) => job.state === "failed").forEach(retry);
byId("clear").onclick = () => [...queue.jobs].forEach((job) => { queue.remove(job); files.remove(job, queue.jobs); show(null); });
window.addEventListener("hashchange", () => { if (key.takeFromAddress()) connect(); });
key.takeFromAddress();
connect();
