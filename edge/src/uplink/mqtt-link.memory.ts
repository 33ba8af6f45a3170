/** A line without a network, for simulations that run edge and fog in one process. */
import { type Family, parseTopic } from "@weir/contracts/topics.ts";
import type { Fault } from "@weir/runtime/fault.ts";
import { EdgeFault } from "../faults.ts";
import type { MqttLink, MqttMessage } from "./mqtt-link.ts";

/** One connection; its PUBACK is the resolved promise. */
export interface MemorySession {
  publish(family: Family, bytes: Uint8Array): Promise<void>;
  close(): void;
}

export interface MemoryLinkOptions {
  /** The other side: throws or rejects when there is nobody. `deliver` takes what comes down. */
  open: (
    deliver: (family: "model" | "command", bytes: Uint8Array) => void,
  ) => MemorySession | Promise<MemorySession>;
  topicOf: (family: Family) => string;
}

/** `cut` is what a partition does: the connection ends without a word. */
export interface MemoryLink extends MqttLink {
  cut(): void;
}

export function createMemoryLink(options: MemoryLinkOptions): MemoryLink {
  let session: MemorySession | undefined;
  /** Stands for the newest connection; what an older one delivers is not ours any more. */
  let current: object | undefined;
  let onMessage: (message: MqttMessage) => void = () => {};
  let onLost: (reason: unknown) => void = () => {};
  const waiting = new Set<(reason: unknown) => void>();
  const end = (why: string): Fault => {
    const reason = new EdgeFault("EDGE_LINK_CLOSED", { why });
    session?.close();
    session = undefined;
    current = undefined;
    for (const reject of [...waiting]) reject(reason);
    waiting.clear();
    return reason;
  };
  return {
    connect: async () => {
      const own = {};
      current = own;
      // The other side may deliver before `open` returns.
      session = await options.open((family, bytes) => {
        if (current === own) onMessage({ topic: options.topicOf(family), bytes });
      });
    },
    subscribe: async () => {},
    publish: ({ topic, bytes }) => {
      const family = parseTopic(topic)?.family;
      const own = session;
      if (!own || !family) {
        return Promise.reject(
          new EdgeFault("EDGE_LINK_CLOSED", { why: "closed before this was sent" }),
        );
      }
      return new Promise((resolve, reject) => {
        waiting.add(reject);
        own.publish(family, bytes).then(
          () => {
            waiting.delete(reject);
            resolve();
          },
          (error) => {
            waiting.delete(reject);
            reject(error);
          },
        );
      });
    },
    onMessage: (listener) => {
      onMessage = listener;
    },
    onLost: (listener) => {
      onLost = listener;
    },
    close: async () => void end("closed by this edge"),
    cut: () => {
      if (session) onLost(end("cut"));
    },
  };
}
