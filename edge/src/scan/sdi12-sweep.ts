/** Which sensors are on an SDI-12 bus, who they are and what they measure now. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { OpenChannel } from "../acquisition/byte-channel.ts";
import { KeptChannel } from "../acquisition/kept-channel.ts";
import { type Measured, startMeasurement } from "../acquisition/sdi12/measurement.ts";
import {
  type Answer,
  parseIdentity,
  type Sdi12Identity,
} from "../acquisition/sdi12/sdi12-answer.ts";
import { Sdi12Master, triesMax } from "../acquisition/sdi12/sdi12-master.ts";

export interface Sdi12Found {
  address: string;
  identity: Sdi12Identity | undefined;
  measured: Measured;
}

/** Break, question, silence and rest of one try that nobody answers, besides the wait for it. */
const tryMs = 170;

export const sdi12SweepMs = (addresses: readonly string[], firstByteMs: number): number =>
  (addresses.length + 1) * triesMax * (tryMs + firstByteMs);

export async function sweepAddresses(
  sweep: {
    addresses: readonly string[];
    firstByteMs: number;
    onFound: (found: Sdi12Found) => void;
  },
  ports: { open: OpenChannel; ioClock: Clock },
): Promise<{ ok: true; count: number } | { ok: false; text: string }> {
  const bus = await openBus(sweep.firstByteMs, ports);
  if (!bus.ok) return bus;
  const { master, close } = bus;
  const ask = (address: string, command: string) =>
    new Promise<Answer>((resolve) => master.ask({ address, command, hasCrc: false }, resolve));
  let count = 0;
  for (const address of await withOnlyOne(ask, sweep.addresses)) {
    const here = await ask(address, "!");
    if (!here.ok) continue;
    count++;
    const identity = await ask(address, "I!");
    sweep.onFound({
      address,
      identity: identity.ok ? parseIdentity(identity.body) : undefined,
      measured: await measure(master, address),
    });
  }
  close();
  return { ok: true, count };
}

/** A sensor that is alone says its address, whatever it is; several at once give no answer that is one. */
async function withOnlyOne(
  ask: (address: string, command: string) => Promise<Answer>,
  addresses: readonly string[],
): Promise<string[]> {
  const answer = await ask("?", "!");
  const only = answer.ok ? answer.from : undefined;
  return [...new Set([...(only === undefined ? [] : [only]), ...addresses])];
}

const measure = (master: Sdi12Master, address: string): Promise<Measured> =>
  new Promise((resolve) =>
    startMeasurement(master, { address, measure: "M" }, (started) => {
      if (started.is === "done") resolve(started.measured);
    }),
  );

function openBus(
  firstByteMs: number,
  ports: { open: OpenChannel; ioClock: Clock },
): Promise<{ ok: true; master: Sdi12Master; close: () => void } | { ok: false; text: string }> {
  return new Promise((resolve) => {
    const channel = new KeptChannel({
      ...ports,
      onUp: () => resolve({ ok: true, master, close: () => channel.stop() }),
      onDown: (text) => {
        channel.stop();
        master.abort(text);
        resolve({ ok: false, text });
      },
      onBytes: (bytes) => master.receive(bytes),
    });
    const master = new Sdi12Master(channel, ports.ioClock, { firstByteMs });
    channel.start();
  });
}
