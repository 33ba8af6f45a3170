/**
 * A line to a broker that opens when the one before it is closed. A broker knows a client by its id alone:
 * of two lines of one id the newer throws the older out, which comes back and throws the newer out, for ever.
 */
import type { BrokerEvents, BrokerLine, BrokerMessage } from "./broker-line.ts";

export class SucceedingLine implements BrokerLine {
  readonly #line: BrokerLine;
  #before: Promise<void> | undefined;
  #isClosed = false;

  /** `before`: resolves when the line before this one is closed; undefined: there is none. */
  constructor(line: BrokerLine, before: Promise<void> | undefined) {
    this.#line = line;
    this.#before = before;
  }

  open(events: BrokerEvents): void {
    if (!this.#before) {
      this.#line.open(events);
      return;
    }
    void this.#before.then(() => {
      this.#before = undefined;
      if (!this.#isClosed) this.#line.open(events);
    });
  }

  subscribe(topics: readonly string[]): void {
    this.#line.subscribe(topics);
  }

  publish(message: BrokerMessage): void {
    this.#line.publish(message);
  }

  redial(farewell: BrokerMessage): void {
    this.#line.redial(farewell);
  }

  async close(farewell?: BrokerMessage): Promise<void> {
    this.#isClosed = true;
    await this.#before;
    await this.#line.close(farewell);
  }
}
