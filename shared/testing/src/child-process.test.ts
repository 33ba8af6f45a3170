import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startProgram } from "./child-process.ts";
import { freePort } from "./free-port.ts";
import { tempDir } from "./temp-dir.ts";

function script(body: string): string {
  const path = join(tempDir(), "program.mjs");
  writeFileSync(path, body);
  return path;
}

const say = `const say = (o) => process.stdout.write(JSON.stringify(o) + "\\n");`;

test("events are heard, past and coming, and stop is gentle", async () => {
  const program = script(`${say}
    process.stdout.write('no json\\n{"ev');
    setImmediate(() => { process.stdout.write('ent":"a"}\\n'); say({ event: "b", n: 1 }); say({ event: "b", n: 2, argv: process.argv.slice(2), x: process.env.X }); });
    process.on("SIGTERM", () => { say({ event: "bye" }); process.exit(0); });
    setInterval(() => {}, 1e6);`);
  const tier = startProgram({ program, args: ["run"], env: { X: "y" } });
  expect(await tier.waitFor("b", (e) => e["n"] === 2)).toEqual({
    event: "b",
    n: 2,
    argv: ["run"],
    x: "y",
  });
  expect(await tier.waitFor("a")).toEqual({ event: "a" });
  expect(await tier.stop()).toBe(0);
  expect(await tier.stop()).toBe(0);
  expect(tier.events.map((e) => e.event)).toEqual(["a", "b", "b", "bye"]);
});

test("an end before the event, and one that never comes, tell what was said", async () => {
  const failing = startProgram({
    program: script(`console.error("no disk"); process.exit(3);`),
    args: [],
  });
  await expect(failing.waitFor("up")).rejects.toThrow(
    /ended with code 3 before "up"[\s\S]*no disk/,
  );
  const silent = startProgram({ program: script("setInterval(() => {}, 1e6);"), args: [] });
  await expect(silent.waitFor("up", undefined, 50)).rejects.toThrow(/took over 50 ms/);
  await silent.kill();
  expect(await silent.exited).toBe(-1);
});

test("nothing is left behind by a test that forgets to stop", async () => {
  const tier = startProgram({
    program: script(`${say} say({event: "up"}); setInterval(() => {}, 1e6);`),
    args: [],
  });
  await tier.waitFor("up");
  leftOver = tier.pid;
});
let leftOver = 0;

test("… and it is gone", () => {
  expect(() => process.kill(leftOver, 0)).toThrow();
});

test("free ports and a folder of one's own", async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
  expect(new Set(ports).size).toBe(50);
  // Where nobody who asks for any port is given one.
  for (const port of ports) expect(port > 10_000 && port < 32_768).toBe(true);
  folder = tempDir();
  expect(existsSync(folder)).toBe(true);
});
let folder = "";

test("… which is removed", () => {
  expect(existsSync(folder)).toBe(false);
});
