/** What is said of an output, and that no date is made of a moment that is not known. */
import type { OutputView } from "@weir/contracts/api/edge.ts";
import { siteZone } from "@weir/ui/site-clock.ts";
import { expect, test } from "vitest";
import { outcomeWords } from "./edge-outputs.tsx";

const nowMs = Date.UTC(2026, 5, 2, 12);
const output = (fields: Partial<OutputView>): OutputView => ({
  ...{ output: "coil", outcome: "verified", state: "off", rule: "", held: false, detail: "" },
  ...{ sinceMs: nowMs - 7_200_000, writtenAtMs: null, attempts: 0 },
  ...fields,
});

test.each([
  [{}, "confirmed by feedback since 10:00 (2 h)"],
  [{ detail: "read back" }, "confirmed by reading it back since 10:00 (2 h)"],
  [{ outcome: "not-ordered" }, "not ordered since the agent started at 10:00 (2 h)"],
  [{ outcome: "not-ordered", sinceMs: null }, "not ordered since the agent started"],
  [{ outcome: "pending", sinceMs: null }, "being written, not known yet"],
] as const)("%o", (fields, words) => {
  siteZone.value = "UTC";
  expect(outcomeWords(output(fields), nowMs)).toBe(words);
});
