/** What a route is given, and what it may answer. */
import type { Role } from "@weir/contracts/api/live.ts";
import type { Send } from "./event-stream.ts";

export interface WebRequest {
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON; bytes for protobuf and octet-stream; undefined without one. */
  body: unknown;
  /** Empty on public routes. */
  user: string;
  role: Role;
  ip: string;
  /** Of the client certificate, when the server demands one. */
  peer: { commonName: string; organization: string } | undefined;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Aborted when whoever asked has gone before the answer. */
  signal: AbortSignal;
}

/** Role "viewer" unless said otherwise. `public` routes know no user. */
export interface RouteAccess {
  role?: Role;
  public?: boolean;
  /** Largest body, bytes; 1 MiB unless said otherwise. */
  bodySizeMax?: number;
}

/** Returns what becomes JSON, a RawAnswer, or throws HttpFault or Fault. undefined becomes 204. */
export type Handler = (request: WebRequest) => unknown;

/** Anything but JSON: a download, CSV, a page. */
export class RawAnswer {
  readonly contentType: string;
  readonly body: string | Uint8Array;
  readonly fileName: string | undefined;

  constructor(contentType: string, body: string | Uint8Array, fileName?: string) {
    this.contentType = contentType;
    this.body = body;
    this.fileName = fileName;
  }
}

/** May return a function that is called when the client is gone. */
export type Subscribe = (
  send: Send,
  signal: AbortSignal,
  request: WebRequest,
) => void | (() => void) | Promise<void>;
