/** Where a running simulator can be found: `sim.json` in its data folder, or its control address. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "@weir/runtime/fault.ts";
import type { SerialFormat } from "../devices/paced-line.ts";
import { SimFault } from "../faults.ts";
import type { SerialLineId } from "../plant-definition/serial-kit.ts";

const fileName = "sim.json";

export interface RunningSim {
  pid: number;
  controlUrl: string;
  host: string;
  ports: Record<string, number>;
}

export const noteRunningSim = (dir: string, sim: RunningSim): void =>
  writeFileSync(join(dir, fileName), `${JSON.stringify(sim, null, 2)}\n`);

/** The control address: given, or noted in the data folder. @throws Fault SIM_NOT_RUNNING */
export function controlUrl(options: {
  url: string | undefined;
  dataDir: string | undefined;
}): string {
  if (options.url !== undefined) return options.url.replace(/\/$/, "");
  const path = options.dataDir === undefined ? undefined : join(options.dataDir, fileName);
  if (path === undefined || !existsSync(path)) {
    throw new SimFault("SIM_NOT_RUNNING", {
      why: path === undefined ? "neither --url nor --data-dir is given" : `${path} does not exist`,
    });
  }
  return (JSON.parse(readFileSync(path, "utf8")) as RunningSim).controlUrl;
}

/** @throws Fault SIM_NOT_RUNNING */
export async function askStatus(url: string): Promise<SimStatus> {
  try {
    const response = await fetch(`${url}/status`);
    if (!response.ok)
      throw new SimFault("SIM_NOT_RUNNING", { url, why: `HTTP ${response.status}` });
    return (await response.json()) as SimStatus;
  } catch (error) {
    if (error instanceof Fault) throw error;
    const why = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
    throw new SimFault("SIM_NOT_RUNNING", { url, why }, { cause: error });
  }
}

export interface ServedLineStatus {
  id: SerialLineId;
  place: string;
  format: SerialFormat;
  requests: number;
  answers: number;
  failures: string[];
}

export interface SimStatus {
  plant: string;
  scenario: string;
  seed: number;
  plantNowMs: number;
  lateMs: number;
  /** Plant seconds in a real one. */
  rate: number;
  serial: ServedLineStatus[];
  gateways: { id: string; port: number; requests: number; stale: string; watchdog: number }[];
  actuators: { id: string; coil: boolean; position: number; failures: string[] }[];
}
