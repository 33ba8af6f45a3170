/** What a Modbus unit says of itself, and the first registers it has. */
import { readIdentification, readServerId } from "../acquisition/modbus/device-identification.ts";
import type { ModbusReply } from "../acquisition/modbus/reply.ts";
import { get16, type ModbusRequest } from "../acquisition/modbus/request.ts";
import type { Table } from "../configuration/configuration.ts";

export interface UnitDescription {
  unit: number;
  /** Vendor, product code and revision (function 43/14), or the text of function 17; empty without either. */
  identity: string;
  registers: { table: Table; address: number; words: number[] }[];
}

type Ask = (request: ModbusRequest) => Promise<ModbusReply>;

/** Where devices usually begin; several registers first, one where that is refused. */
const places = [
  { address: 0, count: 8 },
  { address: 0, count: 1 },
  { address: 1, count: 1 },
  { address: 100, count: 1 },
  { address: 1_000, count: 1 },
] as const;
const registerTables = [
  { fc: 3, table: "holding" },
  { fc: 4, table: "input" },
] as const;

export async function describeUnit(ask: Ask, unit: number): Promise<UnitDescription> {
  const registers: UnitDescription["registers"] = [];
  for (const { fc, table } of registerTables) {
    const found = await firstRegisters(ask, { unit, fc });
    if (found) registers.push({ table, ...found });
  }
  return { unit, identity: await identityOf(ask, unit), registers };
}

async function firstRegisters(
  ask: Ask,
  { unit, fc }: { unit: number; fc: 3 | 4 },
): Promise<{ address: number; words: number[] } | undefined> {
  for (const { address, count } of places) {
    const reply = await ask({ fc, unit, address, count });
    if (reply.ok) {
      const words = Array.from({ length: count }, (_, i) =>
        get16(reply.bytes, reply.dataAt + 2 * i),
      );
      return { address, words };
    }
    // Illegal function: the table is not there at all. Silence: the next question is not better.
    if (reply.fault.kind !== "exception" || reply.fault.code === 1) return undefined;
  }
  return undefined;
}

async function identityOf(ask: Ask, unit: number): Promise<string> {
  const byCallback = (request: ModbusRequest, settle: (reply: ModbusReply) => void) =>
    void ask(request).then(settle);
  const own = await new Promise<string>((resolve) =>
    readIdentification(byCallback, { unit, level: 1 }, (result) =>
      resolve(result.ok ? [...result.objects.values()].map((t) => t.trim()).join(" ") : ""),
    ),
  );
  if (own !== "") return own;
  return new Promise((resolve) =>
    readServerId(byCallback, unit, (result) => resolve(result.ok ? result.text : "")),
  );
}
