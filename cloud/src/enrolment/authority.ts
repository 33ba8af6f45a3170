/** The cloud as certificate authority of its sites: one authority, one server certificate, one client certificate a site. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isId } from "@weir/contracts/topics.ts";
import { Fault } from "@weir/runtime/fault.ts";
import {
  certificateInfo,
  createAuthority,
  type Identity,
  issueCertificate,
} from "@weir/runtime/pki.ts";
import { siteOrganization } from "../ingest/site-organization.ts";

const authorityDays = 3_650;
const serverDays = 397;
const siteDays = 365;
const serverOrganization = "weir-cloud";
/** A server certificate with less than this left is renewed at start, milliseconds. */
const renewBeforeMs = 30 * 86_400_000;

export interface CloudAuthority {
  readonly caPem: string;
  /** Certificate of the door for `hosts`; kept on disk, renewed when old or when hosts were added. */
  server(hosts: readonly string[]): Promise<Identity>;
  /** A new client certificate of a site. @throws Fault CLOUD_SITE_ID */
  enrol(site: string): Promise<Identity>;
  /** By serial number, from revoked.txt: one serial a line, read at start. */
  isRevoked(serial: string): boolean;
}

/** `folder` holds ca.pem, ca-key.pem, server.pem, server-key.pem, server-hosts.json. `nowMs`: real time, which TLS checks. */
export async function openAuthority(folder: string, nowMs: () => number): Promise<CloudAuthority> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const authority = await identityIn(folder, "ca", () =>
    createAuthority({ commonName: "Weir cloud", nowMs: nowMs(), days: authorityDays }),
  );
  const revoked = readRevoked(join(folder, "revoked.txt"));
  return {
    caPem: authority.certPem,
    isRevoked: (serial) => revoked.has(serial.toLowerCase()),
    async server(hosts) {
      const names = [...new Set([...hosts, "localhost", "127.0.0.1"])].sort();
      const hostsFile = join(folder, "server-hosts.json");
      const isCurrent =
        existsSync(hostsFile) &&
        readFileSync(hostsFile, "utf8") === JSON.stringify(names) &&
        certificateInfo(readFileSync(join(folder, "server.pem"), "utf8")).notAfterMs >
          nowMs() + renewBeforeMs;
      if (isCurrent) return readIdentity(folder, "server");
      const identity = await issueCertificate(authority, {
        commonName: "weir-cloud",
        organization: serverOrganization,
        usage: "server",
        hosts: names,
        nowMs: nowMs(),
        days: serverDays,
      });
      writeIdentity(folder, "server", identity);
      writeFileSync(hostsFile, JSON.stringify(names));
      return identity;
    },
    async enrol(site) {
      if (!isId(site)) throw new Fault("CLOUD_SITE_ID", { site });
      return issueCertificate(authority, {
        commonName: site,
        organization: siteOrganization,
        usage: "client",
        nowMs: nowMs(),
        days: siteDays,
      });
    },
  };
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

async function identityIn(
  folder: string,
  name: string,
  make: () => Promise<Identity>,
): Promise<Identity> {
  if (existsSync(join(folder, `${name}.pem`))) return readIdentity(folder, name);
  const identity = await make();
  writeIdentity(folder, name, identity);
  return identity;
}

const readIdentity = (folder: string, name: string): Identity => ({
  certPem: readFileSync(join(folder, `${name}.pem`), "utf8"),
  keyPem: readFileSync(join(folder, `${name}-key.pem`), "utf8"),
});

/** The key first: a certificate on disk means that its key is there too. */
function writeIdentity(folder: string, name: string, identity: Identity): void {
  writeFileSync(join(folder, `${name}-key.pem`), identity.keyPem, { mode: 0o600 });
  writeFileSync(join(folder, `${name}.pem`), identity.certPem);
}

const readRevoked = (file: string): ReadonlySet<string> =>
  new Set(
    existsSync(file)
      ? readFileSync(file, "utf8")
          .split(/\s+/)
          .map((serial) => serial.toLowerCase())
          .filter(Boolean)
      : [],
  );
