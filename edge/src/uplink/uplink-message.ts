/** What the uplink thread and the thread that started it say to each other; all plain data. */
import type { Level } from "@weir/runtime/logger.ts";
import type { Notice, Order } from "../hand-over.ts";
import type { UplinkSettings } from "../uplink-settings.ts";
import type { News } from "./news.ts";
import type { UplinkFall } from "./uplink-fall.ts";

/** Everything the thread is built from. */
export interface UplinkThreadSettings {
  site: string;
  edge: string;
  agentVersion: string;
  /** Undefined: no fog is configured. */
  fog: { url: string; identity: string } | undefined;
  /** The database file. */
  file: string;
  /** This edge has run on the folder before: a database that is missing or empty was lost. */
  hasRun?: boolean | undefined;
  /** Text of `--clock`; undefined: real time. */
  clock: string | undefined;
  settings: UplinkSettings;
  status: { host: string; port: number };
  /** Who shows it may give the orders of `local-orders.ts`. */
  localToken: string;
  log: { level: Level; json: boolean };
  seed: number;
  /** Given by who starts the thread again; undefined: it has not fallen since the agent started. */
  fall?: UplinkFall | undefined;
}

export type ToUplink = { kind: "notice"; notice: Notice } | { kind: "stop" };

export type FromUplink =
  | { kind: "ready" }
  /** The status page listens. */
  | { kind: "address"; url: string }
  | { kind: "order"; order: Order }
  | { kind: "news"; news: News }
  /** Still turning. */
  | { kind: "alive" };

/** Real milliseconds between two `alive`, and the silence after which the thread is given up. */
export const aliveEveryMs = 5_000;
export const silenceMaxMs = 60_000;
