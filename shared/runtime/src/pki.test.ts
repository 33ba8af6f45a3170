import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type PeerCertificate, type TLSSocket } from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import { certificateInfo, createAuthority, type Identity, issueCertificate } from "./pki.ts";

// Real time: node:tls judges validity by the system's clock.
const nowMs = Date.now();
const dayMs = 86_400_000;

let authority: Identity;
let stranger: Identity;
let server: Identity;
beforeAll(async () => {
  authority = await createAuthority({ commonName: "riverside CA", nowMs, days: 3650 });
  stranger = await createAuthority({ commonName: "riverside CA", nowMs, days: 3650 });
  server = await issueCertificate(authority, {
    commonName: "fog",
    usage: "server",
    hosts: ["localhost", "127.0.0.1", "::1"],
    nowMs,
    days: 90,
  });
});

const client = (by: Identity, atMs = nowMs): Promise<Identity> =>
  issueCertificate(by, {
    commonName: "edge-w",
    organization: "riverside",
    usage: "client",
    nowMs: atMs,
    days: 90,
  });

/** What the server sees of a client that presents `identity` and trusts `ca`. */
async function shakeHands(
  identity: Identity | undefined,
  ca = authority,
  host = "127.0.0.1",
): Promise<PeerCertificate> {
  const listener = createServer({
    key: server.keyPem,
    cert: server.certPem,
    ca: authority.certPem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.3",
  });
  const refused = new Promise<never>((_, reject) => listener.on("tlsClientError", reject));
  refused.catch(() => {});
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const accepted = new Promise<PeerCertificate>((resolve) => {
    listener.once("secureConnection", (socket: TLSSocket) => {
      resolve(socket.getPeerCertificate());
      socket.on("error", () => {});
      socket.end("welcome");
    });
  });
  const socket = connect({
    host: "127.0.0.1",
    port: (listener.address() as AddressInfo).port,
    servername: host === "127.0.0.1" ? "" : host,
    ca: ca.certPem,
    ...(identity && { key: identity.keyPem, cert: identity.certPem }),
  });
  try {
    // TLS 1.3: a refused client certificate shows only at the first read.
    const [greeting] = await Promise.race([once(socket, "data"), refused]);
    expect(String(greeting)).toBe("welcome");
    return await accepted;
  } finally {
    socket.destroy();
    listener.close();
  }
}

describe("mutual TLS with node:tls", () => {
  test("the right certificates meet", async () => {
    const peer = await shakeHands(await client(authority));
    expect(peer.subject).toMatchObject({ CN: "edge-w", O: "riverside" });
  });

  test("a client without a certificate is refused", async () => {
    await expect(shakeHands(undefined)).rejects.toThrow(
      /did not return a certificate|certificate required/i,
    );
  });

  test("a client of another authority with the same name is refused", async () => {
    await expect(shakeHands(await client(stranger))).rejects.toThrow();
  });

  test("an expired client is refused", async () => {
    await expect(shakeHands(await client(authority, nowMs - 100 * dayMs))).rejects.toThrow();
  });

  test("a client certificate that begins tomorrow is refused", async () => {
    await expect(shakeHands(await client(authority, nowMs + 2 * dayMs))).rejects.toThrow();
  });

  test("a server of another authority is refused by the client", async () => {
    await expect(shakeHands(await client(authority), stranger)).rejects.toThrow();
  });

  test("a server certificate is no client certificate", async () => {
    await expect(shakeHands(server)).rejects.toThrow();
  });

  test("a name that is not in the certificate is refused", async () => {
    await expect(shakeHands(await client(authority), authority, "elsewhere")).rejects.toThrow(
      /altnames/,
    );
    await shakeHands(await client(authority), authority, "localhost");
  });
});

test("the certificate authority may sign but no authority below it", () => {
  const certificate = new X509Certificate(authority.certPem);
  expect(certificate.ca).toBe(true);
  expect(new X509Certificate(server.certPem).ca).toBe(false);
  expect(new X509Certificate(server.certPem).checkIssued(certificate)).toBe(true);
});

test("certificateInfo agrees with Node's own reading", async () => {
  const { certPem } = await client(authority);
  const own = certificateInfo(certPem);
  const node = new X509Certificate(certPem);
  expect(own).toEqual({
    commonName: "edge-w",
    organization: "riverside",
    serial: node.serialNumber.toLowerCase(),
    notBeforeMs: Date.parse(node.validFrom),
    notAfterMs: Date.parse(node.validTo),
    fingerprint: node.fingerprint256.replaceAll(":", "").toLowerCase(),
  });
  expect(certificateInfo((await client(authority)).certPem).serial).not.toBe(own.serial);
});

test("damaged PEM is a fault", async () => {
  expect(() => certificateInfo("nonsense")).toThrow(
    expect.objectContaining({ code: "RUNTIME_CERTIFICATE_UNREADABLE" }),
  );
  await expect(client({ certPem: authority.certPem, keyPem: "x" })).rejects.toMatchObject({
    code: "RUNTIME_CERTIFICATE_UNREADABLE",
  });
});
