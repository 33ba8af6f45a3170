/** The running commentary: what happened and why, in words for somebody who sees the plant for the first time. */
import type { StoryLine } from "@weir/contracts/api/fog.ts";

const linesMax = 80;

export class Story {
  #lines: StoryLine[] = [];
  readonly #onLine: (line: StoryLine) => void;

  constructor(onLine: (line: StoryLine) => void = () => {}) {
    this.#onLine = onLine;
  }

  tell(line: StoryLine): void {
    this.#lines = [line, ...this.#lines].sort((a, b) => b.atMs - a.atMs).slice(0, linesMax);
    this.#onLine(line);
  }

  /** Newest first. */
  get lines(): readonly StoryLine[] {
    return this.#lines;
  }
}
