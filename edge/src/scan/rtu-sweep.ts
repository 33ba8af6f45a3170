/**
 * Which units answer on a serial line, quickly: each is asked for one register. Any answer or refusal with a
 * right checksum tells of its sender, also when it is late: it carries the unit's own number.
 */
import { u8 } from "@weir/contracts/elements.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { OpenChannel } from "../acquisition/byte-channel.ts";
import { checkRtuFrame, encodeRtuFrame, rtuFrameSizeMax } from "../acquisition/modbus/rtu-frame.ts";
import { byteMs } from "../acquisition/modbus/rtu-timing.ts";

export interface RtuSweep {
  units: readonly number[];
  /** Wait for each unit, besides the bytes' own time. */
  timeoutMs: number;
  /** For the bytes' own time; undefined behind a device server. */
  baud: number | undefined;
  /** Called now and then with the unit that is asked next. */
  onProgress?: (unit: number) => void;
}

const progressEvery = 32;
/** Bytes of the question and of its answer. */
const exchangeBytes = 8 + 7;
const openWithinMs = 5_000;

export const sweepMs = ({ units, timeoutMs, baud }: Omit<RtuSweep, "onProgress">): number =>
  units.length * (timeoutMs + (baud === undefined ? 0 : exchangeBytes * byteMs(baud)));

export function sweepUnits(
  sweep: RtuSweep,
  ports: { open: OpenChannel; ioClock: Clock },
): Promise<{ ok: true; found: number[]; heardBytes: number } | { ok: false; text: string }> {
  const { units } = sweep;
  const { timeoutMs, baud } = sweep;
  const stepMs = sweepMs({ units: [0], timeoutMs, baud });
  return new Promise((resolve) => {
    const found = new Set<number>();
    let heard = new Uint8Array(0);
    let heardBytes = 0;
    const finish = (failure?: string) => {
      channel.close();
      cancelOpen();
      resolve(
        failure === undefined
          ? { ok: true, found: [...found].sort((a, b) => a - b), heardBytes }
          : { ok: false, text: failure },
      );
    };
    const ask = (index: number) => {
      const unit = units[index];
      if (unit === undefined) return finish();
      if (index > 0 && index % progressEvery === 0) sweep.onProgress?.(unit);
      heard = new Uint8Array(0);
      const bytes = new Uint8Array(rtuFrameSizeMax);
      const request = { fc: 3, unit, address: 0, count: 1 } as const;
      channel.write(bytes.subarray(0, encodeRtuFrame(request, bytes)));
      ports.ioClock.after(stepMs, () => ask(index + 1));
    };
    const channel = ports.open({
      onOpen: () => {
        cancelOpen();
        ask(0);
      },
      onBytes: (chunk) => {
        heardBytes += chunk.length;
        if (heard.length + chunk.length > rtuFrameSizeMax) heard = new Uint8Array(0);
        heard = Uint8Array.from([...heard, ...chunk]);
        const sender = senderIn(heard, units);
        if (sender !== undefined) found.add(sender);
      },
      onClose: finish,
    });
    const cancelOpen = ports.ioClock.after(openWithinMs, () =>
      finish(`did not open within ${openWithinMs} ms`),
    );
  });
}

/** The unit whose whole answer ends `bytes`; what stands before it, an echo or a spike, is left aside. */
function senderIn(bytes: Uint8Array, units: readonly number[]): number | undefined {
  for (let at = 0; at + 5 <= bytes.length; at++) {
    const unit = u8(bytes, at);
    if (!units.includes(unit)) continue;
    const request = { fc: 3, unit, address: 0, count: 1 } as const;
    const check = checkRtuFrame(request, bytes, { at, length: bytes.length - at });
    if (check.at === "answer" || check.at === "exception") return unit;
  }
  return undefined;
}
