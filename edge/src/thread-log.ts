/** What a thread writes to stderr, as lines of the process's own log. */
import type { Worker } from "node:worker_threads";

/**
 * For a worker that was started with `stderr: true`. Node's own way is a pipe that ends for good with the
 * first line that a full disk or a dead reader refuses, and from then on keeps all others in memory.
 */
export function passLog(worker: Pick<Worker, "stderr">, onLog: (line: string) => void): void {
  worker.stderr.setEncoding("utf8").on("data", (text: string) => {
    // A write of the thread comes as one piece, so these are whole lines.
    onLog(text.replace(/\n$/, ""));
  });
}
