/** The uplink thread: composition only. Started by spawn-uplink.ts, which starts it again when it falls. */
import { dirname } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { auditFinding } from "@weir/runtime/audit-command.ts";
import { openAuditLog } from "@weir/runtime/audit-log.ts";
import { lastBackup } from "@weir/runtime/backup.ts";
import { every, plantClock, systemClock } from "@weir/runtime/clock.ts";
import { integrityCodes, openIntegrityLog } from "@weir/runtime/integrity-log.ts";
import { createLogger, type Logger } from "@weir/runtime/logger.ts";
import { seeded } from "@weir/runtime/random.ts";
import { takeRestoreNote } from "@weir/runtime/restore.ts";
import type { ControlPort, Notice, Problem } from "../hand-over.ts";
import { readAccount } from "../mqtt/broker-account.ts";
import { brokerLine } from "../mqtt/broker-line.mqtt-js.ts";
import { SiteBrokers } from "../mqtt/site-brokers.ts";
import { NewestValues } from "../status/newest-values.ts";
import { statusRoutes } from "../status/status-routes.ts";
import { openStatusServer } from "../status/status-server.node-http.ts";
import type { Reply, StatusServer } from "../status/status-server.ts";
import { takePriority } from "../thread-priority.ts";
import { loadIdentity } from "./identity.ts";
import { auditEntryOf, localOrderOf } from "./local-orders.ts";
import { createMqttJsLink } from "./mqtt-link.mqtt-js.ts";
import { noLink } from "./mqtt-link.none.ts";
import type { MqttLink } from "./mqtt-link.ts";
import { type News, newsOf } from "./news.ts";
import { openEdgeDatabase } from "./open-database.ts";
import { Uplink } from "./uplink.ts";
import { fallTroubles } from "./uplink-fall.ts";
import {
  aliveEveryMs,
  type FromUplink,
  type ToUplink,
  type UplinkThreadSettings,
} from "./uplink-message.ts";

/** Events kept for the status page. */
const recentEventsMax = 100;

const settings = workerData as UplinkThreadSettings;
const port = parentPort as NonNullable<typeof parentPort>;
const say = (message: FromUplink): void => port.postMessage(message);

takePriority("background");
const ioClock = systemClock();
const clock = plantClock(settings.clock);
const logger = createLogger({
  ...settings.log,
  nowMs: () => ioClock.nowMs(),
  write: (line) => void process.stderr.write(`${line}\n`),
});
const { site, edge } = settings;

const { db, finding, freeDiskBytes } = openEdgeDatabase(settings.file, {
  nowMs: ioClock.nowMs(),
  hasRun: settings.hasRun,
});

let onNotice: (notice: Notice) => void = () => {};
const control: ControlPort = {
  onNotice: (listener) => {
    onNotice = listener;
  },
  order: (order) => say({ kind: "order", order }),
};

const identity = () => loadIdentity(settings.fog?.identity ?? "", { site, edge });
const line: MqttLink = settings.fog
  ? createMqttJsLink({
      url: settings.fog.url,
      clientId: edge,
      tls: () => identity().tls(),
      ioClock,
    })
  : noLink;

const audit = openAuditLog(db, () => clock.nowMs());
const integrity = openIntegrityLog({ db, nowMs: () => clock.nowMs(), logger, audit });
const restored = takeRestoreNote(dirname(settings.file));
for (const one of [restored?.finding, finding, auditFinding(audit)]) if (one) integrity.note(one);
restored?.told();
/** What is lost is lost: it is to be known, and only what goes on keeps the agent from being well. */
const integrityTroubles = (): Problem[] =>
  integrity.problems().map(({ severity, ...problem }) => ({
    ...problem,
    severity: severity === "high" || severity === "medium" ? "problem" : "warning",
  }));
const fallen = fallTroubles(settings.fall, { clock, ioClock });
const recent: News[] = [];

const uplink = new Uplink({
  ...settings,
  plantClock: clock,
  ioClock,
  random: seeded(settings.seed, "uplink"),
  logger,
  db,
  audit,
  line,
  url: settings.fog?.url ?? "",
  control,
  trusted: () => identity().trusted,
  freeDiskBytes,
  lastBackup: () => lastBackup(dirname(settings.file)),
  residentBytes: () => process.memoryUsage.rss(),
  integrity: () => Object.fromEntries(integrityCodes.map((code) => [code, integrity.count(code)])),
  troubles: () => [...fallen(), ...integrityTroubles(), ...brokers.troubles()],
  // Minutes since 1970: an edge whose data folder was lost goes on above every boot it counted before.
  firstEpoch: Math.floor(ioClock.nowMs() / 60_000),
  onReport: (report) => {
    const news = newsOf(report);
    if (!news) return;
    say({ kind: "news", news });
    if (recent.push(news) > recentEventsMax) recent.shift();
  },
});

let page: StatusServer | undefined;

const brokers = new SiteBrokers({
  agentVersion: settings.agentVersion,
  lineTo: (broker, purpose) =>
    brokerLine(() => readAccount(broker, `weir-${site}-${edge}-${purpose}`), ioClock),
  clock,
  logger,
  give: (order) => say({ kind: "order", order }),
});

const newest = new NewestValues();
port.on("message", (message: ToUplink) => {
  if (message.kind === "notice") {
    onNotice(message.notice);
    brokers.take(message.notice);
    newest.take(message.notice);
  } else void stop(logger);
});
uplink.start();
every(ioClock, aliveEveryMs, () => say({ kind: "alive" }));
say({ kind: "ready" });
try {
  const routes = statusRoutes(
    () => uplink.snapshot(),
    () => recent,
    () => newest.list(),
  );
  const orders = { token: settings.localToken, take: takeOrder };
  page = await openStatusServer({ ...settings.status, routes, orders });
  say({ kind: "address", url: page.url });
} catch (error) {
  logger.error((error as Error).message);
}

async function takeOrder(body: unknown): Promise<Reply> {
  const read = localOrderOf(body);
  const answer = read.ok ? await uplink.localOrders.ask(read.order) : { accepted: false, ...read };
  if (read.ok) audit.append(auditEntryOf(read.order, answer));
  const { accepted, reason } = answer;
  const status = read.ok ? 200 : 400;
  return { status, type: "application/json", body: `${JSON.stringify({ accepted, reason })}\n` };
}

async function stop(log: Logger): Promise<void> {
  // Beside each other: each may have to wait for a peer that answers nothing.
  await Promise.all([page?.close(), brokers.stop(), uplink.stop()]);
  db.close();
  log.debug("uplink stopped");
  process.exit(0);
}
