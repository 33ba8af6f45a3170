/** What becomes of a log, its disk or its terminal ends no tier; the end of whoever started it does, in order. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@weir/runtime/clock.ts";
import { nodePath } from "@weir/testing/child-process.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { describe, expect, onTestFinished, test } from "vitest";

interface Tier {
  name: string;
  /** Configuration files to write, and the options that name them. */
  files: Readonly<Record<string, string>>;
  args: (folder: string) => string[];
  /** The file in its data folder that says where it can be asked, and what of it. */
  addressFile: string;
  address: (text: string) => string;
}

const site = `
site: {id: mysite, name: My site, tz: Europe/Berlin}
lines: [{id: L, name: Line}]
stages: [{id: TANK1, name: Tank 1, line: L, upstream: [], equipment: tank}]
kpis: []
`;

const tiers: Tier[] = [
  {
    name: "weir-sim",
    files: {},
    args: () => ["--scenario", "quiet"],
    addressFile: "sim.json",
    address: (text) => JSON.parse(text).controlUrl,
  },
  {
    name: "weir-edge",
    files: {
      "edge.yaml": `
version: 1
site: {id: mysite}
edge: edge-1
connections: {plc: {type: modbus-tcp, host: 127.0.0.1, port: 9}}
devices: [{id: TANK1, connection: plc, tags: {LEVEL: {read: "input:0", type: int16}}}]
`,
    },
    args: (folder) => ["--config", join(folder, "edge.yaml")],
    addressFile: "status-url",
    address: (text) => text.trim(),
  },
  {
    name: "weir-fog",
    files: {
      "site.yaml": site,
      "fog.yaml": "site: site.yaml\nmqtt: {port: 0}\nhttp: {port: 0}\n",
    },
    args: (folder) => ["--config", join(folder, "fog.yaml")],
    addressFile: "addresses.json",
    address: (text) => JSON.parse(text).httpUrl,
  },
  {
    name: "weir-cloud",
    files: {},
    args: () => ["--door-port", "0", "--console-port", "0"],
    addressFile: "address.json",
    address: (text) => JSON.parse(text).console,
  },
];

const script = (name: string): string => {
  const tier = name === "weir-sim" ? "firmware-sim" : name.replace("weir-", "");
  return fileURLToPath(new URL(`../../${tier}/bin/${name}.js`, import.meta.url));
};

function start(tier: Tier, output: "pipe" | number) {
  const folder = tempDir();
  for (const [name, text] of Object.entries(tier.files)) writeFileSync(join(folder, name), text);
  const dataDir = join(folder, "data");
  const child = spawn(
    nodePath,
    [
      script(tier.name),
      ...["run", "--data-dir", dataDir, "--log-level", "debug", "--until-stdin-ends"],
      ...tier.args(folder),
    ],
    { stdio: ["pipe", output, output] },
  );
  const exited = once(child, "exit").then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const isWell = async () => {
    const file = join(dataDir, tier.addressFile);
    if (!existsSync(file)) return false;
    try {
      await fetch(new URL("/healthz", tier.address(readFileSync(file, "utf8"))));
      return true;
    } catch {
      return false;
    }
  };
  return { child, exited, isWell };
}

/** Rejects when it ends before. */
async function answers({ isWell, exited }: ReturnType<typeof start>): Promise<void> {
  let code: number | null | undefined;
  void exited.then((ended) => {
    code = ended;
  });
  while (!(await isWell())) {
    expect(code, "it ended by itself").toBe(undefined);
    await systemClock().sleep(50);
  }
}

const hangUp = (child: ChildProcess) => child.kill("SIGHUP");

describe.each(tiers)("$name run", (tier) => {
  test("runs on without readers and without its terminal, and ends with whoever started it", async () => {
    const running = start(tier, "pipe");
    running.child.stdout?.destroy();
    running.child.stderr?.destroy();
    await answers(running);
    hangUp(running.child);
    await answers(running);
    running.child.stdin?.end();
    expect(await running.exited).toBe(0);
  });

  test.runIf(existsSync("/dev/full"))("runs on with a full log disk", async () => {
    const full = openSync("/dev/full", "w");
    onTestFinished(() => closeSync(full));
    const running = start(tier, full);
    await answers(running);
    hangUp(running.child);
    await answers(running);
    running.child.kill("SIGTERM");
    expect(await running.exited).toBe(0);
  });
});
