/**
 * Against slaves that others wrote, libmodbus in C and pymodbus in Python, over TCP, over RTU frames on
 * TCP and over serial lines: whatever is asked, the answer is the one the specification calls for.
 */
import { present } from "@weir/contracts/present.ts";
import { needs } from "@weir/testing/conditions.ts";
import { sized } from "@weir/testing/test-size.ts";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { tcpChannel } from "../src/acquisition/channel.node-net.ts";
import { serialChannel } from "../src/acquisition/channel.serialport.ts";
import {
  type Ask,
  type Identification,
  readIdentification,
  readServerId,
  type ServerId,
} from "../src/acquisition/modbus/device-identification.ts";
import { type Asking, askOverRtu, askOverTcp } from "./asking.ts";
import {
  startLibmodbusRtu,
  startLibmodbusTcp,
  startLine,
  startLineTo,
  startPymodbus,
  stopSlaves,
} from "./foreign-slaves.ts";
import { outcomeOf, RegisterModel, requestsTo } from "./register-model.ts";

/** How many times the cases of one slave and wire. */
const scale = sized(1, 20);
const batch = 50;

const libmodbus = needs("libmodbus").present;
const pymodbus = needs("pymodbus").present;
const socat = needs("socat").present;

afterAll(stopSlaves);

/** A master without a model would agree with itself: each unit of each slave has its own. */
async function compare(
  asking: Asking,
  units: readonly number[],
  { cases, isPymodbus }: { cases: number; isPymodbus: boolean },
): Promise<void> {
  const models = new Map<number, RegisterModel>();
  const shared = new RegisterModel();
  // libmodbus over TCP has one set of tables for all units.
  for (const unit of units) {
    models.set(unit, isPymodbus ? new RegisterModel({ writesAnyway: true }) : shared);
  }
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(requestsTo(units), { minLength: batch, maxLength: batch }),
        async (requests) => {
          for (const request of requests) {
            const expected = present(models.get(request.unit)).answer(request);
            const seen = await asking.ask(request, (reply) => outcomeOf(request, reply));
            expect(seen, JSON.stringify(request)).toEqual(expected);
          }
        },
      ),
      { numRuns: Math.ceil((cases * scale) / batch), seed: 1, endOnFailure: true },
    );
  } finally {
    asking.stop();
  }
}

const tcp = (port: number) => tcpChannel({ host: "127.0.0.1", port });
const serial = (path: string) =>
  serialChannel({ path, baud: 115_200, dataBits: 8, parity: "N", stopBits: 1 });
const everyUnit = [0, 1, 247, 255];

describe.runIf(libmodbus)("libmodbus", () => {
  test("over TCP", async () => {
    const asking = askOverTcp(tcp(await startLibmodbusTcp()));
    await compare(asking, everyUnit, { cases: 6_000, isPymodbus: false });
  });

  test.runIf(socat)("over a serial line", async () => {
    const line = await startLine();
    await startLibmodbusRtu(line.far, 247);
    const asking = askOverRtu(serial(line.near), { baud: 115_200, isNetworked: false });
    await compare(asking, [247], { cases: 500, isPymodbus: false });
  });
});

/** What `asking` reads of a device's identification, all parts of it. */
const identify = (asking: Asking, unit: number, level: 1 | 2 | 3) =>
  new Promise<Identification>((resolve) => {
    const ask: Ask = (request, settle) => void asking.ask(request, settle);
    readIdentification(ask, { unit, level }, resolve);
  });

const serverId = (asking: Asking, unit: number) =>
  new Promise<ServerId>((resolve) => {
    readServerId((request, settle) => void asking.ask(request, settle), unit, resolve);
  });

test.runIf(libmodbus && socat)(
  "what all units of a line are told is done, and not answered",
  async () => {
    const line = await startLine();
    await startLibmodbusRtu(line.far, 9);
    const asking = askOverRtu(serial(line.near), { baud: 115_200, isNetworked: false });
    const read = () =>
      asking.ask({ fc: 3, unit: 9, address: 7, count: 2 }, (reply) =>
        outcomeOf({ fc: 3, unit: 9, address: 7, count: 2 }, reply),
      );
    expect(await read()).toEqual([0, 0, 0, 0]);
    const told = await asking.ask({ fc: 16, unit: 0, address: 7, values: [258, 3] }, (r) => r.ok);
    expect(told).toBe(true);
    expect(await read()).toEqual([1, 2, 0, 3]);
    asking.stop();
  },
);

test.runIf(libmodbus)("libmodbus says who it is", async () => {
  const asking = askOverTcp(tcp(await startLibmodbusTcp()));
  const id = await serverId(asking, 1);
  expect(id.ok && id.text).toMatch(/^LMB3/);
  const refused = await identify(asking, 1, 1);
  expect(refused).toMatchObject({ ok: false, fault: { kind: "exception", code: 1 } });
  asking.stop();
});

describe.runIf(pymodbus)("pymodbus", () => {
  test.each(["socket", "rtu"] as const)(
    "says who it is, in as many parts as it takes (%s)",
    async (framing) => {
      const open = tcp(await startPymodbus(framing));
      const asking =
        framing === "socket"
          ? askOverTcp(open)
          : askOverRtu(open, { baud: undefined, isNetworked: true });
      const basic = await identify(asking, 1, 1);
      expect(basic.ok && [...basic.objects.values()]).toEqual(["Somebody Else", "SE-4", "1.2.3"]);
      const regular = await identify(asking, 1, 2);
      expect(regular.ok && regular.objects.get(3)).toHaveLength(140);
      expect(regular.ok && regular.objects.get(4)).toHaveLength(132);
      expect(regular.ok && regular.objects.get(5)).toBe("of four thousand places");
      expect((await serverId(asking, 1)).ok).toBe(true);
      asking.stop();
    },
  );

  test("over TCP", async () => {
    const asking = askOverTcp(tcp(await startPymodbus("socket")));
    await compare(asking, everyUnit, { cases: 2_500, isPymodbus: true });
  });

  test("with RTU frames over TCP", async () => {
    const open = tcp(await startPymodbus("rtu"));
    const asking = askOverRtu(open, { baud: undefined, isNetworked: true });
    await compare(asking, [1, 247, 255], { cases: 800, isPymodbus: true });
  });

  test.runIf(socat)("over a serial line", async () => {
    const open = serial(await startLineTo(await startPymodbus("rtu")));
    const asking = askOverRtu(open, { baud: 115_200, isNetworked: false });
    await compare(asking, [1, 247], { cases: 200, isPymodbus: true });
  });
});
