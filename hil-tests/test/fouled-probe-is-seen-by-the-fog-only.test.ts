/**
 * The oxygen probe that controls W13 fouls: its loop holds it at 2.0 mg/L, so no limit is crossed and no
 * edge rule can see it. The fog knows how much air that load needs.
 */

import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { waterWorks } from "@weir/firmware-sim/plants/water-works/water-works.ts";
import { expect, test } from "vitest";
import { livePast } from "../src/simulation/past.ts";
import { runFolder } from "../src/simulation/run-folder.ts";
import { takeIn } from "../src/simulation/take-in.ts";
import { World } from "../src/simulation/world.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A hang detector, not a timing. */
const hangMs = 400_000;

test(
  "no trip and no alert at the edge, an advisory at the fog that names oxygen or air",
  async () => {
    using folder = runFolder();
    const past = await livePast({
      definition: waterWorks,
      seed: 12,
      folder: folder.path,
      days: 16,
      fineDays: 2,
    });
    const world = new World({
      definition: waterWorks,
      seed: 12,
      folder: folder.path,
      plant: past.plant,
      pollEveryS: 10,
    });
    await takeIn(world.fog.folder, [past.minutesFile, past.hoursFile]);
    await world.start();
    await world.advance(2 * minuteMs);
    expect(await world.fog.watch?.detection.learn("W13")).toBe(true);
    await world.advance(hourMs);
    const about = (stage: string) =>
      world.fog.watch?.incidentStore
        .list("all", 100)
        .filter((incident) => incident.stage === stage) ?? [];
    expect(about("W13")).toEqual([]); // A healthy stage is left in peace.

    world.plant.inject({
      what: "probe-fouling",
      sensor: "W13/DO01",
      bias: -1,
      slow: 4,
      rampMs: hourMs,
      forMs: 24 * hourMs,
    });
    for (let hour = 0; hour < 4 && about("W13").length === 0; hour++) await world.advance(hourMs);

    const bodies = world.chronicle.events.map(({ event }) => event.body);
    expect(bodies.filter(({ case: kind }) => kind === "trip")).toEqual([]);
    expect(bodies.filter((body) => body.case === "alert" && body.value.tag === "W13/DO01")).toEqual(
      [],
    );
    const [incident] = about("W13");
    expect(incident?.severity).toBe(Severity.ADVISORY);
    const named = incident?.contributions.map(({ tag }) => tag).join(" ") ?? "";
    expect(named).toMatch(/W13\/(?:DO|FL|PR)/);
    expect(incident?.headline).toMatch(/oxygen|air/i);
    await world.stop();
  },
  hangMs,
);
