/**
 * A plant that is in no table of this repository, as real processes: two tanks and a pump, tags without kinds,
 * a site without packs. It is read, shown, cut off and told of; nothing in its way knows the simulated plants.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startProgram } from "@weir/testing/child-process.ts";
import { freePort } from "@weir/testing/free-port.ts";
import {
  startTankPlant,
  tankEdge,
  tankRule,
  tankTagId,
  tankTags,
  writeTankFiles,
} from "@weir/testing/tank-plant.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { expect, test, vi } from "vitest";

/** Hang detectors: two processes and a command on a busy machine. */
const hangMs = 240_000;
const patience = { timeout: 60_000, interval: 250 };

test(
  "two tanks and a pump: read, cut off, and told at the fog",
  async () => {
    const folder = tempDir();
    const plant = await startTankPlant();
    const mqttPort = await freePort();
    const identity = join(folder, "identity");
    const uplink = { url: `mqtts://127.0.0.1:${mqttPort}`, identity };
    const files = writeTankFiles(folder, { port: plant.port, uplink });
    const fogFile = join(folder, "fog.yaml");
    writeFileSync(
      fogFile,
      `site: site.yaml\nmqtt: {host: 127.0.0.1, port: ${mqttPort}}\nhttp: {host: 127.0.0.1, port: 0}\n`,
    );
    const fogFiles = ["--config", fogFile, "--data-dir", join(folder, "fog")];
    const enrol = startProgram({
      program: "weir-fog",
      args: ["enrol-edge", tankEdge, ...fogFiles, "--out", identity, "--json"],
    });
    expect(await enrol.exited, enrol.stderr()).toBe(0);
    const fog = startProgram({ program: "weir-fog", args: ["run", ...fogFiles, "--json"] });
    await fog.waitFor("started", undefined, patience.timeout);
    const edge = startProgram({
      program: "weir-edge",
      args: ["run", "--config", files.edge, "--data-dir", join(folder, "edge"), "--json"],
    });
    await edge.waitFor("started", undefined, patience.timeout);

    const { url } = await fog.waitFor("sign-in");
    const signIn = await fetch(String(url), { redirect: "manual" });
    const cookie = signIn.headers
      .getSetCookie()
      .map((one) => one.split(";")[0])
      .join("; ");
    const ask = async (path: string) =>
      (await fetch(new URL(path, String(url)), { headers: { cookie } })).text();
    await vi.waitFor(async () => {
      const said = await ask("/api/tags");
      for (const tag of tankTags) expect(said).toContain(tankTagId(tag));
    }, patience);

    expect(plant.pumpRuns).toBe(true);
    plant.set("PUMP", "A", 35);
    const trip = await edge.waitFor("trip", ({ rule }) => rule === tankRule, patience.timeout);
    expect(trip).toMatchObject({ edge: tankEdge, tag: "PUMP/A", simulated: false });
    await vi.waitFor(() => expect(plant.pumpRuns).toBe(false), patience);
    await edge.waitFor("output", ({ outcome }) => outcome === "verified", patience.timeout);
    await fog.waitFor("trip", ({ rule }) => rule === tankRule, patience.timeout);
    expect(await edge.stop()).toBe(0);
    expect(await fog.stop()).toBe(0);
  },
  hangMs,
);
