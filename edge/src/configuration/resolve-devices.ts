/** Devices with their profiles to the tag table. */

import { dirname } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { formatPath, type Problem, type SettingPath } from "@weir/runtime/problem.ts";
import {
  type ConnectionSettings,
  type DeviceSettings,
  type Ne107,
  type StatusSettings,
  type TagSettings,
  widthOf,
} from "./configuration.ts";
import {
  type DeviceDraft,
  type ProfileDraft,
  profileDocument,
  type StatusDraft,
} from "./document-device.ts";
import type { GivenTag } from "./document-tag.ts";
import { byteOrderDefault, unitDefault } from "./document-words.ts";
import { refuseForeignKeys } from "./foreign-keys.ts";
import type { MachineSettings } from "./machine-settings.ts";
import { formatPlace, parsePlace } from "./place.ts";
import { builtinPrefix, builtinProfiles, profilePath } from "./profile-library.ts";
import { topicOf } from "./resolve-inbox.ts";
import { resolveMachine } from "./resolve-machine.ts";
import { resolveTag } from "./resolve-tag.ts";
import { isTextConnection, resolveTextDevice } from "./resolve-text-device.ts";
import { fault, type Resolving, readDocument, unknownName } from "./resolving.ts";

export const tagsMax = 65_535;

/** Texts of profiles by path, for the configuration's hash. */
export type ProfileTexts = Map<
  string,
  { source: Resolving["source"]; raw: ProfileDraft } | undefined
>;

export interface ResolvedDevices {
  devices: DeviceSettings[];
  tags: TagSettings[];
  /** Path of each tag in the file, by tag index: later checks point there. */
  tagPaths: { at: Resolving; path: SettingPath }[];
  profiles: ProfileTexts;
  /** SDI-12 sensors by connection, then by address and measurement. */
  sensors: Map<number, Map<string, string>>;
  /** Ids of tags that could not be read: what refers to them is not at fault. */
  faulty: Set<string>;
}

export function resolveDevices(
  at: Resolving,
  raws: readonly DeviceDraft[],
  context: { site: string; connections: readonly ConnectionSettings[] },
): ResolvedDevices {
  const result: ResolvedDevices = {
    devices: [],
    tags: [],
    tagPaths: [],
    profiles: new Map(),
    sensors: new Map(),
    faulty: new Set(),
  };
  raws.forEach((raw, i) => {
    // A second one of the same id was told when the list was read.
    if (raw.id === undefined || raws.findIndex(({ id }) => id === raw.id) < i) return;
    const path = ["devices", i];
    const isAlone = !raws.some((other) => other !== raw && other.connection === raw.connection);
    resolveDevice(at, raw, { ...context, path, result, isAlone });
  });
  connectStuckRules(at, raws, result);
  connectSpeedTags(at, raws, result);
  if (result.tags.length > tagsMax) {
    fault(
      at,
      ["devices"],
      `${result.tags.length} tags are more than the ${tagsMax} one edge can have`,
    );
  }
  if (result.tags.length === 0 && at.problems.length === 0) {
    fault(at, ["devices"], "no device has a tag: there is nothing to read");
  }
  return result;
}

interface DeviceContext {
  site: string;
  connections: readonly ConnectionSettings[];
  path: SettingPath;
  result: ResolvedDevices;
  /** The only one on its connection. */
  isAlone: boolean;
}

