/** What stands behind a rig: real devices, of which we only know the addresses, or the simulated works. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { formatClockSpec, systemClock } from "@weir/runtime/clock.ts";
import { readYamlFile } from "@weir/runtime/yaml-source.ts";
import { startProgram, type TierProcess } from "@weir/testing/child-process.ts";
import { HilFault } from "../faults.ts";
import { type EdgeDocument, edgeDocument, type Rig } from "./rig.ts";

export interface RigHost {
  document: EdgeDocument;
  /** Lines that can be pulled and disturbed without a hand at the cable; empty on hardware. */
  lines: readonly string[];
  /** To the simulator's own door. */
  inject: (injection: Record<string, unknown>) => Promise<void>;
  /** The same rig at another speed of its serial lines; undefined where only a screwdriver can. */
  atBaud: ((baud: number) => Promise<RigHost>) | undefined;
  close(): Promise<void>;
}

/** A morning in June, so that what instruments should read does not depend on the season of the test. */
const calendarStartMs = Date.UTC(2026, 5, 2, 8);
const nowMs = () => systemClock().nowMs();

export async function openRig(rig: Rig, folder: string, baud?: number): Promise<RigHost> {
  const { simulated } = rig;
  if (!simulated) {
    const inject = () => Promise.resolve();
    const document = rig.document as EdgeDocument;
    return { document, lines: [], inject, atBaud: undefined, close: () => Promise.resolve() };
  }
  const own = join(folder, `works-${baud ?? "as-is"}`);
  mkdirSync(own, { recursive: true });
  const lines = simulated.serial.split(",").map((part) => part.trim());
  const spec = lines.map((part) => placed(part, own, baud)).join(",");
  const works = startProgram({
    program: "weir-sim",
    args: [
      ...["run", "--scenario", "quiet", "--seed", String(simulated.seed), "--serial", spec],
      ...["--clock", formatClockSpec({ rate: 1, fromMs: calendarStartMs, atMs: nowMs() })],
      ...["--data-dir", join(own, "sim"), "--json"],
    ],
  });
  await works.waitFor("started", () => true, 60_000);
  const { url } = await works.waitFor("address", ({ what }) => what === "control");
  await configure(works, own);
  const file = readYamlFile(join(own, "edge-d.yaml"));
  if (!file.ok)
    throw new HilFault("HIL_COMMAND", { command: "weir-sim configure", said: "no YAML" });
  return {
    document: edgeDocument(file.root),
    lines: lines.map((part) => elementAt(part.split("="), 0)),
    inject: (injection) => post(`${url}/inject`, injection),
    atBaud: (next) => openRig(rig, folder, next),
    close: async () => {
      await works.stop();
    },
  };
}

/** "rtu=pty@9600" → "rtu=pty:/folder/rtu@9600"; the bus of relays at `baud`, if that is asked. */
function placed(part: string, folder: string, baud: number | undefined): string {
  const [id = "", place = "", own] = part.split(/[=@]/);
  const where = place === "pty" ? `pty:${join(folder, id)}` : place === "tcp" ? "tcp:0" : place;
  const speed = id === "rtu" ? (baud ?? own) : own;
  return `${id}=${where}${speed === undefined ? "" : `@${speed}`}`;
}

async function configure(works: TierProcess, folder: string): Promise<void> {
  const written = startProgram({
    program: "weir-sim",
    args: ["configure", "--data-dir", join(folder, "sim"), "--out", folder, "--json"],
  });
  if ((await written.exited) === 0) return;
  await works.stop();
  throw new HilFault("HIL_COMMAND", { command: "weir-sim configure", said: written.stderr() });
}

async function post(url: string, body: Record<string, unknown>): Promise<void> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-weir": "1" },
    body: JSON.stringify(body),
  });
  if (answer.ok) return;
  throw new HilFault("HIL_COMMAND", { command: `POST ${url}`, said: await answer.text() });
}
