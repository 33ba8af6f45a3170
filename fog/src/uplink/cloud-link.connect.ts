/** The one import of ConnectRPC: the cloud's door over HTTPS with the site's client certificate. */
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { CloudDoor } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import type { CloudIdentity } from "./cloud-identity.ts";
import type { CloudLink } from "./cloud-link.ts";

/** A push that takes longer is given up; its items come again. */
const pushTimeoutMs = 30_000;

/** Added to a long poll's own wait. */
const pullGraceMs = 15_000;

/** How long an idle connection is kept, milliseconds: one push a minute shares one TLS handshake. */
const keepAliveMs = 180_000;

/**
 * HTTP/1.1 with keep-alive: two connections (push, long poll), and every proxy on the way understands it.
 */
export function connectCloud(identity: CloudIdentity): CloudLink {
  const common = { keepAlive: true, keepAliveMsecs: 30_000, timeout: keepAliveMs, maxSockets: 4 };
  const isTls = identity.url.startsWith("https:");
  const agent = isTls
    ? new HttpsAgent({
        ...common,
        ca: identity.caPem,
        cert: identity.certPem,
        key: identity.keyPem,
        minVersion: "TLSv1.2",
      })
    : new HttpAgent(common);
  const transport = createConnectTransport({
    httpVersion: "1.1",
    baseUrl: identity.url,
    nodeOptions: { agent },
    // Blocks are entropy-coded already; compressing them again costs more than it saves.
    acceptCompression: [],
  });
  const client = createClient(CloudDoor, transport);
  return {
    push: (request, signal) => client.push(request, { signal, timeoutMs: pushTimeoutMs }),
    pull: (request, signal) =>
      client.pull(request, { signal, timeoutMs: request.waitMs + pullGraceMs }),
    close: () => agent.destroy(),
  };
}
