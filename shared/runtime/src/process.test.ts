import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import { runUntilStopped, stopLimitMs } from "./process.ts";
import { SimulatedClock } from "./simulated-clock.ts";

function rig(stop: () => Promise<void>, signal?: AbortSignal) {
  const events = new EventEmitter();
  const clock = new SimulatedClock(0);
  const lines: string[] = [];
  const logger = createLogger({
    level: "info",
    json: false,
    nowMs: () => 0,
    write: (l) => lines.push(l),
  });
  const ended = runUntilStopped({ clock, logger, stop, events, ...(signal && { signal }) });
  return { events, clock, lines, ended };
}

test.each(["SIGINT", "SIGTERM"])("%s stops once and ends with 0", async (name) => {
  let stops = 0;
  const { events, ended, lines } = rig(async () => void stops++);
  events.emit(name);
  expect(await ended).toBe(0);
  expect(stops).toBe(1);
  expect(lines.join()).toContain(`stopping: ${name}`);
  expect(events.eventNames()).toEqual([]);
});

test("a stop that hangs is left after five seconds", async () => {
  const { events, clock, ended, lines } = rig(() => new Promise(() => {}));
  events.emit("SIGTERM");
  await clock.advance(stopLimitMs);
  expect(await ended).toBe(1);
  expect(lines.join()).toContain("took too long");
});

test("a second signal does not wait", async () => {
  const { events, clock, ended } = rig(() => new Promise(() => {}));
  events.emit("SIGINT");
  await clock.advance(1);
  events.emit("SIGINT");
  expect(await ended).toBe(1);
});

test.each(["uncaughtException", "unhandledRejection"])(
  "%s is told and ends with 1",
  async (name) => {
    const { events, ended, lines } = rig(async () => {});
    events.emit(name, new Error("boom"));
    expect(await ended).toBe(1);
    expect(lines.join()).toContain("boom");
  },
);

test("a stop that fails ends with 1", async () => {
  const { events, ended } = rig(() => Promise.reject(new Error("disk gone")));
  events.emit("SIGTERM");
  expect(await ended).toBe(1);
});

test("a command ends itself by its signal", async () => {
  const controller = new AbortController();
  const { ended } = rig(async () => {}, controller.signal);
  controller.abort();
  expect(await ended).toBe(0);
  expect(await rig(async () => {}, controller.signal).ended).toBe(0);
});

test("main runs a command in a real process and exits with its code", async () => {
  const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  const script = `
    const { main, runUntilStopped } = await import(${url("./process.ts")});
    const { systemClock } = await import(${url("./clock.ts")});
    const { silentLogger } = await import(${url("./logger.ts")});
    await main({ name: "x", about: "x", commands: { run: { about: "x", options: {}, run: (args, io) => {
      const keep = setInterval(() => {}, 1e6);
      setImmediate(() => io.out("up"));
      return runUntilStopped({ clock: systemClock(), logger: silentLogger, stop: async () => { clearInterval(keep); io.out("down"); } });
    } } } });`;
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", script, "--", "main.ts", "run"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
    if (text === "up\n") child.kill("SIGTERM");
  });
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(text).toBe("up\ndown\n");
});
