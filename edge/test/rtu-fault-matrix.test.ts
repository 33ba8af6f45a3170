/**
 * The serial half of the fault matrix: what can go wrong on an RS-485 line. For
 * every case and seed: no value of another register is ever taken for good, no write is confirmed that
 * was not done, every call settles by its deadline, and the first good read comes within 250 ms of the
 * end of the fault. Libraries that trust the next frame give the values of other registers as good from
 * the first late reply on.
 */
import { elementAt, u8 } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { type Random, seeded } from "@weir/runtime/random.ts";
import { atWork, seedsOf } from "@weir/testing/seeds.ts";
import { sized } from "@weir/testing/test-size.ts";
import { describe, expect, test } from "vitest";
import type { ModbusReply } from "../src/acquisition/modbus/reply.ts";
import type { ModbusRequest } from "../src/acquisition/modbus/request.ts";
import { crc16 } from "../src/acquisition/modbus/rtu-frame.ts";
import { RtuMaster } from "../src/acquisition/modbus/rtu-master.ts";
import { byteMs } from "../src/acquisition/modbus/rtu-timing.ts";
import { SynchronousClock } from "./synchronous-clock.ts";
import { rtuFrame, VirtualLine } from "./virtual-line.ts";

const timeoutMs = 200;
const baud = 19_200;
/** The nightly run asks for more. */
const seedCount = sized(300, 50_000);
const faultyCount = 12;
const healthyReads = 20;
const giveUpMs = 60_000;
const recoveryMaxMs = 250;
const mendMs = 6_000;
/** What devices do with function 8; a fifth ignores every function it does not know. */
const manners = ["echo", "refuse", "echo", "refuse", "ignore"] as const;

interface Rig {
  line: VirtualLine;
  random: Random;
  clock: SynchronousClock;
  /** The line is whole again. */
  replugged: () => void;
}

/** Prepares a rig; what it returns is done with each of the first requests. */
interface Fault {
  echo?: boolean;
  begin: (rig: Rig) => VirtualLine["behaviour"];
  end?: (rig: Rig) => void;
}

const onAnswer = (
  change: (answer: Uint8Array, random: Random, request: Uint8Array) => Uint8Array,
): Fault => ({
  begin:
    ({ random }) =>
    (request, answer, line) =>
      line.say(change(answer, random, request)),
});

const patched = (answer: Uint8Array, at: number, value: number): Uint8Array => {
  const bytes = Uint8Array.from(answer);
  bytes[at] = value;
  return rtuFrame(bytes.subarray(0, -2));
};

const noise = (random: Random, countMax: number): Uint8Array =>
  Uint8Array.from({ length: 1 + random.integer(countMax) }, () => random.integer(256));

/** A slave, or what stands before it, that answers in turn but late. */
const late = (leastMs: number, spreadMs: number): Fault => ({
  begin: ({ random, clock }) => {
    let freeMs = 0;
    return (_, answer, line) => {
      const nowMs = clock.monotonicMs();
      freeMs = Math.max(freeMs + 4, nowMs + leastMs + random.uniform() * spreadMs);
      line.say(answer, freeMs - nowMs);
      freeMs += answer.length * 0.6;
    };
  },
});

