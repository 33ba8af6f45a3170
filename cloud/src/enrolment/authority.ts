/** The cloud as certificate authority of its sites: one authority, one server certificate, one client certificate a site. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isId } from "@weir/contracts/topics.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import {
  certificateInfo,
  createAuthority,
  type Identity,
  issueCertificate,
} from "@weir/runtime/pki.ts";
import { CloudFault } from "../faults.ts";
import { siteOrganization } from "../ingest/site-organization.ts";
import {
  identityFilesIfSound,
  identityFilesIn,
  readIdentityFiles,
  writeIdentityFiles,
} from "./identity-files.ts";
import { openRevocations, type Revocations, type SiteRevocation } from "./revocations.ts";

const authorityDays = 3_650;
const serverDays = 397;
const siteDays = 365;
const serverOrganization = "weir-cloud";
/** A server certificate with less than this left is renewed at start, milliseconds. */
const renewBeforeMs = 30 * 86_400_000;

/** A certificate as it was issued. */
export interface IssuedCertificate {
  site: string;
  serial: string;
  issuedAtMs: number;
  notAfterMs: number;
}

export interface CloudAuthority extends Pick<Revocations, "isRevoked" | "revokeSite"> {
  /** Undefined while a site holds a certificate that counts, or was never revoked. */
  revocationOf(site: string): SiteRevocation | undefined;
  readonly caPem: string;
  readonly revocations: Revocations;
  /** Certificate of the cloud's servers for `hosts`; kept on disk, renewed when old, damaged, or when hosts were added. */
  server(hosts: readonly string[]): Promise<Identity>;
  /** The same for the console, which has names of its own. */
  consoleServer(hosts: readonly string[]): Promise<Identity>;
  /** A new client certificate of a site. @throws Fault CLOUD_SITE_ID */
  enrol(site: string): Promise<Identity>;
  /** Newest certificate of each site that was enrolled here. */
  enrolled(): IssuedCertificate[];
}

export interface AuthorityOptions {
  /** Holds ca.pem, ca-key.pem, server.pem, server-key.pem, server-hosts.json, issued.jsonl, revoked.txt. */
  folder: string;
  /** Real time, which TLS checks. */
  io: Clock;
  /** False: sites hang on an authority that must be there. It is never made anew in its place. */
  mayCreate: boolean;
}

const lostRemedy =
  "restore it from a copy: every site's certificate hangs on it. Where there is none, move the folder away and enrol every site again";

/** @throws Fault CLOUD_KEY_UNREADABLE, CLOUD_REVOCATIONS */
export async function openAuthority(options: AuthorityOptions): Promise<CloudAuthority> {
  const { folder, io } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority = await authorityIn(options);
  const revocations = openRevocations(join(folder, "revoked.txt"), io);
  const issuedFile = join(folder, "issued.jsonl");
  return {
    caPem: authority.certPem,
    revocations,
    isRevoked: revocations.isRevoked,
    revokeSite: revocations.revokeSite,
    server: (hosts) => serverIdentity("server", { authority, folder, hosts, nowMs: io.nowMs() }),
    consoleServer: (hosts) =>
      serverIdentity("console", { authority, folder, hosts, nowMs: io.nowMs() }),
    async enrol(site) {
      if (!isId(site)) throw new CloudFault("CLOUD_SITE_ID", { site });
      // A certificate of the very second of a revocation would be taken for one before it.
      const nowMs = Math.max(io.nowMs(), (revocations.revocationOf(site)?.atMs ?? 0) + 1_000);
      const identity = await issueCertificate(authority, {
        commonName: site,
        organization: siteOrganization,
        usage: "client",
        nowMs,
        days: siteDays,
      });
      const { serial, notAfterMs } = certificateInfo(identity.certPem);
      const issued: IssuedCertificate = { site, serial, issuedAtMs: nowMs, notAfterMs };
      appendFileSync(issuedFile, `${JSON.stringify(issued)}\n`, { mode: 0o600, flush: true });
      return identity;
    },
    enrolled: () => readIssued(issuedFile),
    revocationOf(site) {
      const revocation = revocations.revocationOf(site);
      if (!revocation) return undefined;
      const newest = readIssued(issuedFile).find((issued) => issued.site === site);
      return newest && newest.issuedAtMs > revocation.atMs ? undefined : revocation;
    },
  };
}

async function authorityIn({ folder, io, mayCreate }: AuthorityOptions): Promise<Identity> {
  const files = identityFilesIn(folder, "ca");
  const isThere = [files.cert, files.key, join(folder, "server.pem")].some(existsSync);
  if (isThere || !mayCreate) return readIdentityFiles(files, lostRemedy);
  const made = await createAuthority({
    commonName: "Weir cloud",
    nowMs: io.nowMs(),
    days: authorityDays,
  });
  writeIdentityFiles(files, made);
  return made;
}

/** A server's certificate is nobody's memory: one that is damaged is made again. */
async function serverIdentity(
  name: "server" | "console",
  options: { authority: Identity; folder: string; hosts: readonly string[]; nowMs: number },
): Promise<Identity> {
  const { authority, folder, hosts, nowMs } = options;
  const names = [...new Set([...hosts, "localhost", "127.0.0.1"])].sort();
  const hostsFile = join(folder, `${name}-hosts.json`);
  const files = identityFilesIn(folder, name);
  const kept = identityFilesIfSound(files);
  const isForThese =
    existsSync(hostsFile) && readFileSync(hostsFile, "utf8") === JSON.stringify(names);
  if (kept && isForThese && certificateInfo(kept.certPem).notAfterMs > nowMs + renewBeforeMs) {
    return kept;
  }
  const identity = await issueCertificate(authority, {
    commonName: "weir-cloud",
    organization: serverOrganization,
    usage: "server",
    hosts: names,
    nowMs,
    days: serverDays,
  });
  writeIdentityFiles(files, identity);
  writeFileSync(hostsFile, JSON.stringify(names));
  return identity;
}

/** A line that cannot be read costs that line: the list only tells people who was enrolled. */
function readIssued(file: string): IssuedCertificate[] {
  const newest = new Map<string, IssuedCertificate>();
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  for (const line of lines) {
    const issued = parseIssued(line);
    if (issued) newest.set(issued.site, issued);
  }
  return [...newest.values()];
}

function parseIssued(line: string): IssuedCertificate | undefined {
  try {
    const { site, serial, issuedAtMs, notAfterMs } = JSON.parse(line) as IssuedCertificate;
    return typeof site === "string" ? { site, serial, issuedAtMs, notAfterMs } : undefined;
  } catch {
    return undefined;
  }
}

export interface SiteIdentityFolder {
  site: string;
  /** Of the door: "https://host:port". */
  url: string;
  caPem: string;
  identity: Identity;
  /** Public key that signs what comes down, PEM. */
  signingKeyPem: string;
}

/** Writes what a fog needs to speak to this cloud: ca.pem, cert.pem, key.pem, cloud-key.pem, identity.json. */
export function writeSiteIdentity(folder: string, options: SiteIdentityFolder): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { site, url, caPem, identity, signingKeyPem } = options;
  writeFileSync(join(folder, "ca.pem"), caPem);
  writeFileSync(join(folder, "cert.pem"), identity.certPem);
  writeFileSync(join(folder, "key.pem"), identity.keyPem, { mode: 0o600 });
  writeFileSync(join(folder, "cloud-key.pem"), signingKeyPem);
  writeFileSync(join(folder, "identity.json"), `${JSON.stringify({ site, url }, undefined, 2)}\n`);
}
