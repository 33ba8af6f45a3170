/** The serial line of one simulated vibration sensor, without a port: its own frames, ten a second. */
import type { OpenChannel } from "@weir/edge/acquisition/byte-channel.ts";
import type { VibrationMachine } from "@weir/firmware-sim/devices/vibration-machine.ts";
import { type Cancel, type Clock, every } from "@weir/runtime/clock.ts";

const tickMs = 100;

/** A sensor speaks whether or not anybody has the line open; who opens it hears it from then on. */
export const sensorLine =
  (machine: VibrationMachine, ioClock: Clock): OpenChannel =>
  (events) => {
    let cancel: Cancel = ioClock.after(1, () => {
      events.onOpen();
      machine.frames(ioClock.monotonicMs());
      cancel = every(ioClock, tickMs, () => {
        for (const frame of machine.frames(ioClock.monotonicMs())) events.onBytes(frame);
      });
    });
    return { write: () => {}, close: () => cancel() };
  };
