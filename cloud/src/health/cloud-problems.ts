/** How the cloud sees itself and its sites: disk, stores, consumers, learner, queues, silence. */
import { existsSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Finding, HealthSource } from "@weir/runtime/health-monitor.ts";
import type { CloudAuthority } from "../enrolment/authority.ts";
import type { FleetBook } from "../fleet/fleet-book.ts";
import type { Presence } from "../fleet/presence.ts";
import { dayMs, trainingQueueMax } from "../limits.ts";
import type { Consumer, SetAside } from "../log/consumer.ts";
import type { Dispatcher } from "../tickets/sinks/dispatcher.ts";
import type { Trainer } from "../trainer/trainer.ts";
import type { TrainingBook } from "../trainer/training-book.ts";

const mebibyte = 2 ** 20;
/** Below the first nothing more may fit; below the second somebody should make room. */
const diskFullBytes = 64 * mebibyte;
const diskLowBytes = 1_024 * mebibyte;
/** Notices of one sink, and share of the training queue, from which a queue is told. */
const noticesMark = 100;
const trainingsMark = 0.8 * trainingQueueMax;
/** A site's certificate with less than this left is told. */
const expiryToldMs = 30 * dayMs;

export interface CloudParts {
  dataDir: string;
  /** Bytes that are free on the disk of the data folder; undefined where that is not known. */
  freeBytes: () => number | undefined;
  /** Why the last write was refused; undefined while writes are taken. */
  refusing: () => { sinceMs: number; why: string } | undefined;
  consumers: Readonly<Record<string, Pick<Consumer, "failing" | "setAside">>>;
  trainer: Pick<Trainer, "progress">;
  trainings: Pick<TrainingBook, "waitingCount">;
  dispatcher: Pick<Dispatcher, "states">;
  fleet: Pick<FleetBook, "sites" | "lastItemMs">;
  presence: Presence;
  authority: Pick<CloudAuthority, "enrolled" | "revocations" | "revocationOf">;
  /** Why the last round of sealing and retention failed. */
  maintenanceFault: () => string | undefined;
  /** Real time, which certificates are dated by. */
  io: Clock;
}

export function cloudProblems(parts: CloudParts): HealthSource {
  const isLost = lostStores(parts.dataDir);
  return () => [
    ...diskProblems(parts.freeBytes()),
    ...isLost(),
    ...writeProblems(parts),
    ...workerProblems(parts),
    ...queueProblems(parts),
    ...siteProblems(parts),
  ];
}

