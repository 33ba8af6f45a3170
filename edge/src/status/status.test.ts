import { once } from "node:events";
import { connect } from "node:net";
import { silentLogger } from "@weir/runtime/logger.ts";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { edgeRig } from "../../test/edge-rig.ts";
import { idleControl } from "../../test/idle-control.ts";
import { SynchronousClock } from "../../test/synchronous-clock.ts";
import { textOf } from "../commands/status.ts";
import type { ControlStatus } from "../hand-over.ts";
import type { SnapshotFacts, UplinkSnapshot } from "../uplink/uplink-snapshot.ts";
import { controlSilenceMaxMs } from "./agent-findings.ts";
import { EdgeHealth } from "./edge-health.ts";
import { statusPage } from "./status-page.ts";
import { statusRoutes } from "./status-routes.ts";
import { openStatusServer } from "./status-server.node-http.ts";

const control: ControlStatus = {
  ...idleControl,
  acquired: 30,
  buses: [
    {
      id: "plc-<w>",
      kind: "modbus-tcp",
      budget: 0.2,
      skippedPolls: 0,
      stalledPolls: 0,
      discardedBytes: 0,
      connected: false,
      requests: 1_234_567,
      failures: 2,
      reconnects: 1,
      utilisation: 0.25,
      deadDevices: ["D11"],
      roundTripMsP50: 1.2,
      roundTripMsP99: 4,
      sinceMs: 0,
      text: "ECONNREFUSED",
      heardAtMs: 0,
    },
  ],
  silentConnections: [
    {
      id: "plc-<w>",
      connection: "plc-<w>",
      place: "10.0.8.11:502",
      isOpen: false,
      text: "ECONNREFUSED",
      sinceMs: 0,
    },
  ],
  silentDevices: [
    {
      id: "D11",
      connection: "plc-<w>",
      place: "10.0.8.11:502",
      isOpen: true,
      text: "3 requests failed",
      sinceMs: 0,
    },
  ],
  latchedTrips: ["CL-HIGH", "CL-LOW"],
  resettableTrips: ["CL-LOW"],
  bypassedRules: ["PH-LOW"],
  unarmedConnections: ["plc-a"],
  thresholdsVersion: 3,
  safety: {
    ruleCount: 3,
    approved: false,
    documentSha256: "",
    approvedBy: "",
    approvedAtMs: 0,
    blindRules: ["DO-LOW"],
    proofTests: [{ rule: "CL-HIGH", lastAtMs: 0, lastPassed: false, dueAtMs: 0 }],
  },
  loopLagMsP99: 1.5,
  configuration: {
    state: "rolled-back",
    sha256: "bb",
    running: "aa",
    reason: "no reading from D12",
    atMs: 0,
  },
};

const looked = (facts: SnapshotFacts) =>
  new EdgeHealth({ ioClock: new SynchronousClock(0), logger: silentLogger }).look(facts);

let snapshot: UplinkSnapshot;
beforeAll(async () => {
  const rig = edgeRig();
  rig.control.giveTags();
  await rig.run(10);
  rig.control.give({ kind: "status", status: control });
  snapshot = { ...rig.uplink.snapshot(), integrity: { "set-back": 2 } };
});

