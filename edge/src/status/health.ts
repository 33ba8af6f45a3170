/** Is the agent doing its work? A missing fog is no illness: the edge is made to live without it. */
import type { UplinkSnapshot } from "../uplink/uplink-snapshot.ts";

/** The control thread speaks about once a second; silence this long is one, I/O milliseconds. */
export const controlSilenceMaxMs = 15_000;

export interface Health {
  ok: boolean;
  /** One sentence each; empty when all is well. */
  problems: string[];
  /** What somebody should know or do, though the agent does its work. */
  warnings: string[];
}

export function healthOf(snapshot: UplinkSnapshot): Health {
  const problems: string[] = [];
  if (snapshot.controlSilentMs > controlSilenceMaxMs) {
    problems.push("the control thread does not report");
  }
  if (snapshot.outbox.trouble !== undefined) problems.push(`outbox: ${snapshot.outbox.trouble}`);
  const { configuration, configurationTrouble } = snapshot.control ?? {};
  if (configurationTrouble !== undefined) {
    problems.push(`another configuration than the file's runs: ${configurationTrouble}`);
  } else if (configuration?.state === "rolled-back") {
    problems.push(`the last change of the configuration was taken back: ${configuration.reason}`);
  }
  for (const bus of snapshot.control?.buses ?? []) {
    if (!bus.connected) problems.push(`${bus.id} is not connected`);
    if (bus.deadDevices.length > 0)
      problems.push(`${bus.id}: no answer from ${bus.deadDevices.join(", ")}`);
  }
  for (const id of snapshot.control?.unarmedConnections ?? []) {
    problems.push(
      `the I/O watchdog of ${id} is not armed: its outputs would hold if this agent died`,
    );
  }
  return { ok: problems.length === 0, problems, warnings: warningsOf(snapshot) };
}

function warningsOf({ control, atMs }: UplinkSnapshot): string[] {
  if (!control) return [];
  const { safety, bypassedRules } = control;
  const overdue = safety.proofTests.filter(
    ({ lastAtMs, dueAtMs }) => lastAtMs === 0 || (dueAtMs > 0 && dueAtMs < atMs),
  );
  return [
    ...(safety.ruleCount > 0 && !safety.approved
      ? ["not approved: nobody stands for the safety rules that run"]
      : []),
    ...bypassedRules.map((rule) => `${rule} is bypassed`),
    ...safety.blindRules.map((rule) => `${rule} cannot see its cause`),
    ...overdue.map(({ rule, lastAtMs }) =>
      lastAtMs === 0 ? `${rule} was never tested` : `the proof test of ${rule} is overdue`,
    ),
  ];
}
