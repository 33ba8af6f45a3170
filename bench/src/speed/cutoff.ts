/** From the answer that shows a limit passed to the write that cuts it off, beside a bare socket. */
import { once } from "node:events";
import { cpus } from "node:os";
import { Worker } from "node:worker_threads";
import type { Bench, Report } from "../bench.ts";
import type { ClientMessage, ClientOrder } from "./cutoff-client.ts";
import { type Disk, type Load, slowDiskMs } from "./cutoff-plant.ts";
import type { SlaveMessage } from "./cutoff-slave.ts";
import { quantileCells, quantileColumns, quantileOf } from "./quantile-cells.ts";

const clients = ["socket", "weir"] as const;
type Client = (typeof clients)[number];
const names: Record<Client, string> = { socket: "bare socket", weir: "Weir's control loop" };

interface State {
  name: string;
  title: string;
  disk: Disk;
  loads: readonly Load[];
  /** Of the 99th percentile. */
  budgetMs: number;
}

const states: readonly State[] = [
  { name: "idle", title: "nothing else to do", disk: "own", loads: [], budgetMs: 1 },
  {
    name: "backlog",
    title: "another thread of the process computes without a pause and commits to SQLite",
    disk: "own",
    loads: ["uplink"],
    budgetMs: 5,
  },
  {
    name: "disk full",
    title: `the same, and the disk refuses every trip after ${slowDiskMs} ms`,
    disk: "full",
    loads: ["uplink"],
    budgetMs: 5,
  },
  {
    name: "saturated",
    title: `${cpus().length} threads of the process compute without a pause, one for each CPU`,
    disk: "own",
    loads: cpus().map(() => "arithmetic"),
    budgetMs: 5,
  },
];
/** Of any single one. */
const maxBudgetMs = 25;
const ratioMax = { p50: 1.3, p99: 2 };
/** First trips of a round: the connection is new. */
const leftOut = 2;

interface Durations {
  /** At the slave: answer handed to its socket → write received, µs. */
  outside: number[];
  /** In the client: answer in memory → write handed to its socket, µs. */
  inside: number[];
}

interface Plan {
  rounds: number;
  tripsPerRound: number;
}

const startThread = (name: string, workerData?: unknown): Worker =>
  new Worker(new URL(name, import.meta.url), { workerData });

async function ask<Answer>(worker: Worker, question: unknown): Promise<Answer> {
  const answer = once(worker, "message");
  worker.postMessage(question);
  return (await answer)[0] as Answer;
}

/** By turns, so that whatever else the machine does meets both. */
async function measure(
  threads: { slave: Worker; client: Worker },
  { port, disk }: { port: number; disk: Disk },
  plan: Plan,
) {
  const all: Record<Client, Durations> = {
    socket: { outside: [], inside: [] },
    weir: { outside: [], inside: [] },
  };
  for (let round = 0; round < plan.rounds; round++) {
    for (const client of clients) {
      const tripCount = plan.tripsPerRound + leftOut;
      const order: ClientOrder = { client, port, tripCount, disk };
      const { microseconds } = await ask<ClientMessage>(threads.client, order);
      const taken = await ask<Extract<SlaveMessage, { kind: "taken" }>>(threads.slave, "take");
      all[client].outside.push(...taken.microseconds.slice(leftOut));
      all[client].inside.push(...microseconds.slice(leftOut));
    }
  }
  return all;
}

function tell(
  report: Report,
  { name, title, budgetMs }: State,
  all: Record<Client, Durations>,
): void {
  report.table(
    `${name}: ${title}; ${all.weir.outside.length} trips each, by turns, µs`,
    ["", ...quantileColumns, ...quantileColumns.map((column) => `inside ${column}`)],
    clients.map((client) => [
      names[client],
      ...quantileCells(all[client].outside, 0),
      ...quantileCells(all[client].inside, 0),
    ]),
  );
  const sorted = (client: Client) => Float64Array.from(all[client].outside).sort();
  const [socket, weir] = [sorted("socket"), sorted("weir")];
  const ratio = (fraction: number) => quantileOf(weir, fraction) / quantileOf(socket, fraction);
  const inside = Float64Array.from(all.weir.inside).sort();
  const p99Ms = quantileOf(inside, 0.99) / 1_000;
  const maxMs = quantileOf(inside, 1) / 1_000;
  report.line(
    `reading in memory → write on the wire: ${[
      against(`p99 ${p99Ms.toFixed(2)} ms`, p99Ms / budgetMs, `${budgetMs} ms`),
      against(`max ${maxMs.toFixed(1)} ms`, maxMs / maxBudgetMs, `${maxBudgetMs} ms`),
    ].join("; ")}`,
  );
  report.line(
    `seen by the slave, beside the bare socket: ${[
      against(`p50 ${ratio(0.5).toFixed(2)}×`, ratio(0.5) / ratioMax.p50, `${ratioMax.p50}×`),
      against(`p99 ${ratio(0.99).toFixed(2)}×`, ratio(0.99) / ratioMax.p99, `${ratioMax.p99}×`),
    ].join("; ")}`,
  );
}

const against = (figure: string, share: number, budget: string): string =>
  `${figure} of at most ${budget}: ${share <= 1 ? "kept" : `missed by ${Math.round(100 * (share - 1))} %`}`;

export const bench: Bench = {
  name: "cutoff",
  about: "edge: limit passed in an answer → write on the wire, beside a bare socket",
  async run({ smoke, report }) {
    const plan = smoke ? { rounds: 1, tripsPerRound: 5 } : { rounds: 20, tripsPerRound: 25 };
    const slave = startThread("./cutoff-slave.ts");
    const client = startThread("./cutoff-client.ts");
    const [listening] = (await once(slave, "message")) as [{ port: number }];
    const { port } = listening;
    // A program that runs for months is compiled: not what is asked here.
    const warmUp = { rounds: 2, tripsPerRound: 50 };
    if (!smoke) await measure({ slave, client }, { port, disk: "own" }, warmUp);
    for (const state of states) {
      const loads = state.loads.map((load) => startThread("./cutoff-load.ts", load));
      tell(report, state, await measure({ slave, client }, { port, disk: state.disk }, plan));
      await Promise.all(loads.map((load) => ask(load, "over")));
      await Promise.all(loads.map((load) => load.terminate()));
    }
    report.line(
      "The slave is a thread on the same CPUs: what Weir does after a write, its words and the disk, keeps it waiting, and a controller on a wire of its own not. The bare socket does nothing after its write.",
    );
    await Promise.all([slave, client].map((worker) => worker.terminate()));
  },
};
