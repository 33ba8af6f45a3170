/**
 * The long memory of the fog: autoencoders that the cloud has trained look at the last week of hours,
 * once an hour, with or without a cloud. What they see is slow, so it is shown, never alarmed.
 */
import { strict as assert } from "node:assert";
import { f32, u32 } from "@weir/contracts/elements.ts";
import { siteTimeOf } from "@weir/contracts/site-time.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Activation, OfferedModel } from "../downlink/model-host.ts";
import type { HistoryReader } from "../historian/history-reader.ts";
import type { SiteTags } from "../historian/site-tags.ts";
import type { LoadAutoencoder, LoadedAutoencoder } from "./autoencoder.ts";

const hourMs = 3_600_000;
/** An hour's summary is complete this long after its end, plant time. */
const settledAfterMs = 5 * 60_000;
/** Share of the cells of a window that may be filled from the hour before. */
const gapShareMax = 0.1;

export interface WeekVerdict {
  name: string;
  version: number;
  /** Root of error over threshold: 1 is on the line. */
  ratio: number;
  /** End of the window. */
  atMs: number;
}

interface Watched {
  offered: OfferedModel;
  autoencoder: LoadedAutoencoder;
  verdict: WeekVerdict | undefined;
}

export interface WeekWatchOptions {
  reader: HistoryReader;
  tags: SiteTags;
  load: LoadAutoencoder;
  logger: Logger;
}

export class WeekWatch {
  readonly #options: WeekWatchOptions;
  readonly #watched = new Map<string, Watched>();
  #scoredHour = Number.NaN;

  constructor(options: WeekWatchOptions) {
    this.#options = options;
  }

  async activate(offered: OfferedModel): Promise<Activation> {
    const { load, tags } = this.#options;
    const read = await load(offered.stage, offered.payload);
    if (!read.ok) return read;
    const { autoencoder } = read;
    const unknown = autoencoder.channels.filter((id) => !tags.find(id));
    if (unknown.length > 0) {
      await autoencoder.close();
      return { ok: false, reason: `it looks at ${unknown[0]}, which this site does not have` };
    }
    await this.#watched.get(offered.stage)?.autoencoder.close();
    this.#watched.set(offered.stage, { offered, autoencoder, verdict: undefined });
    this.#scoredHour = Number.NaN;
    return { ok: true };
  }

  verdict(stage: string): WeekVerdict | undefined {
    return this.#watched.get(stage)?.verdict;
  }

  /** Called with the end of each closed minute; scores when an hour has become complete. */
  async onMinute(endMs: number): Promise<void> {
    const hour = Math.floor((endMs - settledAfterMs) / hourMs);
    if (hour === this.#scoredHour) return;
    this.#scoredHour = hour;
    for (const watched of this.#watched.values()) {
      try {
        watched.verdict = await this.#score(watched, hour * hourMs);
      } catch (error) {
        this.#options.logger.error("a week was not scored", {
          model: watched.offered.name,
          why: (error as Error).message,
        });
      }
    }
  }

  async close(): Promise<void> {
    for (const { autoencoder } of this.#watched.values()) await autoencoder.close();
    this.#watched.clear();
  }

  /** Undefined while the window has too many gaps. */
  async #score({ offered, autoencoder }: Watched, endMs: number): Promise<WeekVerdict | undefined> {
    const { channels, zone, window, threshold } = autoencoder;
    const time = siteTimeOf(zone);
    const endLocalMs = Math.floor(time.localMs(endMs) / hourMs) * hourMs;
    const startLocalMs = endLocalMs - window * hourMs;
    const startMs = Math.floor(time.instantOf(startLocalMs) / hourMs) * hourMs;
    const values = new Float32Array(window * channels.length).fill(Number.NaN);
    for (const row of this.#options.reader.hours(channels, startMs, endMs)) {
      const hour = Math.floor((time.localMs(row.atMs) - startLocalMs) / hourMs);
      if (hour < 0 || hour >= window) continue;
      for (let c = 0; c < channels.length; c++) {
        if (u32(row.n, c) === 0) continue;
        const at = hour * channels.length + c;
        const mean = f32(row.mean, c);
        // The hour that comes twice in autumn is one row: the mean of both.
        values[at] = Number.isNaN(values[at]) ? mean : (f32(values, at) + mean) / 2;
      }
    }
    if (!fillGaps(values, channels.length)) return undefined;
    const error = await autoencoder.score(values);
    assert(Number.isFinite(error), "the model gives no number for these readings");
    return {
      name: offered.name,
      version: offered.version,
      ratio: Math.sqrt(error / threshold),
      atMs: endMs,
    };
  }
}

/** Carries the hour before forward; false when more than `gapShareMax` of the cells, or a first one, is missing. */
function fillGaps(values: Float32Array, channelCount: number): boolean {
  let gaps = 0;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i])) continue;
    if (i < channelCount) return false;
    gaps += 1;
    values[i] = f32(values, i - channelCount);
  }
  return gaps <= gapShareMax * values.length;
}
