/** What is not well within the agent itself: control thread, outbox, disk, configuration, the line to the fog. */
import type { SnapshotFacts } from "../uplink/uplink-snapshot.ts";
import type { Finding } from "./health.ts";
import type { ProblemCode } from "./problem-codes.ts";

/**
 * The control thread speaks about once a second; silence this long is one, I/O milliseconds. It is also the
 * time that a start may take: until then the agent is starting, and nothing is well yet.
 */
export const controlSilenceMaxMs = 15_000;

/** An outbox that is fuller than this will drop its oldest readings soon. */
export const outboxMark = 0.8;

/** Free bytes of the disk below which the outbox cannot grow. */
export const diskFreeMinBytes = 16 * 1024 * 1024;

/** What happened lately, which a snapshot cannot show. */
export interface Lately {
  /** UTC of the plant clock; undefined: not within the last hour. */
  droppedAtMs: number | undefined;
  refusedAtMs: number | undefined;
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

export function agentFindings(snapshot: SnapshotFacts, lately: Lately): Finding[] {
  return [
    ...controlFindings(snapshot),
    ...outboxFindings(snapshot, lately),
    ...linkFindings(snapshot),
    ...snapshot.troubles,
    ...(snapshot.control?.troubles ?? []),
  ];
}

function controlFindings({ control, controlSilentMs }: SnapshotFacts): Finding[] {
  if (controlSilentMs > controlSilenceMaxMs) {
    const said = control ? "nothing" : "not a word since the start,";
    const text = `the control thread does not report: ${said} for ${Math.round(controlSilentMs / 1_000)} s; nobody knows whether limits are guarded`;
    return [{ code: "control-silent", severity: "critical", subject: "control", text }];
  }
  if (!control) {
    const text =
      "starting: the control thread has not reported yet; nobody knows whether limits are guarded";
    return [{ code: "control-starting", severity: "problem", subject: "control", text }];
  }
  const { configuration, configurationTrouble } = control;
  const problem = (code: ProblemCode, text: string): Finding[] => [
    { code, severity: "problem", subject: "configuration", text },
  ];
  if (configurationTrouble !== undefined) {
    return problem(
      "configuration-not-file",
      `another configuration than the file's runs: ${configurationTrouble}`,
    );
  }
  if (configuration?.state !== "rolled-back") return [];
  const text = `the last change of the configuration was taken back: ${configuration.reason}`;
  return problem("configuration-taken-back", text).map((finding) => ({
    ...finding,
    sinceMs: configuration.atMs,
  }));
}

function outboxFindings(snapshot: SnapshotFacts, lately: Lately): Finding[] {
  const { outbox, ledger } = snapshot;
  const findings: Finding[] = [];
  const add = (code: ProblemCode, severity: Finding["severity"], text: string, sinceMs?: number) =>
    findings.push({
      code,
      severity,
      subject: code === "disk-full" ? "disk" : "outbox",
      text,
      ...(sinceMs === undefined ? {} : { sinceMs }),
    });
  if (outbox.trouble !== undefined) {
    add("outbox-refused", "problem", `outbox: ${outbox.trouble}; control and safety go on`);
  }
  const { freeDiskBytes } = outbox;
  if (freeDiskBytes !== undefined && freeDiskBytes < diskFreeMinBytes) {
    const text = `the disk is full, ${mebibytes(freeDiskBytes)} left: readings live on the outbox's reserve, then the oldest are dropped; make room`;
    add("disk-full", "problem", text);
  }
  if (lately.droppedAtMs !== undefined) {
    const text = `the oldest readings are dropped, ${ledger.dropped} in all: the outbox is full; bring the fog back, or raise --quota`;
    add("readings-dropped", "problem", text, lately.droppedAtMs);
  }
  if (lately.refusedAtMs !== undefined) {
    const text = `${outbox.refusedEvents} events found no room and are lost`;
    add("events-refused", "problem", text, lately.refusedAtMs);
  }
  if (outbox.bytes > outboxMark * outbox.quotaBytes) {
    const percent = Math.round((100 * outbox.bytes) / outbox.quotaBytes);
    const text = `the outbox is ${percent} % full; at 100 % the oldest readings are dropped`;
    add("outbox-filling", "warning", text);
  }
  return findings;
}

function linkFindings({ link, outbox }: SnapshotFacts): Finding[] {
  if (link.url === "" || link.state === "live" || link.trouble === undefined) return [];
  const text = `no connection to the fog: ${link.trouble}; ${mebibytes(outbox.bytes)} of ${mebibytes(outbox.quotaBytes)} wait in the outbox`;
  return [{ code: "uplink-down", severity: "warning", subject: "fog", text }];
}
