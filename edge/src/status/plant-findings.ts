/** What is not well between the agent and the plant: connections, devices, tags. */
import { elementAt } from "@weir/contracts/elements.ts";
import { Quality, QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import { networkText } from "../acquisition/network-text.ts";
import { reasons } from "../conditioning/quality.ts";
import type { ControlStatus, SilentLink, TagCondition } from "../hand-over.ts";
import type { Finding } from "./health.ts";
import { type ProblemCode, tagProblemCodes } from "./problem-codes.ts";

/** Tags that one finding names. */
const namedMax = 5;

export function plantFindings(control: ControlStatus): Finding[] {
  const { silentConnections, silentDevices, conditions } = control;
  const lost = new Set(silentConnections.map(({ id }) => id));
  const silent = new Set(silentDevices.map(({ id }) => id));
  const countOf = (is: (condition: TagCondition) => boolean) => conditions.filter(is).length;
  const own = conditions.filter(
    (condition) =>
      !isSilence(condition) || !(lost.has(condition.connection) || silent.has(condition.device)),
  );
  return [
    ...silentConnections.map((link) =>
      connectionFinding(
        link,
        countOf(({ connection }) => connection === link.id),
      ),
    ),
    ...silentDevices.map((link) =>
      deviceFinding(
        link,
        countOf(({ device }) => device === link.id),
      ),
    ),
    ...groupsOf(own).map(tagFinding),
  ];
}

const tagsText = (count: number): string =>
  count === 0 ? "" : `, ${count} tag${count === 1 ? "" : "s"} without a reading`;

function connectionFinding(link: SilentLink, tags: number): Finding {
  const { id, place, isOpen, text, sinceMs } = link;
  const what = isOpen ? "opens, and nothing answers on it" : "is not connected";
  const where = text.includes(place.replace(/^\w+:\/\//, "")) ? "" : ` (${place})`;
  return {
    code: isOpen ? "connection-silent" : "connection-down",
    severity: "problem",
    subject: id,
    text: `${id} ${what}: ${text}${where}${tagsText(tags)}${remedyText(link)}`,
    sinceMs,
  };
}

function deviceFinding(link: SilentLink, tags: number): Finding {
  const { id, connection, text, sinceMs } = link;
  return {
    code: "device-silent",
    severity: "problem",
    subject: id,
    text: `${connection}: no answer from ${id}: ${text}${tagsText(tags)}${remedyText(link)}`,
    sinceMs,
  };
}

/** What to look at first, as far as the reason tells. */
function remedyText({ text }: SilentLink): string {
  const known = networkText(text);
  if (known !== undefined) return `; ${known}`;
  return /^no answer within/.test(text)
    ? "; check power, wires and `unit`; an answer that takes longer needs a longer `timeout` of the connection"
    : "";
}

/** The device or its connection is silent as a whole; told once for all of its tags. */
const isSilence = ({ reason }: TagCondition): boolean =>
  reason === QualityReason.NO_ANSWER ||
  reason === QualityReason.NO_CONNECTION ||
  reason === QualityReason.STALE ||
  reason === QualityReason.NOT_READ_YET;

/** By device and reason, in the order of the configuration. */
function groupsOf(conditions: readonly TagCondition[]): TagCondition[][] {
  const groups = new Map<string, TagCondition[]>();
  for (const condition of conditions) {
    const key = `${condition.device}/${condition.reason}/${condition.quality}`;
    const group = groups.get(key);
    if (group) group.push(condition);
    else groups.set(key, [condition]);
  }
  return [...groups.values()];
}

/** Quality uncertain, or a state that is part of ordinary life. */
const isWarning = ({ quality, reason }: TagCondition): boolean =>
  quality === Quality.UNCERTAIN ||
  reason === QualityReason.FUNCTION_CHECK ||
  reason === QualityReason.NOT_READ_YET;

function tagFinding(group: readonly TagCondition[]): Finding {
  const first = elementAt(group, 0);
  const { reason, device, quality } = first;
  const known = reasons[reason]?.replace(/^failure: |^out of specification: (?!the)/, "");
  const word = known || "for a reason that it does not name";
  const names = group.slice(0, namedMax).map(({ tag }) => tag);
  const more = group.length > namedMax ? ` and ${group.length - namedMax} more` : "";
  const details = [...new Set(group.map(({ detail }) => detail).filter((d) => d !== ""))];
  const detail = details.length === 0 ? "" : `: ${details.slice(0, 2).join("; ")}`;
  const remedy = group.find((condition) => condition.remedy !== "")?.remedy ?? "";
  const uncertain = quality === Quality.UNCERTAIN ? "uncertain" : "no good reading";
  return {
    code: codeOf(reason),
    severity: isWarning(first) ? "warning" : "problem",
    subject: group.length === 1 ? first.tag : device,
    text: `${names.join(", ")}${more}: ${uncertain}, ${word}${detail}${remedy === "" ? "" : `; ${remedy}`}`,
    sinceMs: Math.min(...group.map(({ sinceMs }) => sinceMs)),
  };
}

const codeOf = (reason: number): ProblemCode =>
  (tagProblemCodes as Readonly<Record<number, ProblemCode>>)[reason] ?? tagProblemCodes[0];
