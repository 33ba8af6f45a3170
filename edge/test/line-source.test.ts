import { numberAt } from "@weir/contracts/elements.ts";
import { present } from "@weir/contracts/present.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checksumOf } from "../src/acquisition/line/checksum.ts";
import { loadConfiguration } from "../src/configuration/load-configuration.ts";
import { TextRig } from "./text-rig.ts";

const yaml = (connection: string, devices: string) => `
version: 1
site: {id: riverside}
edge: edge-d
connections: {an: {type: line, port: /dev/ttyUSB0${connection}}}
devices:
${devices}
`;

const sentence = (body: string) => `$${body}*${checksumOf("nmea-xor", body)}\r\n`;

const twoOnOneLine = yaml(
  ", checksum: nmea-xor",
  String.raw`  - {id: D11, connection: an, match: '^\$WQ,D11,CL,(?<cl>[^,]*),mg/L,(?<st>\w+)',
     status: {read: field st, words: {OK: good, SVC: maintenance_required, FAIL: failure}},
     tags: {CL: {read: field cl, min: 0, max: 10}}}
  - {id: D12, connection: an, match: '^\$WQ,D12,PH,(?<ph>[^,]*)', tags: {PH: {read: field ph, min: 0, max: 14}}}`,
);

function listening(text: string): TextRig {
  const rig = new TextRig(text);
  rig.start();
  // The first line after opening may have begun before it.
  rig.far.say("\r\n");
  return rig;
}

test("the example of instruments is accepted without a warning", () => {
  const file = new URL("../examples/instruments.yaml", import.meta.url).pathname;
  expect(loadConfiguration(file)).toMatchObject({ ok: true, warnings: [] });
});

describe("a device that prints by itself", () => {
  test("several on one line are told apart by what they print", () => {
    const rig = listening(twoOnOneLine);
    rig.far.say(sentence("WQ,D11,CL,1.23,mg/L,OK"));
    rig.far.say(sentence("WQ,D12,PH,7.21"));
    rig.far.say(sentence("WQ,D13,TU,0.40"));
    expect(rig.said()).toEqual(["CL 1.23", "PH 7.21"]);
    expect(rig.source.status()).toMatchObject({ connected: true, failures: 0 });
  });

  test("the line that was under way when the port was opened is not read", () => {
    const rig = new TextRig(
      yaml("", "  - {id: D11, connection: an, columns: 1, tags: {CL: {read: field 1}}}"),
    );
    rig.start();
    rig.far.say("2.5\r\n12.5\r\n");
    expect(rig.said()).toEqual(["CL 12.5"]);
  });

  test("an unplugged adapter is opened again when it is back", () => {
    const rig = listening(twoOnOneLine);
    rig.far.say("$WQ,D11,CL,1.");
    rig.far.unplug();
    rig.clock.advance(10_000);
    expect(rig.far.openCount).toBe(1);
    rig.far.isPlugged = true;
    rig.clock.advance(1_001);
    expect(rig.far.openCount).toBe(2);
    rig.far.say(`23,mg/L,OK*00\r\n${sentence("WQ,D11,CL,1.25,mg/L,OK")}`);
    expect(rig.said()).toEqual(["CL 1.25"]);
    expect(rig.links.slice(0, 2)).toEqual(["up: opened", "down: the serial line was lost"]);
    expect(rig.source.status().reconnects).toBe(1);
  });

  test("silence is told once, and its end; a port that brings nothing is opened anew", () => {
    const rig = listening(twoOnOneLine);
    rig.clock.advance(29_000);
    expect(rig.devices).toEqual(["D11 down: no line for 3 s", "D12 down: no line for 3 s"]);
    expect(rig.source.status().deadDevices).toEqual([0, 1]);
    rig.clock.advance(2_100);
    expect(rig.far.openCount).toBe(2);
    rig.far.say(`\r\n${sentence("WQ,D11,CL,1.23,mg/L,OK")}`);
    expect(rig.devices.slice(2)).toEqual(["D11 up: is heard again"]);
    expect(rig.source.status().deadDevices).toEqual([1]);
  });

  test("a device faster than its tags is read once a period, one with the same rhythm always", () => {
    const rig = listening(
      yaml("", "  - {id: D11, connection: an, columns: 1, tags: {CL: {read: field 1, every: 1s}}}"),
    );
    for (let i = 0; i < 100; i++) {
      rig.far.say(`${i}\r\n`);
      rig.clock.advance(100);
    }
    expect(rig.said().length).toBeLessThanOrEqual(11);
    const jitterMs = [90, -80, 60, -90, 100, -100];
    for (let i = 0; i < 60; i++) {
      rig.clock.advance(1_000 + numberAt(jitterMs, i % jitterMs.length));
      rig.far.say(`${i}\r\n`);
    }
    expect(rig.said()).toHaveLength(60);
  });
});

