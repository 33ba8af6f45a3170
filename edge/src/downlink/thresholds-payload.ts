/** The payload of a thresholds artifact: parameters of alert rules by tag. */
import type { EdgeThresholds } from "../hand-over.ts";
import { type ParsedTagFigures, parseTagFigures } from "./tag-figures.ts";

const form = {
  format: "weir-edge-thresholds-1",
  fields: ["deltaMax", "sigmaFloor", "zMax", "stuckAfterMs"],
};

/** Never throws. */
export const parseThresholds = (payload: Uint8Array): ParsedTagFigures<EdgeThresholds> =>
  parseTagFigures(payload, form);