const faults: Record<string, Fault> = {
  silent: { begin: () => () => {} },
  "checksum error": onAnswer((answer, random) => {
    const bytes = Uint8Array.from(answer);
    for (let i = 1 + random.integer(3); i > 0; i--) {
      const at = random.integer(bytes.length);
      bytes[at] = u8(bytes, at) ^ (1 << random.integer(8));
    }
    // Two flips may meet on one bit.
    if (Buffer.from(bytes).equals(answer)) bytes[2] = u8(bytes, 2) ^ 1;
    return bytes;
  }),
  "junk first": onAnswer((answer, random) => Uint8Array.of(...noise(random, 8), ...answer)),
  truncated: onAnswer((answer, random) => answer.subarray(0, random.integer(answer.length))),
  "late reply lands in the next request": late(timeoutMs + 1, 300),
  "every reply later than the time-out and the quarantine": late(2 * timeoutMs, 2 * timeoutMs),
  "late reply after k requests": {
    begin: ({ random }) => {
      let kept: Uint8Array | undefined;
      let left = 0;
      return (_, answer, line) => {
        // Nobody loses an answer while the one before is still to come.
        if (left < -2) kept = undefined;
        if (!kept) {
          kept = answer;
          left = 1 + random.integer(5);
          return;
        }
        line.say(answer);
        left--;
        if (left === 0) line.say(kept, random.uniform() * 40);
      };
    },
  },
  "late reply instead of the next one": {
    begin: ({ random }) => {
      let kept: Uint8Array | undefined;
      return (_, answer, line) => {
        if (kept) line.say(kept, 3 + random.uniform() * 20);
        kept = answer;
      };
    },
  },
  "echo that nobody expects": {
    begin: ({ line }) => {
      line.echoes = true;
      return (_, answer, talk) => talk.say(answer);
    },
    end: ({ line }) => {
      line.echoes = false;
    },
  },
  "echo that does not come": {
    echo: true,
    begin: ({ line }) => {
      line.echoes = false;
      return (_, answer, talk) => talk.say(answer);
    },
    end: ({ line }) => {
      line.echoes = true;
    },
  },
  "echo that is spoilt": {
    echo: true,
    begin: ({ line, random }) => {
      line.echo = (bytes) => {
        const copy = Uint8Array.from(bytes);
        const at = random.integer(copy.length);
        copy[at] = u8(copy, at) ^ (1 << random.integer(8));
        return copy;
      };
      return (_, answer, talk) => talk.say(answer);
    },
    end: ({ line }) => {
      line.echo = (bytes) => bytes;
    },
  },
  "wrong unit": onAnswer((answer, random) =>
    patched(answer, 0, u8(answer, 0) ^ (1 + random.integer(255))),
  ),
  "wrong function": onAnswer((answer, random) =>
    patched(answer, 1, u8(answer, 1) ^ (1 + random.integer(127))),
  ),
  "byte by byte, within 1.5 characters": {
    begin: () => (_, answer, line) => line.say(answer, 5, { chunkBytes: 1, pauseMs: 0.5 }),
  },
  "byte by byte, beyond 1.5 characters": {
    begin: () => (_, answer, line) => line.say(answer, 5, { chunkBytes: 1, pauseMs: 4 }),
  },
  "duplicate reply": {
    begin:
      ({ random }) =>
      (_, answer, line) => {
        line.say(answer);
        line.say(answer, 5 + answer.length * 0.58 + random.uniform() * 30);
      },
  },
  "one register too many": onAnswer((answer) => {
    const bytes = Uint8Array.of(...answer.subarray(0, -2), 0x1e, 0x61);
    bytes[2] = u8(bytes, 2) + 2;
    return rtuFrame(bytes);
  }),
  "two slaves at once": onAnswer((answer, random) => {
    const other = Uint8Array.from(answer);
    for (let i = 3; i < other.length - 2; i++) other[i] = random.integer(256);
    const second = rtuFrame(other.subarray(0, -2));
    // A dominant level wins on the wire.
    const both = answer.map((byte, i) => byte & u8(second, i));
    // One in 65 536 has a right checksum by chance: that nobody can tell.
    if (crc16(both, 0, both.length) === 0) both[both.length - 1] = u8(both, both.length - 1) ^ 1;
    return both;
  }),
  "noise between requests": {
    begin:
      ({ random }) =>
      (_, answer, talk) => {
        talk.say(answer);
        talk.say(noise(random, 6), 20 + random.uniform() * 30);
      },
  },
  unplugged: {
    begin: ({ line, clock, random, replugged }) => {
      clock.after(random.uniform() * 20, () => line.unplug());
      clock.after(30 + random.uniform() * 2_000, () => {
        line.isPlugged = true;
        replugged();
      });
      return (_, answer, talk) => talk.say(answer);
    },
  },
  "refused with exception 2": onAnswer((answer) =>
    rtuFrame(Uint8Array.of(u8(answer, 0), u8(answer, 1) | 0x80, 2)),
  ),
};

test("the matrix has at least its eleven cases", () => {
  expect(Object.keys(faults).length).toBeGreaterThanOrEqual(11);
});

const valueAt = (address: number): number => 1_000 + address;
/** From here on registers are written. */
const writtenFrom = 1_500;

class Run {
  readonly clock = new SynchronousClock();
  readonly line: VirtualLine;
  readonly random: Random;
  readonly fault: Fault;
  wrong = 0;
  good = 0;
  latestSettleMs = 0;
  unsettled = 0;
  recoveryMs = -1;
  #faultyLeft = faultyCount;
  #healthy = 0;
  #faultEndMs = 0;
  /** The request in flight met the fault. */
  #isHit = false;
  #isEnding = false;
  #written = 0;
  readonly #isOneShape: boolean;
  readonly #master: RtuMaster;

