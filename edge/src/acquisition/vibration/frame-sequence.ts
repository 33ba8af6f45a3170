/** Whether a frame follows the one before it without a gap, by its number and by the sensor's own time. */

const seqCount = 0x1_0000;
const timeSpanUs = 2 ** 32;
const usPerSample = 1_000;
/** The sensor's clock may be so much off the 1 kHz it promises, and its stamps may jitter so much. */
const rateTolerance = 0.02;
const jitterUs = 500;
/** More frames than this were not lost: the sensor has started anew. */
const lostMax = 600;

export type Continuity = "first" | "follows" | "gap";

export class FrameSequence {
  /** Frames that never came, by their numbers. */
  lostFrames = 0;
  /** Breaks in the signal, whatever their cause. */
  gaps = 0;
  #expectedSeq = 0;
  #expectedUs = 0;
  #spanUs = 0;
  #hasFirst = false;

  judge({ seq, tUs, count }: { seq: number; tUs: number; count: number }): Continuity {
    const continuity = this.#continuity(seq, tUs);
    if (continuity === "gap") this.gaps++;
    this.#hasFirst = true;
    this.#expectedSeq = (seq + 1) % seqCount;
    this.#spanUs = count * usPerSample;
    this.#expectedUs = (tUs + this.#spanUs) % timeSpanUs;
    return continuity;
  }

  /** The line was interrupted; the next frame is a first one. */
  reset(): void {
    this.#hasFirst = false;
  }

  #continuity(seq: number, tUs: number): Continuity {
    if (!this.#hasFirst) return "first";
    const lost = (seq - this.#expectedSeq + seqCount) % seqCount;
    if (lost > 0) {
      if (lost <= lostMax) this.lostFrames += lost;
      return "gap";
    }
    // The shorter way round the counter: a stamp may also be a little early.
    const late = ((tUs - this.#expectedUs + 1.5 * timeSpanUs) % timeSpanUs) - timeSpanUs / 2;
    return Math.abs(late) <= this.#spanUs * rateTolerance + jitterUs ? "follows" : "gap";
  }
}