function resolveDevice(at: Resolving, raw: DeviceDraft, context: DeviceContext): void {
  const { connections, path, result } = context;
  const connection = connections.find((c) => c.id === raw.connection);
  if (!connection && raw.connection !== undefined) {
    const names = connections.map((c) => c.id);
    unknownName(at, [...path, "connection"], { what: "connection", name: raw.connection, names });
  }
  const profile = raw.profile === undefined ? undefined : readProfile(at, raw.profile, context);
  const stage = raw.stage ?? (raw.id as string);
  const statusOf = raw.status ?? profile?.raw.status;
  const statusAt = raw.status || !profile ? at : { ...at, source: profile.source };
  const isText = connection !== undefined && isTextConnection(connection.type);
  if (connection && !isText) refuseForeignKeys(at, raw, { type: connection.type, path });
  if (connection?.type === "modbus-rtu" && raw.unit === 0) {
    const text =
      "unit 0 speaks to every device on the line, and none answers; units go from 1 to 247";
    fault(at, [...path, "unit"], text);
  }
  const text = isText ? textOf(at, raw, { ...context, connection, profile }) : undefined;
  const device: DeviceSettings = {
    index: result.devices.length,
    id: raw.id as string,
    stage,
    connection: connection?.index ?? -1,
    unit: raw.unit ?? unitDefault,
    status: isText
      ? text?.status
      : statusOf &&
        resolveStatus(statusAt, statusOf, raw.status ? [...path, "status"] : ["status"]),
    line: text?.line,
    sdi12: text?.sdi12,
    topic: topicOf(at, raw, { connection, path }),
    machine: machineOf(at, raw, { connection, path, devices: result.devices }),
    maxRegisters: raw.maxRegisters ?? profile?.raw.maxRegisters,
    maxHole: raw.maxHole ?? profile?.raw.maxHole,
    gapMs: raw.gap ?? profile?.raw.gap,
  };
  result.devices.push(device);
  const byteOrder = raw.byteOrder ?? profile?.raw.byteOrder ?? byteOrderDefault;
  const names = new Set([...Object.keys(profile?.raw.tags ?? {}), ...Object.keys(raw.tags)]);
  for (const name of names) {
    const own = raw.tags[name];
    const shared = profile?.raw.tags[name];
    // A fault in a key that came from the profile is shown in the profile.
    const tagAt = own || !profile ? at : { ...at, source: profile.source };
    const tagPath = own ? [...path, "tags", name] : ["tags", name];
    const merged: GivenTag = { ...shared, ...own };
    const before = at.problems.length;
    // What is wrong with the device was noted there.
    const isRead =
      isText === (text !== undefined) &&
      !at.problems.some((problem) => isWithin(problem, tagAt, tagPath));
    const tag =
      isRead &&
      resolveTag(merged, {
        at: tagAt,
        path: tagPath,
        device: { ...device, asset: raw.asset ?? stage, byteOrder },
        connectionType: connection?.type,
        values: text?.values ?? (connection?.inbox && { in: "message" }),
        usualPeriodMs: text?.usualPeriodMs,
        site: context.site,
        name,
        index: result.tags.length,
      });
    if (!isRead || at.problems.length > before) result.faulty.add(`${raw.id}/${name}`);
    if (!tag) continue;
    result.tags.push(tag);
    result.tagPaths.push({ at: tagAt, path: tagPath });
  }
}

function textOf(
  at: Resolving,
  own: DeviceDraft,
  context: DeviceContext & {
    connection: ConnectionSettings;
    profile: { raw: ProfileDraft } | undefined;
  },
) {
  const { connection, profile, result } = context;
  const takenBy = result.sensors.get(connection.index) ?? new Map<string, string>();
  result.sensors.set(connection.index, takenBy);
  return resolveTextDevice(at, { own, profile: profile?.raw }, { ...context, takenBy });
}

/** A line of frames is one sensor on one machine. */
function machineOf(
  at: Resolving,
  raw: DeviceDraft,
  {
    connection,
    path,
    devices,
  }: {
    connection: ConnectionSettings | undefined;
    path: SettingPath;
    devices: readonly DeviceSettings[];
  },
): MachineSettings | undefined {
  const other = devices.find(
    (d) => connection?.type === "frames" && d.connection === connection.index,
  );
  if (other) {
    const text = `${connection?.id} is already the line of ${other.id}, and frames name no sensor; give each machine a line of its own`;
    return fault(at, [...path, "connection"], text);
  }
  if (connection?.type === "frames" && !raw.machine) {
    const example = "machine: {speed: 1480, kW: 30, mounting: rigid}";
    return fault(at, path, `a device on a line of vibration frames needs "machine", as ${example}`);
  }
  if (connection && connection.type !== "frames") return undefined;
  return raw.machine && resolveMachine(at, raw.machine, [...path, "machine"]);
}

function readProfile(at: Resolving, name: string, { path, result }: DeviceContext) {
  const file = profilePath(name, dirname(at.source.file));
  if (result.profiles.has(file)) return result.profiles.get(file);
  result.profiles.set(file, undefined);
  const source = at.read(file);
  if (!source.ok) {
    const isMissing = source.problems[0]?.text.startsWith("does not exist");
    if (isMissing && name.startsWith(builtinPrefix)) {
      const known = builtinProfiles().map((profile) => `${builtinPrefix}${profile}`);
      return unknownName(at, [...path, "profile"], { what: "profile", name, names: known });
    }
    if (isMissing)
      return fault(
        at,
        [...path, "profile"],
        `profile ${file} does not exist; paths count from this file's folder`,
      );
    at.problems.push(...source.problems);
    return undefined;
  }
  const raw = readDocument({ source, problems: at.problems }, profileDocument);
  const profile = { source, raw };
  result.profiles.set(file, profile);
  return profile;
}

