import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { numberAt } from "@weir/contracts/elements.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { needs } from "@weir/testing/conditions.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { until } from "@weir/testing/until.ts";
import modbusSerial from "modbus-serial";
import { afterEach, expect, test, vi } from "vitest";
import { inject, quietPlant } from "../../test/quiet-plant.ts";
import { waterWorks } from "../plants/water-works/water-works.ts";
import { LivePlant } from "./live-plant.ts";
import { type ServedSerialLines, serveSerialLines } from "./serial-lines.ts";
import { parseSerial } from "./serial-plan.ts";

vi.setConfig({ testTimeout: 60_000 });
const socat = needs("socat");
const host = "127.0.0.1";

let served: ServedSerialLines | undefined;
afterEach(() => served?.close());

/** The plant stands still; its lines are real. */
async function serve(spec: string) {
  const plant = quietPlant();
  const clock = new SimulatedClock(plant.nowMs);
  const live = new LivePlant(plant, clock);
  served = await serveSerialLines(live, parseSerial(waterWorks, spec), {
    host,
    clock: systemClock(),
  });
  const places = Object.fromEntries(served.lines.map(({ line, place }) => [line.id, place]));
  return { plant, clock, places };
}

const portOf = (place: string | undefined): number => Number(place?.split(":").at(-1));

async function client(place: string | undefined, unit: number) {
  const master = new modbusSerial.default();
  if (place?.startsWith("tcp:")) await master.connectTelnet(host, { port: portOf(place) });
  else await master.connectRTUBuffered(place as string, { baudRate: 9_600, parity: "even" });
  master.setID(unit);
  master.setTimeout(2_000);
  return master;
}

test("an independent master reads the instruments' own maps over TCP", async () => {
  const { plant, places } = await serve("rtu=tcp:0");
  const master = await client(places["rtu"], 247);
  const { data } = await master.readHoldingRegisters(0, 12);
  expect(data[0]).toBe(Math.round(plant.measured("D02/DO01") * 1_000));
  expect(data[1]).toBe(Math.round(plant.measured("D01/SL02") * 100));
  expect(data[11]).toBeGreaterThan(70);
  master.setID(11);
  const yokogawa = await master.readHoldingRegisters(6, 2);
  const ph = yokogawa.buffer.swap32().swap16().readFloatBE(0); // the low word came first
  expect(ph).toBeCloseTo(plant.measured("D11/PH02"), 4);
  master.setID(13);
  expect((await master.readInputRegisters(2254, 1)).data).toEqual([1520]);
  await expect(master.readInputRegisters(2252, 1)).rejects.toMatchObject({ modbusCode: 2 });
  master.setID(30);
  inject(plant, { fault: "ne43", sensor: "D12/LV01", value: 3.5 });
  plant.advanceTo(plant.nowMs + 10_000);
  const currents = (await master.readInputRegisters(0, 8)).data;
  expect(currents[2]).toBe(3_500);
  for (const [i, microamps] of currents.entries()) {
    if (i !== 2) expect(microamps).toBeGreaterThan(3_800);
  }
  await new Promise<void>((resolve) => master.close(() => resolve()));
});

test("the printers print and the probe measures", async () => {
  const { places } = await serve("wq=tcp:0,csv=tcp:0,sdi12=tcp:0@9600,vib=tcp:0");
  const hear = (line: string, ask: string, enough: (text: string) => boolean) =>
    new Promise<string>((resolve, reject) => {
      let text = "";
      const socket = connect({ host, port: portOf(places[line]) }, () => socket.write(ask));
      socket.on("error", reject);
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1");
        if (!enough(text)) return;
        socket.destroy();
        resolve(text);
      });
    });
  const sentences = await hear("wq", "", (text) => text.split("\r\n").length > 3);
  expect(sentences).toMatch(/^\$WQ,D11,CL,\d\.\d\d,mg\/L,OK\*[0-9A-F]{2}\r\n\$WQ,D11,PH/);
  expect(await hear("csv", "R\r", (text) => text.includes("\n"))).toMatch(
    /^[\d.]+,[\d.]+,[\d.]+\r/,
  );
  expect(await hear("sdi12", "1M!", (text) => text.includes("\n"))).toBe("10002\r\n");
  const frames = await hear("vib", "", (text) => text.length > 700);
  expect(frames).toContain("\u00a5Z");
});

test.runIf(socat.present)(
  "a pseudo terminal vanishes when it is pulled out and comes back",
  async () => {
    const path = join(tempDir(), "rs485");
    const { plant, clock } = await serve(`rtu=pty:${path}@9600`);
    const read = async () => {
      const master = await client(path, 247);
      try {
        return numberAt((await master.readHoldingRegisters(0, 1)).data, 0);
      } finally {
        await new Promise<void>((resolve) => master.close(() => resolve()));
      }
    };
    expect(await read()).toBeGreaterThan(1_000);
    inject(plant, { serial: "rtu", failure: "unplug", for: "1m" });
    await until(() => !existsSync(path), "the end of the terminal");
    await clock.advance(61_000);
    plant.advanceTo(clock.nowMs());
    await until(() => existsSync(path), "the terminal");
    expect(await read()).toBeGreaterThan(1_000);
  },
);

test.each(["rtu", "rtu=tcp:70000", "rtu=udp:1", "rtu=tcp:0,rtu=tcp:0", "rt=tcp:0", "rtu=tcp:0@12"])(
  "--serial %s is refused in one sentence",
  (text) => {
    expect(() => parseSerial(waterWorks, text)).toThrow(
      /--serial ".*" is not "all", or LINE=tcp:PORT/,
    );
  },
);

test("a failure that a line cannot have is refused with those it can", () => {
  const plant = quietPlant();
  expect(() => inject(plant, { serial: "wq", failure: "exception" })).toThrow(
    /"exception" is unknown; give one of silent, late, .*unplug/,
  );
  expect(() => inject(plant, { serial: "rut", failure: "crc" })).toThrow(/did you mean rtu/);
  inject(plant, { serial: "rtu", failure: "silent", device: 247, for: "5s" });
  expect(plant.serial.get("rtu")?.has("silent", "247")).toBe(true);
  plant.advanceTo(plant.nowMs + 6_000);
  expect(plant.serial.get("rtu")?.settings).toEqual([]);
});
