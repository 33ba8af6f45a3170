import modbusSerial from "modbus-serial";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { quietPlant } from "../../test/quiet-plant.ts";
import type { Plant } from "../create-plant.ts";
import { waterWorks } from "../plants/water-works/water-works.ts";
import type { GatewayDevice } from "./gateway-device.ts";
import { answerPdu } from "./modbus-pdu.ts";
import { type ModbusServer, serveModbus } from "./modbus-tcp.node.ts";
import type { RegisterMap } from "./register-map.ts";
import { decodeValue } from "./value-codec.ts";

const { gateways, registerMaps } = waterWorks;

// Plants live hours here; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

type Client = InstanceType<typeof modbusSerial.default>;

let plant: Plant;
const servers: ModbusServer[] = [];
const clients = new Map<string, Client>();

beforeAll(async () => {
  plant = quietPlant();
  for (const { id } of gateways) {
    const device = plant.devices.get(id) as GatewayDevice;
    const server = await serveModbus({
      device,
      name: id,
      host: "127.0.0.1",
      port: 0,
      beforeRequest: () => {},
    });
    const client = new modbusSerial.default();
    await client.connectTCP("127.0.0.1", { port: server.port });
    client.setID(1);
    client.setTimeout(2_000);
    servers.push(server);
    clients.set(id, client);
  }
});

afterAll(async () => {
  for (const client of clients.values()) client.close(() => {});
  await Promise.all(servers.map((server) => server.close()));
});

const clientOf = (id: string): Client => clients.get(id) as Client;

async function registers(map: RegisterMap): Promise<number[]> {
  const client = clientOf(map.gateway.id);
  const all: number[] = [];
  for (let at = 0; at < map.valueCount; at += 100) {
    const count = Math.min(100, map.valueCount - at);
    const { data } = await (map.gateway.encoding.table === "input"
      ? client.readInputRegisters(at, count)
      : client.readHoldingRegisters(at, count));
    all.push(...data);
  }
  return all;
}

describe.each(gateways.map(({ id }) => id))("%s", (id) => {
  const map = registerMaps.get(id) as RegisterMap;

  test("an independent client reads every sensor's value", async () => {
    const words = await registers(map);
    for (const { sensor, address, type, scale } of map.values) {
      const form = { type, scale, order: map.gateway.encoding.order };
      const read = decodeValue(words, address, form);
      const measured = plant.bank.measured[sensor.index] ?? Number.NaN;
      const step = Math.max(scale === 1 ? 0 : scale, Math.abs(measured) * 1e-6);
      expect(Math.abs(read - measured), sensor.id).toBeLessThanOrEqual(step / 2 + 1e-9);
    }
  });

  test("addresses outside the map, and functions it does not have, are refused by their codes", async () => {
    const client = clientOf(id);
    await expect(client.readInputRegisters(5_000, 1)).rejects.toMatchObject({ modbusCode: 2 });
    await expect(client.readHoldingRegisters(899, 2)).rejects.toMatchObject({ modbusCode: 2 });
    await expect(client.readCoils(90, 1)).rejects.toMatchObject({ modbusCode: 2 });
    await expect(client.writeRegister(0, 1)).rejects.toMatchObject({ modbusCode: 2 });
    const device = plant.devices.get(id) as GatewayDevice;
    expect(answerPdu(device, Uint8Array.of(0x11))).toEqual(Uint8Array.of(0x91, 1));
    expect(answerPdu(device, Uint8Array.of(3, 0, 0, 0, 126))).toEqual(Uint8Array.of(0x83, 3));
  });
});

test("a coil written by the client moves the valve within its stroke", async () => {
  const client = clientOf("plc-w-a");
  await client.writeCoil(0, true);
  expect((await client.readCoils(0, 1)).data[0]).toBe(true);
  expect((await client.readDiscreteInputs(0, 2)).data.slice(0, 2)).toEqual([false, true]);
  plant.advanceTo(plant.nowMs + 21_000);
  expect((await client.readDiscreteInputs(0, 2)).data.slice(0, 2)).toEqual([true, false]);
  await client.writeCoils(0, [false]);
  plant.advanceTo(plant.nowMs + 21_000);
});

test("an armed watchdog without a heartbeat stops the dosing; the heartbeat brings it back", async () => {
  const client = clientOf("plc-d-b");
  await client.writeRegisters(900, [1, 5_000]);
  expect((await client.readHoldingRegisters(900, 3)).data).toEqual([1, 5_000, 1]);
  plant.advanceTo(plant.nowMs + 4_000);
  expect((await client.readCoils(0, 1)).data[0]).toBe(true);
  plant.advanceTo(plant.nowMs + 3_000);
  expect((await client.readCoils(0, 1)).data[0]).toBe(false);
  expect((await client.readHoldingRegisters(902, 1)).data).toEqual([2]);
  await client.writeRegister(900, 2);
  expect((await client.readCoils(0, 1)).data[0]).toBe(true);
  await client.writeRegister(901, 0);
});

test("a frozen gateway repeats itself, a lost one answers 0x0B, a dead one nothing", async () => {
  const client = clientOf("plc-s");
  const device = plant.devices.get("plc-s") as GatewayDevice;
  const map = registerMaps.get("plc-s") as RegisterMap;
  const before = await registers(map);
  device.stale = "freeze";
  plant.advanceTo(plant.nowMs + 20_000);
  expect(await registers(map)).toEqual(before);
  device.stale = "exception";
  await expect(client.readHoldingRegisters(0, 2)).rejects.toMatchObject({ modbusCode: 11 });
  device.stale = "silence";
  client.setTimeout(100);
  await expect(client.readHoldingRegisters(0, 2)).rejects.toThrow(/timed out/i);
  device.stale = "normal";
  client.setTimeout(2_000);
  expect(await registers(map)).not.toEqual(before);
});
