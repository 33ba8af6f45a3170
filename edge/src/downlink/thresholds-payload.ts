/** Reads the payload of a thresholds artifact, strictly: what is not understood is refused, never guessed. */
import type { EdgeThresholds } from "../hand-over.ts";

/** Larger payloads are refused unread, bytes. */
export const thresholdsBytesMax = 1024 * 1024;

const format = "weir-edge-thresholds-1";
const fields = ["deltaMax", "sigmaFloor", "zMax", "stuckAfterMs"] as const;

export type ParsedThresholds =
  | { ok: true; thresholds: EdgeThresholds }
  | { ok: false; reason: string };

/** Never throws. */
export function parseThresholds(payload: Uint8Array): ParsedThresholds {
  const refuse = (reason: string): ParsedThresholds => ({ ok: false, reason });
  if (payload.length > thresholdsBytesMax) {
    return refuse(
      `the payload has ${payload.length} bytes, at most ${thresholdsBytesMax} are read`,
    );
  }
  let root: unknown;
  try {
    root = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(payload));
  } catch (error) {
    return refuse(`the payload is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(root)) return refuse("the payload is not a JSON object");
  if (root["format"] !== format) {
    return refuse(`format ${JSON.stringify(root["format"])}, this agent reads "${format}"`);
  }
  const unknownKey = Object.keys(root).find((key) => key !== "format" && key !== "tags");
  if (unknownKey !== undefined) return refuse(`"${unknownKey}" is not a part of ${format}`);
  const tags = root["tags"];
  if (!isObject(tags)) return refuse(`"tags" is missing or no object`);
  for (const [tag, values] of Object.entries(tags)) {
    const reason = faultOf(tag, values);
    if (reason !== undefined) return refuse(reason);
  }
  return { ok: true, thresholds: root as unknown as EdgeThresholds };
}

function faultOf(tag: string, values: unknown): string | undefined {
  if (!isObject(values)) return `tags.${tag} is no object`;
  for (const [key, value] of Object.entries(values)) {
    if (!(fields as readonly string[]).includes(key)) {
      return `tags.${tag}.${key} cannot be set from outside; an artifact sets ${fields.join(", ")}`;
    }
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
      return `tags.${tag}.${key} is ${JSON.stringify(value)}, a number from 0 is needed`;
    }
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
