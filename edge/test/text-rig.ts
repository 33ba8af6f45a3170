/** One source on a simulated clock, its far end in memory, and all it says of its tags. */
import { elementAt, numberAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { ByteChannelEvents } from "../src/acquisition/byte-channel.ts";
import { createSource } from "../src/acquisition/connection-types.ts";
import type { ReadingSink, Source } from "../src/acquisition/source.ts";
import { type Conditioned, conditionerOf } from "../src/conditioning/condition.ts";
import { applyStatus, statusReason } from "../src/conditioning/device-status.ts";
import { Quality, reason, reasons } from "../src/conditioning/quality.ts";
import type { Configuration } from "../src/configuration/configuration.ts";
import { configurationOf, startMs } from "./control-rig.ts";
import { SynchronousClock } from "./synchronous-clock.ts";

export interface Taken {
  /** Plant time since the start, milliseconds. */
  atMs: number;
  tag: string;
  /** undefined: not good; `why` says so. */
  value: number | undefined;
  why: string;
}

/** The far end of a line, as a test plays it. */
export class FarEnd {
  /** Bytes of the edge, as characters. */
  heard = "";
  isPlugged = true;
  openCount = 0;
  breakCount = 0;
  onCommand: (text: string) => void = () => {};
  #events: ByteChannelEvents | undefined;
  readonly #clock: SynchronousClock;

  constructor(clock: SynchronousClock) {
    this.#clock = clock;
  }

  readonly open = (events: ByteChannelEvents) => {
    let isOpen = true;
    this.#clock.after(0, () => {
      if (!isOpen) return;
      if (!this.isPlugged) {
        isOpen = false;
        events.onClose("no such file or directory");
        return;
      }
      this.openCount++;
      this.#events = events;
      events.onOpen();
    });
    return {
      write: (bytes: Uint8Array) => {
        const text = String.fromCharCode(...bytes);
        this.heard += text;
        this.#clock.after(0, () => this.onCommand(text));
      },
      close: () => {
        isOpen = false;
        if (this.#events === events) this.#events = undefined;
      },
      setBreak: (isOn: boolean) => {
        if (isOn) this.breakCount++;
      },
    };
  };

  /** Bytes to the edge, `afterMs` from now. */
  say(text: string, afterMs = 0): void {
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    if (afterMs === 0) this.#events?.onBytes(bytes);
    else this.#clock.after(afterMs, () => this.#events?.onBytes(bytes));
  }

  /** Pulls the plug. */
  unplug(): void {
    this.isPlugged = false;
    const events = this.#events;
    this.#events = undefined;
    events?.onClose("the serial line was lost");
  }
}

export class TextRig {
  readonly clock = new SynchronousClock(startMs);
  readonly far = new FarEnd(this.clock);
  readonly taken: Taken[] = [];
  readonly links: string[] = [];
  readonly devices: string[] = [];
  readonly configuration: Configuration;
  readonly source: Source;

  constructor(yaml: string) {
    this.configuration = configurationOf(yaml);
    const { devices } = this.configuration;
    this.source = createSource({
      configuration: this.configuration,
      connection: elementAt(this.configuration.connections, 0),
      open: this.far.open,
      clock: this.clock,
      ioClock: this.clock,
      random: seeded(1, "text-rig"),
      sink: this.#sink(),
      goodValueOf: () => Number.NaN,
      analysis: undefined as never,
      report: () => {},
      onLink: (isUp, text) => this.links.push(`${isUp ? "up" : "down"}: ${text}`),
      onDevice: (device, isUp, text) =>
        this.devices.push(`${elementAt(devices, device).id} ${isUp ? "up" : "down"}: ${text}`),
    });
  }

  start(): void {
    this.source.start();
    this.clock.advance(1);
  }

  /** "CL 1.23" for good values, "CL failure: …" for others; forgotten when asked for. */
  said(): string[] {
    return this.taken
      .splice(0)
      .map(({ tag, value, why }) => `${tag} ${value === undefined ? why : value}`);
  }

  /** As the reading path has it, without safety, disk and detection. */
  #sink(): ReadingSink {
    const { tags, devices } = this.configuration;
    const conditioners = tags.map(conditionerOf);
    const states = devices.map(() => reason.good as number);
    const note = (tag: number, slotMs: number, reading: Conditioned) => {
      const isGood = reading.quality === Quality.GOOD;
      this.taken.push({
        atMs: slotMs - startMs,
        tag: elementAt(tags, tag).name,
        value: isGood ? reading.value : undefined,
        why: reasons[reading.reason] ?? "",
      });
    };
    return {
      begin: () => {},
      deviceStatus: (device, word) => {
        states[device] = statusReason(present(elementAt(devices, device).status), word);
      },
      take: (tag, raw, slotMs) => {
        const reading = { value: 0, quality: 0, reason: 0 };
        elementAt(conditioners, tag)(raw, reading);
        const state = numberAt(states, elementAt(tags, tag).device);
        if (state !== reason.good) applyStatus(state, reading);
        note(tag, slotMs, reading);
      },
      miss: (tag, why, slotMs) =>
        note(tag, slotMs, { value: Number.NaN, quality: Quality.BAD, reason: why }),
      end: () => {},
    };
  }
}
