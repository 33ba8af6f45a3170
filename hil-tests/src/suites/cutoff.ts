/**
 * From a reading that must not be to an output that is off: the agent's own rule, over the rig's own wire. What a
 * serial line needs by arithmetic is drawn beside what was measured.
 */

import { join } from "node:path";
import { elementAt, u8 } from "@weir/contracts/elements.ts";
import type { OutputOutcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { OutputOutcome as Outcome } from "@weir/contracts/generated/weir/v1/event_pb.ts";
import { byteMs, frameGapMs } from "@weir/edge/acquisition/modbus/rtu-timing.ts";
import type { Configuration, ConnectionSettings } from "@weir/edge/configuration/configuration.ts";
import { Agent } from "../rigs/agent.ts";
import { loadVariant, reduced } from "../rigs/edge-variant.ts";
import type { RigHost } from "../rigs/rig-host.ts";
import { spreadOf } from "../rigs/statistics.ts";
import type { WireNote } from "../rigs/wire-tap.ts";
import {
  check,
  type Distribution,
  info,
  ms,
  type ResultRow,
  type Suite,
  type SuiteContext,
} from "./suite.ts";
import { leaveSafe, put, type Switchable, switchables } from "./switchable.ts";

/** From the reading in memory to the write, in software. */
const softwareMsMax = 100;
const tripWithinMs = 30_000;
const rule = "HIL-CUT-OFF";

export const cutoff: Suite = {
  id: "cut-off",
  title: "Cut-off",
  about:
    "A rule that any reading breaks trips at the first one; the output goes to safe, is read back and seen by its feedback.",
  unfit: ({ rig, configuration }) =>
    switchables(configuration, rig.outputs).known.length === 0
      ? "the rig names no coil that may be switched"
      : undefined,
  run: async (context) => {
    const rows: ResultRow[] = [];
    const distributions: Distribution[] = [];
    const { known, unknown } = switchables(context.configuration, context.rig.outputs);
    for (const name of unknown) rows.push(info(name, "left alone: no coil of this rig"));
    for (const { output, connection } of known) {
      for (const baud of speedsOf(context, connection)) {
        const host = baud === undefined ? context.host : await context.host.atBaud?.(baud);
        if (host === undefined) continue;
        try {
          const part = await measure(context, { host, output: output.id, baud });
          rows.push(...part.rows);
          distributions.push(...part.distributions);
        } finally {
          if (host !== context.host) await host.close();
        }
      }
    }
    return { rows, distributions };
  },
};

/** Undefined: as it is. */
function speedsOf(
  { rig, host }: SuiteContext,
  connection: ConnectionSettings,
): (number | undefined)[] {
  const canChange = connection.type === "modbus-rtu" && host.atBaud !== undefined;
  return canChange && rig.bauds.length > 0 ? rig.bauds : [undefined];
}

interface Times {
  software: number;
  write: number;
  bus: number;
  arithmetic: number;
  verified: number;
  outcome: OutputOutcome | undefined;
}

async function measure(
  { expect, folder, options, say }: SuiteContext,
  { host, output: name, baud }: { host: RigHost; output: string; baud: number | undefined },
): Promise<{ rows: ResultRow[]; distributions: Distribution[] }> {
  const configuration = tripping(host, { name, expect, folder });
  const [at] = switchables(configuration, [name]).known;
  if (at === undefined)
    return { rows: [info(name, "left alone: no reading on its line")], distributions: [] };
  const label = baud === undefined ? name : `${name} at ${baud} baud`;
  const times: Times[] = [];
  let before = at.output.safe;
  try {
    for (let i = 0; i < options.repeatCount; i++) {
      const was = await leaveSafe(at);
      if (i === 0) before = was;
      times.push(await once(configuration, at, expect));
    }
  } finally {
    await put(at, before);
  }
  say(`  ${label}: write answered after ${ms(spreadOf(times.map(({ write }) => write)).p50)}`);
  return report(label, times);
}

function tripping(
  host: RigHost,
  { name, expect, folder }: { name: string } & Pick<SuiteContext, "expect" | "folder">,
): Configuration {
  const whole = loadVariant({ ...host.document, safety: [] }, join(folder, "whole.yaml"));
  const output = whole.outputs.find(({ id }) => id === name);
  const connection = elementAt(whole.connections, output?.connection ?? 0);
  const own = whole.tags.filter(
    (tag) => whole.devices[tag.device]?.connection === connection.index && tag.place,
  );
  const low = (id: string, min: number) => expect(id)?.[0] ?? min;
  const cause = own.find(({ id, min }) => low(id, min) > min);
  const document = reduced(host.document, [connection.id]);
  if (cause === undefined)
    return loadVariant({ ...document, outputs: {} }, join(folder, "none.yaml"));
  const limit = (cause.min + low(cause.id, cause.min)) / 2;
  const safe = output?.safe === 1 ? "on" : "off";
  const when = { tag: cause.id, above: limit, for: "0s", samples: 1 };
  // biome-ignore lint/suspicious/noThenProperty: the key of the documented format
  const effects = { then: [{ set: name, to: safe }] };
  const safety = [{ id: rule, when, ...effects, latch: true, reset: "manual" }];
  return loadVariant({ ...document, safety }, join(folder, `cut-off-${name}.yaml`));
}

async function once(
  configuration: Configuration,
  { output, connection }: Switchable,
  expect: SuiteContext["expect"],
): Promise<Times> {
  const agent = new Agent(configuration, expect);
  agent.start();
  try {
    const trip = await agent.event(({ body }) => body?.case === "trip", { withinMs: tripWithinMs });
    const end = await agent.event(
      ({ body }) =>
        body?.case === "output" &&
        (body.value.outcome === Outcome.VERIFIED || body.value.outcome === Outcome.FAILED),
      { withinMs: tripWithinMs },
    );
    const tripped = trip?.event.body?.case === "trip" ? trip.event.body.value : undefined;
    const ended = end?.event.body?.case === "output" ? end.event.body.value : undefined;
    const wire = onTheWire(agent.wire, { connection, output });
    return {
      ...wire,
      software: tripped?.writtenAfterMs ?? Number.NaN,
      verified: ended?.afterMs ?? Number.NaN,
      outcome: ended?.outcome,
    };
  } finally {
    agent.stop();
    await agent.sleep(50); // a serial line is let go a moment later
  }
}

const forceCoil = 5;
/** Bytes before the unit in a frame over TCP. */
const headerSize = 6;

/** The write that cut off, and the read that caused it. */
function onTheWire(
  notes: readonly WireNote[],
  { connection, output }: Switchable,
): Pick<Times, "write" | "bus" | "arithmetic"> {
  const at = connection.type === "modbus-tcp" ? headerSize : 0;
  const own = notes.filter((note) => note.connection === connection.id);
  const index = own.findIndex(
    ({ way, bytes }) =>
      way === "out" &&
      bytes[at] === output.unit &&
      bytes[at + 1] === forceCoil &&
      u8(bytes, at + 2) * 256 + u8(bytes, at + 3) === output.place.address,
  );
  const none = { write: Number.NaN, bus: Number.NaN, arithmetic: Number.NaN };
  const written = own[index];
  if (written === undefined) return none;
  let size = 0;
  const answered = own.slice(index + 1).find(({ way, bytes }) => {
    if (way === "in") size += bytes.length;
    return way === "in" && size >= written.bytes.length;
  });
  const asked = own.slice(0, index).findLast(({ way }) => way === "out");
  if (answered === undefined || asked === undefined) return none;
  const askedAt = own.indexOf(asked);
  const heard = own.slice(askedAt, index).filter(({ way }) => way === "in");
  const read = asked.bytes.length + heard.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const baud = connection.rtu?.baud;
  return {
    write: answered.atMs - written.atMs,
    bus: answered.atMs - asked.atMs,
    arithmetic:
      baud === undefined
        ? Number.NaN
        : (read + 2 * written.bytes.length) * byteMs(baud) + 4 * frameGapMs(baud),
  };
}

function report(
  label: string,
  times: readonly Times[],
): { rows: ResultRow[]; distributions: Distribution[] } {
  const all = (pick: (one: Times) => number) => times.map(pick);
  const software = spreadOf(all((one) => one.software));
  const verified = times.filter(({ outcome }) => outcome === Outcome.VERIFIED).length;
  const arithmetic = Math.max(...all((one) => one.arithmetic));
  const write = spreadOf(all((one) => one.write));
  const bus = spreadOf(all((one) => one.bus));
  const rows = [
    check(`${label}: went to safe and was seen there`, {
      measured: `${verified} of ${times.length}`,
      asked: "all",
      ok: verified === times.length,
    }),
    check(`${label}: reading in memory to write on the wire, at most`, {
      measured: ms(software.highest),
      asked: ms(softwareMsMax),
      ok: software.highest <= softwareMsMax,
    }),
    info(`${label}: write to its answer, half and most`, `${ms(write.p50)}, ${ms(write.highest)}`),
    info(
      `${label}: question to answered write, half and most`,
      `${ms(bus.p50)}, ${ms(bus.highest)}`,
    ),
    ...(Number.isNaN(arithmetic)
      ? []
      : [
          info(`${label}: of that the line's bytes and silences by arithmetic`, ms(arithmetic)),
          info(`${label}: and the devices' own time`, ms(bus.p50 - arithmetic)),
        ]),
    info(`${label}: trip to feedback, half`, ms(spreadOf(all((one) => one.verified)).p50)),
  ];
  const marks = Number.isNaN(arithmetic) ? [] : [{ label: "bytes and silences", at: arithmetic }];
  return {
    rows,
    distributions: [
      {
        name: `${label}: question to answered write`,
        unit: "ms",
        samples: all((o) => o.bus),
        marks,
      },
      { name: `${label}: in software`, unit: "ms", samples: all((o) => o.software), marks: [] },
    ],
  };
}
