/**
 * stdout or stderr as it is once a process has run for weeks: its reader may have died or stand still, its
 * disk be full, its terminal be closed. Lines that cannot be written are counted and never awaited.
 */

/** Characters that may wait for a reader that stands still; lines beyond them are left out. */
export const unreadMax = 1024 * 1024;

/** The little of a stream that is used, so that a test can stand in for a reader. */
export interface OutputStream {
  readonly writableLength: number;
  write(text: string, done: (error?: Error | null) => void): unknown;
}

export class StandardOutput {
  readonly #stream: OutputStream;
  #lost = 0;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  /** One line; the line end is added. */
  write(line: string): void {
    if (this.#stream.writableLength > unreadMax) {
      this.#lost += 1;
      return;
    }
    // Nobody takes a log with a hole for a whole one.
    const owed = this.#lost;
    this.#lost = 0;
    const note = owed > 0 ? `weir: ${owed} lines could not be written here\n` : "";
    this.#stream.write(`${note}${line}\n`, (error) => {
      if (error) this.#lost += owed + 1;
    });
  }
}
