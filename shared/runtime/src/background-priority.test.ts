import { getPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

test.runIf(process.platform === "linux")(
  "a thread that gives way leaves the others as they are",
  async () => {
    const before = getPriority();
    const source = `
    import { getPriority } from "node:os";
    import { parentPort } from "node:worker_threads";
    import { giveWay } from ${JSON.stringify(new URL("./background-priority.ts", import.meta.url).href)};
    giveWay({ isWholeProcess: false });
    parentPort.postMessage(getPriority(0));`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    const inThread = await new Promise((done, failed) =>
      worker.once("message", done).once("error", failed),
    );
    await worker.terminate();
    expect(inThread).toBe(Math.max(before, 15));
    expect(getPriority()).toBe(before);
  },
);
