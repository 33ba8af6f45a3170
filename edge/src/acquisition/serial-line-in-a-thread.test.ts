/** The control loop runs in a worker thread, and a serial line must live there. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { needs } from "@weir/testing/conditions.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { until } from "@weir/testing/until.ts";
import { afterEach, expect, test } from "vitest";

const socat = needs("socat");
const pty = (path: string) => `pty,raw,echo=0,link=${path}`;
let cable: ChildProcess | undefined;
afterEach(() => cable?.kill("SIGKILL"));

/** Opens both ends in one thread, sends a greeting through them, and says what came out, and that it ended. */
const program = (ends: readonly string[]) => `
import { parentPort } from "node:worker_threads";
import { serialChannel } from "${new URL("./channel.serialport.ts", import.meta.url)}";
const settings = { baud: 19200, dataBits: 8, parity: "E", stopBits: 1 };
const open = (path, onBytes) => new Promise((resolve, reject) => {
  const channel = serialChannel({ ...settings, path })({
    onOpen: () => resolve(channel),
    onBytes: (chunk) => onBytes(Buffer.from(chunk).toString("hex")),
    onClose: (reason) => { reject(new TypeError(reason)); parentPort.postMessage("closed"); },
  });
});
const [near, far] = ${JSON.stringify(ends)};
await open(far, (hex) => parentPort.postMessage(hex));
const channel = await open(near, () => {});
await open(near, () => {}).catch((error) => parentPort.postMessage(error.message));
channel.setBreak(true);
channel.setBreak(false);
channel.write(Uint8Array.of(0, 0x11, 0x13, 0xff, 0x0a, 0x0d, 3));
`;

test.runIf(socat.present)(
  "bytes pass unchanged, a second master is refused, a pulled line says so",
  async () => {
    const folder = tempDir();
    const ends = [join(folder, "near"), join(folder, "far")];
    cable = spawn(socat.path, ends.map(pty), { stdio: "ignore" });
    await until(() => ends.every((end) => existsSync(end)), "the cable");
    const code = `data:text/javascript,${encodeURIComponent(program(ends))}`;
    const worker = new Worker(new URL(code));
    const ended = new Promise<number>((resolve) => worker.on("exit", resolve));
    const said: string[] = [];
    worker.on("message", (text: string) => said.push(text));
    const failure = new Promise<Error>((resolve) => worker.on("error", resolve));
    const heard = () => said.filter((text) => /^[0-9a-f]+$/.test(text)).join("");
    await Promise.race([
      failure.then((error) => expect.unreachable(error.message)),
      until(() => heard().length >= 14, "what was sent"),
    ]);
    expect(heard()).toBe("001113ff0a0d03");
    expect(said.join("\n")).toMatch(/lock|busy|unavailable/i);
    cable.kill("SIGKILL");
    await until(() => said.filter((text) => text === "closed").length > 1, "the end of both");
    // By itself: nothing of a closed line is left to wait for.
    expect(await ended).toBe(0);
  },
);
