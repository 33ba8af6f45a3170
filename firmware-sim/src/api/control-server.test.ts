import { systemClock } from "@weir/runtime/clock.ts";
import { silentLogger } from "@weir/runtime/logger.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import type { WebServer } from "@weir/runtime/web/server.ts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { quietPlant } from "../../test/quiet-plant.ts";
import { LivePlant } from "../run/live-plant.ts";
import { createControlServer } from "./control-server.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let server: WebServer;
let url: string;
const clock = new SimulatedClock(0);

beforeAll(async () => {
  const plant = quietPlant();
  clock.skew(plant.nowMs);
  const live = new LivePlant(plant, clock);
  server = await createControlServer({
    live,
    host: "127.0.0.1",
    port: 0,
    ports: new Map(),
    lines: [],
    rate: 60,
    clock: systemClock(),
    logger: silentLogger,
    onInject: () => {},
  });
  url = (await server.listen()).url;
});

afterAll(() => server.close());

type Answer = Record<string, never> & Record<string, never>[];
const get = async (path: string) => (await (await fetch(`${url}${path}`)).json()) as Answer;
const post = async (path: string, body: unknown) => {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test("it tells its health, its state and what is true beside what is measured", async () => {
  expect(await get("/healthz")).toMatchObject({ ok: true, tier: "sim" });
  await clock.advance(60_000);
  const status = await get("/status");
  expect(status).toMatchObject({ scenario: "quiet", lateMs: 0 });
  expect(status.gateways).toHaveLength(6);
  expect(await get("/values")).toHaveLength(280);
  const [value] = await get("/values?tag=edge-d/D11/CL01");
  expect(value?.measured).toBeCloseTo(value?.true ?? Number.NaN, 1);
  expect(await (await fetch(`${url}/metrics`)).text()).toContain("weir_sim_steps");
});

test("an injection is refused in words, or becomes truth", async () => {
  const refused = await post("/inject", { fault: "bias", sensor: "W13/DO99" });
  expect(refused.status).toBe(400);
  expect(refused.body["message"]).toContain('there is no sensor "W13/DO99"');
  const accepted = await post("/inject", { fault: "bias", sensor: "W13/DO02", value: 1 });
  expect(accepted.status).toBe(200);
  expect(await get("/truth")).toContainEqual(
    expect.objectContaining({ kind: "malfunction", sensors: ["W13/DO02"], t_end: null }),
  );
});

test("another scenario begins now", async () => {
  const answer = await post("/scenario", { name: "acid" });
  expect(answer.body).toMatchObject({ scenario: "acid", entries: 1 });
  expect((await post("/scenario", { name: "nonsense" })).status).toBe(400);
});
