import { seeded } from "@weir/runtime/random.ts";
import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import { AsciiLine, type AsciiLineOptions, sentence } from "./ascii-line.ts";
import { PacedLine } from "./paced-line.ts";
import { LineState } from "./serial-failures.ts";

let good = true;
const fields = [
  { name: "cl", unit: "mg/L", digits: 2, read: () => 1.234, isGood: () => true },
  { name: "ph", unit: "pH", digits: 2, read: () => 7.2, isGood: () => good },
];

function build(options: Pick<AsciiLineOptions, "style" | "speaks">) {
  const clock = new SimulatedClock(0);
  const heard = { text: "" };
  const line = new PacedLine({
    format: { baud: 9_600, dataBits: 8, parity: "N", stopBits: 1 },
    clock,
    transmit: (bytes) => {
      heard.text += String.fromCharCode(...bytes);
    },
  });
  const state = new LineState("wq", seeded(1));
  const device = new AsciiLine({
    line,
    state,
    stage: "D11",
    fields,
    beforeRequest: () => {},
    ...options,
  });
  return { clock, heard, device, state };
}

test("a sentence ends with the exclusive or of its body", () => {
  // NMEA 0183's own example.
  expect(sentence("GPGLL,5300.97914,N,00259.98174,E,125926,A")).toMatch(/\*28$/);
});

test("sentences come by themselves, and say when a value is none", async () => {
  const { clock, heard, device } = build({ style: "nmea", speaks: { everyMs: 1_000 } });
  device.start();
  await clock.advance(1_500);
  expect(heard.text).toBe(
    `${sentence("WQ,D11,CL,1.23,mg/L,OK")}\r\n${sentence("WQ,D11,PH,7.20,pH,OK")}\r\n`,
  );
  good = false;
  heard.text = "";
  await clock.advance(1_000);
  good = true;
  expect(heard.text).toContain("WQ,D11,PH,,pH,FAIL*");
  device.stop();
});

test("columns come when asked for, and only then", async () => {
  const { clock, heard, device } = build({ style: "csv", speaks: { poll: "R\r" } });
  device.start();
  await clock.advance(5_000);
  expect(heard.text).toBe("");
  device.receive(new TextEncoder().encode("R"));
  device.receive(new TextEncoder().encode("\r"));
  await clock.advance(100);
  expect(heard.text).toBe("1.23,7.20\r\n");
});

test("pairs; a spoiled checksum spoils the text, not its end", async () => {
  const { clock, heard, device, state } = build({ style: "pairs", speaks: { everyMs: 2_000 } });
  device.start();
  await clock.advance(2_500);
  expect(heard.text).toBe("cl=1.23 ph=7.20\r\n");
  state.add({ failure: "crc", device: undefined, share: 1, delayMs: 0 });
  heard.text = "";
  await clock.advance(2_000);
  expect(heard.text).toBe("cl=1.23 ph=7.21\r\n");
});
