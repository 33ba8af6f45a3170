/** What each process of a running system holds in memory, beside a Node process that does nothing. */

import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { Program, root } from "./memory-program.ts";
import { startSlave, tagCount, thousandTagsYaml } from "./memory-thousand-tags.ts";

const site = "riverside";
const bothEdges = ["edge-w", "edge-d"];
const calendarStart = "2026-06-02T05:00:00Z";
const learnedWithinMs = 15 * 60_000;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}

type Row = [name: string, program: Program, budgetMib: string];

/** The two that need nobody else. */
async function measureAlone(folder: string, settleMs: number): Promise<string[][]> {
  const { server, port } = await startSlave();
  const file = join(folder, "thousand.yaml");
  writeFileSync(file, thousandTagsYaml(port));
  const bare = new Program("node", ["-e", "setInterval(() => {}, 1000)"]);
  const args = (name: string) => ["run", "--config", file, "--data-dir", join(folder, name)];
  const edge = new Program("weir-edge", args("bundle"));
  const sources = new Program("weir-edge from sources", args("sources"));
  await Promise.all([edge.started(), sources.started()]);
  await sleep(settleMs);
  const rows = cellsOf([
    ["bare Node process", bare, "–"],
    [`weir-edge, ${tagCount} tags at 1 Hz`, edge, "90"],
    ["the same from its sources, as in a checkout", sources, "–"],
  ]);
  await Promise.all([bare.stop(), edge.stop(), sources.stop()]);
  server.close();
  return rows;
}

/** Everything of the demo at the plant's own pace, dashboard open. */
class System {
  readonly rows: Row[] = [];
  readonly #folder: string;
  readonly #clock: string;

  constructor(folder: string, nowMs: number) {
    this.#folder = folder;
    this.#clock = `rate=1,from=${calendarStart},at=${nowMs}`;
  }

  /** `isWhole`: with both edges, a cloud and a past; else a fog with one edge. */
  async start(isWhole: boolean): Promise<void> {
    const edges = isWhole ? bothEdges : bothEdges.slice(0, 1);
    const at = (...names: string[]) => join(this.#folder, ...names);
    const [mqttPort, doorPort] = [await freePort(), await freePort()];
    const past = isWhole ? this.#exportPast() : undefined;
    const scenario = ["--scenario", "quiet"];
    await this.#run("weir-sim", { part: "sim", args: scenario, budgetMib: "–" });
    mkdirSync(at("identity"));
    const uplink = `mqtts://127.0.0.1:${mqttPort}`;
    const identity = ["--identity-dir", at("identity")];
    const simDir = ["--data-dir", at("sim"), "--out", at(".")];
    const door = `https://127.0.0.1:${doorPort}`;
    const cloudDir = ["--data-dir", at("cloud"), "--out", at("site-identity")];
    await Promise.all([
      toTheEnd("weir-sim", ["configure", ...simDir, "--uplink", uplink, ...identity]),
      isWhole && toTheEnd("weir-cloud", ["enrol-site", site, ...cloudDir, "--url", door]),
    ]);
    const local = "host: 127.0.0.1, port:";
    writeFileSync(
      at("fog.yaml"),
      `site: site.yaml\nmqtt: {${local} ${mqttPort}}\nhttp: {${local} 0}\n${isWhole ? "cloud: {identity: site-identity}\n" : ""}`,
    );
    writeFileSync(
      at("cloud.yaml"),
      `door: {${local} ${doorPort}}\nconsole: {${local} 0}\ntraining: {automatic: false}\n`,
    );
    const fogDir = ["--config", at("fog.yaml"), "--data-dir", at("fog")];
    for (const edge of edges) {
      await toTheEnd("weir-fog", ["enrol-edge", edge, ...fogDir, "--out", at("identity", edge)]);
    }
    if (past) {
      await past;
      const files = ["minutes", "hours"].map((name) => at("history", `${name}.parquet`));
      await toTheEnd("weir-fog", ["import", ...files, "--data-dir", at("fog")]);
    }
    if (isWhole) await this.#run("weir-cloud", { part: "cloud", budgetMib: "–" });
    const fog = await this.#run("weir-fog", { part: "fog", budgetMib: "300" });
    await Promise.all(edges.map((part) => this.#run("weir-edge", { part, budgetMib: "90" })));
    await openDashboard(fog);
    if (isWhole) await fog.until(({ text }) => text?.includes("learned") === true, learnedWithinMs);
  }

  async stop(): Promise<void> {
    await Promise.all(this.rows.map(([, program]) => program.stop()));
  }

  #exportPast(): Promise<void> {
    const out = ["--out", join(this.#folder, "history")];
    const days = ["--days", "3", "--fine-days", "1", "--until", calendarStart];
    return toTheEnd("weir-sim", ["export", "--scenario", "quiet", ...days, ...out]);
  }

  async #run(
    name: string,
    { part, args, budgetMib }: { part: string; args?: readonly string[]; budgetMib: string },
  ): Promise<Program> {
    const dir = ["--data-dir", join(this.#folder, part), "--clock", this.#clock];
    const settings = args ?? ["--config", join(this.#folder, `${part}.yaml`)];
    const program = new Program(name, ["run", ...dir, ...settings]);
    this.rows.push([part.startsWith("edge") ? `${name}, ${part}` : name, program, budgetMib]);
    await program.started();
    return program;
  }
}

const toTheEnd = (name: string, args: readonly string[]): Promise<void> =>
  new Program(name, args).done();

/** Signs in as the first engineer and listens as the page does. */
async function openDashboard(fog: Program): Promise<void> {
  const { url = "" } = await fog.until(({ event }) => event === "sign-in");
  const signedIn = await fetch(url, { redirect: "manual" });
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const live = await fetch(new URL("/api/live", url), { headers: { cookie } });
  if (!live.ok) throw new Error(`the dashboard answers ${live.status}`);
  void live.body?.pipeTo(new WritableStream()).catch(() => {});
}

const cellsOf = (rows: readonly Row[]): string[][] =>
  rows.map(([name, program, budget]) => {
    const { now, peak } = program.residentMib();
    return [name, now.toFixed(0), peak.toFixed(0), budget];
  });

export const bench: Bench = {
  name: "memory",
  about: "resident memory of each process of a running system, beside a bare Node process",
  async run({ smoke, report }) {
    const settleMs = smoke ? 500 : 30_000;
    const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
    const system = new System(folder, Date.now());
    try {
      await toTheEnd("bundle", [join(root, "edge/bundle.ts")]);
      const alone = await measureAlone(folder, settleMs);
      await system.start(!smoke);
      await sleep(settleMs);
      report.table(
        `${settleMs / 1_000} s after the start, MiB`,
        ["process", "resident", "highest", "budget"],
        [...alone, ...cellsOf(system.rows)],
      );
      report.line(
        "The simulated works at its own pace, 280 tags on two edges, a dashboard open; the fog has just learned all 45 stages from a day of history.",
      );
    } finally {
      await system.stop();
      rmSync(folder, { recursive: true });
    }
  },
};
