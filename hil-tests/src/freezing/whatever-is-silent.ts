/** What holds of every row, and of what was restored. */
import { type Expectation, expectation, linesWith, openOf } from "./expectation.ts";

/** Of a part that was put back from a backup. */
export const restored: readonly Expectation[] = [
  expectation({
    at: ["back"],
    where: "its log",
    says: "that it was restored, and as of when",
    saw: ({ freezer, row }) =>
      linesWith(freezer.loop.part(freezer.processOf(row.part)).stderr(), "restored"),
    holds: (lines) => lines.length > 0,
  }),
];

/** Whatever is silent: nothing closes or clears by it, and what answers answers. */
export const always: readonly Expectation[] = [
  expectation({
    at: ["soon", "minute", "hour", "back"],
    where: "fog /api/incidents",
    says: "nothing that was open has closed by silence",
    saw: ({ seen, before }) => {
      const open = (before.fog?.incidents ?? []).filter((one) => one.state === "open");
      const ids = new Set(open.filter(({ kind }) => kind === "trip").map(({ id }) => id));
      return {
        before: ids.size,
        closed: (seen.fog?.incidents ?? [])
          .filter(({ id, state }) => ids.has(id) && state === "closed")
          .map(({ headline, closedBy }) => ({ headline, closedBy })),
      };
    },
    holds: ({ before, closed }) => before > 0 && closed.length === 0,
  }),
  expectation({
    at: ["back"],
    where: "fog /api/incidents",
    says: "silence that is over is closed, with its evidence",
    saw: (scene) => ({
      open: openOf(scene, "edge-silent").map(({ headline }) => headline),
      closed: (scene.seen.fog?.incidents ?? [])
        .filter(({ kind, state }) => kind === "edge-silent" && state === "closed")
        .map(({ closedBy }) => closedBy),
    }),
    holds: ({ open, closed }) =>
      open.length === 0 && closed.every((by) => /is heard again$/.test(by)),
  }),
  expectation({
    at: ["back"],
    where: "edge /status.json",
    says: "every reading is accounted for",
    saw: ({ seen }) =>
      [...seen.edges].map(([id, { said }]) => ({
        id,
        ledger: (said as { ledger?: Record<string, number> } | undefined)?.ledger,
      })),
    holds: (edges) =>
      edges.every(({ ledger }) => {
        if (!ledger) return false;
        const { acquired = 0, delivered = 0, thinned = 0, dropped = 0, pending = 0 } = ledger;
        return acquired === delivered + thinned + dropped + pending && dropped === 0;
      }),
  }),
  expectation({
    at: ["back"],
    where: "pages",
    says: "no band is left",
    saw: ({ seen }) => [...seen.dashboard, ...seen.console].filter(({ band }) => band !== ""),
    holds: (left) => left.length === 0,
  }),
];
