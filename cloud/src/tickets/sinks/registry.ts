/** The only file that knows every kind of sink. */
import { createWebhook } from "./webhook/webhook.ts";

export const sinks = {
  webhook: createWebhook,
} as const;

export type SinkKind = keyof typeof sinks;
