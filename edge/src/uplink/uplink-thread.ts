/** The uplink thread: composition only. Started by spawn-uplink.ts, which starts it again when it falls. */
import { parentPort, workerData } from "node:worker_threads";
import { openAuditLog } from "@weir/runtime/audit-log.ts";
import { every, plantClock, systemClock } from "@weir/runtime/clock.ts";
import { createLogger, type Logger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import type { ControlPort, Notice } from "../hand-over.ts";
import { statusRoutes } from "../status/status-routes.ts";
import { openStatusServer } from "../status/status-server.node-http.ts";
import type { StatusServer } from "../status/status-server.ts";
import { loadIdentity } from "./identity.ts";
import { createMqttJsLink } from "./mqtt-link.mqtt-js.ts";
import { noLink } from "./mqtt-link.none.ts";
import type { MqttLink } from "./mqtt-link.ts";
import { newsOf } from "./news.ts";
import { openEdgeDatabase } from "./open-database.ts";
import { Uplink } from "./uplink.ts";
import {
  aliveEveryMs,
  type FromUplink,
  type ToUplink,
  type UplinkThreadSettings,
} from "./uplink-message.ts";

const settings = workerData as UplinkThreadSettings;
const port = parentPort as NonNullable<typeof parentPort>;
const say = (message: FromUplink): void => port.postMessage(message);

const ioClock = systemClock();
const clock = plantClock(settings.clock);
const logger = createLogger({
  ...settings.log,
  nowMs: () => ioClock.nowMs(),
  write: (line) => void process.stderr.write(`${line}\n`),
});
const { site, edge } = settings;

const { db, movedTo, freeDiskBytes } = openEdgeDatabase(settings.file, ioClock.nowMs());
if (movedTo) {
  logger.error(`the outbox was damaged and lies in ${movedTo} now; a new one was begun`);
}

let onNotice: (notice: Notice) => void = () => {};
const control: ControlPort = {
  onNotice: (listener) => {
    onNotice = listener;
  },
  order: (order) => say({ kind: "order", order }),
};

const identity = () => loadIdentity(settings.fog?.identity ?? "", { site, edge });
const line: MqttLink = settings.fog
  ? createMqttJsLink({ url: settings.fog.url, clientId: edge, tls: () => identity().tls() })
  : noLink;

const uplink = new Uplink({
  ...settings,
  plantClock: clock,
  ioClock,
  random: seeded(settings.seed, "uplink"),
  logger,
  db,
  audit: openAuditLog(db, () => clock.nowMs()),
  line,
  url: settings.fog?.url ?? "",
  control,
  trusted: () => identity().trusted,
  freeDiskBytes,
  residentBytes: () => process.memoryUsage.rss(),
  // Minutes since 1970: an edge whose data folder was lost goes on above every boot it counted before.
  firstEpoch: Math.floor(ioClock.nowMs() / 60_000),
  onReport: (report) => {
    const news = newsOf(report);
    if (news) say({ kind: "news", news });
  },
});

let page: StatusServer | undefined;

port.on("message", (message: ToUplink) => {
  if (message.kind === "notice") onNotice(message.notice);
  else void stop(logger);
});
uplink.start();
every(ioClock, aliveEveryMs, () => say({ kind: "alive" }));
say({ kind: "ready" });
try {
  const routes = statusRoutes(() => uplink.snapshot());
  page = await openStatusServer({ ...settings.status, routes });
  say({ kind: "address", url: page.url });
} catch (error) {
  logger.error((error as Error).message);
}

async function stop(log: Logger): Promise<void> {
  await page?.close();
  await uplink.stop();
  db.close();
  log.debug("uplink stopped");
  process.exit(0);
}
