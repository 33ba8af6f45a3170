/** What other commands ask the running agent of a data folder, and order it. */
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { commonOptions } from "@weir/runtime/common-options.ts";
import { EdgeFault } from "../faults.ts";
import { dataDirDefault, localTokenFile, statusUrlFile } from "./places.ts";

const answerWithinMs = 5_000;
/** Loading a large configuration takes a second; the agent itself waits 15. */
const orderWithinMs = 20_000;

/** Where the agent is; spread them into a command's own. */
export const agentOptions = {
  dataDir: {
    ...commonOptions.dataDir,
    doc: "Data folder of the running agent; $STATE_DIRECTORY or edge-data by default.",
  },
  json: { ...commonOptions.json, doc: "One JSON object a line." },
  url: {
    flag: "--url",
    type: "string",
    default: undefined,
    value: "URL",
    doc: "Address of the status page, where it is not the one in the data folder.",
  },
} as const;

export const byOption = {
  flag: "--by",
  type: "string",
  default: undefined,
  value: "NAME",
  doc: "Who gives the order; the user who is signed in by default.",
} as const;

export interface RunningAgent {
  /** The JSON of a page, as "/status.json". */
  get<T>(path: string): Promise<T>;
  order(order: Record<string, unknown>): Promise<{ accepted: boolean; reason: string }>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** @throws Fault EDGE_NOT_RUNNING, EDGE_SILENT, EDGE_NO_ADDRESS, EDGE_NO_TOKEN, EDGE_ORDER_REFUSED; without an address at once. */
export function runningAgent(
  args: { dataDir: string | undefined; url: string | undefined },
  env: Env,
): RunningAgent {
  const dataDir = args.dataDir ?? dataDirDefault(env);
  const url = args.url ?? readUrl(dataDir);
  if (!URL.canParse(url)) throw new EdgeFault("EDGE_NO_ADDRESS", { url });
  return {
    get: async <T>(path: string) => {
      const { text } = await ask(new URL(path, url), {
        dataDir,
        init: {},
        withinMs: answerWithinMs,
      });
      return JSON.parse(text) as T;
    },
    order: async (order) => {
      const init = {
        method: "POST",
        headers: { authorization: `Bearer ${readToken(dataDir)}` },
        body: JSON.stringify(order),
      };
      const { status, text } = await ask(new URL("/orders", url), {
        dataDir,
        init,
        withinMs: orderWithinMs,
      });
      if (status !== 200 && status !== 400) {
        throw new EdgeFault("EDGE_ORDER_REFUSED", { status, why: text.trim() });
      }
      return JSON.parse(text) as { accepted: boolean; reason: string };
    },
  };
}

export const userOf = (by: string | undefined, env: Env): string =>
  by ?? env["SUDO_USER"] ?? env["USER"] ?? env["LOGNAME"] ?? userInfo().username;

function readUrl(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, statusUrlFile), "utf8").trim();
  } catch (error) {
    throw new EdgeFault("EDGE_NOT_RUNNING", { dataDir, why: whyOf(error, statusUrlFile) });
  }
}

function readToken(dataDir: string): string {
  try {
    return readFileSync(join(dataDir, localTokenFile), "utf8").trim();
  } catch (error) {
    const why = whyOf(error, localTokenFile);
    throw new EdgeFault("EDGE_NO_TOKEN", { dataDir, why });
  }
}

const whyOf = (error: unknown, name: string): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ENOENT" ? `it holds no file "${name}"` : message;
};

async function ask(
  url: URL,
  { dataDir, init, withinMs }: { dataDir: string; init: RequestInit; withinMs: number },
): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(withinMs) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { cause, message, name } = error as Error;
    // Somebody listens there: another one beside it would be refused the folder.
    if (name === "TimeoutError") throw new EdgeFault("EDGE_SILENT", { url: url.origin, withinMs });
    throw new EdgeFault("EDGE_NOT_RUNNING", { dataDir, why: (cause as Error)?.message ?? message });
  }
}
