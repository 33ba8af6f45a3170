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

/**
 * Codes by which a unit shows that it has read the question: function, address or value not to its liking.
 * Whatever else a server answers (4, 6, 10, 11) may stand for a unit that is not there.
 */
const ownExceptions: ReadonlySet<number> = new Set([1, 2, 3]);

/**
 * `there`: it has answered by itself. `doubtful`: the exception `code` came, and may be the server's for a
 * unit that it does not have. `silent`: nothing came, or a gateway's own word that nobody is there.
 */
export type Presence = { is: "there" } | { is: "silent" } | { is: "doubtful"; code: number };

export function presenceOf(reply: ModbusReply): Presence {
  if (reply.ok) return { is: "there" };
  if (reply.fault.kind !== "exception") return { is: "silent" };
  const { code } = reply.fault;
  // Gateways answer for units that are not there with exceptions of their own.
  if (code === 10 || code === 11) return { is: "silent" };
  return ownExceptions.has(code) ? { is: "there" } : { is: "doubtful", code };
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
