/**
 * How many connections a server holds, counted before TLS: in all and for one address. Those that have
 * not shown who they are yet (no handshake, no request) have a small share of their own, in which the
 * oldest gives way; so thousands of silent peers cost nobody with a certificate a place, even from
 * the same address.
 */
import type { Server, Socket } from "node:net";
import type { Cancel, Clock } from "./clock.ts";

export interface ConnectionLimits {
  /** Connections that have not shown who they are: in all, and of one address. */
  pendingMax: number;
  pendingOfAddressMax: number;
  /** How long one may take to show it, milliseconds; 0: its server sees to that (TLS handshakeTimeout). */
  pendingMs: number;
  /** Connections that have: in all, and of one peer (a certificate's name, or an address). */
  establishedMax: number;
  establishedOfPeerMax: number;
  /** One of these without a byte for so long is cut, milliseconds; 0: its protocol sees to that. */
  idleMs: number;
}

/** Enough for a site's edges or a cloud's sites beside any number of strangers. */
export const defaultConnectionLimits: ConnectionLimits = {
  pendingMax: 256,
  pendingOfAddressMax: 64,
  pendingMs: 10_000,
  establishedMax: 2_048,
  establishedOfPeerMax: 64,
  idleMs: 0,
};

/** Why a connection was refused or cut. */
export type ConnectionRefusal =
  | "too many silent peers"
  | "too many silent peers of one address"
  | "nothing shown in time"
  | "too many connections"
  | "too many connections of one peer"
  | "its place was wanted"
  | "idle";

export interface ConnectionGuard {
  /**
   * The peer behind `socket` (plain, or TLS over a connection of this server) has shown who it is:
   * its certificate, or a first request. Counted once; called again, it has just been used. False: there is no
   * place for it, and it is cut. `isIdle`: whether it is only kept for a next request; where there is no place,
   * the one of these gives way that has waited longest, of this peer or, with all places taken, of any.
   */
  establish(socket: Socket, peer: string, isIdle?: () => boolean): boolean;
  readonly pendingCount: number;
  readonly establishedCount: number;
  /** How often each happened since the start. */
  readonly refused: Readonly<Partial<Record<ConnectionRefusal, number>>>;
  /** Stops its timers; connections are left to their server. */
  close(): void;
}

/** Connections, and what was refused or cut since the start. */
export type ConnectionCounts = Pick<
  ConnectionGuard,
  "pendingCount" | "establishedCount" | "refused"
>;

export interface ConnectionGuardOptions {
  limits: ConnectionLimits;
  /** Real time. */
  clock: Clock;
  onRefused?: (why: ConnectionRefusal, address: string) => void;
}

interface Established {
  socket: Socket;
  address: string;
  peer: string;
  isIdle: () => boolean;
}

interface Pending {
  socket: Socket;
  address: string;
  cancel: Cancel;
}

