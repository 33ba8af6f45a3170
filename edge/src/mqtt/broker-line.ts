/**
 * A line to a broker of the site, as what speaks MQTT beside the fog's uplink needs it: it comes back by
 * itself, and nothing is queued in it. Adapter: broker-line.mqtt-js.ts.
 */

export interface BrokerMessage {
  topic: string;
  bytes: Uint8Array;
  /** The broker kept it from before we asked; how old it is, nobody knows. Only of what comes. */
  isRetained?: boolean;
}

export interface BrokerEvents {
  /** Asked before each attempt; published by the broker when it loses us without a farewell. */
  will?: () => BrokerMessage;
  onUp: () => void;
  /** Once for each loss or failed attempt. */
  onDown: (reason: string) => void;
  onMessage: (message: BrokerMessage) => void;
}

export interface BrokerLine {
  open(events: BrokerEvents): void;
  /** QoS 1. A refusal takes the line down with its reason. */
  subscribe(topics: readonly string[]): void;
  /** QoS 0; nothing happens while the line is down. */
  publish(message: BrokerMessage): void;
  /** Hangs up and dials anew. `farewell` goes out before. */
  redial(farewell: BrokerMessage): void;
  /** For good. `farewell` goes out before; resolves when the line is closed. */
  close(farewell?: BrokerMessage): Promise<void>;
}

/** Who we are to the broker. PEM texts. */
export interface BrokerAccount {
  url: string;
  clientId: string;
  username?: string | undefined;
  password?: string | undefined;
  tls?: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined };
}
