/** The lines of one device: what they say of its tags, and how long they may stay away. */
import { elementAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import type { Missing } from "../../conditioning/missing.ts";
import { reason } from "../../conditioning/quality.ts";
import type {
  Configuration,
  DeviceSettings,
  TagSettings,
} from "../../configuration/configuration.ts";
import { ReadingPace } from "../reading-pace.ts";
import type { ReadingSink } from "../source.ts";
import { type LineReader, lineReaderOf } from "./line-reader.ts";
import { parseDecimal } from "./parse-decimal.ts";

/** Damaged lines in a row until the device's tags are bad; one is nothing unusual on a long cable. */
export const damagedMax = 3;
/** Periods of the fastest tag without a line until the device counts as silent. */
const silentPeriods = 3;
const silentMsMin = 2_000;

/** Characters of a field that are shown. */
const shownMax = 24;

const shown = (text: string): Missing => ({
  text: `"${text.trim().slice(0, shownMax)}"`,
  remedy: "",
});

export interface DeviceLinesOptions {
  configuration: Configuration;
  device: DeviceSettings;
  sink: ReadingSink;
  onDevice: (isUp: boolean, text: string) => void;
  /** Monotonic, plant clock. */
  nowMs: number;
}

export class DeviceLines {
  readonly index: number;
  /** Every line of the connection is expected to be this device's. */
  readonly readsEveryLine: boolean;
  readonly #options: DeviceLinesOptions;
  readonly #tags: readonly TagSettings[];
  readonly #read: LineReader;
  readonly #pace: ReadingPace;
  readonly #hasStatus: boolean;
  readonly #silentAfterMs: number;
  #heardMs: number;
  #damagedInRow = 0;
  #isDown = false;

  constructor(options: DeviceLinesOptions) {
    this.#options = options;
    const { configuration, device } = options;
    const layout = present(device.line);
    const status = device.status?.field;
    this.index = device.index;
    this.readsEveryLine = layout.match === undefined;
    this.#tags = configuration.tags.filter((tag) => tag.device === device.index);
    const fields = this.#tags.map((tag) => present(tag.field));
    this.#hasStatus = status !== undefined;
    this.#read = lineReaderOf(layout, status === undefined ? fields : [...fields, status]);
    const periodsMs = this.#tags.map((tag) => tag.periodMs);
    this.#pace = new ReadingPace(periodsMs);
    this.#silentAfterMs = Math.max(silentMsMin, silentPeriods * Math.min(...periodsMs));
    this.#heardMs = options.nowMs;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /**
   * Takes a line that is whole. `isAsked`: it answers a poll, so that every value counts; of lines that come
   * by themselves one is taken in each of a tag's periods.
   */
  take(
    line: string,
    at: { nowMs: number; slotMs: number; isAsked: boolean },
  ): "taken" | "damaged" | "other" {
    const reading = this.#read(line);
    if (reading.is === "other") return "other";
    if (reading.is === "damaged") {
      this.damaged(reading.text, at);
      return "damaged";
    }
    this.#heardMs = at.nowMs;
    this.#damagedInRow = 0;
    this.#setDown(false, "is heard again");
    const { sink } = this.#options;
    const { texts } = reading;
    const isKnown = !this.#hasStatus || this.#takeStatus(texts.at(-1));
    for (let i = 0; i < this.#tags.length; i++) {
      const text = texts[i];
      // A device may print each of its values in a line of its own.
      if (text === undefined || !this.#isDue(i, at)) continue;
      const { index } = elementAt(this.#tags, i);
      const value = parseDecimal(text, present(this.#options.device.line).decimal);
      if (value === undefined) sink.miss(index, reason.noNumber, at.slotMs, shown(text));
      else if (!isKnown) {
        sink.miss(index, reason.unknownCode, at.slotMs, shown(texts.at(-1) ?? ""));
      } else sink.take(index, value, at.slotMs);
    }
    return "taken";
  }

  /** A line that may have been this device's cannot be believed. */
  damaged(text: string, at: { nowMs: number; slotMs: number; isAsked: boolean }): void {
    this.#damagedInRow++;
    if (this.#damagedInRow < damagedMax) return;
    this.#setDown(true, `${this.#damagedInRow} damaged lines in a row: ${text}`);
    for (let i = 0; i < this.#tags.length; i++) {
      if (this.#isDue(i, at)) {
        const missing = { text, remedy: "check wiring, shielding and the line's settings" };
        this.#options.sink.miss(elementAt(this.#tags, i).index, reason.damaged, at.slotMs, missing);
      }
    }
  }

  /** To be called about once a second. */
  watch(nowMs: number): void {
    const silentMs = nowMs - this.#heardMs;
    if (silentMs < this.#silentAfterMs) return;
    this.#setDown(true, `no line for ${Math.round(silentMs / 1_000)} s`);
  }

  /** False when the word is none that the configuration explains: then nothing of this line is sure. */
  #takeStatus(text: string | undefined): boolean {
    if (text === undefined) return true;
    const { device, sink } = this.#options;
    const { words } = present(device.status);
    const word = words ? words.get(text.trim()) : parseDecimal(text);
    if (word === undefined) return false;
    sink.deviceStatus(device.index, word);
    return true;
  }

  #isDue(i: number, { nowMs, isAsked }: { nowMs: number; isAsked: boolean }): boolean {
    return this.#pace.take(i, nowMs) || isAsked;
  }

  #setDown(isDown: boolean, text: string): void {
    if (this.#isDown === isDown) return;
    this.#isDown = isDown;
    this.#options.onDevice(!isDown, text);
  }
}