/** Stands before the listeners that `server` (net, TLS, HTTP, HTTPS, HTTP/2) has for new connections. */
export function guardConnections(
  server: Server,
  { limits, clock, onRefused }: ConnectionGuardOptions,
): ConnectionGuard {
  /** In order of arrival. */
  const pending = new Map<string, Pending>();
  const pendingOf = new Counts();
  /** Used longest ago first. */
  const established = new Map<string, Established>();
  const establishedOf = new Counts();
  const refused: Partial<Record<ConnectionRefusal, number>> = {};

  const refuse = (socket: Socket, why: ConnectionRefusal, address: string) => {
    refused[why] = (refused[why] ?? 0) + 1;
    onRefused?.(why, address);
    socket.destroy();
  };
  const leavePending = (key: string): Pending | undefined => {
    const one = pending.get(key);
    if (!one) return undefined;
    one.cancel();
    pending.delete(key);
    pendingOf.less(one.address);
    return one;
  };
  const evict = (why: ConnectionRefusal, fits: (one: Pending) => boolean) => {
    for (const [key, one] of pending) {
      if (!fits(one)) continue;
      leavePending(key);
      refuse(one.socket, why, one.address);
      return;
    }
  };
  const leaveEstablished = (key: string): void => {
    const one = established.get(key);
    if (!one) return;
    established.delete(key);
    establishedOf.less(one.peer);
  };
  const evictIdle = (fits: (one: Established) => boolean): boolean => {
    for (const [key, one] of established) {
      if (!fits(one) || !one.isIdle()) continue;
      leaveEstablished(key);
      refuse(one.socket, "its place was wanted", one.address);
      return true;
    }
    return false;
  };
  /** Why there is no place for another connection of `peer`; undefined: there is one now. */
  const fullFor = (peer: string): ConnectionRefusal | undefined => {
    const isOfPeer = (one: Established) => one.peer === peer;
    if (establishedOf.of(peer) >= limits.establishedOfPeerMax && !evictIdle(isOfPeer))
      return "too many connections of one peer";
    if (established.size >= limits.establishedMax && !evictIdle(() => true))
      return "too many connections";
    return undefined;
  };
  const makeRoom = (address: string) => {
    if (pendingOf.of(address) >= limits.pendingOfAddressMax) {
      evict("too many silent peers of one address", (one) => one.address === address);
    } else if (pending.size >= limits.pendingMax) {
      // Of those who hold most: one address with many silent peers never costs another its only one.
      const crowd = pendingOf.most();
      evict("too many silent peers", (one) => one.address === crowd);
    }
  };
  const admit = (socket: Socket) => {
    const key = keyOf(socket);
    if (key === undefined) return socket.destroy(); // gone before it was looked at
    const address = addressOf(socket);
    makeRoom(address);
    const giveUp = () => {
      if (leavePending(key)) refuse(socket, "nothing shown in time", address);
    };
    const cancel = limits.pendingMs > 0 ? clock.after(limits.pendingMs, giveUp) : () => {};
    pending.set(key, { socket, address, cancel });
    pendingOf.more(address);
    socket.once("close", () => {
      leavePending(key);
      leaveEstablished(key);
    });
    return undefined;
  };

  const listeners = server.listeners("connection") as ((socket: Socket) => void)[];
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    admit(socket);
    if (socket.destroyed) return;
    for (const listener of listeners) listener.call(server, socket);
  });

  return {
    establish(socket, peer, isIdle = () => false) {
      const key = keyOf(socket);
      if (key === undefined) return false;
      const known = established.get(key);
      if (known) {
        established.delete(key);
        established.set(key, known);
        return true;
      }
      const was = leavePending(key);
      if (!was) return false;
      const why = fullFor(peer);
      if (why !== undefined) {
        refuse(was.socket, why, was.address);
        return false;
      }
      established.set(key, { socket: was.socket, address: was.address, peer, isIdle });
      establishedOf.more(peer);
      if (limits.idleMs > 0) {
        socket.setTimeout(limits.idleMs, () => refuse(socket, "idle", was.address));
      }
      return true;
    },
    get pendingCount() {
      return pending.size;
    },
    get establishedCount() {
      return established.size;
    },
    refused,
    close() {
      for (const { cancel } of pending.values()) cancel();
    },
  };
}

class Counts {
  readonly #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  more(key: string): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  less(key: string): void {
    const left = this.of(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }

  most(): string | undefined {
    let found: string | undefined;
    for (const [key, count] of this.#counts) {
      if (found === undefined || count > this.of(found)) found = key;
    }
    return found;
  }
}

/** The same for a connection and for the TLS socket over it; undefined when it is gone. */
const keyOf = ({ remoteAddress, remotePort }: Socket): string | undefined =>
  remoteAddress === undefined ? undefined : `${remoteAddress} ${remotePort}`;

/** Of IPv6 the /64, which one host has to itself; IPv4 as it is, mapped or not. */
function addressOf({ remoteAddress = "" }: Socket): string {
  const plain = remoteAddress.replace(/^::ffff:(?=\d+\.)/, "").replace(/%.*$/, "");
  return plain.includes(":") ? ipv6Prefix(plain) : plain;
}

/** The first four groups of an address, "::" written out. */
function ipv6Prefix(address: string): string {
  const [head = "", tail] = address.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  const groups = [...front, ...new Array<string>(Math.max(0, zeros)).fill("0"), ...back];
  return groups.slice(0, 4).join(":");
}
