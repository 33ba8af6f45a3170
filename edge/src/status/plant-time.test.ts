/** Times on the status page and in `weir-edge status` are those of the clock on the site's wall. */
import { expect, test } from "vitest";
import { edgeRig } from "../../test/edge-rig.ts";
import { idleControl } from "../../test/idle-control.ts";
import { textOf } from "../commands/status.ts";
import type { UplinkSnapshot } from "../uplink/uplink-snapshot.ts";
import { plantTimeOf } from "./plant-time.ts";
import { statusPage } from "./status-page.ts";

const utc = (text: string) => Date.parse(`${text}Z`);

test("an hour that comes twice is told apart, and UTC is called UTC", () => {
  const vienna = plantTimeOf("Europe/Vienna");
  expect(vienna.at(utc("2026-10-25T00:30:05"))).toBe("2026-10-25 02:30:05 +02:00");
  expect(vienna.at(utc("2026-10-25T01:30:05"))).toBe("2026-10-25 02:30:05 +01:00");
  expect(vienna.since(utc("2026-10-25T00:30:05"), utc("2026-10-25T01:35:06"))).toBe(
    "since 2026-10-25 02:30:05 +02:00, 1h5m",
  );
  expect(plantTimeOf("UTC").at(utc("2026-10-25T01:30:05"))).toBe("2026-10-25 01:30:05 UTC");
});

function snapshotIn(zone: string | undefined, more: Partial<UplinkSnapshot> = {}): UplinkSnapshot {
  const rig = edgeRig();
  const notice = { kind: "tags" as const, tags: [], configSha256: "aa" };
  rig.control.give(zone === undefined ? notice : { ...notice, zone });
  const sinceMs = rig.clock.nowMs() - 65_000;
  const silent = {
    id: "plc",
    connection: "plc",
    place: "10.0.8.11:502",
    isOpen: false,
    text: "ECONNREFUSED",
    sinceMs,
  };
  rig.control.give({ kind: "status", status: { ...idleControl, silentConnections: [silent] } });
  return { ...rig.uplink.snapshot(), ...more };
}

test.each([
  ["Europe/London", /since 2026-06-02 05:58:55 \+01:00, 1m/],
  ["Asia/Kathmandu", /since 2026-06-02 10:43:55 \+05:45, 1m/],
  [undefined, /since 2026-06-02 04:58:55 UTC, 1m/],
])("%s: page and command tell the same wall clock", (zone, expected) => {
  const snapshot = snapshotIn(zone);
  expect(textOf(snapshot)).toMatch(expected);
  const page = statusPage(snapshot);
  expect(page).toMatch(expected);
  expect(page).toContain(`plant time, ${zone ?? "UTC"}`);
  for (const text of [textOf(snapshot), page]) {
    expect(text.includes("UTC")).toBe(zone === undefined);
  }
});

test("another zone of a changed configuration is told from then on", () => {
  const rig = edgeRig();
  const give = (zone: string) =>
    rig.control.give({ kind: "tags", tags: [], configSha256: zone, zone });
  give("Europe/London");
  expect(statusPage(rig.uplink.snapshot())).toContain("+01:00");
  give("Europe/Vienna");
  expect(statusPage(rig.uplink.snapshot())).toContain("+02:00");
});

test("page and command tell the last backup: when and where, or never", () => {
  const never = snapshotIn("Europe/Vienna");
  expect(textOf(never)).toMatch(/^ {2}backup {4}never$/m);
  expect(statusPage(never)).toContain("Last backup: never.");
  const lastBackup = {
    atMs: utc("2026-06-01T22:00:00"),
    target: "/mnt/copies/<edge-w>",
    files: 4,
    bytes: 1_258_291,
    hasSecrets: false,
  };
  const made = snapshotIn("Europe/Vienna", { lastBackup });
  const words = "2026-06-02 00:00:00 +02:00, 4 files, 1.2 MB, in /mnt/copies/";
  expect(textOf(made)).toContain(`  backup    ${words}<edge-w>`);
  expect(statusPage(made)).toContain(`Last backup: ${words}&lt;edge-w&gt;.`);
});
