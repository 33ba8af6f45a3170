/** A machine has been getting worse for nine days: the cloud learns it from the past and writes a ticket. */
import { expect, test } from "vitest";
import { plantCases } from "../src/plants/plant-cases.ts";
import { livePast } from "../src/simulation/past.ts";
import { runFolder } from "../src/simulation/run-folder.ts";
import { World } from "../src/simulation/world.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** A hang detector, not a timing. */
const hangMs = 400_000;

test.each(plantCases)(
  "$id: it gets one ticket with what to do and until when; its healthy twin gets none",
  async ({ plant: definition, decline }) => {
    const { stage, twin, event, params, beganDays } = decline;
    using folder = runFolder();
    const inject = {
      what: "event",
      event,
      stage,
      params,
      forMs: 60 * dayMs,
    } as const;
    const before = [{ offsetMs: -beganDays * dayMs, inject }];
    const past = await livePast({
      definition,
      seed: 11,
      folder: folder.path,
      days: 28,
      fineDays: 0,
      before,
    });
    const training = { automatic: false, include: [], exclude: [], epochCount: 10, seed: 1 };
    const world = await new World({
      definition,
      seed: 11,
      folder: folder.path,
      plant: past.plant,
      pollEveryS: 10,
      training,
    }).start();
    const site = world.site.site.id;
    await world.advance(3 * minuteMs); // The site announces itself.
    const { cloud } = world.cloud;
    await cloud?.settled();
    await cloud?.importFiles(site, [past.hoursFile]);
    for (const name of [stage, twin])
      cloud?.trainer.queue({ site, stage: name, kind: "autoencoder" });
    await cloud?.settled({ training: true });
    expect(cloud?.trainings.list().map((run) => [run.stage, run.state, run.error])).toEqual(
      expect.arrayContaining([[stage, "done", null]]),
    );

    const tickets = cloud?.desk.list("all") ?? [];
    expect(tickets.map((ticket) => ticket.stage)).toEqual([stage]);
    const [ticket] = tickets;
    expect(ticket?.title).toMatch(decline.title);
    expect(ticket?.recommendedActions.length).toBeGreaterThan(0);
    expect(ticket?.dueAtMs).toBeGreaterThan(world.clock.nowMs());
    await world.stop();
  },
  hangMs,
);
