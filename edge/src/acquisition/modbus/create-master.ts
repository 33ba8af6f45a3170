/** The Modbus client that a connection's settings call for. */
import { strict as assert } from "node:assert";
import type { ConnectionSettings } from "../../configuration/configuration.ts";
import type { BusMaster, BusMasterOptions } from "../bus-master.ts";
import { RtuMaster } from "./rtu-master.ts";
import { TcpMaster } from "./tcp-master.ts";

export function createMaster(connection: ConnectionSettings, bus: BusMasterOptions): BusMaster {
  const { type, rtu, port, gapMs, pauseAfterConnectMs } = connection;
  if (type === "modbus-tcp") return new TcpMaster(bus);
  assert(rtu, `${type} has no registers`);
  const isNetworked = port.kind === "tcp";
  return new RtuMaster({ ...bus, ...rtu, gapMs, pauseAfterConnectMs, isNetworked });
}
