/** The real program beside a real device that refuses: status, health, values, page, metrics and log say it. */

import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { u8 } from "@weir/contracts/elements.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { nodePath, startProgram } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test } from "vitest";
import type { NewestValue } from "../src/status/newest-values.ts";
import { startSlave } from "./slave-server.ts";
import { exception } from "./virtual-slave.ts";

const registers = Array.from(
  { length: 8 },
  (_, i) => `      R${5 * i}: {read: "holding:${5 * i}", type: uint16, every: 500ms}`,
).join("\n");

const yaml = (port: number) => `
version: 1
site: {id: mysite}
edge: edge-1
connections: {m: {type: modbus-tcp, host: 127.0.0.1, port: ${port}}}
devices:
  - id: DEV
    connection: m
    tags:
${registers}
      P: {read: "input:0", type: uint16, unit: bar, scale: 0.01, min: 0, max: 12, every: 500ms, limits: {hardHigh: 9}}
outputs:
  SPEED: {write: "holding m/1:100", safe: 0}
safety:
  - {id: P-HIGH, when: {tag: DEV/P, above: hardHigh}, then: [{set: SPEED, to: 0}]}
`;

const program = fileURLToPath(new URL("../bin/weir-edge.js", import.meta.url));

/** Exit code and text of a command that ends by itself. */
const ended = (args: readonly string[]): Promise<{ code: number; text: string }> =>
  new Promise((resolve) => {
    const child = execFile(nodePath, [program, ...args], (_error, stdout) =>
      resolve({ code: child.exitCode ?? -1, text: stdout }),
    );
  });

test("a device that refuses long reads and every write: nothing says that all is well", async () => {
  const { slave, port } = await startSlave();
  slave.input[0] = 700;
  slave.behaviour = (request, answer, link) => {
    const fc = u8(request, 7);
    const isLong = fc === 3 && u8(request, 11) > 20;
    const isWrite = fc === 6 || fc === 16;
    link.send(isLong ? exception(request, 3) : isWrite ? exception(request, 1) : answer);
  };
  const folder = tempDir();
  const data = join(folder, "data");
  writeFileSync(join(folder, "edge.yaml"), yaml(port));
  const args = ["run", "--config", join(folder, "edge.yaml"), "--data-dir", data, "--json"];
  const startedMs = systemClock().monotonicMs();
  const agent = startProgram({ program: "weir-edge", args });
  const { url } = await agent.waitFor("address");
  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const until = async (code: string) => {
    while (!(await get("/healthz")).body.includes(`"${code}"`)) await systemClock().sleep(50);
  };

  await until("tag-refused");
  const values = JSON.parse((await get("/values.json")).body) as NewestValue[];
  const of = (tag: string) => values.find((one) => one.tag === `DEV/${tag}`);
  expect(of("R35")).toMatchObject({ quality: "bad", value: null });
  expect(of("R35")?.why).toMatch(/^failure: the device refused the request: exception 3/);
  expect(of("R35")?.sinceMs).toBeGreaterThan(0);
  expect(of("P")).toMatchObject({ quality: "good", value: 7, why: "" });

  slave.input[0] = 950;
  await until("output-not-written");
  const status = await ended(["status", "--data-dir", data]);
  expect(status.code).toBe(1);
  expect(status.text.split("\n")[0]).toMatch(
    /^!! output SPEED CANNOT BE WRITTEN: trip P-HIGH wants it 0; not written: exception 1: illegal function \(functions 6 and 16\).* stop it by hand.*`write`.*since 20/,
  );
  expect(status.text).not.toContain("all well");
  expect(status.text).toMatch(
    /! DEV\/R0, DEV\/R5, .* and 3 more: no good reading, the device refused the request: exception 3: illegal data value \(36 registers from holding:0\); set `maxRegisters` of the device below 36 \(since 20/,
  );
  const healthz = await get("/healthz");
  expect(healthz.status).toBe(503);
  expect(JSON.parse(healthz.body).problems[0]).toMatchObject({
    code: "output-not-written",
    severity: "critical",
    subject: "SPEED",
  });
  const page = (await get("/")).body;
  expect(page.indexOf("CANNOT BE WRITTEN")).toBeLessThan(page.indexOf("<h1>"));
  expect((await get("/metrics")).body).toMatch(
    /^weir_edge_problem_since_seconds\{code="output-not-written",subject="SPEED",severity="critical"\} /m,
  );
  const [failed] = agent.events.filter(({ event }) => event === "output");
  expect(failed).toMatchObject({ output: "SPEED", outcome: "failed" });
  expect(String(failed?.["detail"])).toContain("exception 1");
  expect(await agent.stop()).toBe(0);
  const logged = agent.stderr().split("\n");
  // Once a minute while it lasts, however often it is tried.
  const minutes = (systemClock().monotonicMs() - startedMs) / 60_000;
  const loud = logged.filter((line) => line.includes("CANNOT BE WRITTEN")).length;
  expect(loud).toBeGreaterThanOrEqual(1);
  expect(loud).toBeLessThanOrEqual(1 + minutes);
  expect(logged.filter((line) => line.includes("exception 3"))).toHaveLength(1);
}, 120_000);
