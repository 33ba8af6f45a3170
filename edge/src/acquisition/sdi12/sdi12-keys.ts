/** Keys of SDI-12 buses and of the sensors on them. */
import { text } from "@weir/runtime/setting-kinds.ts";
import { object, optional } from "@weir/runtime/setting-tables.ts";
import { trustKeys } from "../modbus/modbus-keys.ts";
import { commonKeys, type LineDefaults, patienceKeys, serialKeys } from "../transport-keys.ts";

/** SDI-12 v1.4, 4.3: the only one there is. */
export const sdi12Line: LineDefaults = { baud: 1_200, dataBits: 7, parity: "E", stopBits: 1 };

export const sdi12Connection = object(
  {
    ...serialKeys(sdi12Line),
    // A sensor begins to answer within 15 ms; adapters and device servers take their time.
    ...patienceKeys({ timeoutMs: 250, retries: 2 }),
    ...commonKeys,
    ...trustKeys,
  },
  { doc: "A bus of SDI-12 sensors." },
);

export const measureDefault = "M";

export const sdi12DeviceKeys = {
  address: optional(
    text({
      doc: "SDI-12 address, where it is no digit.",
      pattern: /^[0-9a-zA-Z]$/,
      takesNumbers: true,
      form: "a digit or a letter",
      like: '"a"',
    }),
  ),
  measure: optional(
    text({
      default: measureDefault,
      doc: "SDI-12 measurement: M, MC with CRC, C concurrent, M1 to M9 additional, R0 to R9 at once.",
      // SDI-12 v1.4, section 4.4: M, C and R, with a number for additional measurements, with CRC.
      pattern: /^(?:[MC]C?[1-9]?|RC?[0-9])$/,
      takesNumbers: true,
      form: "an SDI-12 measurement",
      like: "M, MC, M1, C, CC or R0",
    }),
  ),
};
