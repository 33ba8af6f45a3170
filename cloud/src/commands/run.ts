/** `weir-cloud run`: the whole tier in one process. */
import { command } from "@weir/runtime/command.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { openDataDir } from "@weir/runtime/data-dir.ts";
import { createReporter } from "@weir/runtime/events.ts";
import { createMetrics } from "@weir/runtime/metrics.ts";
import { certificateInfo } from "@weir/runtime/pki.ts";
import { runUntilStopped } from "@weir/runtime/process.ts";
import { serverNames } from "@weir/runtime/server-names.ts";
import { openSound } from "@weir/runtime/set-aside.ts";
import { openAccounts } from "@weir/runtime/web/accounts.ts";
import { isLoopback } from "@weir/runtime/web/request-guard.ts";
import type { Cloud } from "../cloud.ts";
import { readIdentityFiles } from "../enrolment/identity-files.ts";
import type { CloudSettings } from "../settings.ts";
import { type Addresses, writeAddresses } from "./address-file.ts";
import {
  clocksOf,
  dataDirDefault,
  loggerOf,
  settingsOf,
  sinksOf,
  trainingOf,
} from "./settings-of.ts";

/** How long the sign-in link of a start works, milliseconds. */
const signInTtlMs = 24 * 3_600_000;

export const run = command({
  about: "Runs the cloud tier until it is stopped.",
  isService: true,
  options: {
    ...commonOptions,
    host: {
      flag: "--host",
      type: "string",
      default: undefined,
      value: "ADDRESS",
      doc: "Address of the door, instead of door.host.",
    },
    doorPort: {
      flag: "--door-port",
      type: "number",
      default: undefined,
      integer: true,
      min: 0,
      max: 65_535,
      doc: "Port of the door, instead of door.port; 0 takes a free one.",
    },
    consolePort: {
      flag: "--console-port",
      type: "number",
      default: undefined,
      integer: true,
      min: 0,
      max: 65_535,
      doc: "Port of the console, instead of console.port; 0 takes a free one.",
    },
    demo: {
      flag: "--demo",
      type: "boolean",
      default: false,
      hidden: true,
      doc: "Offers in the console what exists for a demonstration alone.",
    },
  },
  examples: ["weir-cloud run --data-dir /var/lib/weir-cloud --config cloud.yaml"],
  async run(args, io) {
    const settings = settingsOf(args.config, io);
    if (!settings) return 1;
    // DuckDB and onnxruntime are loaded by the commands that need them: the others answer at once.
    const { createConsole } = await import("../api/console-server.ts");
    const { createCloud } = await import("../cloud.ts");
    const { openDoorServer } = await import("../ingest/door-server.connect.ts");
    const clocks = clocksOf(args.clock);
    const startedMs = clocks.io.monotonicMs();
    const startedAtMs = clocks.io.nowMs();
    const logger = loggerOf(args, { clocks, io });
    const reporter = createReporter({ json: args.json, out: io.out });
    const dataDir = openDataDir(args.dataDir ?? dataDirDefault);
    const metrics = createMetrics();
    const cloud = await createCloud({
      metrics,
      dataDir: dataDir.path,
      ...{ plant: clocks.plant, io: clocks.io, logger },
      training: trainingOf(settings),
      sinks: sinksOf(settings, () => clocks.io.nowMs()),
      report: (event, fields, text) => reporter.event(event, fields, text),
      isDemo: args.demo,
    });
    const accountsDb = openAccountsDb(dataDir.file("accounts.db"), { cloud, nowMs: startedAtMs });
    const accounts = openAccounts(accountsDb, clocks.io);
    const host = args.host ?? settings.door.host;
    const door = await openDoorServer({
      handler: cloud.door,
      host,
      port: args.doorPort ?? settings.door.port,
      tls: {
        ...(await cloud.authority.server(doorNames(host, settings.door.names))),
        caPem: cloud.authority.caPem,
      },
      logger,
      io: clocks.io,
      isRevoked: cloud.authority.isRevoked,
    });
    const tls = await consoleTls(settings.console, cloud);
    const console = await createConsole({
      ...{
        cloud,
        accounts,
        logger,
        metrics,
        plant: clocks.plant,
        io: clocks.io,
        clockSpec: clocks.spec,
      },
      host: settings.console.host,
      port: args.consolePort ?? settings.console.port,
      names: settings.console.names,
      trustedProxies: settings.console.trustedProxies,
      ...(tls && { tls }),
    });
    const { url } = await console.listen();
    const doorUrl = `https://${urlHost(host)}:${door.port}`;
    cloud.start();
    const consoleUrl = localUrl(url, settings.console.host);
    const addresses: Addresses = { console: consoleUrl, door: doorUrl };
    if (tls) addresses.consoleFingerprint = certificateInfo(tls.certPem).fingerprint;
    if (args.clock !== undefined) addresses.clock = args.clock;
    writeAddresses(dataDir.path, addresses);
    const ms = Math.round(clocks.io.monotonicMs() - startedMs);
    reporter.event("address", { what: "door", url: doorUrl }, `door     ${doorUrl}`);
    reporter.event("address", { what: "console", url }, `console  ${url}`);
    if (accounts.users().length === 0) {
      const token = accounts.createSignInToken({ role: "engineer", ttlMs: signInTtlMs });
      const signIn = `${url}/signin?token=${token}`;
      reporter.event("sign-in", { url: signIn }, `first sign-in: ${signIn}`);
    }
    reporter.event("started", { tier: "cloud", ms }, `started in ${ms} ms`);
    return runUntilStopped({
      stdin: args.untilStdinEnds ? process.stdin : undefined,
      clock: clocks.io,
      logger,
      stop: async () => {
        await door.close();
        await console.close();
        await cloud.close();
        accountsDb.close();
        dataDir.close();
      },
    });
  },
});

/** Damaged, it costs who may sign in and no more. */
function openAccountsDb(
  file: string,
  { cloud, nowMs }: { cloud: Pick<Cloud, "integrity">; nowMs: number },
) {
  const { db, aside } = openSound(file, { synchronous: "FULL", migrations: [], nowMs });
  if (aside) {
    const text = `accounts.db was damaged (${aside.why}): it lies in ${aside.movedTo} now and a new one was begun, without the people who could sign in. Restore a backup with "weir-cloud restore"`;
    cloud.integrity.note({ code: "damaged", subject: "accounts.db", text });
  }
  return db;
}

const doorNames = (host: string, names: readonly string[]) =>
  isLoopback(host) ? [host, ...names] : serverNames([host, ...names]);

/** The certificate of the settings, else one of this cloud; none where only this machine can reach the console. */
async function consoleTls({ host, names, tls }: CloudSettings["console"], cloud: Cloud) {
  if (tls) return readIdentityFiles(tls, "console.tls needs a certificate and its key as PEM");
  if (isLoopback(host)) return undefined;
  return cloud.authority.consoleServer(serverNames([host, ...names]));
}

/** How a command on this machine reaches the console. */
function localUrl(url: string, host: string): string {
  const local = new URL(url);
  if (host === "0.0.0.0" || host === "::") local.hostname = "127.0.0.1";
  else local.hostname = host.includes(":") ? `[${host}]` : host;
  return local.origin;
}

const urlHost = (host: string) => (host.includes(":") ? `[${host}]` : host);
