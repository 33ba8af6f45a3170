/** Every type of connection a configuration may name: how it is read. */
import type { ConnectionSettings, ConnectionType } from "../configuration/configuration.ts";
import type { OpenChannel } from "./byte-channel.ts";
import { tcpChannel } from "./channel.node-net.ts";
import { serialChannel } from "./channel.serialport.ts";
import { LineSource } from "./line/line-source.ts";
import { createMaster } from "./modbus/create-master.ts";
import { ModbusSource } from "./modbus/modbus-source.ts";
import { MqttSource } from "./mqtt/mqtt-source.ts";
import { withParityMarks } from "./parity-marks.stty.ts";
import { Sdi12Source } from "./sdi12/sdi12-source.ts";
import type { Source, SourceOptions } from "./source.ts";
import { FramesSource } from "./vibration/frames-source.ts";

const modbus = (options: SourceOptions): Source =>
  new ModbusSource(options, (bus) => createMaster(options.connection, bus));

const types: Record<ConnectionType, (options: SourceOptions) => Source> = {
  "modbus-tcp": modbus,
  "modbus-rtu": modbus,
  line: (options) => new LineSource(options),
  sdi12: (options) => new Sdi12Source(options),
  frames: (options) => new FramesSource(options),
  mqtt: (options) => new MqttSource(options),
};

export const createSource = (options: SourceOptions): Source =>
  types[options.connection.type](options);

/** The real channel of `connection`; simulations bring their own. */
export function channelOf({ type, port }: ConnectionSettings): OpenChannel {
  switch (port.kind) {
    case "tcp":
      return tcpChannel(port);
    case "serial": {
      const isChecked = port.parity !== "N" && (type === "line" || type === "sdi12");
      // What Modbus and frames bring has a checksum of its own.
      return isChecked ? withParityMarks(serialChannel(port), port.path) : serialChannel(port);
    }
    case "broker":
      // Its line is the uplink thread's.
      return () => ({ write: () => {}, close: () => {} });
  }
}
