/**
 * Server-sent events (WHATWG HTML 9.2) to one client. A client that reads too slowly gets only the
 * newest message of each name, and a "resync" that tells it to fetch again.
 */
import type { ServerResponse } from "node:http";
import { type Clock, every } from "../clock.ts";

/** An object that is sent must not change afterwards: it is written as JSON once, for all clients. */
export type Send = (name: string, data: unknown) => void;

/** Milliseconds between comments that keep proxies and phones from closing a quiet stream. */
export const heartbeatMs = 15_000;
/** Bytes waiting for one client before messages are thinned. */
const backlogSizeMax = 256 * 1024;
/** Milliseconds after which a browser that lost the stream tries again. */
const reconnectMs = 2_000;

export interface EventStream {
  send: Send;
  /** Aborts when the client is gone or the server closes. */
  signal: AbortSignal;
  close(): void;
}

/** `isAllowed` is asked at every heartbeat, so that a stream ends with its session. */
export function openEventStream(
  response: ServerResponse,
  options: { clock: Clock; headers: Record<string, string>; isAllowed: () => boolean },
): EventStream {
  const gone = new AbortController();
  const waiting = new Map<string, string>();
  let isThinned = false;
  const stopHeartbeat = every(options.clock, heartbeatMs, () => {
    if (!options.isAllowed()) close();
    else if (response.writableLength === 0) response.write(": still here\n\n");
  });
  const close = () => {
    if (gone.signal.aborted) return;
    stopHeartbeat();
    gone.abort();
    waiting.clear();
    response.end();
  };
  const flush = () => {
    if (isThinned) response.write(encode("resync", {}));
    isThinned = false;
    for (const message of waiting.values()) response.write(message);
    waiting.clear();
  };
  response.on("drain", flush);
  response.on("close", close);
  response.on("error", close);
  response.writeHead(200, {
    ...options.headers,
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
  });
  response.write(`retry: ${reconnectMs}\n\n`);
  const send: Send = (name, data) => {
    if (gone.signal.aborted) return;
    const message = encode(name, data);
    if (waiting.size === 0 && response.writableLength < backlogSizeMax) {
      response.write(message);
      return;
    }
    isThinned ||= waiting.has(name);
    waiting.delete(name);
    waiting.set(name, message);
  };
  return { send, signal: gone.signal, close };
}

/** JSON has no line breaks of its own, so one data line holds it. */
const encode = (name: string, data: unknown): string =>
  `event: ${name.replace(/[\r\n]/g, " ")}\ndata: ${jsonOf(data ?? null)}\n\n`;

/** What many clients are sent is written once. */
const written = new WeakMap<object, string>();

function jsonOf(data: unknown): string {
  if (typeof data !== "object" || data === null) return JSON.stringify(data);
  const json = written.get(data) ?? JSON.stringify(data);
  written.set(data, json);
  return json;
}
