/** The simulator's own door, apart from the plant's protocols: what really is, and what shall happen. */
import { f64, u8 } from "@weir/contracts/elements.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import { Fault } from "@weir/runtime/fault.ts";
import type { Logger } from "@weir/runtime/logger.ts";
import { createMetrics } from "@weir/runtime/metrics.ts";
import { createWebServer, HttpFault, type WebServer } from "@weir/runtime/web/server.ts";
import type { Injection } from "../faults/injection.ts";
import type { LivePlant } from "../run/live-plant.ts";
import type { ServedLine } from "../run/serial-lines.ts";
import { readInjection } from "../scenarios/read-injection.ts";
import { loadScenario } from "../scenarios/read-scenario.ts";

export interface ControlServerOptions {
  live: LivePlant;
  host: string;
  /** 0 = any free one. */
  port: number;
  /** Of the Modbus servers. */
  ports: ReadonlyMap<string, number>;
  /** The serial lines that are served. */
  lines: readonly ServedLine[];
  /** Plant seconds in a real one. */
  rate: number;
  clock: Clock;
  logger: Logger;
  onInject: (injection: Injection) => void;
}

const tier = "sim";
const version = "0.1.0";

export async function createControlServer(options: ControlServerOptions): Promise<WebServer> {
  const { live } = options;
  const metrics = createMetrics();
  metrics.gaugeOf("weir_sim_plant_seconds", "Plant time, seconds since 1970.", () =>
    Math.floor(live.plant.nowMs / 1000),
  );
  metrics.gaugeOf("weir_sim_late_seconds", "Plant seconds behind the clock.", () =>
    Math.floor(live.lateMs / 1000),
  );
  metrics.gaugeOf("weir_sim_steps", "Steps of the process.", () => live.plant.stepCount);
  for (const { id } of live.plant.definition.gateways) {
    const name = id.replaceAll("-", "_");
    const device = () => live.plant.devices.get(id);
    metrics.gaugeOf(`weir_sim_requests_${name}`, `Modbus requests to ${id}.`, () => {
      return device()?.requestCount ?? 0;
    });
    metrics.gaugeOf(`weir_sim_exceptions_${name}`, `Modbus exceptions of ${id}.`, () => {
      return device()?.exceptionCount ?? 0;
    });
  }
  const server = await createWebServer({
    host: options.host,
    port: options.port,
    logger: options.logger,
    clock: options.clock,
    metrics,
    health: () => ({ ok: true, tier, version, lateMs: live.lateMs }),
  });
  const open = { public: true } as const;
  server.get("/status", open, () => statusOf(options));
  server.get("/truth", open, () => live.plant.truth());
  server.get("/values", open, ({ query }) => valuesOf(live, String(query["tag"] ?? "")));
  server.post("/inject", open, ({ body }) => inject(options, body));
  server.post("/scenario", open, ({ body }) => startScenario(options, body));
  return server;
}

function statusOf({ live, ports, lines, rate }: ControlServerOptions): object {
  const { plant } = live;
  live.catchUp();
  return {
    tier,
    version,
    plant: plant.definition.id,
    seed: plant.seed,
    scenario: plant.scenario.name,
    profile: plant.profile,
    plantNowMs: plant.nowMs,
    plantStartMs: plant.startMs,
    lateMs: live.lateMs,
    rate,
    steps: plant.stepCount,
    gateways: plant.definition.gateways.map(({ id, edge }) => {
      const device = plant.devices.get(id);
      return {
        id,
        edge,
        port: ports.get(id) ?? 0,
        stale: device?.stale,
        watchdog: device?.watchdog,
        watchdogTrips: device?.watchdogTripCount,
        requests: device?.requestCount,
        exceptions: device?.exceptionCount,
      };
    }),
    serial: lines.map(({ line, place }) => {
      const state = plant.serial.get(line.id);
      return {
        id: line.id,
        place,
        format: line.format,
        requests: state?.requestCount ?? 0,
        answers: state?.answerCount ?? 0,
        failures: (state?.settings ?? []).map(({ failure, device }) =>
          device === undefined ? failure : `${failure} of ${device}`,
        ),
      };
    }),
    actuators: [...plant.actuators.values()].map((actuator) => ({
      id: actuator.spec.id,
      coil: actuator.coil,
      position: actuator.position,
      failures: [...actuator.failures.keys()],
    })),
    pending: plant.pending().map(({ atMs, inject: injection }) => ({ atMs, inject: injection })),
  };
}

function valuesOf(live: LivePlant, tag: string): object[] {
  const { plant } = live;
  live.catchUp();
  return plant.definition.sensors
    .filter((sensor) => tag === "" || sensor.id === tag || sensor.siteId === tag)
    .map((sensor) => ({
      id: sensor.id,
      tag: sensor.siteId,
      unit: sensor.instrument.unit,
      true: plant.signals.get(sensor.signal),
      measured: f64(plant.bank.measured, sensor.index),
      status: u8(plant.bank.status, sensor.index),
      atMs: f64(plant.bank.sampledMs, sensor.index),
    }));
}

function inject({ live, onInject }: ControlServerOptions, body: unknown): object {
  const read = readInjection(live.plant.definition, body);
  if (!read.ok) {
    const told = read.problems.map(({ path, text }) => `${path} ${text}`.trimStart());
    throw new HttpFault(400, "SIM_INJECT", told.join("; "));
  }
  const injection = read.value;
  live.catchUp();
  onInject(injection);
  return { truth: live.plant.inject(injection) ?? null, atMs: live.plant.nowMs };
}

/** `{"name": "acid"}` begins another scenario now; `{}` begins the one that was held back. */
function startScenario({ live }: ControlServerOptions, body: unknown): object {
  const name = (body as { name?: unknown } | null)?.name;
  if (name !== undefined && typeof name !== "string") {
    throw new HttpFault(400, "SIM_SCENARIO", `"name" must be the name of a scenario`);
  }
  const { plant } = live;
  live.catchUp();
  try {
    const scenario = name === undefined ? plant.scenario : loadScenario(plant.definition, name);
    plant.clearTimeline();
    if (name !== undefined) plant.load(scenario.before, plant.nowMs);
    plant.load(scenario.after, plant.nowMs);
    return { scenario: scenario.name, originMs: plant.nowMs, entries: plant.pending().length };
  } catch (error) {
    if (error instanceof Fault) throw new HttpFault(400, error.code, error.message);
    throw error;
  }
}
