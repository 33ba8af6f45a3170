/**
 * The sensor that rules a loop goes wrong: the loop holds it at its set point, so no limit is crossed and no
 * edge rule can see it. The fog knows what that load takes of air or heat.
 */
import { Severity } from "@weir/contracts/generated/weir/v1/incident_pb.ts";
import { expect, test } from "vitest";
import { plantCases } from "../src/plants/plant-cases.ts";
import { livePast } from "../src/simulation/past.ts";
import { runFolder } from "../src/simulation/run-folder.ts";
import { takeIn } from "../src/simulation/take-in.ts";
import { World } from "../src/simulation/world.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A hang detector, not a timing. */
const hangMs = 400_000;

test.each(plantCases)(
  "$id: no trip and no alert at the edge, an advisory at the fog that names what shows it",
  async ({ plant: definition, hidden }) => {
    const { stage, sensor } = hidden;
    using folder = runFolder();
    const past = await livePast({
      definition,
      seed: 12,
      folder: folder.path,
      days: 16,
      fineDays: 2,
    });
    const world = new World({
      definition,
      seed: 12,
      folder: folder.path,
      plant: past.plant,
      pollEveryS: 10,
    });
    await takeIn(world.fog.folder, [past.minutesFile, past.hoursFile]);
    await world.start();
    await world.advance(2 * minuteMs);
    expect(await world.fog.watch?.detection.learn(stage)).toBe(true);
    await world.advance(hourMs);
    const about = () =>
      world.fog.watch?.incidentStore
        .list("all", 100)
        .filter((incident) => incident.stage === stage) ?? [];
    expect(about()).toEqual([]); // A healthy stage is left in peace.

    world.plant.inject(hidden.inject);
    for (let hour = 0; hour < 4 && about().length === 0; hour++) await world.advance(hourMs);

    const bodies = world.chronicle.events.map(({ event }) => event.body);
    expect(bodies.filter(({ case: kind }) => kind === "trip")).toEqual([]);
    expect(bodies.filter((body) => body.case === "alert" && body.value.tag === sensor)).toEqual([]);
    const [incident] = about();
    expect(incident?.severity).toBe(Severity.ADVISORY);
    const named = incident?.contributions.map(({ tag }) => tag).join(" ") ?? "";
    expect(named).toMatch(hidden.named);
    expect(incident?.headline).toMatch(hidden.headline);
    await world.stop();
  },
  hangMs,
);