function resolveStatus(
  at: Resolving,
  raw: StatusDraft,
  path: SettingPath,
): StatusSettings | undefined {
  if (raw.read === undefined) return undefined;
  const result = parsePlace(raw.read);
  if (!result.ok) return fault(at, [...path, "read"], result.text);
  if (result.place.table === "coil" || result.place.table === "discrete") {
    return fault(
      at,
      [...path, "read"],
      "a status word is a register; name an input or holding register",
    );
  }
  const bits = new Map<number, Ne107>();
  for (const [bit, meaning] of Object.entries(raw.bits ?? {})) {
    if (Number(bit) > 15)
      fault(at, [...path, "bits", bit], `bit ${bit} is above 15, the last one of a register`);
    else bits.set(Number(bit), meaning);
  }
  if (!raw.bits) return fault(at, path, '"bits" is missing: Meaning of each bit by NAMUR NE 107.');
  return { place: result.place, field: undefined, words: undefined, bits };
}

/** `stuck.unlessZero` names a tag that may be defined later in the file. */
function connectStuckRules(
  at: Resolving,
  raws: readonly DeviceDraft[],
  { tags, devices }: ResolvedDevices,
): void {
  raws.forEach((raw, i) => {
    for (const [name, rawTag] of Object.entries(raw.tags)) {
      const wanted = rawTag.detect?.stuck?.unlessZero;
      const tag = tags.find((t) => t.name === name && elementAt(devices, t.device).id === raw.id);
      if (wanted === undefined || !tag?.detect.stuck) continue;
      const other = findTag(tags, wanted, elementAt(devices, tag.device).id);
      const path = ["devices", i, "tags", name, "detect", "stuck", "unlessZero"];
      if (other) tag.detect.stuck = { ...tag.detect.stuck, unlessZero: other.index };
      else unknownName(at, path, { what: "tag", name: wanted, names: tags.map((t) => t.id) });
    }
  });
}

/** `machine.speedTag` may be defined later in the file. */
function connectSpeedTags(
  at: Resolving,
  raws: readonly DeviceDraft[],
  { tags, devices }: ResolvedDevices,
): void {
  raws.forEach((raw, i) => {
    const wanted = raw.machine?.speedTag;
    const machine = devices.find(({ id }) => id === raw.id)?.machine;
    if (wanted === undefined || !machine) return;
    const tag = findTag(tags, wanted);
    const path = ["devices", i, "machine", "speedTag"];
    if (!tag) unknownName(at, path, { what: "tag", name: wanted, names: tags.map((t) => t.id) });
    else if (elementAt(devices, tag.device).machine === machine)
      fault(
        at,
        path,
        `${tag.id} is worked out from the vibration itself; name a tag that is measured`,
      );
    else machine.speedTag = tag.index;
  });
}

/** By full id, or by name: on `device` when it has one, else where only one device has it. */
export function findTag(
  tags: readonly TagSettings[],
  name: string,
  device?: string,
): TagSettings | undefined {
  const exact = tags.find((tag) => tag.id === name || tag.id === `${device}/${name}`);
  if (exact) return exact;
  const sameName = tags.filter((tag) => tag.name === name);
  return sameName.length === 1 ? sameName[0] : undefined;
}

/** Two tags may share a register only when each takes bits of its own. */
export function checkCollisions({ devices, tags, tagPaths }: ResolvedDevices): void {
  const takenBy = new Map<string, TagSettings>();
  for (const tag of tags) {
    if (!tag.place) continue;
    const { connection, unit } = elementAt(devices, tag.device);
    for (let i = 0; i < widthOf[tag.type]; i++) {
      const address = tag.place.address + i;
      const key = `${connection}/${unit}/${tag.place.table}/${address}`;
      const other = takenBy.get(key);
      takenBy.set(key, tag);
      const areDisjoint =
        other?.mask !== undefined && tag.mask !== undefined && (other.mask & tag.mask) === 0;
      if (!other || areDisjoint) continue;
      const { at, path } = elementAt(tagPaths, tag.index);
      const place = formatPlace({ table: tag.place.table, address });
      const first = elementAt(tagPaths, other.index);
      const line = first.at.source.position(first.path).line;
      fault(
        at,
        [...path, "read"],
        `register ${place} of unit ${unit} is already read by ${other.id} in line ${line}; correct one of the two`,
      );
      break;
    }
  }
}

/** A fault that was found in reading a tag or its very keys. */
function isWithin(problem: Problem, at: Resolving, path: SettingPath): boolean {
  const own = formatPath(path);
  const isThere = problem.path === own || problem.path.startsWith(`${own}.`);
  return isThere && problem.file === at.source.file;
}
