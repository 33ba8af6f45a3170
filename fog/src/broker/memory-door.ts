/** A door without a network: edges of the same process hold its other side. */
import type { DoorEvents, DownFamily, EdgeDoor, OpenDoor } from "./edge-door.ts";

export interface MemoryDoor {
  open: OpenDoor;
  /** The edge's session; `deliver` gets what the fog sends down. Undefined before the fog is up. */
  connect(edge: string, deliver: (family: DownFamily, bytes: Uint8Array) => void): MemorySession;
}

export interface MemorySession {
  /** Resolves when the fog has it on disk: the PUBACK of this door. */
  publish: DoorEvents["receive"] extends (edge: string, ...rest: infer R) => infer P
    ? (...rest: R) => P
    : never;
  close(): void;
}

export function memoryDoor(): MemoryDoor {
  let events: DoorEvents | undefined;
  const sessions = new Map<string, (family: DownFamily, bytes: Uint8Array) => void>();
  const door: EdgeDoor = {
    publish: async (edge, family, bytes) => {
      const deliver = sessions.get(edge);
      deliver?.(family, bytes);
      return deliver !== undefined;
    },
    cutOff: (edge) => {
      if (sessions.delete(edge)) events?.disconnected(edge);
    },
    close: async () => {
      events = undefined;
      sessions.clear();
    },
  };
  return {
    open: async (listener) => {
      events = listener;
      return door;
    },
    connect: (edge, deliver) => {
      sessions.set(edge, deliver);
      events?.connected(edge);
      events?.listening(edge, "command");
      events?.listening(edge, "model");
      return {
        publish: (family, bytes) =>
          events?.receive(edge, family, bytes) ?? Promise.reject(new Error("the door is closed")),
        close: () => {
          if (sessions.get(edge) !== deliver) return;
          sessions.delete(edge);
          events?.disconnected(edge);
        },
      };
    },
  };
}
