/** Tells systemd that the agent is ready, alive, stopping. Elsewhere it does nothing. */
import { spawn } from "node:child_process";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";

export interface ServiceNotice {
  ready(): void;
  /** Call it at every sign of life; it is passed on twice within the watchdog's time. */
  alive(): void;
  stopping(): void;
}

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
  let fedMs = Number.NEGATIVE_INFINITY;
  return {
    ready: () => {
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
