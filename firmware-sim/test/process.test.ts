import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import modbusSerial from "modbus-serial";
import { afterEach, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 90_000 });

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const dir = mkdtempSync(join(tmpdir(), "weir-sim-run-"));
let child: ChildProcess | undefined;

afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

test("the program starts, serves live values, writes the truth and ends on SIGTERM", async () => {
  const truth = join(dir, "truth.jsonl");
  const argv = [main, "run", "--scenario", "quiet", "--json", "--data-dir", dir, "--truth", truth];
  const running = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  child = running;
  const addresses = new Map<string, string>();
  for await (const line of createInterface({ input: running.stdout })) {
    const event = JSON.parse(line) as { event: string; what: string; url: string };
    if (event.event === "address") addresses.set(event.what, event.url);
    if (event.event === "started") break;
  }
  expect([...addresses.keys()]).toEqual([
    "plc-w-a",
    "plc-w-b",
    "plc-s",
    "plc-d-a",
    "plc-d-b",
    "plc-m",
    "control",
  ]);
  const port = Number(new URL(addresses.get("plc-d-b") ?? "").port);
  const client = new modbusSerial.default();
  await client.connectTCP("127.0.0.1", { port });
  client.setID(1);
  const chlorine = (await client.readInputRegisters(0, 1)).data[0] ?? 0;
  expect(chlorine * 0.001).toBeGreaterThan(0.9);
  expect(chlorine * 0.001).toBeLessThan(1.5);
  client.close(() => {});
  const noted = JSON.parse(readFileSync(join(dir, "sim.json"), "utf8"));
  expect(noted.ports["plc-d-b"]).toBe(port);
  const ended = new Promise<number | null>((resolve) => running.on("exit", resolve));
  running.kill("SIGTERM");
  expect(await ended).toBe(0);
});
