import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough, type Readable } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { createLogger } from "./logger.ts";
import { runUntilStopped, stopLimitMs } from "./process.ts";
import { SimulatedClock } from "./simulated-clock.ts";

function rig(stop: () => Promise<void>, signal?: AbortSignal, stdin?: NodeJS.ReadableStream) {
  const events = new EventEmitter();
  const clock = new SimulatedClock(0);
  const lines: string[] = [];
  const logger = createLogger({
    level: "info",
    json: false,
    nowMs: () => 0,
    write: (l) => lines.push(l),
  });
  const ended = runUntilStopped({ clock, logger, stop, events, stdin, ...(signal && { signal }) });
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

test("a service stops when whoever started it has gone", async () => {
  const stdin = new PassThrough();
  // One end is told in more than one way, and that is no second signal.
  const stop = async () => void stdin.emit("close");
  const { ended, lines } = rig(stop, undefined, stdin);
  stdin.emit("end");
  expect(await ended).toBe(0);
  expect(lines.join()).toContain("whoever started this process has gone");
});

describe("in a real process", () => {
  const url = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
  /** Runs `body` as the command "run"; `io`, `args` and the imports below are at hand. */
  function program(
    body: string,
    options: { isService: boolean; stdio: ("pipe" | "ignore" | number)[] },
  ) {
    const script = `
      const { main, runUntilStopped } = await import(${url("./process.ts")});
      const { systemClock } = await import(${url("./clock.ts")});
      const { silentLogger } = await import(${url("./logger.ts")});
      const serve = (stop) => runUntilStopped({ clock: systemClock(), logger: silentLogger, stdin: process.stdin, stop });
      await main({ name: "x", about: "x", commands: { run: { about: "x", isService: ${options.isService}, options: {}, run: async (args, io) => { ${body} } } } });`;
    const child = spawn(
      process.execPath,
      ["--input-type=module", "-e", script, "--", "main.ts", "run"],
      { stdio: [...options.stdio, "ipc"] },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  }
  const service = `
    let n = 0;
    let askedAt;
    const timer = setInterval(() => {
      io.out("tick " + ++n);
      io.err("log " + n);
      if (askedAt === undefined || n < askedAt + 3) return;
      askedAt = undefined;
      process.send("went on");
    }, 10);
    process.on("message", () => { askedAt = n; });
    process.channel.unref();
    process.send("up");
    return serve(async () => { clearInterval(timer); io.out("down"); });`;
  /** What the child says beside its streams; a child that ends instead fails the test. */
  const wordOf = (child: ChildProcess) =>
    Promise.race([
      once(child, "message").then(([word]) => word as string),
      once(child, "exit").then(([code, signal]) => `ended: ${code ?? signal}`),
    ]);
  /** Three more lines are written on each stream, and it lives. */
  const goesOn = async (child: ChildProcess) => {
    const word = wordOf(child);
    child.send("go on");
    expect(await word).toBe("went on");
  };
  /** Its code, once all it wrote is read too: what a process says last may come after its exit. */
  const endOf = async (child: ChildProcess) => (await once(child, "close"))[0] as number | null;
  const firstText = async (stream: Readable) => String((await once(stream, "data"))[0]);

  test("main runs a command and exits with its code; SIGTERM is an orderly end", async () => {
    const child = program(service, { isService: true, stdio: ["pipe", "pipe", "ignore"] });
    let text = "";
    child.stdout?.on("data", (chunk) => {
      if (text === "") child.kill("SIGTERM");
      text += chunk;
    });
    expect(await endOf(child)).toBe(0);
    expect(text).toMatch(/^tick 1\n(tick \d+\n)*down\n$/);
  });

  test("a service outlives the readers of stdout and stderr, and its terminal", async () => {
    const child = program(service, { isService: true, stdio: ["pipe", "pipe", "pipe"] });
    expect(await wordOf(child)).toBe("up");
    await Promise.all([firstText(child.stdout as Readable), firstText(child.stderr as Readable)]);
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.kill("SIGHUP");
    // It would be gone at its next line.
    await goesOn(child);
    child.stdin?.end();
    expect(await endOf(child)).toBe(0);
  });

  test.runIf(existsSync("/dev/full"))("a service outlives a full log disk", async () => {
    const full = openSync("/dev/full", "w");
    onTestFinished(() => closeSync(full));
    const child = program(service, { isService: true, stdio: ["pipe", full, full] });
    expect(await wordOf(child)).toBe("up");
    await goesOn(child);
    child.kill("SIGTERM");
    expect(await endOf(child)).toBe(0);
  });

  test.runIf(process.platform !== "win32")(
    "a service goes on writing when a new reader comes, and says that lines are missing",
    async () => {
      const pipe = join(mkdtempSync(join(tmpdir(), "weir-fifo-")), "log");
      onTestFinished(() => rmSync(dirname(pipe), { recursive: true }));
      spawnSync("mkfifo", [pipe]);
      const read = () => {
        const reader = spawn("cat", [pipe], { stdio: ["ignore", "pipe", "inherit"] });
        onTestFinished(() => void reader.kill("SIGKILL"));
        return reader;
      };
      const first = read();
      const child = spawnWithLog(pipe);
      await firstText(first.stdout);
      first.kill("SIGKILL");
      await once(first, "exit");
      // Each line on stderr is one that nobody reads on stdout: not those of before, which come first, and
      // not the next, which may have been under way.
      for (let n = 0; n < 3; n++) await firstText(child.stderr as Readable);
      const second = read();
      let text = "";
      for await (const chunk of second.stdout) {
        text += chunk;
        if (/weir: .*\ntick \d+\n/.test(text)) break;
      }
      // What the pipe still held when its first reader was killed is not lost, and comes before.
      expect(text).toMatch(/^(tick \d+\n)*weir: \d+ lines could not be written here\ntick \d+\n/);
      child.kill("SIGTERM");
      expect(await endOf(child)).toBe(0);
    },
  );
  function spawnWithLog(pipe: string) {
    const log = openSync(pipe, "w");
    const child = program(service, { isService: true, stdio: ["pipe", log, "pipe"] });
    closeSync(log);
    return child;
  }

  const talker = `for (let i = 0; i < 100000; i++) io.out("line " + i);
    await new Promise((done) => setTimeout(done, 1e6)); return 0;`;

  test("a short command whose reader has heard enough ends quietly", async () => {
    const child = program(talker, { isService: false, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stderr?.on("data", (chunk) => {
      said += chunk;
    });
    await firstText(child.stdout as Readable);
    child.stdout?.destroy();
    expect(await endOf(child)).toBe(0);
    expect(said).toBe("");
  });

  test.runIf(existsSync("/dev/full"))(
    "a short command that cannot write its output says so once and fails",
    async () => {
      const full = openSync("/dev/full", "w");
      onTestFinished(() => closeSync(full));
      const child = program(talker, { isService: false, stdio: ["ignore", full, "pipe"] });
      let said = "";
      child.stderr?.on("data", (chunk) => {
        said += chunk;
      });
      expect(await endOf(child)).toBe(1);
      expect(said).toMatch(/^the output cannot be written: .*no space left on device.*\n$/);
    },
  );
});
