/**
 * The site's certificate authority and its signing key: files in `<data dir>/authority`, made on first
 * use. Works beside a running fog: files are read, and the book of certificates is SQLite.
 */
import { createPrivateKey } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import {
  certificateInfo,
  createAuthority,
  type Identity,
  issueCertificate,
} from "@weir/runtime/pki.ts";
import { openChecked } from "@weir/runtime/set-aside.ts";
import { generateSigningKey, type SigningKey, signingKeyFromPem } from "@weir/runtime/signing.ts";
import { openSqlite } from "@weir/runtime/sql.better-sqlite3.ts";
import { FogFault } from "../faults.ts";
import { EnrolmentBook, enrolmentMigrations } from "./enrolment-book.ts";

const authorityDays = 20 * 365;
const serverDays = 825;
export const edgeDaysDefault = 2 * 365;

const caFile = "ca.pem";
const caKeyFile = "ca-key.pem";
const signingKeyFile = "signing-key.pem";
/** Readable by the fog's user alone. */
const secretMode = 0o600;

export class SiteAuthority {
  readonly site: string;
  readonly caPem: string;
  /** Signs what this site makes itself: thresholds, forests trained here. */
  readonly signingKey: SigningKey;
  readonly book: EnrolmentBook;
  readonly #authority: Identity;

  constructor(options: {
    site: string;
    authority: Identity;
    signingKey: SigningKey;
    book: EnrolmentBook;
  }) {
    this.site = options.site;
    this.caPem = options.authority.certPem;
    this.signingKey = options.signingKey;
    this.book = options.book;
    this.#authority = options.authority;
  }

  /** A fresh certificate for the fog's own servers, kept in memory only. */
  issueServer(hosts: readonly string[], nowMs: number): Promise<Identity> {
    return issueCertificate(this.#authority, {
      commonName: `${this.site} fog`,
      organization: this.site,
      usage: "server",
      hosts,
      nowMs,
      days: serverDays,
    });
  }

  /** Key and certificate of an edge; in the book before anyone holds it. */
  async issueEdge(edge: string, options: { nowMs: number; days?: number }): Promise<Identity> {
    const { nowMs, days = edgeDaysDefault } = options;
    const identity = await issueCertificate(this.#authority, {
      commonName: edge,
      organization: this.site,
      usage: "client",
      nowMs,
      days,
    });
    const { serial, fingerprint, notAfterMs } = certificateInfo(identity.certPem);
    this.book.add({ serial, edge, fingerprint, issuedAtMs: nowMs, notAfterMs });
    return identity;
  }

  close(): void {
    this.book.close();
  }
}

/**
 * An authority that nobody believes, in memory only, in place of one that is lost: the fog runs and shows
 * what it has, and lets no edge in.
 */
export async function powerlessAuthority(site: string, nowMs: number): Promise<SiteAuthority> {
  const commonName = `${site} without its authority`;
  return new SiteAuthority({
    site,
    authority: await createAuthority({ commonName, nowMs, days: authorityDays }),
    signingKey: signingKeyFromPem(generateSigningKey().privatePem),
    book: new EnrolmentBook(
      openSqlite(":memory:", { synchronous: "NORMAL", migrations: enrolmentMigrations }),
    ),
  });
}

/**
 * Opens the authority in `folder`, making it when there is none.
 * @throws Fault FOG_AUTHORITY, FOG_ENROLMENT_LOST, and FOG_AUTHORITY_LOST when there is none where edges have been served
 */
export async function openSiteAuthority(options: {
  folder: string;
  site: string;
  /** Real time: TLS knows no other. */
  nowMs: number;
  /** Edges hang on an authority that was here: another one is never made in its place. */
  hasServed?: boolean | undefined;
}): Promise<SiteAuthority> {
  const { folder, site } = options;
  const isNew = !existsSync(folder);
  if (isNew) {
    if (options.hasServed) throw new FogFault("FOG_AUTHORITY_LOST", { folder });
    await makeAuthority(options);
  }
  const read = (name: string): string => {
    const file = join(folder, name);
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      throw new FogFault(
        "FOG_AUTHORITY",
        { file, why: (error as Error).message },
        { cause: error },
      );
    }
  };
  const authority = { certPem: read(caFile), keyPem: read(caKeyFile) };
  assertKey(join(folder, caKeyFile), authority.keyPem);
  const { organization, commonName } = inspect(join(folder, caFile), authority.certPem);
  const named = organization || commonName.replace(/ site authority$/, "");
  if (named !== site) {
    throw new FogFault("FOG_AUTHORITY_OTHER", { file: join(folder, caFile), named, site });
  }
  return new SiteAuthority({
    site,
    authority,
    signingKey: signingKeyOf(join(folder, signingKeyFile), read(signingKeyFile)),
    book: openBook(join(folder, "enrolment.db"), { mustBeThere: !isNew && options.hasServed }),
  });
}

/** An empty list would lock every edge out, and a new one would forget who was revoked. */
function openBook(
  file: string,
  { mustBeThere = false }: { mustBeThere?: boolean | undefined },
): EnrolmentBook {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (mustBeThere && !size) {
    throw new FogFault("FOG_ENROLMENT_LOST", {
      file,
      why: size === 0 ? "it is empty" : "it is gone",
    });
  }
  const { db, why } = openChecked(file, { synchronous: "FULL", migrations: enrolmentMigrations });
  if (!db) throw new FogFault("FOG_ENROLMENT_LOST", { file, why });
  return new EnrolmentBook(db);
}

/** Whole or not at all: made beside, then renamed. Who comes second uses what the first has made. */
async function makeAuthority(options: {
  folder: string;
  site: string;
  nowMs: number;
}): Promise<void> {
  const draft = `${options.folder}.new-${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  const { certPem, keyPem } = await createAuthority({
    commonName: `${options.site} site authority`,
    nowMs: options.nowMs,
    days: authorityDays,
  });
  writeFileSync(join(draft, caFile), certPem);
  writeFileSync(join(draft, caKeyFile), keyPem, { mode: secretMode });
  const { privatePem } = generateSigningKey();
  writeFileSync(join(draft, signingKeyFile), privatePem, { mode: secretMode });
  try {
    renameSync(draft, options.folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(join(options.folder, caFile))) {
      const why = (error as Error).message;
      throw new FogFault("FOG_AUTHORITY", { file: options.folder, why }, { cause: error });
    }
  }
}

function inspect(file: string, certPem: string) {
  try {
    return certificateInfo(certPem);
  } catch (error) {
    throw new FogFault("FOG_AUTHORITY", { file, why: (error as Error).message }, { cause: error });
  }
}

function assertKey(file: string, pem: string): void {
  try {
    createPrivateKey(pem);
  } catch (error) {
    const why = "it is not a private key in PEM";
    throw new FogFault("FOG_AUTHORITY", { file, why }, { cause: error });
  }
}

function signingKeyOf(file: string, pem: string): SigningKey {
  try {
    return signingKeyFromPem(pem);
  } catch (error) {
    throw new FogFault("FOG_AUTHORITY", { file, why: (error as Error).message }, { cause: error });
  }
}
