/**
 * Approvals of a safety document: who, when, of which text, on which readings; signed with Ed25519.
 * Nothing that comes down from fog or cloud can make one: the keys belong to people of the site.
 */
import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { keyId, pemBlocks, type SigningKey } from "@weir/runtime/signing.ts";
import type { ApprovalSettings, Configuration } from "./configuration.ts";
import { approvalDocument } from "./document-safety.ts";
import { type Resolving, readDocument } from "./resolving.ts";
import { safetyBasis, sha256Of } from "./safety-basis.ts";
import type { DocumentSettings } from "./safety-source.ts";

export interface Approval {
  edge: string;
  /** Of the document's text, hexadecimal. */
  sha256: string;
  basis: readonly string[];
  by: string;
  /** UTC, ISO 8601. */
  at: string;
  reason: string;
  key: string;
  /** Base64. */
  signature: string;
}

type Signed = Omit<Approval, "key" | "signature">;

/** A list in a fixed order: unambiguous where one text ends and the next begins. */
const signedBytes = ({ edge, sha256, basis, by, at, reason }: Signed): Buffer =>
  Buffer.from(JSON.stringify(["weir-approval-1", edge, sha256, basis, by, at, reason]));

export function signApproval(signed: Signed, key: SigningKey): Approval {
  const signature = sign(null, signedBytes(signed), key.privateKey).toString("base64");
  return { ...signed, key: key.id, signature };
}

/** The text of an approval file, and back; wrong ones are left out. */
export const approvalText = (approvals: readonly Approval[]): string =>
  `${JSON.stringify(approvals, (_, value: unknown) => (value === "" ? undefined : value), 2)}\n`;

/** Notes a problem when the document is not approved as it is. */
export function checkApproval(
  at: Resolving,
  document: DocumentSettings,
  { configuration, isDemanded }: { configuration: Configuration; isDemanded: boolean },
): ApprovalSettings {
  const documentSha256 = sha256Of(document.text);
  const none = { isApproved: false, documentSha256, by: "", atMs: 0 };
  if (!isDemanded) return none;
  const refuse = (why: string): ApprovalSettings => {
    const remedy = `approve it with "weir-edge approve ${configuration.file} --key FILE --by NAME"`;
    at.problems.push({
      file: document.file,
      line: 1,
      column: 1,
      path: "",
      text: `this safety document ${why}; ${remedy}`,
    });
    return none;
  };
  const trusted = readTrusted(at, document);
  const approvals = readApprovals(at, document);
  if (at.problems.length > 0) return none;
  if (approvals.length === 0) return refuse("is not approved");
  const basis = safetyBasis(configuration);
  const flaws = approvals.map((approval) =>
    flawOf(approval, { configuration, documentSha256, basis, trusted }),
  );
  const good = approvals.filter((_, i) => flaws[i] === undefined);
  const people = new Set(good.map(({ by }) => by));
  const keys = new Set(good.map(({ key }) => key));
  if (Math.min(people.size, keys.size) < document.approversMin) {
    const flaw = flaws.find((text) => text !== undefined);
    return refuse(
      flaw ??
        `is approved by ${people.size} of ${document.approversMin} people with keys of their own`,
    );
  }
  const atMs = Math.max(...good.map((approval) => Date.parse(approval.at)));
  return { isApproved: true, documentSha256, by: [...people].join(", "), atMs };
}

function flawOf(
  approval: Approval,
  known: {
    configuration: Configuration;
    documentSha256: string;
    basis: readonly string[];
    trusted: readonly KeyObject[];
  },
): string | undefined {
  const { configuration, documentSha256, basis, trusted } = known;
  const key = trusted.find((other) => keyId(other) === approval.key);
  if (!key) return `was approved with key ${approval.key}, which is not among the trusted ones`;
  const signature = Buffer.from(approval.signature, "base64");
  if (!verify(null, signedBytes(approval), key, signature)) {
    return `has an approval by ${approval.by} whose signature is wrong`;
  }
  if (approval.edge !== configuration.edge) return `was approved for ${approval.edge}`;
  if (approval.sha256 !== documentSha256) {
    return `was changed after ${approval.by} approved it on ${approval.at}`;
  }
  const changed = [...basis, ...approval.basis].find(
    (line) => !basis.includes(line) || !approval.basis.includes(line),
  );
  if (changed === undefined) return undefined;
  const what = changed.slice(0, changed.indexOf(":"));
  return `was approved on other readings: ${what} is not read as it was on ${approval.at}`;
}

function readTrusted(at: Resolving, { trustedFiles }: DocumentSettings): KeyObject[] {
  return trustedFiles.flatMap((file) => {
    // Read with the other texts of the configuration, so that a kept copy is whole.
    const source = at.read(file);
    if (!source.ok) {
      const remedy = 'the key of who approves; "weir-edge approve --new-key" makes one';
      for (const problem of source.problems) {
        at.problems.push({ ...problem, text: `${problem.text}: ${remedy}` });
      }
      return [];
    }
    const keys = pemBlocks(source.text).flatMap(readKey);
    if (keys.length === 0) {
      at.problems.push(source.problem([], "holds no Ed25519 public key (PEM)"));
    }
    return keys;
  });
}

function readKey(pem: string): KeyObject[] {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === "ed25519" && !pem.includes("PRIVATE") ? [key] : [];
  } catch {
    return [];
  }
}

function readApprovals(at: Resolving, { approvalFile }: DocumentSettings): Approval[] {
  const source = at.read(approvalFile);
  if (!source.ok) {
    // No approval is told as what it is, not as a missing file.
    const isMissing = source.problems.some(({ text }) => text.startsWith("does not exist"));
    if (!isMissing) at.problems.push(...source.problems);
    return [];
  }
  const read = readDocument({ ...at, source }, approvalDocument);
  return read.map((approval) => ({
    edge: approval.edge ?? "",
    sha256: approval.sha256 ?? "",
    basis: approval.basis.flatMap((line) => line ?? []),
    by: approval.by ?? "",
    at: approval.at ?? "",
    reason: approval.reason ?? "",
    key: approval.key ?? "",
    signature: approval.signature ?? "",
  }));
}