describe("what cannot be believed", () => {
  test("a wrong checksum gives no value; three in a row make the tags bad", () => {
    const rig = listening(twoOnOneLine);
    rig.far.say("$WQ,D11,CL,1.23,mg/L,OK*00\r\n".repeat(2));
    expect(rig.said()).toEqual([]);
    rig.far.say("$WQ,D11,CL,1.23,mg/L,OK*00\r\n");
    const why = "failure: data was damaged or lost on the line";
    expect(rig.said()).toEqual([`CL ${why}`, `PH ${why}`]);
    expect(rig.devices[0]).toMatch(
      /^D11 down: 3 damaged lines in a row: checksum 00 where .. is due$/,
    );
    expect(rig.source.status()).toMatchObject({ failures: 3 });
    expect(rig.source.status().discardedBytes).toBeGreaterThan(70);
    rig.clock.advance(1_000);
    rig.far.say(sentence("WQ,D11,CL,1.23,mg/L,OK"));
    expect(rig.said()).toEqual(["CL 1.23"]);
  });

  test.each(["ERR", "----", "", "1.2.3", "0x10", "1,2"])('"%s" is no number', (text) => {
    const rig = listening(
      yaml(
        "",
        `  - {id: D11, connection: an, pairs: true, separator: ";", tags: {CL: {read: field cl}}}`,
      ),
    );
    rig.far.say(`cl=${text}\r\n`);
    expect(rig.said()).toEqual(["CL failure: the device shows no number"]);
  });

  test("a decimal comma", () => {
    const rig = listening(
      yaml(
        "",
        `  - {id: D11, connection: an, columns: 2, separator: ";", decimal: ",", tags: {CL: {read: field 1, every: 10ms}}}`,
      ),
    );
    rig.far.say("1,23;7,2\r\n");
    rig.clock.advance(1_000);
    rig.far.say("1.234;7,2\r\n");
    expect(rig.said()).toEqual(["CL 1.23", "CL failure: the device shows no number"]);
  });

  test("the device's own word of its state lowers the quality; an unknown word is no good state", () => {
    const rig = listening(twoOnOneLine);
    const say = (state: string) => {
      rig.clock.advance(1_000);
      rig.far.say(sentence(`WQ,D11,CL,1.23,mg/L,${state}`));
      return rig.said();
    };
    expect(say("FAIL")).toEqual(["CL failure: the device reports a failure"]);
    expect(say("SVC")).toEqual(["CL 1.23"]);
    expect(say("WHAT")).toEqual(["CL failure: a code that the map does not know"]);
    expect(say("OK")).toEqual(["CL 1.23"]);
  });

  test("a column too few is no line: its values would be another's", () => {
    const rig = listening(
      yaml("", "  - {id: D11, connection: an, columns: 3, tags: {PH: {read: field 2}}}"),
    );
    rig.far.say("1.237.21,18.4\r\n");
    expect(rig.said()).toEqual([]);
    rig.far.say("1.23,7.21,18.4\r\n");
    expect(rig.said()).toEqual(["PH 7.21"]);
  });

  test("a zero stands for a character that was damaged: what is left is no number", () => {
    const rig = listening(
      yaml(
        "",
        "  - {id: D11, connection: an, match: '^CL (?<cl>[0-9.]+)', tags: {CL: {read: field cl}}}",
      ),
    );
    rig.far.say("CL 1.2\0 mg\r\n\0CL 1.23 mg\r\nCL 12.\0\r\n");
    expect(rig.said()).toEqual(["CL failure: data was damaged or lost on the line"]);
    rig.far.say("CL 1.23 mg\r\n");
    expect(rig.source.status().failures).toBe(3);
  });

  test("two lines run together are none", () => {
    const rig = listening(
      yaml("", "  - {id: D11, connection: an, pairs: true, tags: {CL: {read: field cl}}}"),
    );
    rig.far.say("cl=1.23 ph=7.2cl=4.56 ph=7.2\r\n");
    rig.far.say("cl=1.23 ph=7.2 cl=4.56 ph=7.2\r\n");
    expect(rig.said()).toEqual([]);
  });
});

describe("a device that is polled", () => {
  const polled = yaml(
    String.raw`, poll: "R\r", every: 2s, timeout: 300ms`,
    "  - {id: D11, connection: an, width: 12, tags: {CL: {read: field 3-9}}}",
  );

  test("is asked at its times; the reading carries the time of its slot", () => {
    const rig = new TextRig(polled);
    rig.far.onCommand = () => rig.far.say("CL   1.23 OK\r\n", 80);
    rig.start();
    rig.clock.advance(6_500);
    expect(rig.far.heard).toBe("R\r".repeat(4));
    expect(rig.taken.map(({ atMs, value }) => [atMs, value])).toEqual([
      [0, 1.23],
      [2_000, 1.23],
      [4_000, 1.23],
      [6_000, 1.23],
    ]);
    expect(rig.source.status()).toMatchObject({ requests: 4, failures: 0 });
  });

  test("a late answer is none, and silence is counted", () => {
    const rig = new TextRig(polled);
    rig.far.onCommand = () => rig.far.say("CL   9.99 OK\r\n", 400);
    rig.start();
    rig.clock.advance(9_000);
    expect(rig.said()).toEqual([]);
    expect(rig.source.status()).toMatchObject({ requests: 5, failures: 5 });
    expect(rig.devices).toEqual(["D11 down: no line for 6 s"]);
  });

  test("its own echo is no answer", () => {
    const rig = new TextRig(polled);
    rig.far.onCommand = (text) => rig.far.say(`${text}\nCL   1.23 OK\r\n`, 50);
    rig.start();
    rig.clock.advance(200);
    expect(rig.said()).toEqual(["CL 1.23"]);
  });
});

