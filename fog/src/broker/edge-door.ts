/**
 * The door between the fog and its edges. Adapters: aedes-broker.ts (MQTT over mutual TLS) and, for
 * tests that run all tiers in one process, memory-door.ts.
 */
import type { Family } from "@weir/contracts/topics.ts";

export type DownFamily = Extract<Family, "model" | "command">;

/** What the door tells the fog. `edge` has been proven by then. */
export interface DoorEvents {
  /** A message has come; acknowledge it to the edge when the promise resolves, never when it rejects. */
  receive(edge: string, family: Family, bytes: Uint8Array): Promise<void>;
  connected(edge: string): void;
  disconnected(edge: string): void;
  /** The edge has subscribed to `family`: what waits for it may be sent. */
  listening(edge: string, family: DownFamily): void;
}

export interface EdgeDoor {
  /** Hands an envelope to the edge's session; false when it has none that listens. */
  publish(edge: string, family: DownFamily, bytes: Uint8Array): Promise<boolean>;
  /** Cuts the edge's session off, if it has one. */
  cutOff(edge: string, reason: string): void;
  close(): Promise<void>;
}

export type OpenDoor = (events: DoorEvents) => Promise<EdgeDoor>;
