/** The cable is pulled and put back: how soon it is told, how soon it is read again. */
import { existsSync } from "node:fs";
import type { EventFields } from "@weir/edge/hand-over.ts";
import { Agent } from "../rigs/agent.ts";
import { spreadOf } from "../rigs/statistics.ts";
import { check, ms, type ResultRow, type Suite, type SuiteContext } from "./suite.ts";

const outMs = 2_000;
const steadyWithinMs = 30_000;
const toldWithinMs = 5_000;
const backWithinMs = 15_000;
const attendedMs = 120_000;
const lookEveryMs = 5;

export const unplug: Suite = {
  id: "unplug",
  title: "Unplugged and plugged in again",
  about: "A serial line vanishes while it is read, and comes back under the same name.",
  unfit: ({ host, ask }) =>
    host.lines.length === 0 && ask === undefined
      ? 'somebody must pull the plug; run it with "--attended"'
      : undefined,
  run: async (context) => {
    const rows: ResultRow[] = [];
    const told: number[] = [];
    const back: number[] = [];
    const lines = serialLines(context);
    for (const line of lines) {
      for (let i = 0; i < Math.min(3, context.options.repeatCount); i++) {
        const times = await once(context, line);
        context.say(`  ${line}: told after ${ms(times.told)}, back after ${ms(times.back)}`);
        told.push(times.told);
        back.push(times.back);
      }
    }
    rows.push(
      limitRow("Loss told after, at most", told, toldWithinMs),
      limitRow("Answers after the plug is in again, at most", back, backWithinMs),
    );
    return {
      rows,
      distributions: [
        { name: "Until the loss was told", unit: "ms", samples: told, marks: [] },
        { name: "Until it answered again", unit: "ms", samples: back, marks: [] },
      ],
    };
  },
};

const limitRow = (what: string, samples: readonly number[], limit: number): ResultRow =>
  check(what, {
    measured: samples.some(Number.isNaN) ? "never" : ms(spreadOf(samples).highest),
    asked: ms(limit),
    ok: samples.length > 0 && samples.every((sample) => sample <= limit),
  });

/** Lines that can be pulled and have points. */
function serialLines({ host, configuration }: SuiteContext): string[] {
  const own = configuration.connections.filter(
    ({ id, port, index }) =>
      (host.lines.length > 0 ? host.lines.includes(id) : port.kind === "serial") &&
      configuration.devices.some((device) => device.connection === index),
  );
  return own.map(({ id }) => id);
}

/** The connection itself, not one device on it. */
function isLink({ body }: EventFields, line: string, isUp: boolean): boolean {
  if (body?.case !== "deviceLink") return false;
  const { connection, device, up } = body.value;
  return connection === line && device === "" && up === isUp;
}

function serialPath({ connections }: SuiteContext["configuration"], line: string) {
  const port = connections.find(({ id }) => id === line)?.port;
  return port?.kind === "serial" ? port.path : undefined;
}

async function once(
  { configuration, expect, host, ask }: SuiteContext,
  line: string,
): Promise<{ told: number; back: number }> {
  const agent = new Agent(configuration, expect);
  const connection = configuration.connections.find(({ id }) => id === line)?.index;
  const own = configuration.tags.flatMap((tag, i) =>
    configuration.devices[tag.device]?.connection === connection ? [i] : [],
  );
  const newest = () => own.reduce((last, i) => Math.max(last, agent.points[i]?.lastGoodMs || 0), 0);
  const until = async (fits: () => boolean, withinMs: number): Promise<number> => {
    const endMs = agent.nowMs() + withinMs;
    while (!fits()) {
      if (agent.nowMs() > endMs) return Number.NaN;
      await agent.sleep(lookEveryMs);
    }
    return agent.nowMs();
  };
  agent.start();
  try {
    await until(() => newest() > 0, steadyWithinMs);
    const person = host.lines.length === 0 ? ask : undefined;
    const path = serialPath(configuration, line);
    const isThere = () => path === undefined || existsSync(path);
    const beganMs = agent.nowMs();
    // The path tells when the plug really went, whoever pulled it and whenever they said so.
    const [pulledMs] = await Promise.all([
      path === undefined ? beganMs : until(() => !isThere(), attendedMs),
      person?.(`pull the plug of ${line}`) ??
        host.inject({ serial: line, failure: "unplug", for: `${outMs / 1000}s` }),
    ]);
    const loss = await agent.event((event) => isLink(event, line, false), {
      withinMs: toldWithinMs * 2,
      fromMs: beganMs,
    });
    const [inMs] = await Promise.all([
      path === undefined
        ? until(() => agent.nowMs() > pulledMs + outMs, attendedMs)
        : until(isThere, attendedMs),
      person?.(`put the plug of ${line} back`),
    ]);
    const back = await agent.event((event) => isLink(event, line, true), {
      withinMs: backWithinMs * 2,
      fromMs: inMs,
    });
    const read = await until(() => newest() > inMs, backWithinMs);
    const backMs = Number.isNaN(read) ? Number.NaN : (back?.atMs ?? Number.NaN);
    return {
      told: Math.max(lookEveryMs, (loss?.atMs ?? Number.NaN) - pulledMs),
      back: backMs - inMs,
    };
  } finally {
    agent.stop();
  }
}
