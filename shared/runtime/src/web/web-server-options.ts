/** What a web server is made from. */
import type { Clock } from "../clock.ts";
import type { ConnectionLimits } from "../connection-limits.ts";
import type { Logger } from "../logger.ts";
import type { Metrics } from "../metrics.ts";
import type { Accounts } from "./accounts.ts";

export interface WebServerOptions {
  host: string;
  /** 0: a free one. */
  port: number;
  /** With `clientCaPem`, only clients with a certificate of that authority get in. */
  tls?: { certPem: string; keyPem: string; clientCaPem?: string };
  /** Built pages; index.html answers for every path the router in the browser knows. */
  staticDir?: string;
  /** Without them there are no logins, and only public routes answer. */
  accounts?: Accounts;
  logger: Logger;
  /** Served at /healthz; `ok: false` in it answers 503. */
  health(): object;
  metrics: Metrics;
  /** Real time. */
  clock: Clock;
  /** The rest of SessionView. */
  session?(): {
    site: string;
    version: string;
    plantNowMs: number;
    plantRate: number;
    demo?: boolean;
  };
  /** The command that makes a sign-in link: "weir-fog people invite"; told to whom a link no longer serves. */
  inviteCommand?: string;
  /** Host names this server answers to besides localhost; on loopback all others are refused. */
  hostNames?: readonly string[];
  /** Where an operator adds a host name: "console.names in cloud.yaml"; told to whom is refused. */
  hostNamesSetting?: string;
  /**
   * Addresses or networks ("10.0.0.0/8") of reverse proxies: only from them is X-Forwarded-For believed, so that
   * everybody behind one is not taken for one person, and nobody else can choose an address.
   */
  trustedProxies?: readonly string[];
  /** Connections in all and of one address, counted before TLS. */
  connectionLimits?: Partial<ConnectionLimits>;
  /** For pages with style attributes in their HTML. */
  inlineStyles?: boolean;
}
