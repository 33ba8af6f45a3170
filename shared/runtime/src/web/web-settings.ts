/** What every tier's web server is set with, declared once. */
import { network } from "../setting-kinds.ts";
import { list } from "../setting-tables.ts";

export const trustedProxies = list(network({ doc: "An address or a network." }), {
  doc: "Reverse proxies whose X-Forwarded-For is believed; nobody else's is.",
  max: 32,
});
