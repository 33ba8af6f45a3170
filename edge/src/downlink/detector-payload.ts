/** Reads the payload of a detector artifact, strictly: what is not understood is refused, never guessed. */
import type { EdgeDetector } from "../hand-over.ts";

/** Larger payloads are refused unread, bytes. */
export const detectorBytesMax = 1024 * 1024;

const format = "weir-edge-detector-1";
const fields = ["threshold"] as const;

export type ParsedDetector = { ok: true; detector: EdgeDetector } | { ok: false; reason: string };

/** Never throws. */
export function parseDetector(payload: Uint8Array): ParsedDetector {
  const refuse = (reason: string): ParsedDetector => ({ ok: false, reason });
  if (payload.length > detectorBytesMax) {
    return refuse(`${payload.length} bytes, at most ${detectorBytesMax} are read`);
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
    if (!isObject(values)) return refuse(`tags.${tag} is no object`);
    for (const [key, value] of Object.entries(values)) {
      if (!(fields as readonly string[]).includes(key)) {
        return refuse(`tags.${tag}.${key} cannot be set from outside`);
      }
      if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
        return refuse(`tags.${tag}.${key} is no number from 0`);
      }
    }
  }
  return { ok: true, detector: root as unknown as EdgeDetector };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