/** Of what an ordinary user may write. */
export function freeBytesOf(dataDir: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(dataDir);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

function diskProblems(freeBytes: number | undefined): Finding[] {
  if (freeBytes === undefined || freeBytes >= diskLowBytes) return [];
  const isFull = freeBytes < diskFullBytes;
  const text = `${Math.floor(freeBytes / mebibyte)} MiB are free on the disk of the data folder; make room there`;
  return [
    {
      code: isFull ? "disk-full" : "disk-low",
      severity: isFull ? "high" : "low",
      subject: "",
      text,
    },
  ];
}

/** Files and folders that were there at the start: one that is gone, or is another, is lost. */
function lostStores(dataDir: string): HealthSource {
  const names = ["log.db", "history.db", "cloud.db", "history", "models"];
  const inodeOf = (name: string) => {
    const file = join(dataDir, name);
    return existsSync(file) ? statSync(file).ino : undefined;
  };
  const opened = names.map((name) => ({ name, inode: inodeOf(name) }));
  return () =>
    opened
      .filter(({ name, inode }) => inode !== undefined && inodeOf(name) !== inode)
      .map(({ name }) => ({
        ...{ code: "store-lost", severity: "high", subject: name },
        text: `${name} in the data folder was removed or replaced while the cloud runs; what is written now is lost with the next start. Stop the cloud and restore it from a copy`,
      }));
}

function writeProblems({ refusing, maintenanceFault }: CloudParts): Finding[] {
  const found: Finding[] = [];
  const refused = refusing();
  if (refused) {
    const text = `what sites push cannot be stored and is not acknowledged (${refused.why}); the sites keep it. Make room on the disk of the data folder, or look at it`;
    const { sinceMs } = refused;
    found.push({ code: "not-stored", severity: "high", subject: "", text, sinceMs });
  }
  const fault = maintenanceFault();
  if (fault !== undefined) {
    const text = `history cannot be sealed or trimmed (${fault}); it waits where it is`;
    found.push({ code: "not-sealed", severity: "medium", subject: "", text });
  }
  return found;
}

function workerProblems({ consumers, trainer }: CloudParts): Finding[] {
  const found = Object.entries(consumers).flatMap(([subject, consumer]): Finding[] => {
    const aside = setAsideProblems(subject, consumer.setAside());
    const { failing } = consumer;
    if (failing === undefined) return aside;
    const text = `the ${subject} does not take in what sites have pushed (${failing}); it tries again and again, nothing is lost`;
    return [{ code: "consumer-stopped", severity: "high", subject, text }, ...aside];
  });
  const { state, reason, sinceMs } = trainer.progress().learner;
  if (state === "stopped") {
    const text = `the learner ended (${reason}) and is started again with the next training`;
    found.push({ code: "learner-stopped", severity: "medium", subject: "", text, sinceMs });
  }
  return found;
}

function setAsideProblems(subject: string, aside: SetAside | undefined): Finding[] {
  if (!aside) return [];
  const { count, source, kind, why, atMs } = aside;
  const text = `the ${subject} could not use ${count} items that sites have pushed and set them aside; the newest is of ${source} (${kind}): ${why}`;
  return [{ code: "items-set-aside", severity: "low", subject, text, sinceMs: atMs }];
}

function queueProblems({ dispatcher, trainings }: CloudParts): Finding[] {
  const found = dispatcher.states().flatMap((sink): Finding[] => {
    const { name: subject, waiting, refusing, givenUp } = sink;
    const list: Finding[] = [];
    if (refusing) {
      const { sinceMs, why } = refusing;
      const text = `${waiting} ticket notices wait: ${why}`;
      const severity = waiting >= noticesMark ? "high" : "medium";
      list.push({ code: "sink-refusing", severity, subject, text, sinceMs });
    } else if (waiting >= noticesMark) {
      const text = `${waiting} ticket notices wait for ${subject}`;
      list.push({ code: "queue-long", severity: "medium", subject, text });
    }
    if (givenUp > 0) {
      const text = `${givenUp} ticket notices for ${subject} were given up since the start`;
      list.push({ code: "notices-lost", severity: "medium", subject, text });
    }
    return list;
  });
  const waiting = trainings.waitingCount();
  if (waiting >= trainingsMark) {
    const text = `${waiting} trainings were asked for and wait, at most ${trainingQueueMax} may`;
    found.push({ code: "queue-long", severity: "low", subject: "training", text });
  }
  return found;
}

function siteProblems({ fleet, presence, authority, io }: CloudParts): Finding[] {
  const silent = fleet.sites().flatMap((subject): Finding[] => {
    const silence = presence.silence(subject, fleet.lastItemMs(subject));
    if (!silence || silence.isRevoked) return [];
    const { sinceMs, reason } = silence;
    const text = `site ${subject} is silent: ${reason}. Look at its fog and the way between`;
    return [{ code: "site-silent", severity: "medium", subject, text, sinceMs }];
  });
  const expiring = authority.enrolled().flatMap(({ site, notAfterMs }): Finding[] => {
    if (authority.revocationOf(site)) return [];
    const leftMs = notAfterMs - io.nowMs();
    if (leftMs > expiryToldMs) return [];
    const day = new Date(notAfterMs).toISOString().slice(0, 10);
    const word = leftMs > 0 ? "ends" : "ended";
    const text = `the certificate of site ${site} ${word} on ${day}; enrol it again before it is shut out: weir-cloud enrol-site ${site}`;
    const severity = leftMs > 0 ? "low" : "medium";
    return [{ code: "certificate-ends", severity, subject: site, text }];
  });
  const fault = authority.revocations.fault();
  const revocations: Finding[] =
    fault === undefined
      ? []
      : [{ code: "revocations-unreadable", severity: "medium", subject: "", text: fault }];
  return [...silent, ...expiring, ...revocations];
}
