/** What holds of every row: what is silent closes nothing, and what was kept arrives. */
import type { IncidentView } from "@weir/contracts/api/fog.ts";
import { type Expectation, expectation, onceBack, openOf, type Scene } from "./expectation.ts";
import { silentConnections, unheardEdges } from "./lies-of-row.ts";
import { promised } from "./promises.ts";

/** Incidents that were open, and of which nothing can be known while the part is silent. */
function unknowable({ before, freezer, row }: Scene): IncidentView[] {
  const edges = unheardEdges(row.part, freezer);
  const gateways = new Set(silentConnections(row.part, freezer).map(({ id }) => id));
  const { sensors } = freezer.plant.plant;
  const rests = ({ edge, stage }: IncidentView): boolean => {
    const own = sensors.filter((sensor) => sensor.stage === stage);
    if (edges.includes(edge)) return true;
    return (
      own.length > 0 &&
      own.every((sensor) => edges.includes(sensor.edge) || gateways.has(sensor.gateway))
    );
  };
  return (before.fog?.incidents ?? []).filter((one) => one.state === "open" && rests(one));
}

/** How incidents that were open once are now, of those that the fog still names. */
const nowOf = ({ seen }: Scene, were: readonly IncidentView[]): IncidentView[] => {
  const ids = new Set(were.map(({ id }) => id));
  return (seen.fog?.incidents ?? []).filter(({ id }) => ids.has(id));
};

const closedOf = (incidents: readonly IncidentView[]) =>
  incidents
    .filter(({ state }) => state === "closed")
    .map(({ kind, headline, closedBy }) => ({ kind, headline, closedBy }));

/** What has been done to the plant and is never undone: the trip, a value that does not move, a broken loop. */
const standing = ({ before, freezer }: Scene): IncidentView[] =>
  freezer.standingOf(before.fog?.incidents ?? []);

export const always: readonly Expectation[] = [
  expectation({
    due: "ever",
    where: "fog /api/incidents",
    says: "nothing closes of which nothing can be known",
    saw: (scene) => (scene.phase === "silent" ? closedOf(nowOf(scene, unknowable(scene))) : []),
    holds: (closed) => closed.length === 0,
  }),
  expectation({
    due: "ever",
    where: "fog /api/incidents",
    says: "a trip, an alert and a broken sensor whose causes last stay open",
    saw: (scene) => ({
      before: new Set(standing(scene).map(({ kind }) => kind)).size,
      closed: closedOf(nowOf(scene, standing(scene))),
    }),
    holds: ({ before, closed }, { freezer }) =>
      before === freezer.standingKinds.length && closed.length === 0,
  }),
  expectation({
    due: "ever",
    where: "fog /api/incidents",
    says: "what somebody has said of the trip is kept",
    saw: ({ seen, freezer }) =>
      seen.fog?.incidents
        .filter(({ kind, edge }) => kind === "trip" && edge === freezer.edge)
        .map(({ label }) => label),
    holds: (labels, { freezer }) => labels === undefined || labels.includes(freezer.label),
  }),
  expectation({
    due: "ever",
    where: "fog /api/incidents",
    says: "whatever has closed says by what evidence",
    saw: ({ seen }) =>
      (seen.fog?.incidents ?? [])
        .filter(({ state, closedBy }) => state === "closed" && closedBy === "")
        .map(({ headline }) => headline),
    holds: (mute) => mute.length === 0,
  }),
  expectation({
    due: onceBack(promised.edgeBack),
    where: "fog /api/incidents",
    says: "silence that is over is closed, with its evidence",
    saw: (scene) => ({
      open: openOf(scene, "edge-silent").map(({ headline }) => headline),
      closed: (scene.seen.fog?.incidents ?? [])
        .filter(({ kind, state }) => kind === "edge-silent" && state === "closed")
        .map(({ closedBy }) => closedBy),
    }),
    holds: ({ open, closed }, { seen }) =>
      seen.fog !== undefined &&
      open.length === 0 &&
      closed.every((by) => /is heard again$/.test(by)),
  }),
  expectation({
    due: onceBack(promised.edgeBack),
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
    due: onceBack(promised.bandGone),
    where: "pages",
    says: "no band is left",
    saw: ({ seen }) => [...seen.dashboard, ...seen.console].filter(({ band }) => band !== ""),
    holds: (left) => left.length === 0,
  }),
];
