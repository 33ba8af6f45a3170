import modbusSerial from "modbus-serial";
import { expect, onTestFinished, test } from "vitest";
import { serveModbus } from "./modbus-tcp.node.ts";
import { practiceTank } from "./practice-tank.ts";

test("a tank fills above its mark, is let out, and its pump rests meanwhile; a master of somebody else reads it", async () => {
  let seconds = 0;
  const server = await serveModbus({
    ...{ device: practiceTank(() => seconds), name: "tank", host: "127.0.0.1", port: 0 },
    beforeRequest: () => {},
  });
  const client = new modbusSerial.default();
  await client.connectTCP("127.0.0.1", { port: server.port });
  client.setID(1);
  onTestFinished(async () => {
    client.close(() => {});
    await server.close();
  });
  const registersAfter = async (s: number) => {
    seconds = s;
    return (await client.readInputRegisters(0, 3)).data;
  };
  expect(await registersAfter(0)).toEqual([1_200, 215, 740]);
  expect((await registersAfter(170))[0]).toBeGreaterThan(2_500);
  const emptying = await registersAfter(210);
  expect(emptying[0]).toBeLessThan(2_500);
  expect(emptying[2]).toBe(0);
  expect((await registersAfter(240))[0]).toBe(1_200);
  await expect(client.readInputRegisters(2, 2)).rejects.toMatchObject({ modbusCode: 2 });
  await expect(client.readHoldingRegisters(0, 1)).rejects.toMatchObject({ modbusCode: 1 });
});
