/**
 * Tags that look suspicious are read faster for a while, as far as their bus has room: an alert is worth
 * more with the seconds around it. Suspicion is noted as it comes and acted on once a second, outside
 * the way from a reading to an output.
 */
import { elementAt, f64, u16 } from "@weir/contracts/elements.ts";
import type { Configuration } from "../configuration/configuration.ts";

export interface FastTagsOptions {
  configuration: Configuration;
  /** Of the source of a connection: returns the factor granted. */
  hasten: (connection: number, tags: readonly number[], factor: number) => number;
}

/** A bus that had no room is asked again after so long, plant clock. */
const askAgainMs = 30_000;
/** The usual rate. */
const usual = 1;

export class FastTags {
  readonly #options: FastTagsOptions;
  readonly #connectionOf: Uint16Array;
  readonly #isSuspected: Uint8Array;
  readonly #untilMs: Float64Array;
  readonly #askedMs: Float64Array;
  readonly #granted: Float64Array;
  #hasNews = false;
  #fastCount = 0;

  constructor(options: FastTagsOptions) {
    this.#options = options;
    const { tags, devices } = options.configuration;
    this.#connectionOf = Uint16Array.from(
      tags,
      ({ device }) => elementAt(devices, device).connection,
    );
    this.#isSuspected = new Uint8Array(tags.length);
    this.#untilMs = new Float64Array(tags.length).fill(Number.NEGATIVE_INFINITY);
    this.#askedMs = new Float64Array(tags.length).fill(Number.NEGATIVE_INFINITY);
    this.#granted = new Float64Array(tags.length).fill(usual);
  }

  /** `tag` looks suspicious now. */
  suspect = (tag: number): void => {
    this.#isSuspected[tag] = 1;
    this.#hasNews = true;
  };

  /** Once a second, monotonic plant time. */
  tick(nowMs: number): void {
    if (!this.#hasNews && this.#fastCount === 0) return;
    this.#hasNews = false;
    const { tags } = this.#options.configuration;
    for (let tag = 0; tag < tags.length; tag++) {
      const { boost } = elementAt(tags, tag).detect;
      if (!boost) continue;
      if (this.#isSuspected[tag] === 1) {
        this.#isSuspected[tag] = 0;
        this.#untilMs[tag] = nowMs + boost.forMs;
        if (this.#granted[tag] === usual) this.#hasten(tag, boost.factor, nowMs);
      } else if (f64(this.#granted, tag) > usual && nowMs >= f64(this.#untilMs, tag)) {
        this.#grant(tag, usual);
      }
    }
  }

  /** All tags back to their usual rate. */
  release(): void {
    for (let tag = 0; tag < this.#granted.length; tag++) {
      if (f64(this.#granted, tag) > usual) this.#grant(tag, usual);
    }
  }

  /** Ids of tags that are read faster than configured. */
  ids(): string[] {
    if (this.#fastCount === 0) return [];
    return this.#options.configuration.tags
      .filter(({ index }) => f64(this.#granted, index) > usual)
      .map(({ id }) => id);
  }

  #hasten(tag: number, factor: number, nowMs: number): void {
    if (nowMs - f64(this.#askedMs, tag) < askAgainMs) return;
    this.#askedMs[tag] = nowMs;
    this.#grant(tag, factor);
  }

  #grant(tag: number, factor: number): void {
    const was = f64(this.#granted, tag);
    const granted = this.#options.hasten(u16(this.#connectionOf, tag), [tag], factor);
    const is = factor > usual && granted > usual ? granted : usual;
    this.#granted[tag] = is;
    this.#fastCount += Number(is > usual) - Number(was > usual);
  }
}
