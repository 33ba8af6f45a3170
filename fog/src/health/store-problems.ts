/** How the fog's disk, stores, queue and cloud link are. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { Finding, HealthSource } from "@weir/runtime/health-monitor.ts";
import { ageWords } from "../freshness/freshness.ts";
import type { Historian } from "../historian/historian.ts";
import type { Ingest } from "../ingest/ingest.ts";
import type { Outbox } from "../uplink/outbox.ts";
import type { Uplink } from "../uplink/uplink.ts";

const mebibyte = 2 ** 20;
/** Below the first nothing more may fit; below the second somebody should make room. */
const diskFullBytes = 64 * mebibyte;
const diskLowBytes = 1_024 * mebibyte;
/** Messages that wait for their commit: a disk that keeps up has none of them for long. */
const queueMark = 2_048;
/** What was given up is told for so long after the last time, plant time. */
const evictedToldMs = 3_600_000;

export interface StoreParts {
  clock: Clock;
  ingest: Ingest;
  historian: Historian;
  outbox: Outbox;
  uplink: Uplink | undefined;
  /** Undefined: not known, as in tests without a disk. */
  freeDiskBytes: () => number | undefined;
}

export function storeProblems(parts: StoreParts): HealthSource {
  const { clock, ingest, historian, outbox, uplink } = parts;
  let evicted = { count: 0, atMs: Number.NEGATIVE_INFINITY };
  return () => {
    const nowMs = clock.nowMs();
    if (outbox.evicted > evicted.count) evicted = { count: outbox.evicted, atMs: nowMs };
    const found: (Finding | undefined)[] = [
      diskProblem(parts.freeDiskBytes()),
      ingest.refusing && {
        ...{ code: "not-stored", severity: "high", subject: "", sinceMs: ingest.refusing.sinceMs },
        text: `messages of edges cannot be stored and are not acknowledged (${ingest.refusing.why}); the edges keep them. Make room on the disk of the data folder, or look at it`,
      },
      historian.refusing && {
        ...{
          code: "not-sealed",
          severity: "high",
          subject: "",
          sinceMs: historian.refusing.sinceMs,
        },
        text: `history cannot be written (${historian.refusing.why}); it waits in the journal. Make room on the disk of the data folder`,
      },
      ingest.queueLength > queueMark
        ? {
            ...{ code: "queue-long", severity: "medium", subject: "" },
            text: `${ingest.queueLength} messages wait to be stored: the disk is too slow for what the edges send`,
          }
        : undefined,
      cloudProblem(uplink, outbox, nowMs),
      nowMs - evicted.atMs < evictedToldMs
        ? {
            ...{ code: "outbox-evicting", severity: "medium", subject: "cloud" },
            text: `the outbox for the cloud is full: ${evicted.count} items were given up since the start, the newest ${ageWords(nowMs - evicted.atMs)} ago. History here is whole`,
          }
        : undefined,
    ];
    return found.filter((one) => one !== undefined);
  };
}

function diskProblem(freeBytes: number | undefined): Finding | undefined {
  if (freeBytes === undefined || freeBytes >= diskLowBytes) return undefined;
  const isFull = freeBytes < diskFullBytes;
  return {
    ...{ code: isFull ? "disk-full" : "disk-low", severity: isFull ? "high" : "low", subject: "" },
    text: `${Math.floor(freeBytes / mebibyte)} MiB are free on the disk of the data folder; make room, or keep less history`,
  };
}

/** A site goes on for days without it: told, and no failure of the fog. */
function cloudProblem(
  uplink: Uplink | undefined,
  outbox: Outbox,
  nowMs: number,
): Finding | undefined {
  const failing = uplink?.failing;
  if (!failing) return undefined;
  const age = ageWords(nowMs - failing.sinceMs);
  return {
    ...{ code: "cloud-offline", severity: "low", subject: "cloud", sinceMs: failing.sinceMs },
    text: `the cloud has not been reached for ${age} (${failing.why}); ${outbox.items} items wait for it here`,
  };
}
