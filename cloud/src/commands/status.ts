/** `weir-cloud status`: asks the running process. */
import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { resolve } from "node:path";
import { text as textOf } from "node:stream/consumers";
import type { TLSSocket } from "node:tls";
import type { TierHealth } from "@weir/contracts/api/health.ts";
import { roughDuration } from "@weir/contracts/api/learning.ts";
import { command } from "@weir/runtime/command.ts";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { CloudFault } from "../faults.ts";
import { type Addresses, readAddresses } from "./address-file.ts";
import { dataDirDefault } from "./settings-of.ts";

/** Longest wait for an answer, milliseconds. */
const answerMsMax = 5_000;

export const status = command({
  about: "Shows what the running cloud is doing.",
  options: { dataDir: commonOptions.dataDir, json: commonOptions.json },
  async run(args, io) {
    const dataDir = resolve(args.dataDir ?? dataDirDefault);
    const answer = await ask(dataDir);
    if (args.json) io.out(JSON.stringify(answer));
    else for (const line of statusLines(answer)) io.out(line);
    return answer.ok ? 0 : 1;
  },
});

/** What `GET /healthz` answers. */
type CloudAnswer = TierHealth & {
  sites: { id: string; online: boolean; silentSinceMs: number | null; learning: string }[];
} & Record<string, unknown>;

/** Problems first: who reads one line only must not miss them. */
function statusLines({ ok: _, atMs, problems, sites, ...figures }: CloudAnswer): string[] {
  const age = (sinceMs: number) => roughDuration(Math.max(0, atMs - sinceMs));
  return [
    ...(problems.length === 0 ? ["no problem is known"] : []),
    ...problems.map(({ severity, text, sinceMs }) => `${severity}, since ${age(sinceMs)}: ${text}`),
    ...sites.map(({ id, silentSinceMs, learning }) => {
      const heard = silentSinceMs === null ? "heard" : `silent since ${age(silentSinceMs)}`;
      return `site ${id}: ${heard}; ${learning}`;
    }),
    ...(sites.length === 0 ? ["no site has been heard of yet"] : []),
    ...Object.entries(figures).map(([key, value]) => `${key.padEnd(14)} ${plain(value)}`),
  ];
}

async function ask(dataDir: string): Promise<CloudAnswer> {
  const addresses = readAddresses(dataDir);
  if (!addresses) {
    throw new CloudFault("CLOUD_NOT_RUNNING", { dataDir, why: "it has left no address" });
  }
  try {
    return JSON.parse(await fetchHealth(addresses, dataDir)) as CloudAnswer;
  } catch (error) {
    // Somebody listens there: another one beside it would be refused the folder.
    if (error instanceof CloudFault) throw error;
    const why = (error as Error).message;
    throw new CloudFault("CLOUD_NOT_RUNNING", { dataDir, why }, { cause: error });
  }
}

/** Whoever answers must show the certificate that the running cloud wrote down; whose it is does not matter. */
function fetchHealth({ console, consoleFingerprint }: Addresses, dataDir: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const take = (answer: IncomingMessage) => void textOf(answer).then(resolve, reject);
    const target = new URL("/healthz", console);
    const request =
      target.protocol === "https:"
        ? getHttps(target, { timeout: answerMsMax, rejectUnauthorized: false }, take)
        : getHttp(target, { timeout: answerMsMax }, take);
    request.on("socket", (socket) => {
      socket.on("secureConnect", () => {
        const { fingerprint256 } = (socket as TLSSocket).getPeerCertificate();
        const shown = fingerprint256.replaceAll(":", "").toLowerCase();
        if (shown !== consoleFingerprint) request.destroy(new TypeError("another certificate"));
      });
    });
    request.on("timeout", () =>
      request.destroy(new CloudFault("CLOUD_SILENT", { dataDir, answerMsMax })),
    );
    request.on("error", reject);
  });
}

const plain = (value: unknown) =>
  typeof value === "object" ? JSON.stringify(value) : String(value);
