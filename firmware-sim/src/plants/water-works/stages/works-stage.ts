/** A stage of the works: one of its three lines, instruments of its table. */
import type { StageRow } from "../../../plant-definition/stage-row.ts";
import type { InstrumentName } from "../instruments.ts";

export interface WorksStage extends StageRow<InstrumentName> {
  line: "W" | "S" | "D";
}
