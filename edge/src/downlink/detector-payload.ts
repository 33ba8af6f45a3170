/** The payload of a detector artifact: parameters of streaming detectors by tag. */
import type { EdgeDetector } from "../hand-over.ts";
import { type ParsedTagFigures, parseTagFigures } from "./tag-figures.ts";

const form = { format: "weir-edge-detector-1", fields: ["threshold"] };

/** Never throws. */
export const parseDetector = (payload: Uint8Array): ParsedTagFigures<EdgeDetector> =>
  parseTagFigures(payload, form);