describe("for every line", () => {
  const every = (text: string) => text.replaceAll("max: 10}", "max: 10, every: 10ms}");

  test("any chunking of the bytes gives the same readings", () => {
    const bytes = ["WQ,D11,CL,1.23,mg/L,OK", "WQ,D12,PH,7.21", "junk", "WQ,D11,CL,,mg/L,FAIL"]
      .map(sentence)
      .join("");
    const say = (cuts: readonly number[]) => {
      const rig = listening(every(twoOnOneLine));
      let from = 0;
      for (const to of [...cuts].sort((a, b) => a - b)) {
        rig.far.say(bytes.slice(from, Math.max(from, to)));
        from = Math.max(from, to);
      }
      rig.far.say(bytes.slice(from));
      return rig.said();
    };
    const whole = say([]);
    expect(whole).toHaveLength(2);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        expect(say(cuts)).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });

  test("a damaged byte gives the right value or none", () => {
    const good = sentence("WQ,D11,CL,1.23,mg/L,OK");
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const rig = listening(twoOnOneLine);
        rig.far.say(good.slice(0, at) + String.fromCharCode(byte) + good.slice(at + 1));
        rig.far.say("\r\n");
        for (const said of rig.said()) expect(said).toBe("CL 1.23");
      }),
      { numRuns: 2_000 },
    );
  });

  test("with a CRC any burst of two bytes, loss or doubling gives the right value or none", () => {
    const rig = listening(
      yaml(
        ", checksum: crc16-modbus",
        `  - {id: D11, connection: an, match: '^CL=(?<cl>[^,]*),', tags: {CL: {read: field cl, every: 10ms}}}`,
      ),
    );
    const payload = "CL=1.23,mg/L";
    const good = `${payload}*${checksumOf("crc16-modbus", payload)}\r\n`;
    rig.far.say(good);
    expect(rig.said()).toEqual(["CL 1.23"]);
    const damage = fc.oneof(
      fc.tuple(
        fc.nat(good.length - 2),
        fc.string({ minLength: 2, maxLength: 2, unit: "binary-ascii" }),
      ),
      fc.tuple(fc.nat(good.length - 2), fc.constantFrom("", present(good[4]))),
    );
    fc.assert(
      fc.property(damage, ([at, text]) => {
        rig.clock.advance(1_000);
        rig.far.say(
          `${good.slice(0, at)}${text}${good.slice(at + Math.min(2, Math.max(1, text.length)))}\r\n`,
        );
        for (const said of rig.said()) expect(said).toMatch(/^CL (1\.23|failure: .*)$/);
      }),
      { numRuns: 2_000 },
    );
  });

  test("100 000 lines of noise: no throw, no value out of nothing, bounded memory", () => {
    const rig = listening(twoOnOneLine);
    let state = 12345;
    const random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state >>> 8;
    };
    const start = "$WQ,D11,CL,";
    let count = 0;
    for (let i = 0; i < 1_000; i++) {
      let text = "";
      for (let line = 0; line < 100; line++) {
        const length = random() % 40;
        if (random() % 3 === 0) text += start;
        for (let c = 0; c < length; c++) text += String.fromCharCode(random() & 0xff);
        text += "\n";
      }
      rig.far.say(text);
      rig.clock.advance(1_000);
      count += rig.said().filter((said) => !said.includes("failure")).length;
    }
    // One in 256 sentences has the right checksum by chance, and none of them a number between the commas.
    expect(count).toBe(0);
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 2_000; i++) rig.far.say("x".repeat(5_000));
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(60e6);
    expect(rig.source.status().discardedBytes).toBeGreaterThan(9_900_000);
  });
});

test("a suspicious tag is polled faster, as far as the line has room, and at its usual rate again", () => {
  const rig = new TextRig(
    yaml(
      String.raw`, poll: "R\r", every: 2s, timeout: 300ms`,
      "  - {id: D11, connection: an, columns: 1, tags: {CL: {read: field 1}}}",
    ),
  );
  rig.far.onCommand = () => rig.far.say("1.23\r\n", 100);
  rig.start();
  rig.clock.advance(10_000);
  rig.said();
  expect(rig.source.hasten([0], 5)).toBe(5);
  rig.clock.advance(10_000);
  expect(rig.said().length).toBeGreaterThanOrEqual(24);
  // 100 ms of every 125 are eight tenths of the line.
  expect(rig.source.hasten([0], 40)).toBeCloseTo(16, 0);
  expect(rig.source.hasten([0], 1)).toBe(1);
  rig.clock.advance(1_000);
  rig.said();
  rig.clock.advance(10_000);
  expect(rig.said()).toHaveLength(5);
});
