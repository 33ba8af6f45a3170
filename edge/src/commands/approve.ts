/** `weir-edge approve`: one person's name under a safety document, and the readings it stands on. */

import { createPublicKey } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { elementAt } from "@weir/contracts/elements.ts";
import { command, type ProgramIo } from "@weir/runtime/cli.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { formatProblems } from "@weir/runtime/problem.ts";
import {
  generateSigningKey,
  keyId,
  type SigningKey,
  signingKeyFromPem,
} from "@weir/runtime/signing.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import { type Approval, approvalText, signApproval } from "../configuration/safety-approval.ts";
import { safetyBasis, sha256Of } from "../configuration/safety-basis.ts";
import { matrixLines } from "./matrix-lines.ts";

const text = (flag: string, value: string, doc: string) =>
  ({ flag, type: "string", default: undefined, value, doc }) as const;

export const approve = command({
  about: "Approves the safety document of a configuration: who, when, why; signed.",
  options: {
    key: text("--key", "FILE", "Private key (Ed25519, PEM) of who approves."),
    newKey: {
      flag: "--new-key",
      type: "boolean",
      default: false,
      doc: "Make the key FILE first, and FILE.pub; list that one under `trusted` before.",
    },
    by: text("--by", "NAME", "Who approves."),
    reason: text("--reason", "TEXT", "Why, for the record."),
  },
  positionals: { name: "FILE", doc: "Configuration that names the document.", min: 1, max: 1 },
  examples: [
    "weir-edge approve edge.yaml --key ana.pem --new-key --by Ana",
    'weir-edge approve edge.yaml --key ana.pem --by Ana --reason "P-HIGH at 4.0 after review 12"',
  ],
  run: async (args, io) => {
    const file = elementAt(args.positionals, 0);
    const { key: keyFile, by = "", reason = "" } = args;
    if (keyFile === undefined || by.trim() === "") {
      io.err("an approval needs --key FILE and --by NAME");
      return 2;
    }
    const key = args.newKey ? makeKey(keyFile, io) : readKey(keyFile, io);
    if (!key) return 1;
    return approveFile(file, { key, by, reason }, io, systemClock().nowMs());
  },
});

/** Exit code. Writes the approval beside the document; approvals of the same text stay. */
export function approveFile(
  file: string,
  { key, by, reason }: { key: SigningKey; by: string; reason: string },
  io: Pick<ProgramIo, "out" | "err">,
  nowMs: number,
): number {
  const loaded = loadConfiguration(file, { approval: "ignored" });
  if (!loaded.ok) {
    io.err(formatProblems(loaded.problems));
    return 1;
  }
  const { configuration, document } = loaded;
  if (!document) {
    io.err(
      `${file}: the rules stand in the configuration itself; move outputs and safety to a document and name it: safety: {document: ./safety.yaml, trusted: [./key.pem.pub]}`,
    );
    return 1;
  }
  const trusted = document.trustedFiles.some((path) => isKeyOf(path, key));
  if (!trusted) {
    io.err(`key ${key.id} is not among the trusted ones of ${file}; add its public key there`);
    return 1;
  }
  const sha256 = sha256Of(document.text);
  const basis = safetyBasis(configuration);
  const at = new Date(nowMs).toISOString();
  const own = signApproval({ edge: configuration.edge, sha256, basis, by, at, reason }, key);
  const others = readApprovals(document.approvalFile).filter(
    (other) => other.sha256 === sha256 && other.key !== key.id,
  );
  if (!write(document.approvalFile, approvalText([...others, own]), io)) return 1;
  for (const line of matrixLines(configuration)) io.out(line);
  io.out(
    `${document.file} (SHA-256 ${sha256.slice(0, 12)}…) approved by ${by}, with ${basis.length} readings and connections it stands on`,
  );
  return 0;
}

function makeKey(file: string, io: Pick<ProgramIo, "err">): SigningKey | undefined {
  if (existsSync(file)) {
    io.err(`${file} exists; a key is never written over`);
    return undefined;
  }
  const { privatePem, publicPem } = generateSigningKey();
  if (!write(file, privatePem, io, 0o600) || !write(`${file}.pub`, publicPem, io)) return undefined;
  return signingKeyFromPem(privatePem);
}

function write(file: string, text: string, io: Pick<ProgramIo, "err">, mode = 0o644): boolean {
  try {
    writeFileSync(file, text, { mode });
    return true;
  } catch (error) {
    io.err(`${file} cannot be written: ${(error as Error).message}`);
    return false;
  }
}

function readKey(file: string, io: Pick<ProgramIo, "err">): SigningKey | undefined {
  try {
    return signingKeyFromPem(readFileSync(file, "utf8"));
  } catch (error) {
    io.err(
      `${file} is no private key that can be read (${(error as Error).message}); --new-key makes one`,
    );
    return undefined;
  }
}

function isKeyOf(file: string, key: SigningKey): boolean {
  try {
    return keyId(createPublicKey(readFileSync(file, "utf8"))) === key.id;
  } catch {
    return false;
  }
}

function readApprovals(file: string): Approval[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Approval[];
  } catch {
    return [];
  }
}
