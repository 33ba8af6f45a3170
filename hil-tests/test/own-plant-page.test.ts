/**
 * docs/site/your-own-plant.md, followed to the letter: its commands in their order, in an empty folder, as
 * processes of their own, beside a Modbus server that somebody else wrote; and what it says that one sees.
 */
import { execSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@weir/testing/free-port.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { ServerTCP } from "modbus-serial";
import { expect, onTestFinished, test } from "vitest";
import { isSaid, stepsOf } from "../src/page/page-steps.ts";
import { Terminals } from "../src/page/terminals.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = readFileSync(join(root, "docs/site/your-own-plant.md"), "utf8");
/** Finds what hangs; a dozen commands on a busy machine take their time. */
const hangMs = 600_000;

/** Done before this test: the checkout that it runs in. */
const isClone = (command: string): boolean => command.startsWith("git clone");
/** In the checkout, whose root the reader has not left yet. */
const isBuild = (command: string): boolean => command.startsWith("npm run build");
/** The page's own alternative to a device of one's own. */
const isSimulator = (command: string): boolean => command === "npx weir-sim device";

/** A transmitter by modbus-serial: level in millimetres, temperature in tenths. */
async function startDevice(port: number) {
  const tank = { levelMm: 1_800 };
  const refuse = (): number => {
    throw Object.assign(new RangeError("no such register"), { modbusErrorCode: 2 });
  };
  const vector = {
    getInputRegister: (address: number) => [tank.levelMm, 215][address] ?? refuse(),
    getHoldingRegister: refuse,
    getCoil: () => refuse() > 0,
    getDiscreteInput: () => refuse() > 0,
  };
  const server = new ServerTCP(vector, { host: "127.0.0.1", port, unitID: 1 });
  server.on("socketError", () => {});
  await new Promise<void>((resolve, reject) => {
    server.on("initialized", () => resolve());
    server.on("serverError", reject);
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return tank;
}

/** The page's ports may be taken here: each becomes a free one, in its commands and in what they say. */
async function freePorts(): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  for (const written of ["5020", "8883", "8080", "8443", "8090"])
    ports.set(written, await freePort());
  return ports;
}

test("the page's commands, in their order, do what the page says", {
  timeout: hangMs,
}, async () => {
  const ports = await freePorts();
  const tank = await startDevice(ports.get("5020") as number);
  const folder = tempDir();
  // What `cd weir` gives: npx finds the commands of the checkout from any folder in it.
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const terminals = new Terminals({
    folder,
    ports,
    // By their own options, where the page lets the defaults stand.
    options: {
      "npx weir-cloud run": ["--door-port", "8443", "--console-port", "8090"],
      "npx weir-fog init": ["--mqtt-port", "8883", "--http-port", "8080"],
    },
  });
  onTestFinished(() => terminals.end());
  const steps = stepsOf(page);
  expect(steps.filter(({ command }) => isClone(command) || isSimulator(command))).toHaveLength(2);

  for (const { command, sees, heading } of steps) {
    if (isClone(command) || isSimulator(command)) continue;
    if (isBuild(command)) {
      execSync(command, { cwd: root, stdio: "ignore" });
      continue;
    }
    await terminals.follow(command, sees);
    if (heading === "5. The edge" && command === "npx weir-edge status --values")
      tank.levelMm = 2_600;
    // A person empties the tank once it was told.
    if (sees.some(({ line }) => line.startsWith("TRIP LEVEL-HIGH"))) tank.levelMm = 1_800;
  }

  expect(existsSync(join(folder, "my-plant", "edge.yaml"))).toBe(true);
  const fog = await terminals.signIn("npx weir-fog run");
  expect(await fog("/")).toContain("<script");
  const shown = JSON.stringify(await fog("/api/plant"));
  expect(shown).toContain("TANK1");
  expect(await fog("/api/tags")).toMatchObject([
    { id: "edge-1/TANK1/LT01", freshness: { state: "live" } },
    { id: "edge-1/TANK1/TT01", freshness: { state: "live" } },
  ]);
  expect(JSON.stringify(await fog("/api/incidents?state=all"))).toContain("LEVEL-HIGH");
  const cloud = await terminals.signIn("npx weir-cloud run");
  expect(await cloud("/")).toContain("<script");
  const tags = JSON.stringify(await cloud("/api/sites/my-plant/tags"));
  for (const tag of ["LT01", "TT01"]) expect(tags).toContain(tag);
});

test("a line that is not said is not seen, and one with gaps is by what stands around them", () => {
  const said = [
    "  dashboard on http://127.0.0.1:8080",
    "TRIP LEVEL-HIGH: level above 2.5 m for 3s (2.6 m)",
  ];
  expect(isSaid("dashboard on http://127.0.0.1:8080", said)).toBe(true);
  expect(isSaid("TRIP LEVEL-HIGH: level above … (…", said)).toBe(true);
  expect(isSaid("…above 2.5 m…", said)).toBe(true);
  expect(isSaid("dashboard on http://127.0.0.1", said)).toBe(false);
  expect(isSaid("TRIP LEVEL-LOW: …", said)).toBe(false);
});
