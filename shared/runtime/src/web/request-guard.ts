/**
 * What a browser's request must show before anything else looks at it: the right Host on loopback
 * (DNS rebinding), and no foreign origin behind a change (CSRF).
 */
import { HttpFault } from "./http-fault.ts";

export interface GuardedRequest {
  method: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);
const loopbackAddresses = new Set(["localhost", "127.0.0.1", "::1"]);

export const isLoopback = (host: string): boolean => loopbackAddresses.has(host);

/**
 * Names without port; a page of another name that resolves to this machine is refused. `setting`: where
 * a name can be added, if anywhere.
 */
export function checkHost(
  request: GuardedRequest,
  allowed: ReadonlySet<string> | undefined,
  setting?: string,
): void {
  const host = single(request.headers["host"]).replace(/:\d+$/, "").toLowerCase();
  if (loopbackNames.has(host) || allowed?.has(host)) return;
  if (allowed === undefined) return;
  const known = [...allowed, "localhost", "127.0.0.1"];
  const names = `${known.slice(0, -1).join(", ")} or ${known.at(-1)}`;
  const remedy = setting === undefined ? "" : `, or add this name to ${setting}`;
  throw new HttpFault(
    421,
    "HOST_UNKNOWN",
    `This server is not called ${host || "(nothing)"}; open it as ${names}${remedy}.`,
  );
}

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** Changes only from pages of this server, or from programs that say so with `x-weir: 1`. */
export function checkOrigin(request: GuardedRequest, options: { isPublic: boolean }): void {
  if (safeMethods.has(request.method)) return;
  const origin = single(request.headers["origin"]);
  const host = single(request.headers["host"]);
  const isOwn = origin !== "" && origin.replace(/^https?:\/\//, "") === host;
  const isMarked = single(request.headers["x-weir"]) === "1";
  const isUnmarkedProgram = options.isPublic && origin === "";
  if (isOwn || isMarked || isUnmarkedProgram) return;
  throw new HttpFault(
    403,
    "ORIGIN_REFUSED",
    "This change does not come from a page of this server; send the header x-weir: 1.",
  );
}

const single = (header: string | string[] | undefined): string =>
  (Array.isArray(header) ? header[0] : header) ?? "";

/** On every answer. `style-src` stays strict: charts and components set styles through the DOM. */
export function securityHeaders(options: {
  tls: boolean;
  inlineStyles: boolean;
}): Record<string, string> {
  const policy = [
    "default-src 'self'",
    options.inlineStyles ? "style-src 'self' 'unsafe-inline'" : "style-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    "content-security-policy": policy.join("; "),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    ...(options.tls && { "strict-transport-security": "max-age=31536000" }),
  };
}
