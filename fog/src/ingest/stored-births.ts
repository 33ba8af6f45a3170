/** The tag tables that edges have announced: a backlog is read with that of the boot that wrote it. */
import { toBinary } from "@bufbuild/protobuf";
import { type Birth, BirthSchema } from "@weir/contracts/generated/weir/v1/edge_pb.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";

/** Tag tables kept of one edge: a backlog may be that many boots old. */
const birthsMax = 200;

export class StoredBirths {
  readonly #put: SqlStatement;
  readonly #trim: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#put = db.prepare(
      "INSERT INTO births (edge, epoch, incarnation, dictionary, bytes) VALUES (?, ?, ?, ?, ?)",
    );
    this.#trim = db.prepare(
      `DELETE FROM births WHERE edge = ? AND number <=
         (SELECT number FROM births WHERE edge = ? ORDER BY number DESC LIMIT 1 OFFSET ${birthsMax})`,
    );
  }

  /** In the open transaction. */
  put(edge: string, birth: Birth): void {
    const { epoch, incarnation, dictionary } = birth;
    this.#put.run(edge, epoch, incarnation, dictionary, toBinary(BirthSchema, birth));
    this.#trim.run(edge, edge);
  }
}
