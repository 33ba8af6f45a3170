/** Every type of connection a configuration may name: its protocol, and the channel it runs on. */
import type { ConnectionSettings } from "../configuration/configuration.ts";
import type { BusMaster, BusMasterOptions } from "./bus-master.ts";
import type { OpenChannel } from "./byte-channel.ts";
import { tcpChannel } from "./channel.node-net.ts";
import { TcpMaster } from "./modbus/tcp-master.ts";

interface ConnectionType {
  master: (options: BusMasterOptions) => BusMaster;
  /** A real channel; simulations bring their own. */
  channel: (connection: ConnectionSettings) => OpenChannel;
}

export const connectionTypes: Record<ConnectionSettings["type"], ConnectionType> = {
  "modbus-tcp": {
    master: (options) => new TcpMaster(options),
    channel: ({ host, port }) => tcpChannel({ host, port }),
  },
};

/** The real channel of `connection`. */
export const channelOf = (connection: ConnectionSettings): OpenChannel =>
  connectionTypes[connection.type].channel(connection);
