/** Tells systemd that the agent is ready, alive, stopping. Elsewhere it does nothing. */
import { spawn } from "node:child_process";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { Notice } from "../hand-over.ts";

export interface ServiceNotice {
  /** One of the things that must have happened before the service counts as started. */
  done(what: Beginning): void;
  /** Call it at every sign of life; it is passed on twice within the watchdog's time. */
  alive(): void;
  stopping(): void;
}

/** The uplink keeps what it is given; the control loop has read something, or found that it cannot yet. */
export const beginnings = ["uplink", "control"] as const;
export type Beginning = (typeof beginnings)[number];

/** A reading, a lost connection or device, a status: the loop has gone round. */
export const hasBegun = (notice: Notice): boolean =>
  notice.kind === "readings" || notice.kind === "status" || notice.kind === "event";

export interface ServiceNoticeOptions {
  env: Readonly<Record<string, string | undefined>>;
  ioClock: Clock;
  logger: Logger;
  /** One message to the manager; the default runs systemd-notify, which needs NotifyAccess=all. */
  send?: (text: string) => void;
}

export function createServiceNotice(options: ServiceNoticeOptions): ServiceNotice {
  const { env, ioClock, logger } = options;
  const send = options.send ?? ((text) => runNotify(text, logger));
  const isManaged = Boolean(env["NOTIFY_SOCKET"]);
  // systemd gives the time in microseconds; feeding at half of it leaves one miss.
  const everyMs = Number(env["WATCHDOG_USEC"] ?? 0) / 1_000 / 2;
  const waiting = new Set<Beginning>(beginnings);
  let fedMs = Number.NEGATIVE_INFINITY;
  return {
    done: (what) => {
      if (!waiting.delete(what) || waiting.size > 0) return;
      if (isManaged) send("READY=1");
    },
    alive: () => {
      if (!isManaged || !(everyMs > 0)) return;
      const nowMs = ioClock.monotonicMs();
      if (nowMs - fedMs < everyMs) return;
      fedMs = nowMs;
      send("WATCHDOG=1");
    },
    stopping: () => {
      if (isManaged) send("STOPPING=1");
    },
  };
}

function runNotify(text: string, logger: Logger): void {
  spawn("systemd-notify", [text], { stdio: "ignore" })
    .on("error", (error) => logger.debug(`systemd-notify: ${error.message}`))
    .unref();
}
