/** Share of an SDI-12 bus's time that its sensors' periods need, 0…1 and above. */
import { characterMs } from "./sdi12-master.ts";

/** Break, command, marking, an answer of twenty characters; twice: start and fetch. Waits come on top. */
const measurementMs = 2 * (25 + (5 + 20) * characterMs + 15);

export const busShare = (sensors: readonly { periodMs: number }[]): number =>
  sensors.reduce((share, { periodMs }) => share + measurementMs / periodMs, 0);
