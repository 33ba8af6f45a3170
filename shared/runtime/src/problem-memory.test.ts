/** A problem has one since, one line in the log as it begins and one as it ends, however it comes and goes. */
import { expect, test } from "vitest";
import type { Clock } from "./clock.ts";
import { logEveryMs, type Problem, ProblemMemory } from "./problem-memory.ts";

function remembering() {
  let nowMs = 0;
  const lines: string[] = [];
  const say =
    (level: string) =>
    (text: string): void => {
      lines.push(`${level} ${text}`);
    };
  const logger = {
    ...{ debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") },
    child: () => logger,
  };
  const memory = new ProblemMemory<Problem>({
    ioClock: { monotonicMs: () => nowMs } as Clock,
    logger,
    logged: ({ severity, text }) => ({
      level: severity === "small" ? "warn" : "error",
      text,
      isPressing: severity === "great",
    }),
  });
  const take = (severity?: string, sinceMs?: number) => {
    const one = { code: "disk-full", subject: "disk", text: "the disk is full" };
    return memory.take(severity ? [{ ...one, severity, sinceMs }] : [], nowMs)[0];
  };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { lines, take, pass };
}

test("its since stays while it lasts, and is a new one when it comes back", () => {
  const { take, pass } = remembering();
  pass(1_000);
  expect(take("small")?.sinceMs).toBe(1_000);
  pass(5_000);
  expect(take("small")?.sinceMs).toBe(1_000);
  expect(take("small", 400)?.sinceMs).toBe(400);
  take();
  pass(1);
  expect(take("small")?.sinceMs).toBe(6_001);
});

test("one line as it begins, one as it ends; what is pressing again every minute", () => {
  const { lines, take, pass } = remembering();
  for (let i = 0; i < 130; i++, pass(1_000)) take("small");
  take();
  expect(lines).toEqual(["warn the disk is full", "info over: the disk is full"]);
  lines.length = 0;
  pass(logEveryMs);
  for (let i = 0; i < 130; i++, pass(1_000)) take("great");
  expect(lines).toHaveLength(3);
});

test("what grows worse is told at once", () => {
  const { lines, take, pass } = remembering();
  take("small");
  pass(1_000);
  expect(take("great")?.sinceMs).toBe(0);
  expect(lines).toEqual(["warn the disk is full", "error the disk is full"]);
});

test("what comes and goes does not fill the log, and what was not told to begin does not end there", () => {
  const { lines, take, pass } = remembering();
  for (let i = 0; i < 300; i++, pass(1_000)) take(i % 2 === 0 ? "small" : undefined);
  expect(lines.filter((line) => line.startsWith("warn")).length).toBeLessThanOrEqual(6);
  expect(lines.filter((line) => line.startsWith("info")).length).toBeLessThanOrEqual(6);
});

test("one that comes back within a minute and stays is told after seconds", () => {
  const { lines, take, pass } = remembering();
  take("small");
  pass(10_000);
  take();
  pass(2_000);
  for (let i = 0; i < 8; i++, pass(1_000)) take("small");
  take();
  const [begins, ends] = ["warn the disk is full", "info over: the disk is full"];
  expect(lines).toEqual([begins, ends, begins, ends]);
});
