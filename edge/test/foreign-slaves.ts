/** Modbus slaves written by others, as processes of their own, and a serial line between two ends. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { present } from "@weir/contracts/present.ts";
import { needs } from "@weir/testing/conditions.ts";
import { until } from "@weir/testing/until.ts";

const here = new URL("./slaves/", import.meta.url).pathname;
const started: ChildProcess[] = [];

/** Ends every process started here. */
export async function stopSlaves(): Promise<void> {
  const ending = started.splice(0).filter((child) => child.exitCode === null);
  const ended = ending.map((child) => once(child, "exit"));
  for (const child of ending) child.kill("SIGKILL");
  await Promise.all(ended);
}

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  started.push(child);
  return child;
}

/** Resolves with what follows "ready " on the first line. */
async function ready(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of present(child.stdout)) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.trim().replace(/^ready ?/, "");
}

let libmodbusSlave: string | undefined;

function buildLibmodbusSlave(): string {
  if (libmodbusSlave) return libmodbusSlave;
  const flags = execFileSync("pkg-config", ["--cflags", "--libs", "libmodbus"], {
    encoding: "utf8",
  });
  const program = join(mkdtempSync(join(tmpdir(), "weir-slave-")), "libmodbus-slave");
  const source = join(here, "libmodbus-slave.c");
  execFileSync("cc", ["-O1", "-o", program, source, ...flags.trim().split(/\s+/)]);
  libmodbusSlave = program;
  return program;
}

/** Its TCP port on 127.0.0.1. */
export async function startLibmodbusTcp(): Promise<number> {
  return Number(await ready(start(buildLibmodbusSlave(), ["tcp"])));
}

/** Answers as `unit` on the serial line at `path`. */
export async function startLibmodbusRtu(path: string, unit: number): Promise<void> {
  await ready(start(buildLibmodbusSlave(), ["rtu", path, String(unit)]));
}

/** Its TCP port on 127.0.0.1, for frames of Modbus TCP ("socket") or of RTU. */
export async function startPymodbus(framing: "socket" | "rtu"): Promise<number> {
  const script = join(here, "pymodbus_slave.py");
  return Number(await ready(start(needs("python").path, [script, framing])));
}

/** A line with two ends: what is written to one is read from the other. Ends with `cut`. */
export async function startLine(): Promise<{ near: string; far: string; cut: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), "weir-line-"));
  const near = join(folder, "near");
  const far = join(folder, "far");
  const child = start("socat", [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`]);
  await untilThere(near, far);
  return { near, far, cut: () => child.kill("SIGTERM") };
}

/** A serial line whose far end is a TCP port. */
export async function startLineTo(port: number): Promise<string> {
  const near = join(mkdtempSync(join(tmpdir(), "weir-line-")), "near");
  start("socat", [`pty,raw,echo=0,link=${near}`, `tcp:127.0.0.1:${port},nodelay`]);
  await untilThere(near);
  return near;
}

const untilThere = (...paths: string[]): Promise<void> =>
  until(() => paths.every((path) => existsSync(path)), paths.join(" and "));
