/** Rows and parts of rows that instrument tables of several plants share. */
import type { Instrument } from "./instrument.ts";

/** A transmitter on 4–20 mA whose noise does not grow with the reading, and whose cell needs no sample line. */
export const loopTransmitter = { noiseRelative: 0, sampleLineS: 0, currentLoop: true } as const;

/** The velocity of a machine's casing, summarised by its controller. */
export const vibrationTransmitter = {
  ...loopTransmitter,
  kind: "vibration",
  unit: "mm/s",
  min: 0,
  max: 25,
  resolution: 0.001,
  t90S: 1,
  noise: 0.02,
  intScale: 0.001,
} as const satisfies Instrument;
