/**
 * Serial lines stay open while another configuration takes over: a port that was just closed cannot be
 * locked again at once, and a line that goes away for a moment is an alarm for nothing.
 */
import type { Clock } from "@weir/runtime/clock.ts";
import { type ConnectionSettings, portText } from "../configuration/configuration.ts";
import type { ByteChannel, ByteChannelEvents, OpenChannel } from "./byte-channel.ts";

export type ChannelFor = (connection: ConnectionSettings) => OpenChannel;

export class ParkedChannels {
  readonly #channelFor: ChannelFor;
  readonly #ioClock: Clock;
  readonly #parked = new Map<string, Line>();
  #isExchanging = false;

  constructor(channelFor: ChannelFor, ioClock: Clock) {
    this.#channelFor = channelFor;
    this.#ioClock = ioClock;
  }

  /** As `channelFor`, but what `exchange` closes and opens again with the same settings stays open. */
  readonly channelFor: ChannelFor = (connection) => {
    const open = this.#channelFor(connection);
    if (connection.port.kind !== "serial") return open;
    const key = portText(connection.port);
    return (events) => {
      const parked = this.#parked.get(key);
      this.#parked.delete(key);
      if (parked) return parked.adopt(events, this.#ioClock);
      return new Line(open, (line) => this.#park(key, line)).begin(events);
    };
  };

  /** `work` ends the users of the lines and begins new ones; lines that nobody took over are closed. */
  exchange(work: () => void): void {
    this.#isExchanging = true;
    try {
      work();
    } finally {
      this.#isExchanging = false;
      for (const line of this.#parked.values()) line.end();
      this.#parked.clear();
    }
  }

  /** False: close it. */
  #park(key: string, line: Line): boolean {
    if (this.#isExchanging) this.#parked.set(key, line);
    return this.#isExchanging;
  }
}

class Line {
  readonly #open: OpenChannel;
  readonly #park: (line: Line) => boolean;
  #channel: ByteChannel | undefined;
  /** Of the one user there is. */
  #events: ByteChannelEvents | undefined;
  #isOpen = false;

  constructor(open: OpenChannel, park: (line: Line) => boolean) {
    this.#open = open;
    this.#park = park;
  }

  begin(events: ByteChannelEvents): ByteChannel {
    this.#events = events;
    this.#channel = this.#open({
      onOpen: () => {
        this.#isOpen = true;
        this.#events?.onOpen();
      },
      onBytes: (chunk) => this.#events?.onBytes(chunk),
      onClose: (reason) => {
        this.#isOpen = false;
        this.#events?.onClose(reason);
      },
    });
    return this.#handleOf(events);
  }

  adopt(events: ByteChannelEvents, ioClock: Clock): ByteChannel {
    this.#events = events;
    // As a channel that has just opened: never within the call.
    ioClock.after(0, () => {
      if (this.#events === events && this.#isOpen) events.onOpen();
    });
    return this.#handleOf(events);
  }

  end(): void {
    this.#events = undefined;
    this.#isOpen = false;
    this.#channel?.close();
  }

  #handleOf(events: ByteChannelEvents): ByteChannel {
    const isUsed = () => this.#events === events;
    return {
      write: (bytes) => {
        if (isUsed()) this.#channel?.write(bytes);
      },
      close: () => {
        if (!isUsed()) return;
        this.#events = undefined;
        if (!this.#isOpen || !this.#park(this)) this.end();
      },
      setBreak: (isOn) => {
        if (isUsed()) this.#channel?.setBreak?.(isOn);
      },
    };
  }
}
