/** Outputs and rules, from the configuration itself or from a document of their own. */
import { dirname, resolve } from "node:path";
import type { EdgeDraft } from "./document.ts";
import {
  type BlindPolicy,
  type OutputDraft,
  type RuleDraft,
  safetyDocument,
} from "./document-safety.ts";
import { fault, type Resolving, readDocument } from "./resolving.ts";

export interface SafetySource {
  /** Where faults of outputs and rules are noted. */
  at: Resolving;
  outputs: Record<string, OutputDraft>;
  rules: readonly RuleDraft[];
  onBad: BlindPolicy;
  document: DocumentSettings | undefined;
}

/** Paths are absolute. */
export interface DocumentSettings {
  file: string;
  text: string;
  approvalFile: string;
  trustedFiles: readonly string[];
  approversMin: number;
}

export function readSafety(at: Resolving, raw: EdgeDraft, file: string): SafetySource {
  const { safety } = raw;
  const own = { at, outputs: raw.outputs, onBad: "alarm" as const, document: undefined };
  if (Array.isArray(safety)) return { ...own, rules: safety };
  if (Object.keys(raw.outputs).length > 0) {
    fault(
      at,
      ["outputs"],
      "outputs belong to the table that is approved; move them to its document",
    );
  }
  if (safety.document === undefined) return { ...own, rules: [] };
  const inFolder = (path: string) => resolve(dirname(file), path);
  const source = at.read(inFolder(safety.document));
  if (!source.ok) {
    at.problems.push(...source.problems);
    return { ...own, rules: [] };
  }
  const documentAt: Resolving = { ...at, source };
  const read = readDocument(documentAt, safetyDocument);
  if (read.edge !== undefined && raw.edge !== undefined && read.edge !== raw.edge) {
    fault(
      documentAt,
      ["edge"],
      `this table is for ${read.edge}, the configuration is of ${raw.edge}`,
    );
  }
  return {
    at: documentAt,
    outputs: read.outputs,
    rules: read.safety,
    onBad: read.onBad,
    document: {
      file: source.file,
      text: source.text,
      approvalFile: inFolder(safety.approval ?? `${safety.document}.approval`),
      trustedFiles: safety.trusted.flatMap((path) => (path ? [inFolder(path)] : [])),
      approversMin: safety.approvers,
    },
  };
}
