import { createSecureServer, type Http2SecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { create } from "@bufbuild/protobuf";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
  CloudDoor,
  PullRequestSchema,
  PushRequestSchema,
  UplinkItemSchema,
} from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { createAuthority, issueCertificate } from "@weir/runtime/pki.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectCloud } from "../src/uplink/cloud-link.connect.ts";
import type { CloudLink } from "../src/uplink/cloud-link.ts";
import { FakeCloud } from "./fake-cloud.ts";

const nowMs = systemClock().nowMs();
const signal = new AbortController().signal;

let server: Http2SecureServer;
let cloud: FakeCloud;
let link: CloudLink;
let callers: string[];
let sockets: Set<TLSSocket>;

async function begin(options: { foreign?: boolean } = {}) {
  const authority = await createAuthority({ commonName: "cloud", nowMs, days: 1 });
  const other = await createAuthority({ commonName: "cloud", nowMs, days: 1 });
  const own = {
    commonName: "cloud",
    usage: "server",
    hosts: ["127.0.0.1"],
    nowMs,
    days: 1,
  } as const;
  const serverIdentity = await issueCertificate(authority, own);
  const clientIdentity = await issueCertificate(options.foreign ? other : authority, {
    commonName: "riverside",
    usage: "client",
    nowMs,
    days: 1,
  });
  cloud = new FakeCloud();
  callers = [];
  sockets = new Set();
  const adapter = connectNodeAdapter({
    routes: (router) =>
      router.service(CloudDoor, {
        push: (request) => cloud.push(request),
        pull: async (request, { signal: gone }) => {
          if (request.cursor < 7) return cloud.pull(request);
          return new Promise((_, reject) =>
            gone.addEventListener("abort", () => reject(new Error("gone"))),
          );
        },
      }),
  });
  server = createSecureServer(
    {
      allowHTTP1: true,
      cert: serverIdentity.certPem,
      key: serverIdentity.keyPem,
      ca: authority.certPem,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      callers.push(String((request.socket as TLSSocket).getPeerCertificate().subject.CN));
      adapter(request, response);
    },
  );
  server.on("secureConnection", (socket: TLSSocket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  link = connectCloud({
    site: "riverside",
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caPem: authority.certPem,
    certPem: clientIdentity.certPem,
    keyPem: clientIdentity.keyPem,
    cloudKeyPem: "",
  });
}
beforeEach(() => begin());
afterEach(async () => {
  link.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const push = (from: number, count: number) =>
  link.push(
    create(PushRequestSchema, {
      site: "riverside",
      epoch: 1,
      items: Array.from({ length: count }, (_, i) =>
        create(UplinkItemSchema, {
          sequence: from + i,
          body: { case: "minute", value: { minuteMs: i, block: new Uint8Array(1_000) } },
        }),
      ),
    }),
    signal,
  );

test("pushes arrive under the site's certificate, over one connection", async () => {
  expect(await push(1, 10)).toMatchObject({ epoch: 1, durableSequence: 10 });
  expect(await push(11, 200)).toMatchObject({ epoch: 1, durableSequence: 210 });
  expect(cloud.items).toHaveLength(210);
  expect(callers).toEqual(["riverside", "riverside"]);
  expect(sockets.size).toBe(1);
});

test("a long poll ends when it is called off, and pushes go on beside it", async () => {
  const stop = new AbortController();
  const poll = link.pull(create(PullRequestSchema, { cursor: 7, waitMs: 25_000 }), stop.signal);
  const ended = expect(poll).rejects.toThrow();
  await push(1, 1);
  stop.abort();
  await ended;
  expect(await link.pull(create(PullRequestSchema, { cursor: 0 }), signal)).toMatchObject({
    items: [],
  });
});

test("a certificate of another authority gets nowhere; neither does a closed port", async () => {
  link.close();
  server.close();
  await begin({ foreign: true });
  await expect(push(1, 1)).rejects.toThrow();
  expect(callers).toEqual([]);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await expect(push(1, 1)).rejects.toThrow();
  expect(port).toBeGreaterThan(0);
  await begin();
});