  constructor(name: string, seed: number, isNetworked: boolean) {
    this.random = seeded(seed, name);
    this.fault = present(faults[name]);
    this.line = new VirtualLine(this.clock, { baud, random: this.random });
    const { slave } = this.line;
    for (let i = 0; i < writtenFrom; i++) slave.holding[i] = valueAt(i);
    this.line.latencyMs = 2 + this.random.uniform() * 8;
    this.line.echoes = this.fault.echo === true;
    this.line.diagnostics = elementAt(manners, seed % manners.length);
    this.#isOneShape = seed % 2 === 0;
    this.#master = new RtuMaster({
      open: this.line.open,
      ioClock: this.clock,
      timeoutMs,
      random: this.random,
      baud,
      echo: this.fault.echo === true,
      turnaroundMs: 20,
      quarantineMs: 120,
      resync: true,
      gapMs: 0,
      pauseAfterConnectMs: 0,
      isNetworked,
      onUp: () => this.#next(),
      onReady: () => this.#next(),
      onDown: () => {},
    });
  }

  go(): this {
    const { clock, line, random } = this;
    this.#master.start();
    clock.advance(1_000);
    const replugged = () => {
      this.#faultyLeft = 0;
      this.#extend(clock.monotonicMs());
    };
    const rig = { line, random, clock, replugged };
    const faulty = this.fault.begin(rig);
    line.behaviour = (request, answer, talk) => {
      if (this.#faultyLeft <= 0) return talk.say(answer);
      this.#faultyLeft--;
      this.#isHit = true;
      this.#extend(clock.monotonicMs());
      faulty?.(request, answer, {
        say: (bytes, afterMs = line.latencyMs, pace) => {
          talk.say(bytes, afterMs, pace);
          const pausesMs = pace ? (bytes.length / pace.chunkBytes) * pace.pauseMs : 0;
          this.#extend(clock.monotonicMs() + afterMs + bytes.length * byteMs(baud) + pausesMs);
        },
      });
      if (this.#faultyLeft === 0) this.fault.end?.(rig);
    };
    while (this.#healthy < healthyReads && clock.monotonicMs() < giveUpMs) {
      clock.advance(20);
      // A line on which no request is heard any more is mended after a while.
      if (clock.monotonicMs() > mendMs && this.#faultyLeft > 0) {
        this.#faultyLeft = 0;
        this.fault.end?.(rig);
        this.#extend(clock.monotonicMs());
      }
    }
    this.#isEnding = true;
    clock.advance(2 * timeoutMs);
    this.#master.stop();
    return this;
  }

  /** The fault lasts until then at least: its last byte, the end of the last request it hit. */
  #extend(atMs: number): void {
    this.#faultEndMs = Math.max(this.#faultEndMs, atMs);
  }

  #next(): void {
    if (!this.#master.isUp || this.#master.isBusy || this.#isEnding) return;
    const request = this.#request();
    const sentMs = this.clock.monotonicMs();
    this.unsettled++;
    this.#isHit = !this.line.isPlugged;
    this.#master.send(request, (reply) => {
      this.unsettled--;
      const nowMs = this.clock.monotonicMs();
      this.latestSettleMs = Math.max(this.latestSettleMs, nowMs - sentMs);
      if (reply.ok) this.#check(request, reply);
      // Bytes of the fault may spoil a request that is still going out.
      if (this.#isHit || sentMs < this.#faultEndMs) this.#extend(nowMs);
      if (this.#faultyLeft > 0 || sentMs < this.#faultEndMs || !reply.ok) return;
      this.#healthy++;
      if (this.recoveryMs < 0) this.recoveryMs = nowMs - this.#faultEndMs;
    });
  }

  #request(): ModbusRequest {
    if (this.random.integer(5) === 0) {
      const address = writtenFrom + this.random.integer(100);
      this.#written = (this.#written + 1) & 0xffff;
      return { fc: 6, unit: 1, address, value: this.#written };
    }
    const count = this.#isOneShape ? 1 : 1 + this.random.integer(4);
    return { fc: 3, unit: 1, address: this.random.integer(writtenFrom - 4), count };
  }

  #check(request: ModbusRequest, reply: ModbusReply & { ok: true }): void {
    this.good++;
    if (request.fc === 6) {
      if (this.line.slave.holding[request.address] !== request.value) this.wrong++;
      return;
    }
    if (request.fc !== 3) return;
    for (let i = 0; i < request.count; i++) {
      const at = reply.dataAt + 2 * i;
      const value = (u8(reply.bytes, at) << 8) | u8(reply.bytes, at + 1);
      if (value !== valueAt(request.address + i)) this.wrong++;
    }
  }
}

describe.each(Object.keys(faults))("a line: %s", (name) => {
  test(`never gives a wrong value, never hangs, recovers (${seedCount} seeds)`, () => {
    for (const seed of atWork(seedsOf(seedCount))) {
      const run = new Run(name, seed, seed % 10 === 9 && name !== "unplugged").go();
      const what = `seed ${seed}`;
      expect(run.wrong, what).toBe(0);
      expect(run.latestSettleMs, what).toBeLessThanOrEqual(timeoutMs + 20);
      expect(run.unsettled, what).toBe(0);
      expect(run.good, what).toBeGreaterThanOrEqual(healthyReads);
      expect(run.recoveryMs, what).toBeGreaterThanOrEqual(0);
      expect(run.recoveryMs, what).toBeLessThanOrEqual(recoveryMaxMs);
      expect(run.line.shortestGapMs, what).toBeGreaterThanOrEqual(run.line.gapMs - 1e-6);
    }
  });
});
