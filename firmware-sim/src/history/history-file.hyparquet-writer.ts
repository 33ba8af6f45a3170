/** History as Parquet: the one import of hyparquet-writer. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parquetWriteFile } from "hyparquet-writer";
import type { HistoryColumns } from "./history-table.ts";
import type { History } from "./record-history.ts";

const rowGroupSize = 200_000;

/** Writes `minutes.parquet` and `hours.parquet` into `dir`; returns their paths. */
export async function writeHistory(dir: string, history: History): Promise<string[]> {
  mkdirSync(dir, { recursive: true });
  const files: [path: string, columns: HistoryColumns][] = [
    [join(dir, "minutes.parquet"), history.minutes],
    [join(dir, "hours.parquet"), history.hours],
  ];
  for (const [filename, columns] of files) {
    await parquetWriteFile({
      filename,
      rowGroupSize,
      columnData: [
        { name: "tag", data: columns.tag, type: "STRING", nullable: false },
        { name: "at_ms", data: columns.atMs, type: "DOUBLE", nullable: false },
        { name: "n", data: columns.n, type: "INT32", nullable: false, statistics: false },
        { name: "mean", data: columns.mean, type: "DOUBLE", nullable: false, statistics: false },
        { name: "min", data: columns.min, type: "DOUBLE", nullable: false, statistics: false },
        { name: "max", data: columns.max, type: "DOUBLE", nullable: false, statistics: false },
        { name: "sd", data: columns.sd, type: "DOUBLE", nullable: false, statistics: false },
        {
          name: "slope_per_s",
          data: columns.slopePerS,
          type: "DOUBLE",
          nullable: false,
          statistics: false,
        },
      ],
    });
  }
  return files.map(([path]) => path);
}
