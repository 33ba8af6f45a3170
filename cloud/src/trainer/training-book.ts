/** The queue of training jobs and what became of each. A job that ran when the process died runs again. */
import type { TrainingRunView } from "@weir/contracts/api/cloud.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { SqlDatabase } from "@weir/runtime/sql.ts";
import { CloudFault } from "../faults.ts";
import { trainingQueueMax } from "../limits.ts";
import type { LastTry } from "./learning-plan.ts";

export const trainingMigration = `
  CREATE TABLE training_run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site TEXT NOT NULL, stage TEXT NOT NULL, kind TEXT NOT NULL,
    rank INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT;
`;

export type TrainingKind = TrainingRunView["kind"];

export interface TrainingRequest {
  site: string;
  /** Stage id; of thresholds the edge's id. */
  stage: string;
  kind: TrainingKind;
  /** The lower, the sooner; 0 unless given: what a person asks for comes first. */
  rank?: number;
}

export interface TrainingBook {
  /** An equal job that waits already is returned instead. @throws Fault CLOUD_TRAINING_QUEUE_FULL */
  queue(request: TrainingRequest): TrainingRunView;
  /** Takes the job of the lowest rank that waits longest. */
  take(): TrainingRunView | undefined;
  update(id: string, change: Partial<TrainingRunView>): TrainingRunView;
  /** Newest first. */
  list(): TrainingRunView[];
  /** What became of the newest try; undefined: there was none. */
  lastTry(request: TrainingRequest): LastTry | undefined;
  /** The one being worked on. */
  running(): TrainingRunView | undefined;
  waitingCount(): number;
}

/** Starts of one job before it is given up: a job that kills the process must not do so for ever. */
const attemptsMax = 3;
const listCountMax = 200;
/** Tries of one model that are looked back at. */
const triesLookedAt = 12;

interface Row {
  id: number;
  site: string;
  stage: string;
  kind: TrainingKind;
  state: TrainingRunView["state"];
  attempts: number;
  body: string;
}

type Body = Omit<TrainingRunView, "id" | "site" | "stage" | "kind" | "state">;

const blank: Body = {
  startedAtMs: null,
  finishedAtMs: null,
  progress: 0,
  loss: [],
  validationLoss: [],
  trainedOn: "",
  windows: 0,
  threshold: null,
  backend: "",
  samplesPerSecond: null,
  model: null,
  error: null,
};

const viewOf = (row: Row): TrainingRunView => ({
  id: String(row.id),
  site: row.site,
  stage: row.stage,
  kind: row.kind,
  state: row.state,
  ...(JSON.parse(row.body) as Body),
});

export function createTrainingBook(db: SqlDatabase, plant: Clock): TrainingBook {
  const insert = db.prepare(
    "INSERT INTO training_run (site, stage, kind, rank, state, attempts, body) VALUES (?, ?, ?, ?, 'queued', 0, ?)",
  );
  const one = db.prepare("SELECT * FROM training_run WHERE id = ?");
  const same = db.prepare(
    "SELECT * FROM training_run WHERE site = ? AND stage = ? AND kind = ? ORDER BY id DESC LIMIT 1",
  );
  const recent = db.prepare(
    "SELECT * FROM training_run WHERE site = ? AND stage = ? AND kind = ? ORDER BY id DESC LIMIT ?",
  );
  const runningNow = db.prepare("SELECT * FROM training_run WHERE state = 'running' LIMIT 1");
  const oldest = db.prepare(
    "SELECT * FROM training_run WHERE state = 'queued' ORDER BY rank, id LIMIT 1",
  );
  const list = db.prepare("SELECT * FROM training_run ORDER BY id DESC LIMIT ?");
  const waiting = db.prepare(
    "SELECT count(*) AS count FROM training_run WHERE state IN ('queued', 'running')",
  );
  const save = db.prepare("UPDATE training_run SET state = ?, body = ? WHERE id = ?");
  const start = db.prepare(
    "UPDATE training_run SET state = 'running', attempts = attempts + 1, body = ? WHERE id = ?",
  );
  recover(db);

  const waitingCount = () => waiting.get<{ count: number }>()?.count ?? 0;
  const viewById = (id: number) => viewOf(one.get<Row>(id) as Row);

  return {
    queue({ site, stage, kind, rank = 0 }) {
      const last = same.get<Row>(site, stage, kind);
      if (last?.state === "queued") return viewOf(last);
      const count = waitingCount();
      if (count >= trainingQueueMax) throw new CloudFault("CLOUD_TRAINING_QUEUE_FULL", { count });
      return viewById(insert.run(site, stage, kind, rank, JSON.stringify(blank)).lastInsertRowid);
    },
    take() {
      const row = oldest.get<Row>();
      if (!row) return undefined;
      const body: Body = { ...blank, startedAtMs: plant.nowMs() };
      start.run(JSON.stringify(body), row.id);
      return viewById(row.id);
    },
    update(id, change) {
      const {
        id: _id,
        site: _site,
        stage: _stage,
        kind: _kind,
        state,
        ...body
      } = {
        ...viewById(Number(id)),
        ...change,
      };
      save.run(state, JSON.stringify(body satisfies Body), Number(id));
      return viewById(Number(id));
    },
    list: () => list.all<Row>(listCountMax).map(viewOf),
    lastTry({ site, stage, kind }) {
      const tries = recent.all<Row>(site, stage, kind, triesLookedAt).map(viewOf);
      const [newest] = tries;
      if (!newest) return undefined;
      const isVain = ({ state, error }: TrainingRunView) =>
        state === "failed" || (state === "done" && error !== null);
      const ended = tries.filter(({ state }) => state === "failed" || state === "done");
      const fruitful = ended.findIndex((run) => !isVain(run));
      return {
        state: newest.state,
        atMs: newest.finishedAtMs ?? newest.startedAtMs ?? 0,
        error: newest.error,
        failures: fruitful === -1 ? ended.length : fruitful,
      };
    },
    running() {
      const row = runningNow.get<Row>();
      return row && viewOf(row);
    },
    waitingCount,
  };
}

function recover(db: SqlDatabase): void {
  const running = db.prepare("SELECT * FROM training_run WHERE state = 'running'").all<Row>();
  const save = db.prepare("UPDATE training_run SET state = ?, body = ? WHERE id = ?");
  for (const row of running) {
    const body = JSON.parse(row.body) as Body;
    const isGivenUp = row.attempts >= attemptsMax;
    const error = isGivenUp
      ? `given up after ${row.attempts} starts that the process did not survive`
      : null;
    save.run(isGivenUp ? "failed" : "queued", JSON.stringify({ ...body, error }), row.id);
  }
}
