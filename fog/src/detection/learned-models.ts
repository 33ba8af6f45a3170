/** The models that were learned here, kept over a restart: a fog that comes back judges at once. */
import { createHash } from "node:crypto";
import type { SiteModel } from "@weir/contracts/site.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";
import type { Detection } from "./detection.ts";

export const learnedModelsMigrations: readonly string[] = [
  `CREATE TABLE learned_model (
    stage TEXT PRIMARY KEY, learned_at_ms REAL NOT NULL, onnx BLOB NOT NULL, sha256 TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;`,
];

/** A plant changes: an older one is learned anew from what came since. */
const ageMaxMs = 7 * 86_400_000;

export interface LearnedModel {
  stage: string;
  onnx: Uint8Array;
  /** Plant calendar. */
  learnedAtMs: number;
}

export class LearnedModels {
  readonly #put: SqlStatement;
  readonly #all: SqlStatement;
  readonly #remove: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#put = db.prepare(
      "INSERT OR REPLACE INTO learned_model (stage, learned_at_ms, onnx, sha256) VALUES (?, ?, ?, ?)",
    );
    this.#all = db.prepare("SELECT stage, learned_at_ms, onnx, sha256 FROM learned_model");
    this.#remove = db.prepare("DELETE FROM learned_model WHERE stage = ?");
  }

  put({ stage, onnx, learnedAtMs }: LearnedModel): void {
    this.#put.run(stage, learnedAtMs, onnx, sha256(onnx));
  }

  /** Those that are sound and young enough; the others are dropped, `onDropped` hears why. */
  restore(nowMs: number, onDropped: (stage: string, why: string) => void): LearnedModel[] {
    const rows = this.#all.all<Row>();
    return rows.flatMap(({ stage, learned_at_ms: learnedAtMs, onnx, sha256: said }) => {
      const isOld = Math.abs(nowMs - learnedAtMs) > ageMaxMs;
      if (!isOld && sha256(onnx) === said) return [{ stage, onnx, learnedAtMs }];
      this.#remove.run(stage);
      onDropped(
        stage,
        isOld ? "it is older than a week" : "its bytes are not those that were kept",
      );
      return [];
    });
  }
}

/** What an earlier run has learned judges again, before anything is learned. */
export async function resumeLearned(
  models: LearnedModels,
  of: { detection: Pick<Detection, "resume">; site: SiteModel; clock: Clock; logger: Logger },
): Promise<void> {
  const { detection, site, clock, logger } = of;
  const known = models.restore(clock.nowMs(), (stage, why) =>
    logger.warn("a model that was learned here is learned anew", { stage, why }),
  );
  for (const model of known) {
    if (!site.stages.some(({ id }) => id === model.stage)) continue;
    const resumed = await detection.resume(model);
    if (!resumed.ok)
      logger.info("a kept model was not taken", { stage: model.stage, why: resumed.reason });
  }
}

interface Row {
  stage: string;
  learned_at_ms: number;
  onnx: Uint8Array;
  sha256: string;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
