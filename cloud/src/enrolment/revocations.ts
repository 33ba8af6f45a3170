/**
 * Which client certificates are worth nothing any more: a text file that people and
 * `weir-cloud revoke-site` write and a running cloud reads again within seconds. One entry a line: a
 * serial number, or "site <id> <time>" for every certificate of a site issued up to then; "#" begins
 * a remark, "# by <name>" says who has revoked it.
 */
import { appendFileSync, readFileSync, statSync } from "node:fs";
import { isId } from "@weir/contracts/topics.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { CloudFault } from "../faults.ts";

export interface SiteCertificate {
  /** Common name: the site. */
  site: string;
  /** Hex. */
  serial: string;
  /** When it was issued, UTC milliseconds. */
  issuedAtMs: number;
}

export interface Revocations {
  /** As the file says now; it is looked at again after a few seconds. */
  isRevoked(certificate: SiteCertificate): boolean;
  /** Every certificate of the site issued up to `atMs`. */
  revokeSite(site: string, revocation: SiteRevocation): void;
  /** The newest; undefined: never. Certificates that were issued since count. */
  revocationOf(site: string): SiteRevocation | undefined;
  /** Why the file as it is now cannot be used; what it said before still holds. */
  fault(): string | undefined;
}

/** Every certificate of a site is worth nothing, by a person's act. */
export interface SiteRevocation {
  /** Real time. */
  atMs: number;
  /** Who has revoked it; empty where that was not noted. */
  by: string;
}

/** How long what was read is trusted, real milliseconds. */
export const revocationsReadEveryMs = 5_000;

interface Entries {
  serials: ReadonlySet<string>;
  sites: ReadonlyMap<string, SiteRevocation>;
}

/** `io`: real time. @throws Fault CLOUD_REVOCATIONS when the file has a line that says nothing */
export function openRevocations(file: string, io: Clock): Revocations {
  let entries: Entries = read(file);
  let seen = stampOf(file);
  let lookedAtMs = io.monotonicMs();
  let fault: string | undefined;

  const lookAgain = () => {
    const stamp = stampOf(file);
    if (stamp === seen) return;
    seen = stamp;
    try {
      entries = read(file);
      fault = undefined;
    } catch (error) {
      fault = (error as Error).message;
    }
  };
  const current = (): Entries => {
    if (io.monotonicMs() - lookedAtMs >= revocationsReadEveryMs) {
      lookedAtMs = io.monotonicMs();
      lookAgain();
    }
    return entries;
  };
  return {
    isRevoked({ site, serial, issuedAtMs }) {
      const { serials, sites } = current();
      return serials.has(serial.toLowerCase()) || issuedAtMs <= (sites.get(site)?.atMs ?? 0);
    },
    revokeSite(site, { atMs, by }) {
      const remark = by && ` # by ${by.replaceAll(/[\r\n]/g, " ")}`;
      const line = `site ${site} ${new Date(atMs).toISOString()}${remark}\n`;
      appendFileSync(file, line, { flush: true });
      lookAgain();
    },
    revocationOf: (site) => current().sites.get(site),
    fault: () => {
      current();
      return fault;
    },
  };
}

const stampOf = (file: string): string => {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}/${stat.size}/${stat.ino}` : "none";
};

function read(file: string): Entries {
  const serials = new Set<string>();
  const sites = new Map<string, SiteRevocation>();
  if (stampOf(file) === "none") return { serials, sites };
  const faults: string[] = [];
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    const words = line.replace(/#.*/, "").trim().split(/\s+/).filter(Boolean);
    const [first = "", site = "", time = ""] = words;
    const atMs = Date.parse(time);
    if (first === "site" && isId(site) && !Number.isNaN(atMs)) {
      const by = /# by (.+)$/.exec(line)?.[1]?.trim() ?? "";
      if (atMs >= (sites.get(site)?.atMs ?? 0)) sites.set(site, { atMs, by });
    } else if (words.every((word) => /^[0-9a-f]{8,64}$/i.test(word))) {
      for (const word of words) serials.add(word.toLowerCase());
    } else faults.push(`line ${index + 1}: "${line.trim()}"`);
  }
  if (faults.length > 0)
    throw new CloudFault("CLOUD_REVOCATIONS", { file, lines: faults.join("; ") });
  return { serials, sites };
}
