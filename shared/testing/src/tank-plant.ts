/**
 * A plant that exists in tests alone: two tanks and a pump, one edge, tags without kinds. Whatever works on
 * the simulated plants and not here knows more of them than it should.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RegisterSlave, serveRegisters } from "./register-slave.ts";

export const tankSite = { id: "tankyard", name: "Tank Yard", tz: "America/St_Johns" } as const;
export const tankEdge = "edge-1";
export const tankStages = ["TANK1", "TANK2", "PUMP"] as const;

interface TankTag {
  stage: (typeof tankStages)[number];
  name: string;
  unit: string;
  /** Input register; the value in hundredths. */
  register: number;
  max: number;
}

export const tankTags: readonly TankTag[] = [
  { stage: "TANK1", name: "A", unit: "m", register: 0, max: 5 },
  { stage: "TANK1", name: "B", unit: "degC", register: 1, max: 90 },
  { stage: "TANK2", name: "A", unit: "m", register: 2, max: 5 },
  { stage: "TANK2", name: "B", unit: "degC", register: 3, max: 90 },
  { stage: "PUMP", name: "A", unit: "L/s", register: 4, max: 40 },
  { stage: "PUMP", name: "B", unit: "kW", register: 5, max: 30 },
];

/** As fog and cloud name it. */
export const tankTagId = ({ stage, name }: TankTag): string => `${tankEdge}/${stage}/${name}`;

/** Of `PUMP/A`, L/s: from here on the pump is stopped. */
export const tankLimit = 30;
export const tankRule = "TOO-FAST";
const pumpCoil = 0;

/** `site.yaml`. Without packs nothing is told in anybody's trade words. */
export const tankSiteFile =
  (): string => `site: {id: ${tankSite.id}, name: ${tankSite.name}, tz: ${tankSite.tz}}
packs: []
lines: [{id: L, name: Line}]
stages:
  - {id: TANK1, name: First tank, line: L, upstream: [], equipment: tank}
  - {id: TANK2, name: Second tank, line: L, upstream: [PUMP], equipment: tank}
  - {id: PUMP, name: Pump between them, line: L, upstream: [TANK1], equipment: pump}
kpis:
  - {id: flow, name: Pumped, unit: L/s, tags: [${tankEdge}/PUMP/A], high: ${tankLimit}}
`;

export interface TankEdgeOptions {
  /** Of the slave. */
  port: number;
  /** mqtts://host:port and a folder; left out, the edge runs alone. */
  uplink?: { url: string; identity: string };
  /** Between two polls, "1s" by default. */
  every?: string;
}

/** `edge.yaml`: six tags of unknown kind, and one limit that switches the pump off. */
export function tankEdgeFile({ port, uplink, every = "1s" }: TankEdgeOptions): string {
  const devices = tankStages.map((stage) => {
    const tags = tankTags
      .filter((tag) => tag.stage === stage)
      .map(({ name, unit, register, max }) => {
        const read = `read: "input:${register}", type: int16, scale: 0.01, every: ${every}`;
        const limits = stage === "PUMP" && name === "A" ? `, limits: {hardHigh: ${tankLimit}}` : "";
        return `      ${name}: {${read}, unit: ${unit}, min: 0, max: ${max}, resolution: 0.01${limits}}`;
      });
    return `  - {id: ${stage}, stage: ${stage}, connection: plc, unit: 1, tags: {\n${tags.join(",\n")}}}`;
  });
  const sends = uplink === undefined ? "" : `uplink: ${JSON.stringify(uplink)}\n`;
  return `version: 1
site: {id: ${tankSite.id}, tz: ${tankSite.tz}}
edge: ${tankEdge}
${sends}connections:
  plc: {type: modbus-tcp, host: 127.0.0.1, port: ${port}}
devices:
${devices.join("\n")}
outputs:
  pump: {write: "coil plc/1:${pumpCoil}", safe: "off", feedback: {read: "discrete plc/1:${pumpCoil}", within: 5s}}
safety:
  - {id: ${tankRule}, when: {tag: PUMP/A, above: hardHigh, for: 2s, samples: 2}, then: [{set: pump, to: "off", afterReset: "on"}], latch: true, reset: manual}
`;
}

/** Writes both files into `folder`; their paths. */
export function writeTankFiles(
  folder: string,
  options: TankEdgeOptions,
): { site: string; edge: string } {
  mkdirSync(folder, { recursive: true });
  const paths = { site: join(folder, "site.yaml"), edge: join(folder, `${tankEdge}.yaml`) };
  writeFileSync(paths.site, tankSiteFile());
  writeFileSync(paths.edge, tankEdgeFile(options));
  return paths;
}

export interface TankPlant extends RegisterSlave {
  /** Puts a value, in the tag's unit, where its register is. */
  set(stage: TankTag["stage"], name: string, value: number): void;
  /** What the pump is commanded to. */
  readonly pumpRuns: boolean;
}

/** The whole plant: a slave on a free port that holds what it is told. */
export async function startTankPlant(): Promise<TankPlant> {
  const slave = await serveRegisters({ registers: 6, coils: 1 });
  slave.coils[pumpCoil] = 1;
  const set: TankPlant["set"] = (stage, name, value) => {
    const tag = tankTags.find((one) => one.stage === stage && one.name === name);
    if (tag) slave.registers[tag.register] = Math.round(value * 100);
  };
  for (const { stage, name, max } of tankTags) set(stage, name, max / 2);
  return {
    ...slave,
    get requestCount() {
      return slave.requestCount;
    },
    set,
    get pumpRuns() {
      return slave.coils[pumpCoil] === 1;
    },
  };
}
