/** What each address of the status server says. */
import type { News } from "../uplink/news.ts";
import type { UplinkSnapshot } from "../uplink/uplink-snapshot.ts";
import { metricsText } from "./edge-metrics.ts";
import type { NewestValue } from "./newest-values.ts";
import { statusPage } from "./status-page.ts";
import type { Routes } from "./status-server.ts";

export const statusRoutes = (
  snapshot: () => UplinkSnapshot,
  recent: () => readonly News[] = () => [],
  newest: () => readonly NewestValue[] = () => [],
): Routes => ({
  "/": () => ({ status: 200, type: "text/html", body: statusPage(snapshot(), recent(), newest()) }),
  "/status.json": () => {
    return { status: 200, type: "application/json", body: `${JSON.stringify(snapshot())}\n` };
  },
  "/healthz": () => {
    const { health } = snapshot();
    const status = health.ok ? 200 : 503;
    return { status, type: "application/json", body: `${JSON.stringify(health)}\n` };
  },
  "/values.json": () => {
    return { status: 200, type: "application/json", body: `${JSON.stringify(newest())}\n` };
  },
  "/events.json": () => {
    const events = recent().map(({ event, fields, text }) => ({ event, ...fields, said: text }));
    return { status: 200, type: "application/json", body: `${JSON.stringify(events)}\n` };
  },
  "/metrics": () => ({ status: 200, type: "text/plain", body: metricsText(snapshot()) }),
});
