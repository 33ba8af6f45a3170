/**
 * A site's own certificate authority: ECDSA P-256, X.509 v3 after RFC 5280. The one import of
 * @peculiar/x509.
 */

import {
  createHash,
  createPrivateKey,
  X509Certificate as NodeCertificate,
  randomBytes,
  webcrypto,
} from "node:crypto";
import { isIP } from "node:net";
import { u8 } from "@weir/contracts/elements.ts";
import "./reflect-metadata.ts";
import * as x509 from "@peculiar/x509";
import type { Fault } from "./fault.ts";
import { RuntimeFault } from "./faults.ts";

/** A certificate and its private key, both PEM. */
export interface Identity {
  certPem: string;
  keyPem: string;
}

export interface AuthorityOptions {
  commonName: string;
  nowMs: number;
  /** How long it is valid. */
  days: number;
}

export interface CertificateOptions {
  commonName: string;
  usage: "server" | "client";
  /** DNS names and IP addresses a server answers to. */
  hosts?: readonly string[];
  nowMs: number;
  days: number;
  /** Site of an edge or of a fog. */
  organization?: string;
}

export interface CertificateInfo {
  commonName: string;
  /** Empty when there is none. */
  organization: string;
  /** Lower-case hex. */
  serial: string;
  notBeforeMs: number;
  notAfterMs: number;
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 86_400_000;
/** Clocks of gateways are wrong by minutes at first boot; a certificate begins this much earlier. */
export const certificateBackdateMs = 3_600_000;
/** Bytes; RFC 5280 4.1.2.2 allows 20. */
const serialSize = 16;

/** A self-signed CA that may sign end certificates and revocation lists, but no further CA. */
export async function createAuthority(options: AuthorityOptions): Promise<Identity> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: nameOf(options.commonName),
    ...validity(options),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: certificate.toString("pem"), keyPem: await pemOf(keys.privateKey) };
}

/**
 * A new key and its certificate, signed by `authority`.
 * @throws Fault RUNTIME_CERTIFICATE_UNREADABLE when the authority's PEM is damaged
 */
export async function issueCertificate(
  authority: Identity,
  options: CertificateOptions,
): Promise<Identity> {
  const keys = await generateKeys();
  const certPem = await sign(authority, keys.publicKey, options);
  return { certPem, keyPem: await pemOf(keys.privateKey) };
}

/** @throws Fault RUNTIME_CERTIFICATE_UNREADABLE */
export function certificateInfo(certPem: string): CertificateInfo {
  try {
    const certificate = new x509.X509Certificate(certPem);
    const raw = Buffer.from(certificate.rawData);
    return {
      commonName: certificate.subjectName.getField("CN")[0] ?? "",
      organization: certificate.subjectName.getField("O")[0] ?? "",
      serial: certificate.serialNumber.toLowerCase(),
      notBeforeMs: certificate.notBefore.getTime(),
      notAfterMs: certificate.notAfter.getTime(),
      fingerprint: createHash("sha256").update(raw).digest("hex"),
    };
  } catch (error) {
    throw unreadable(error);
  }
}

/** What is wrong with a certificate and its key as PEM, and in which of them; undefined: nothing. */
export function identityFault({
  certPem,
  keyPem,
}: Identity): { of: "certificate" | "key"; why: string } | undefined {
  let certificate: NodeCertificate;
  try {
    certificate = new NodeCertificate(certPem);
  } catch (error) {
    return { of: "certificate", why: `no certificate as PEM: ${(error as Error).message}` };
  }
  try {
    if (certificate.checkPrivateKey(createPrivateKey(keyPem))) return undefined;
    return { of: "key", why: "it is not the key of the certificate beside it" };
  } catch (error) {
    return { of: "key", why: `no private key as PEM: ${(error as Error).message}` };
  }
}

async function sign(
  authority: Identity,
  publicKey: webcrypto.CryptoKey,
  options: CertificateOptions,
): Promise<string> {
  const issuer = await readable(async () => new x509.X509Certificate(authority.certPem));
  const signingKey = await readable(() => importKey(authority.keyPem));
  const isServer = options.usage === "server";
  const hosts = options.hosts ?? [];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: nameOf(options.commonName, options.organization),
    issuer: issuer.subject,
    ...validity(options),
    signingAlgorithm: algorithm,
    publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        isServer ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
      ]),
      ...(hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts.map(hostName))] : []),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return certificate.toString("pem");
}

const hostName = (host: string): x509.JsonGeneralName => ({
  type: isIP(host) === 0 ? "dns" : "ip",
  value: host,
});

function nameOf(commonName: string, organization?: string): x509.JsonName {
  return organization === undefined
    ? [{ CN: [commonName] }]
    : [{ O: [organization] }, { CN: [commonName] }];
}

const validity = ({ nowMs, days }: { nowMs: number; days: number }) => ({
  notBefore: new Date(nowMs - certificateBackdateMs),
  notAfter: new Date(nowMs + days * dayMs),
});

/** Random and positive; the first bit set, so that it has no leading zero to encode away. */
function newSerial(): string {
  const serial = randomBytes(serialSize);
  serial[0] = (u8(serial, 0) & 0x3f) | 0x40;
  return serial.toString("hex");
}

const generateKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ]) as Promise<webcrypto.CryptoKeyPair>;

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}

async function importKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  const der = createPrivateKey(keyPem).export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", new Uint8Array(der), algorithm, false, ["sign"]);
}

async function readable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unreadable(error);
  }
}

const unreadable = (error: unknown): Fault =>
  new RuntimeFault(
    "RUNTIME_CERTIFICATE_UNREADABLE",
    { why: (error as Error).message },
    { cause: error as Error },
  );
