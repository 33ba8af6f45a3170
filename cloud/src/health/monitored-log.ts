/** An event log of which is known since when it refuses what is appended. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { EventLog } from "../log/event-log.ts";

export interface MonitoredLog {
  log: EventLog;
  refusing(): { sinceMs: number; why: string } | undefined;
}

/** `plant`: what the refusal is dated by. */
export function monitorLog(log: EventLog, plant: Clock): MonitoredLog {
  let refusing: { sinceMs: number; why: string } | undefined;
  return {
    refusing: () => refusing,
    log: {
      ...log,
      async append(batch) {
        try {
          const appended = await log.append(batch);
          refusing = undefined;
          return appended;
        } catch (error) {
          const why = (error as Error).message;
          refusing = { sinceMs: refusing?.sinceMs ?? plant.nowMs(), why };
          throw error;
        }
      },
    },
  };
}
