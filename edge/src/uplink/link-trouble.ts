/** Why there is no connection, in words that say what to do. A table from what Node and TLS report. */

import { isFault } from "@weir/runtime/fault.ts";
import type { EdgeFaultCode } from "../faults.ts";

export interface LinkTrouble {
  kind: string;
  text: string;
}

/** Faults that say it all themselves. */
const ownWords: readonly string[] = [
  "EDGE_IDENTITY",
  "EDGE_IDENTITY_OTHER",
  "EDGE_NO_UPLINK",
  "EDGE_LINK_SILENT",
] satisfies EdgeFaultCode[];

interface Row {
  kind: string;
  /** Error codes of Node and OpenSSL. */
  codes: readonly string[];
  /** Of the message, where the code is missing or, as EPROTO, says too little. */
  pattern?: RegExp;
  text: (url: string, detail: string) => string;
}

const rows: readonly Row[] = [
  {
    kind: "name-not-found",
    codes: ["ENOTFOUND", "EAI_AGAIN", "EAI_NODATA", "EAI_NONAME"],
    text: (url) =>
      `the name in ${url} is not known to this machine's DNS; check uplink.url, or use the fog's address`,
  },
  {
    kind: "unreachable",
    codes: ["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENETDOWN", "ETIMEDOUT", "EHOSTDOWN"],
    pattern: /connack timeout|timed? ?out/i,
    text: (url, detail) =>
      `nothing answers at ${url} (${detail}); is the fog running, and does the network let this port through?`,
  },
  {
    kind: "fog-not-trusted",
    codes: [
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      "SELF_SIGNED_CERT_IN_CHAIN",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "UNABLE_TO_GET_ISSUER_CERT",
      "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
      "CERT_SIGNATURE_FAILURE",
      "INVALID_CA",
    ],
    text: (url) =>
      `the certificate of ${url} was not issued by the authority in ca.pem; this is another fog, or the fog was set up anew: enrol this edge again`,
  },
  {
    kind: "wrong-host",
    codes: ["ERR_TLS_CERT_ALTNAME_INVALID", "HOSTNAME_MISMATCH"],
    text: (url, detail) =>
      `the fog's certificate does not name the host in ${url} (${detail}); use a name or address that it carries`,
  },
  {
    kind: "certificate-time",
    codes: ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"],
    text: (_url, detail) =>
      `the fog's certificate is not valid now (${detail}); check this machine's clock, then the certificate`,
  },
  {
    kind: "tls-version",
    pattern: /alert protocol version|unsupported protocol|version too low/,
    codes: [
      "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
      "ERR_SSL_UNSUPPORTED_PROTOCOL",
      "ERR_SSL_NO_PROTOCOLS_AVAILABLE",
      "ERR_SSL_VERSION_TOO_LOW",
    ],
    text: (url) =>
      `${url} and this edge have no TLS version in common; 1.2 or newer is needed at both ends`,
  },
  {
    kind: "not-tls",
    codes: ["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"],
    pattern: /wrong version number|packet length too long|http request/,
    text: (url) => `what answers at ${url} does not speak TLS; is it the port of the fog's broker?`,
  },
  {
    kind: "edge-not-trusted",
    pattern: /alert (bad |unsupported )?certificate|alert unknown ca|alert access denied/,
    codes: [
      "EDGE_LINK_TURNED_AWAY",
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
      "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
      "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED",
      "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED",
      "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN",
      "ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE",
      "ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED",
      "ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED",
      "ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN",
      "ERR_SSL_TLSV1_ALERT_ACCESS_DENIED",
    ],
    text: (url, detail) =>
      `the fog at ${url} does not accept this edge's certificate (${detail}); expired, revoked or of another site: enrol this edge again`,
  },
  {
    kind: "refused",
    codes: ["EDGE_LINK_REFUSED"],
    pattern: /not authorized|bad user ?name|identifier rejected|connection refused:/i,
    text: (url, detail) =>
      `the fog at ${url} refuses this edge (${detail}); its id must match its certificate and its topics must be allowed to it`,
  },
  {
    kind: "closed",
    pattern: /^connection closed/i,
    codes: ["ECONNRESET", "EPIPE", "EDGE_LINK_CLOSED"],
    text: (url, detail) => `the connection to ${url} ended (${detail})`,
  },
];

/** Never throws. `error` is whatever came out of the socket, TLS or the MQTT library. */
export function explainTrouble(error: unknown, url: string): LinkTrouble {
  if (isFault(error) && ownWords.includes(error.code)) {
    return { kind: error.code, text: error.message };
  }
  const code = String((error as { code?: unknown } | undefined)?.code ?? "");
  const message = error instanceof Error ? error.message : String(error ?? "no reason given");
  const row =
    rows.find((each) => each.codes.includes(code)) ??
    rows.find((each) => each.pattern?.test(message));
  // OpenSSL's messages carry addresses of its own source: the sentence in the middle is for people.
  const detail = /SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? (message || code);
  if (row) return { kind: row.kind, text: row.text(url, detail) };
  return { kind: "other", text: `no connection to ${url}: ${detail || "unknown cause"}` };
}
