import { expect, test } from "vitest";
import { createLogger, silentLogger } from "./logger.ts";

function rig(json: boolean, level: "debug" | "warn" = "debug") {
  const lines: string[] = [];
  const nowMs = () => Date.UTC(2026, 5, 2, 5, 0, 0, 7);
  return { lines, logger: createLogger({ level, json, nowMs, write: (line) => lines.push(line) }) };
}

test("JSON lines carry time, level, message and fields", () => {
  const { lines, logger } = rig(true);
  logger.child({ edge: "edge-w" }).warn("late", { ms: 3 });
  expect(lines).toEqual([
    '{"at":"2026-06-02T05:00:00.007Z","level":"warn","message":"late","edge":"edge-w","ms":3}',
  ]);
});

test("text lines are for people", () => {
  const { lines, logger } = rig(false);
  logger.info("connected", { url: "mqtts://x", tries: 2 });
  expect(lines).toEqual(["05:00:00.007 info  connected url=mqtts://x tries=2"]);
});

test("below the level nothing is said", () => {
  const { lines, logger } = rig(false, "warn");
  logger.debug("a");
  logger.info("b");
  logger.warn("c");
  logger.error("d");
  expect(lines).toHaveLength(2);
});

test("the silent logger says nothing at all", () => {
  for (const say of ["debug", "info", "warn", "error"] as const) silentLogger[say]("x");
  expect(silentLogger.child({})).toBe(silentLogger);
});