describe("status", () => {
  test("the page says what is wrong in words, and lets no markup in", () => {
    const page = statusPage(snapshot);
    for (const text of [
      "CL-HIGH tripped, cause still there",
      "CL-LOW tripped, cause gone: may be reset",
      "PH-LOW is bypassed",
      "plc-&lt;w&gt; is not connected",
      "no answer from D11",
      "I/O watchdog of plc-a is not armed",
      "version 3",
      "3 rules, not approved",
      "CL-HIGH was never tested",
      "1\u202f234\u202f567 requests",
      "25 % of 20 % planned",
      "the last change was taken back</span>: no reading from D12",
    ]) {
      expect(page).toContain(text);
    }
    expect(page).not.toContain("<w>");
    expect(page).not.toContain("undefined");
  });

  test("a missing fog is no illness, a silent control thread is", () => {
    const { configuration: _, ...sound } = control;
    const well = {
      ...snapshot,
      control: {
        ...sound,
        ...{ buses: [], silentConnections: [], silentDevices: [], unarmedConnections: [] },
      },
    };
    const alone = { ...well, link: { ...well.link, state: "offline" as const } };
    const health = looked(alone);
    expect(health).toMatchObject({ ok: true, problems: [] });
    expect(health.warnings.map(({ text }) => text)).toEqual([
      "not approved: nobody stands for the safety rules that run",
      "PH-LOW is bypassed",
      "DO-LOW cannot see its cause",
      "CL-HIGH was never tested",
    ]);
    const silent = looked({ ...well, controlSilentMs: controlSilenceMaxMs + 1 });
    expect(silent.problems.map(({ code, severity }) => [code, severity])).toEqual([
      ["control-silent", "critical"],
    ]);
    expect(textOf({ ...well, health: silent })).toMatch(/^!! the control thread does not report/);
  });

  test("a bus is told as it is: not connected yet, connected, and busier than its plan by slow answers", () => {
    const rig = edgeRig();
    const [first] = control.buses;
    if (!first) expect.fail("no bus");
    const busText = (more: Partial<typeof first>) => {
      const buses = [{ ...first, id: "plc", text: "", ...more }];
      rig.control.give({ kind: "status", status: { ...idleControl, buses } });
      return textOf(rig.uplink.snapshot())
        .split("\n")
        .find((line) => line.startsWith("  plc"));
    };
    expect(busText({})).toMatch(/^ {2}plc {7}not connected yet, busy 25 %, 20 % planned$/);
    const slow = { connected: true, utilisation: 0.91, budget: 0.01, roundTripMsP99: 870.4 };
    expect(busText(slow)).toMatch(
      /connected, busy 91 %, 1 % planned \(answers take up to 870 ms, more than `roundTrip` says\)$/,
    );
  });

  test("a full disk is a problem at once, also without a fog and while the reserve lasts", () => {
    const rig = edgeRig({ freeDiskBytes: () => 1_000, url: "" });
    rig.control.give({ kind: "status", status: idleControl });
    const { health } = rig.uplink.snapshot();
    expect(health.problems.map(({ code, subject }) => [code, subject])).toEqual([
      ["disk-full", "disk"],
    ]);
    expect(health.warnings).toEqual([]);
  });

  test("the server answers four addresses to this machine, and nothing else", async () => {
    const routes = statusRoutes(() => snapshot);
    const server = await openStatusServer({ host: "127.0.0.1", port: 0, routes });
    onTestFinished(() => server.close());
    const get = (path: string, init?: RequestInit) => fetch(server.url + path, init);
    expect((await get("/")).headers.get("content-type")).toMatch(/text\/html/);
    expect(await (await get("/status.json")).json()).toMatchObject({
      ledger: snapshot.ledger,
      health: { ok: false },
    });
    expect((await get("/healthz")).status).toBe(503);
    const metrics = await (await get("/metrics")).text();
    expect(metrics).toMatch(/^weir_edge_readings_acquired 30$/m);
    expect(metrics).toMatch(/^weir_edge_bus_budget\{connection="plc-<w>"\} 0\.2$/m);
    expect(metrics).toMatch(/^weir_edge_configuration_info\{sha256="aa"\} 1$/m);
    expect(metrics).toMatch(/^weir_edge_configuration_ok 0$/m);
    expect(metrics).toMatch(/^weir_edge_integrity_set_back 2$/m);
    expect((await get("/secret")).status).toBe(404);
    expect((await get("/", { method: "POST" })).status).toBe(405);
    const again = openStatusServer({
      host: "127.0.0.1",
      port: Number(new URL(server.url).port),
      routes,
    });
    await expect(again).rejects.toMatchObject({ code: "EDGE_STATUS_PORT" });
  });

  test("thirty connections that ask nothing keep nobody out", async () => {
    const routes = statusRoutes(() => snapshot);
    const orders = {
      token: "t",
      take: async () => ({ status: 200, type: "text/plain", body: "done" }),
    };
    const server = await openStatusServer({ host: "127.0.0.1", port: 0, routes, orders });
    onTestFinished(() => server.close());
    const port = Number(new URL(server.url).port);
    const silent = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const socket = connect(port, "127.0.0.1").on("error", () => {});
        await once(socket, "connect");
        return socket;
      }),
    );
    onTestFinished(() => {
      for (const socket of silent) socket.destroy();
    });
    expect((await fetch(`${server.url}/status.json`)).status).toBe(200);
    const order = await fetch(`${server.url}/orders`, {
      method: "POST",
      headers: { authorization: "Bearer t" },
      body: "{}",
    });
    expect(await order.text()).toBe("done");
  });
});
