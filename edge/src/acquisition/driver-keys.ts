/** What each driver adds to the configuration: keys of its connections and of the devices on them. */
import type { SettingRows } from "@weir/runtime/settings.ts";
import type { ConnectionType } from "../configuration/configuration.ts";
import { lineConnection, lineDeviceKeys } from "./line/line-keys.ts";
import { changedModbusRtu, changedModbusTcp, modbusRtu, modbusTcp } from "./modbus/modbus-keys.ts";
import { mqttConnection, mqttDeviceKeys } from "./mqtt/mqtt-keys.ts";
import { sdi12Connection, sdi12DeviceKeys } from "./sdi12/sdi12-keys.ts";
import { framesConnection, framesDeviceKeys } from "./vibration/frames-keys.ts";

export const connectionKeys = {
  "modbus-tcp": modbusTcp,
  "modbus-rtu": modbusRtu,
  frames: framesConnection,
  mqtt: mqttConnection,
  line: lineConnection,
  sdi12: sdi12Connection,
} satisfies Record<ConnectionType, unknown>;

/** What may be changed of a connection from above. */
export const changedConnectionKeys = {
  ...connectionKeys,
  "modbus-tcp": changedModbusTcp,
  "modbus-rtu": changedModbusRtu,
};

/** Keys of devices that mean something on connections of some types only. */
export const deviceKeys = {
  ...mqttDeviceKeys,
  ...lineDeviceKeys,
  ...sdi12DeviceKeys,
  ...framesDeviceKeys,
};

const deviceKeysOf: Partial<Record<ConnectionType, SettingRows>> = {
  mqtt: mqttDeviceKeys,
  line: lineDeviceKeys,
  sdi12: sdi12DeviceKeys,
  frames: framesDeviceKeys,
};

/** Types of connections on whose devices `key` means something. */
export function typesWith(key: keyof typeof deviceKeys): string[] {
  return Object.entries(deviceKeysOf).flatMap(([type, keys]) =>
    Object.hasOwn(keys, key) ? [type] : [],
  );
}
