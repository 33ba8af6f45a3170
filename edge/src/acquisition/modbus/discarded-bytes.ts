/** The newest bytes that nobody asked for, kept to find late answers among them. */

/** Two whole frames. */
const keptMax = 512;

export class DiscardedBytes {
  readonly bytes = new Uint8Array(keptMax);
  length = 0;
  /** Ever discarded. */
  count = 0;

  push(chunk: Uint8Array): void {
    this.count += chunk.length;
    const kept = chunk.subarray(Math.max(0, chunk.length - keptMax));
    const overflow = this.length + kept.length - keptMax;
    if (overflow > 0) {
      this.bytes.copyWithin(0, overflow, this.length);
      this.length -= overflow;
    }
    this.bytes.set(kept, this.length);
    this.length += kept.length;
  }

  clear(): void {
    this.length = 0;
  }
}
