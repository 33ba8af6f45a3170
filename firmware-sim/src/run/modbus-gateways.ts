/** The Modbus TCP servers of a live plant. */
import { type ModbusServer, serveModbus } from "../devices/modbus-tcp.node.ts";
import type { LivePlant } from "./live-plant.ts";

export interface ModbusGateways {
  ports: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** `ports`: one for each gateway in the plant's order; 0 = any free one. */
export async function serveGateways(
  live: LivePlant,
  options: { host: string; ports: readonly number[] },
): Promise<ModbusGateways> {
  const servers: ModbusServer[] = [];
  const ports = new Map<string, number>();
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()));
  };
  try {
    for (const [i, gateway] of live.plant.definition.gateways.entries()) {
      const device = live.plant.devices.get(gateway.id);
      if (device === undefined) continue;
      const server = await serveModbus({
        device,
        name: gateway.id,
        host: options.host,
        port: options.ports[i] ?? 0,
        beforeRequest: () => live.catchUp(),
      });
      servers.push(server);
      ports.set(gateway.id, server.port);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { ports, close };
}
