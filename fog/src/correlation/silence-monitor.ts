/**
 * Silence raises an incident of its own, one for an edge however many sensors it has. It ends when the edge, or
 * the sensors, are heard again, and nothing else ends through it.
 */
import type { FreshnessView } from "@weir/contracts/api/fog.ts";
import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import type { SiteTime } from "@weir/contracts/site-time.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { EdgeRevocation } from "../enrolment/enrolment-book.ts";
import { revokedWords, type SiteFreshness } from "../freshness/site-freshness.ts";
import type { SiteTagRow, SiteTags } from "../historian/site-tags.ts";
import type { EdgeLink } from "../ingest/ingested.ts";
import { causes, edgeOf, kindOf } from "./incident-cause.ts";
import { asContribution } from "./incident-store.ts";
import type { OpenIncidents, Sign } from "./open-incidents.ts";

/** A tag that was announced and never sent is told after so long, plant time: an edge reads them in turn. */
const firstReadingWithinMs = 300_000;

export interface SilenceMonitorOptions {
  clock: Clock;
  tags: SiteTags;
  freshness: SiteFreshness;
  incidents: OpenIncidents;
  links: () => readonly EdgeLink[];
  /** Who has shut an edge out; undefined of one that may speak to this fog. */
  revocationOf: (edge: string) => EdgeRevocation | undefined;
  /** Revocations are dated by it. */
  ioClock: Clock;
  time: SiteTime;
}

export class SilenceMonitor {
  readonly #options: SilenceMonitorOptions;

  constructor(options: SilenceMonitorOptions) {
    this.#options = options;
  }

  /** Looks at everything that should be heard. Called about once a second of real time. */
  tick(): void {
    for (const link of this.#options.links()) {
      const seen = this.#options.freshness.edge(link.edge);
      // One that is still heard is cut off within seconds.
      const revocation = seen.state === "live" ? undefined : this.#options.revocationOf(link.edge);
      if (revocation) {
        this.#revoked(link.edge, revocation);
        continue;
      }
      this.#edge(link, seen);
      if (seen.state === "live") this.#tags(link);
    }
  }

  /** Nothing will tell the end of what it has told: that a person has shut it out ends it, and says so. */
  #revoked(edge: string, revocation: EdgeRevocation): void {
    const { clock, ioClock, incidents, time } = this.#options;
    const nowMs = clock.nowMs();
    const own = incidents.all().filter(({ cause }) => edgeOf(cause) === edge);
    if (own.length === 0) return;
    const atMs = nowMs - Math.max(0, ioClock.nowMs() - revocation.atMs);
    const by = revokedWords(edge, revocation);
    for (const { cause, openedAtMs } of own) {
      const evidence = `${by} on ${time.stamp(Math.max(atMs, openedAtMs))}${unknownEnd(cause)}`;
      incidents.close(cause, { atMs: nowMs, evidence });
    }
  }

  #edge(link: EdgeLink, seen: FreshnessView): void {
    const { clock, incidents, tags } = this.#options;
    const { edge } = link;
    const cause = causes.edgeSilent(edge);
    const nowMs = clock.nowMs();
    if (seen.state === "live") {
      incidents.close(cause, { atMs: nowMs, evidence: `${edge} is heard again` });
      return;
    }
    if (seen.state !== "silent" || incidents.of(cause)) return;
    const sensors = tags.current.filter((row) => row.edge === edge);
    incidents.raise({ ...silentEdgeSign(link, seen, sensors.length), atMs: nowMs });
  }

  #tags({ edge, birth, status }: EdgeLink): void {
    if (!birth) return;
    const { clock, incidents, tags, freshness } = this.#options;
    const nowMs = clock.nowMs();
    const rows = birth.tags.flatMap(({ id }) => tags.find(`${edge}/${id}`) ?? []);
    const byDevice = Map.groupBy(rows, (row) => row.tag.device);
    // What an edge of today lists as not good is told by its own word, with the reason.
    const told = new Set(status?.conditions.map(({ tag }) => tag));
    for (const [device, own] of byDevice) {
      const cause = causes.silentSensor(edge, device);
      const views = own.map((row) => ({ row, seen: freshness.tag(row) }));
      const silent = views.filter(
        ({ row, seen }) => isSilent(seen, nowMs) && !told.has(row.tag.id),
      );
      const known = incidents.of(cause);
      if (silent.length > 0) {
        const sign = silentSensorSign(cause, edge, silent);
        if (known?.headline !== sign.headline) incidents.raise({ ...sign, atMs: nowMs });
      } else if (known && views.every(({ seen }) => seen.state === "live")) {
        incidents.close(cause, { atMs: nowMs, evidence: "all its sensors are heard again" });
      }
    }
  }
}

const isSilent = (seen: FreshnessView, nowMs: number): boolean =>
  seen.state === "silent" ||
  (seen.state === "never" && nowMs - seen.sinceMs >= firstReadingWithinMs);

const unknownEnd = (cause: string): string =>
  kindOf(cause) === "edge-silent" ? "" : "; how it ended is not known here";

function silentEdgeSign(
  { edge, status }: EdgeLink,
  seen: FreshnessView,
  sensors: number,
): Omit<Sign, "atMs"> {
  const protects = status?.safety !== undefined;
  const and = protects ? " and what it protects" : "";
  return {
    ...{ cause: causes.edgeSilent(edge), edge, detector: "silence" },
    severity: protects ? Severity.HIGH : Severity.MEDIUM,
    headline: `${edge} is silent: ${sensors} sensor${sensors === 1 ? "" : "s"}${and} cannot be seen`,
    story: `${seen.reason}. Nothing is known since of its ${sensors} sensors; what was open stays open. An agent that runs goes on acting by itself and keeps its readings, but whether this one runs cannot be seen from here.`,
    suggestedChecks: [
      "Is its machine powered, and does its light blink?",
      "Look at the network between it and this fog",
      "Watch what it protects by other means until it is heard",
    ],
  };
}

function silentSensorSign(
  cause: string,
  edge: string,
  silent: readonly { row: SiteTagRow; seen: FreshnessView }[],
): Omit<Sign, "atMs"> {
  const ids = silent.map(({ row }) => row.tag.id);
  const protecting = silent.some(
    ({ row: { tag } }) => tag.hardLow !== undefined || tag.hardHigh !== undefined,
  );
  const first = silent[0]?.row;
  return {
    ...{ cause, edge, stage: first?.tag.stage ?? "", detector: "silence" },
    severity: protecting ? Severity.MEDIUM : Severity.LOW,
    headline: `${ids[0]}${ids.length > 1 ? ` and ${ids.length - 1} more` : ""} not heard, though ${edge} is`,
    story: `No reading of ${ids.join(", ")} has come within several of its periods. ${edge} itself is heard.`,
    suggestedChecks: ["Does its device answer?", "Look at the status page of the edge"],
    contributions: silent.map(({ row, seen }) =>
      asContribution({
        ...{ tag: row.id, feature: "silence", share: 1 / silent.length },
        ...{ value: Number.NaN, expected: Number.NaN },
        ...{ direction: "silent", text: seen.reason },
      }),
    ),
  };
}
