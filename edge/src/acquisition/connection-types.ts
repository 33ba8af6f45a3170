/** Every type of connection a configuration may name: how it is read. */
import type { ConnectionSettings, ConnectionType } from "../configuration/configuration.ts";
import type { OpenChannel } from "./byte-channel.ts";
import { tcpChannel } from "./channel.node-net.ts";
import { ModbusSource } from "./modbus/modbus-source.ts";
import { TcpMaster } from "./modbus/tcp-master.ts";
import type { Source, SourceOptions } from "./source.ts";

const types: Record<ConnectionType, (options: SourceOptions) => Source> = {
  "modbus-tcp": (options) => new ModbusSource(options, (bus) => new TcpMaster(bus)),
};

export const createSource = (options: SourceOptions): Source =>
  types[options.connection.type](options);

/** The real channel of `connection`; simulations bring their own. */
export function channelOf({ port }: ConnectionSettings): OpenChannel {
  switch (port.kind) {
    case "tcp":
      return tcpChannel(port);
  }
}
