/** A device that prints text or speaks SDI-12: how it is read, and what its tags may name. */
import { present } from "@weir/contracts/present.ts";
import type { SettingPath } from "@weir/runtime/problem.ts";
import type { ConnectionSettings, StatusSettings } from "./configuration.ts";
import type { DeviceDraft, ProfileDraft } from "./document-device.ts";
import { refuseForeignKeys } from "./foreign-keys.ts";
import { given } from "./given.ts";
import type { LineLayout, Sdi12Device } from "./line-settings.ts";
import { resolveLayout, resolveLineStatus } from "./resolve-line.ts";
import { type NamedValues, resolveField } from "./resolve-named-value.ts";
import { resolveSdi12 } from "./resolve-sdi12.ts";
import { fault, type Resolving } from "./resolving.ts";

/** SDI-12 sensors measure what changes slowly, on batteries. */
const sdi12PeriodMs = 60_000;

export interface TextDevice {
  line: LineLayout | undefined;
  sdi12: Sdi12Device | undefined;
  status: StatusSettings | undefined;
  values: NamedValues;
  /** For tags that name none. */
  usualPeriodMs: number | undefined;
}

export interface TextDeviceContext {
  connection: ConnectionSettings;
  path: SettingPath;
  /** No other device is on the connection. */
  isAlone: boolean;
  /** Sensors of the connection so far, by address and measurement. */
  takenBy: Map<string, string>;
}

export const isTextConnection = (type: ConnectionSettings["type"]): boolean =>
  type === "line" || type === "sdi12";

/** undefined when nothing can be made of it; the faults are noted. */
export function resolveTextDevice(
  at: Resolving,
  { own, profile }: { own: DeviceDraft; profile: ProfileDraft | undefined },
  context: TextDeviceContext,
): TextDevice | undefined {
  const { connection, path } = context;
  const raw: DeviceDraft = given(profile ?? {}, own);
  refuseForeignKeys(at, raw, { type: connection.type, path });
  if (connection.type === "sdi12") {
    if (raw.status) {
      fault(at, [...path, "status"], "SDI-12 sensors send values only; leave status out");
    }
    const sdi12 = resolveSdi12(at, raw, context);
    if (!sdi12) return undefined;
    const values = { in: "measurement" as const };
    return { line: undefined, sdi12, status: undefined, values, usualPeriodMs: sdi12PeriodMs };
  }
  const line = present(connection.line);
  const read = resolveLayout(at, raw, { ...context, line });
  if (!read) return undefined;
  const values = { in: "line" as const, ...read };
  return {
    line: read.layout,
    sdi12: undefined,
    status: statusOf(at, raw, { path, values }),
    values,
    usualPeriodMs: line.poll?.everyMs,
  };
}

function statusOf(
  at: Resolving,
  { status }: DeviceDraft,
  { path, values }: { path: SettingPath; values: NamedValues },
): StatusSettings | undefined {
  if (!status) return undefined;
  const where = [...path, "status"];
  const field = resolveField(at, status.read, { path: where, values });
  return resolveLineStatus(at, status, { path: where, field });
}
