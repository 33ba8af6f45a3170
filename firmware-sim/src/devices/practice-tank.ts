/**
 * A tank for whoever has no device at hand: pumped full in three minutes, above the mark at which it should
 * be told, and let out in one. Input registers as a simple transmitter has them: level in millimetres,
 * temperature in tenths of a degree, the pump's power in watts.
 */
import { type Answer, illegalAddress, illegalFunction, type Table } from "./gateway-device.ts";
import type { RegisterDevice } from "./modbus-pdu.ts";

const fillS = 180;
const emptyS = 60;
const lowMm = 1_200;
const highMm = 2_700;

/** `nowS`: seconds since it was switched on. */
export function practiceTank(nowS: () => number): RegisterDevice {
  return {
    read(table: Table, address: number, count: number): Answer {
      if (table !== "input") return { ok: false, exception: illegalFunction };
      const registers = registersAt(nowS());
      if (count < 1 || address + count > registers.length)
        return { ok: false, exception: illegalAddress };
      return { ok: true, values: registers.slice(address, address + count) };
    },
    write: () => ({ ok: false, exception: illegalFunction }),
  };
}

function registersAt(seconds: number): number[] {
  const phase = seconds % (fillS + emptyS);
  const isFilling = phase < fillS;
  const share = isFilling ? phase / fillS : 1 - (phase - fillS) / emptyS;
  const level = Math.round(lowMm + share * (highMm - lowMm));
  const temperature = Math.round(215 + 8 * Math.sin((2 * Math.PI * seconds) / 3_600));
  const power = isFilling ? Math.round(740 + 60 * share) : 0;
  return [level, temperature, power];
}
