/** What the fog's understanding of its site makes of each thing that ingest hands on, in this order. */
import type { IncidentDesk } from "./correlation/incident-desk.ts";
import type { Story } from "./correlation/story.ts";
import { tellArtifact, tellEvent, tellLink } from "./correlation/story-words.ts";
import type { TripBoard } from "./correlation/trip-board.ts";
import type { FogCore } from "./fog.ts";
import type { SiteFreshness } from "./freshness/site-freshness.ts";
import type { IngestListener } from "./ingest/ingested.ts";
import type { MinuteWindows } from "./windows/minute-windows.ts";

export interface SiteListenerParts {
  core: FogCore;
  freshness: SiteFreshness;
  windows: MinuteWindows;
  incidents: IncidentDesk;
  trips: TripBoard;
  story: Story;
}

export function siteListener(parts: SiteListenerParts): IngestListener {
  const { core, freshness, windows, incidents, trips, story } = parts;
  const { clock } = core;
  return {
    onBirth: (edge, birth) => {
      windows.onBirth(edge, birth);
      freshness.onBirth(edge, birth);
      // A birth that is read again from the journal says nothing of the link.
      if (!freshness.isListening) return;
      incidents.onBirth(edge, birth);
      tellLink(story, { edge, up: true, atMs: clock.nowMs() });
    },
    onDeath: (edge, orderly) => {
      windows.onDeath(edge);
      freshness.onDeath(edge, orderly);
      tellLink(story, { edge, up: false, orderly, atMs: clock.nowMs() });
    },
    onPanes: (edge, panes, backlog) => {
      freshness.onPanes(edge, panes, backlog);
      windows.onPanes(edge, panes, backlog);
    },
    onReadings: (edge, columns, backlog) => {
      freshness.onReadings(edge, columns, backlog);
      windows.onReadings(edge, columns, backlog);
    },
    onEvent: (edge, event, backlog) => {
      freshness.onEvent(edge);
      // A second sensor that sees the same change adds nothing to the story.
      const told =
        event.body.case === "alert" && incidents.ofStage(event.body.value.stage) !== undefined;
      incidents.onEvent(edge, event, backlog);
      if (told) return;
      if (event.body.case === "artifact")
        tellArtifact(story, event.body.value, { edge, atMs: event.atMs });
      else tellEvent(story, event, { edge, stageOf: (rule) => trips.of(edge, rule)?.stage ?? "" });
    },
    onStatus: (edge, status) => {
      freshness.onStatus(edge, status);
      incidents.onStatus(edge, status);
    },
    onAck: (edge) => freshness.onAck(edge),
    onUnstored: (edge, said) => {
      if (said.$typeName === "weir.v1.Event") {
        freshness.onEvent(edge);
        trips.take(edge, said);
      } else {
        freshness.onStatus(edge, said);
        trips.reconcile(edge, said);
      }
    },
  };
}
