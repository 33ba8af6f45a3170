/**
 * Webhook: POST of the whole ticket as JSON. The receiver checks `x-weir-signature`: HMAC-SHA256, hex,
 * of "<x-weir-timestamp>.<body>", and drops a second notice of the same `idempotency-key`.
 */
import { createHmac } from "node:crypto";
import { CloudFault } from "../../../faults.ts";
import type { TicketSink } from "../ticket-sink.ts";

export interface WebhookSettings {
  /** Unique among the webhooks: its notices wait under it. */
  name: string;
  url: string;
  /** Shared with the receiver; without one the notice is not signed. */
  secret: string | undefined;
  /** Real time, for the timestamp. */
  nowMs: () => number;
}

export function createWebhook(settings: WebhookSettings): TicketSink {
  const { url, secret, nowMs } = settings;
  const name = `webhook ${settings.name}`;
  return {
    name,
    // Before webhooks had names, all of one host shared a queue.
    formerName: `webhook ${new URL(url).host}`,
    async deliver({ key, change, ticket }, signal) {
      const body = JSON.stringify({ change, ticket });
      const timestamp = String(Math.floor(nowMs() / 1_000));
      const headers: Record<string, string> = {
        "content-type": "application/json",
        "idempotency-key": key,
        "x-weir-timestamp": timestamp,
      };
      if (secret !== undefined) headers["x-weir-signature"] = signatureOf(secret, timestamp, body);
      // A redirect would send the ticket, or a GET without one, to an address that nobody has set here.
      const request = { method: "POST", headers, body, signal, redirect: "manual" } as const;
      const response = await fetch(url, request).catch((error: Error) => {
        const why = error.cause instanceof Error ? error.cause.message : error.message;
        throw new CloudFault("CLOUD_SINK_REFUSED", { sink: name, why }, { cause: error });
      });
      await response.body?.cancel();
      if (!response.ok) {
        throw new CloudFault("CLOUD_SINK_REFUSED", {
          sink: name,
          why: refusalOf(response),
        });
      }
    },
  };
}

function refusalOf({ status, headers }: Response): string {
  const to = headers.get("location");
  if (status < 300 || status >= 400 || to === null) return `it answered ${status}`;
  return `it answered ${status}, a redirect to ${to.slice(0, 200)}: redirects are not followed; set that address as the webhook's url if it is the right one`;
}

export const signatureOf = (secret: string, timestamp: string, body: string): string =>
  `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
