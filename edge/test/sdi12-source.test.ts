import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { crcOf } from "../src/acquisition/sdi12/sdi12-answer.ts";
import { TextRig } from "./text-rig.ts";

/** Sensors as SDI-12 v1.4 has them, told by a table: command to answer, without line ends. */
class Bus {
  readonly rig: TextRig;
  answers: Record<string, string | undefined> = {};
  /** Called before each answer; what it returns is sent instead. */
  bend: (answer: string, command: string) => string | undefined = (answer) => answer;
  readonly commands: string[] = [];
  /** Seconds after which a started measurement calls. */
  serviceAfterMs: Record<string, number> = {};

  constructor(yaml: string) {
    this.rig = new TextRig(yaml);
    this.rig.far.onCommand = (text) => {
      this.commands.push(text);
      const answer = this.answers[text];
      if (answer === undefined) return;
      const bent = this.bend(`${answer}\r\n`, text);
      if (bent !== undefined) this.rig.far.say(bent, text.length * 8.33 + 9);
      const serviceMs = this.serviceAfterMs[text];
      if (serviceMs !== undefined) this.rig.far.say(`${text[0]}\r\n`, serviceMs);
    };
  }
}

const yaml = (devices: string) => `
version: 1
site: {id: riverside}
edge: edge-d
connections: {sdi: {type: sdi12, port: /dev/ttyUSB0}}
devices:
${devices}
`;
const depth = yaml(
  `  - {id: S01, connection: sdi, unit: 0, tags: {depth: {read: value 1, every: 10s}, temp: {read: value 3, every: 10s}}}`,
);

let bus: Bus;
const start = (text = depth) => {
  bus = new Bus(text);
  bus.answers = { "0M!": "00084", "0D0!": "0+2591+706+25.53+0" };
  bus.rig.start();
  bus.rig.clock.advance(9_990);
  return bus;
};
beforeEach(() => void start());

describe("a measurement", () => {
  test("is started, called for by the sensor, fetched; each command after a break", () => {
    bus.serviceAfterMs["0M!"] = 3_000;
    bus.commands.length = 0;
    bus.rig.taken.length = 0;
    bus.rig.clock.advance(4_000);
    expect(bus.commands).toEqual(["0M!", "0D0!"]);
    expect(bus.rig.said()).toEqual(["depth 2591", "temp 25.53"]);
    bus.rig.clock.advance(1_000);
    expect(bus.rig.far.breakCount).toBe(bus.rig.far.heard.split("!").length - 1);
  });

  test("is fetched after its time when the sensor does not call; the time is the slot's", () => {
    bus.rig.taken.length = 0;
    bus.rig.clock.advance(8_000);
    expect(bus.rig.taken).toEqual([]);
    bus.rig.clock.advance(1_000);
    expect(bus.rig.taken.map(({ atMs }) => atMs)).toEqual([10_000, 10_000]);
  });

  test("of more values than fit one answer is fetched piece by piece", () => {
    start(
      yaml("  - {id: S01, connection: sdi, unit: 1, tags: {last: {read: value 5, every: 10s}}}"),
    );
    bus.answers = { "1M!": "10005", "1D0!": "1+1+2", "1D1!": "1-3+4", "1D2!": "1+5.5" };
    bus.rig.clock.advance(3_000);
    expect(bus.rig.said()).toEqual(["last 5.5"]);
  });

  test("at once, with CRC, by a letter", () => {
    start(
      yaml(
        "  - {id: S01, connection: sdi, address: z, measure: RC0, tags: {a: {read: value 1, every: 10s}}}",
      ),
    );
    bus.answers = { "zRC0!": `z+3.14${crcOf("z+3.14")}` };
    bus.rig.clock.advance(1_000);
    expect(bus.rig.said()).toEqual(["a 3.14"]);
    bus.answers = { "zRC0!": `z+3.15${crcOf("z+3.14")}` };
    bus.rig.clock.advance(10_000);
    expect(bus.rig.said()).toEqual([]);
    expect(bus.commands.slice(-3)).toEqual(["zRC0!", "zRC0!", "zRC0!"]);
  });

  test("a value that the measurement does not have is bad, not another one", () => {
    start(yaml("  - {id: S01, connection: sdi, unit: 0, tags: {x: {read: value 9, every: 10s}}}"));
    bus.answers = { "0M!": "00004", "0D0!": "0+2591+706+25.53+0" };
    bus.rig.taken.length = 0;
    bus.rig.clock.advance(3_000);
    expect(bus.rig.said()).toEqual(["x failure: the device marks the value as none"]);
  });
});

describe("a bus that is not as it should be", () => {
  test("each command is tried three times, with a break each", () => {
    let failures = 2;
    bus.bend = (answer) => (failures-- > 0 ? undefined : answer);
    bus.serviceAfterMs["0M!"] = 1_000;
    bus.commands.length = 0;
    bus.rig.clock.advance(6_000);
    expect(bus.commands).toEqual(["0M!", "0M!", "0M!", "0D0!"]);
    expect(bus.rig.said().at(-1)).toBe("temp 25.53");
  });

  test("an answer from another address, an echo, a break read as zero", () => {
    bus.rig.taken.length = 0;
    bus.bend = (answer, command) => `\0${command}${answer}`;
    bus.rig.clock.advance(9_000);
    expect(bus.rig.said()).toEqual(["depth 2591", "temp 25.53"]);
    bus.bend = (answer) => answer.replace(/^0/, "1");
    bus.rig.clock.advance(60_000);
    expect(bus.rig.said()).toEqual([]);
    expect(bus.rig.devices[0]).toMatch(/address 1 answers where 0 was asked/);
  });

  test("a dead sensor takes little of the time of the others", () => {
    start(
      yaml(`  - {id: S01, connection: sdi, unit: 0, tags: {depth: {read: value 1, every: 10s}}}
  - {id: S02, connection: sdi, unit: 1, tags: {depth: {read: value 1, every: 10s}}}
  - {id: S03, connection: sdi, unit: 2, tags: {depth: {read: value 1, every: 10s}}}`),
    );
    bus.answers = { "0M!": "00001", "0D0!": "0+1", "2M!": "20001", "2D0!": "2+2" };
    bus.rig.taken.length = 0;
    bus.rig.clock.advance(600_000);
    expect(bus.rig.said()).toHaveLength(120);
    expect(bus.rig.devices).toEqual(["S02 down: 3 requests in a row failed: does not answer"]);
    const asked = bus.commands.filter((command) => command === "1M!").length;
    expect(asked).toBeGreaterThan(30);
    expect(asked).toBeLessThan(120);
    bus.answers = { ...bus.answers, "1M!": "10001", "1D0!": "1+3" };
    bus.rig.clock.advance(60_000);
    expect(bus.rig.devices.at(-1)).toBe("S02 up: answers again");
  });

  test("a concurrent measurement leaves the bus to others", () => {
    start(
      yaml(`  - {id: S01, connection: sdi, unit: 0, measure: C, tags: {a: {read: value 1, every: 1m}}}
  - {id: S02, connection: sdi, unit: 1, tags: {b: {read: value 1, every: 10s}}}`),
    );
    bus.answers = { "0C!": "003001", "0D0!": "0+1", "1M!": "10001", "1D0!": "1+2" };
    bus.rig.clock.advance(95_000);
    const said = bus.rig.said();
    expect(said.filter((text) => text === "a 1")).toHaveLength(1);
    expect(said.filter((text) => text === "b 2").length).toBeGreaterThan(8);
  });

  test("a sensor that would keep the bus for minutes is told to measure otherwise", () => {
    bus.answers["0M!"] = "06004";
    bus.rig.clock.advance(60_000);
    expect(bus.rig.devices).toEqual([
      "S01 down: 3 requests in a row failed: needs 600 s and would keep the bus so long; measure with C",
    ]);
  });

  test("unplugged in the midst of a measurement, and back", () => {
    bus.rig.clock.advance(2_000);
    bus.rig.far.unplug();
    bus.rig.clock.advance(30_000);
    bus.rig.taken.length = 0;
    bus.rig.far.isPlugged = true;
    bus.rig.clock.advance(20_000);
    expect(bus.rig.said()).toContain("depth 2591");
    expect(bus.rig.source.status()).toMatchObject({ connected: true, reconnects: 1 });
  });
});

test("with CRC a damaged character gives the right value or none", () => {
  start(
    yaml(
      "  - {id: S01, connection: sdi, unit: 0, measure: RC0, tags: {a: {read: value 1, every: 10s}}}",
    ),
  );
  const good = `0+3.14${crcOf("0+3.14")}`;
  bus.answers = { "0RC0!": good };
  fc.assert(
    fc.property(fc.nat(good.length + 1), fc.integer({ min: 0, max: 127 }), (at, code) => {
      let isFirst = true;
      bus.bend = (answer) => {
        const whole = isFirst;
        isFirst = false;
        return whole
          ? answer.slice(0, at) + String.fromCharCode(code) + answer.slice(at + 1)
          : answer;
      };
      bus.rig.clock.advance(10_000);
      for (const said of bus.rig.said()) expect(said).toBe("a 3.14");
    }),
    { numRuns: 500 },
  );
});

test("a suspicious sensor measures more often, its tags and no others", () => {
  start(
    yaml(
      "  - {id: S01, connection: sdi, unit: 0, tags: {a: {read: value 1, every: 20s}, b: {read: value 2, every: 20s}}}",
    ),
  );
  bus.answers = { "0M!": "00002", "0D0!": "0+1+2" };
  // The newest measurements took no second, the first one eight: a share of that is remembered.
  bus.rig.clock.advance(600_000);
  expect(bus.rig.source.hasten([0], 4)).toBe(4);
  bus.rig.said();
  bus.rig.clock.advance(60_000);
  const said = bus.rig.said();
  expect(said.filter((text) => text === "a 1").length).toBeGreaterThanOrEqual(11);
  expect(said.filter((text) => text === "b 2").length).toBeLessThanOrEqual(4);
  expect(bus.rig.source.hasten([0], 1)).toBe(1);
});

describe("whatever happens on the bus", () => {
  const many = yaml(
    "  - {id: S01, connection: sdi, unit: 0, measure: MC, tags: {a: {read: value 1, every: 10s}, c: {read: value 3, every: 10s}}}",
  );
  const withCrc = (text: string) => text + crcOf(text);

  test("an answer as late as it likes, always by the same time, is never taken for that to the next question", () => {
    for (let lateMs = 0; lateMs <= 1_200; lateMs += 20) {
      start(many);
      bus.answers = { "0MC!": "00004" };
      const data: Record<string, string> = { "0D0!": "0+1+2", "0D1!": "0+3+4" };
      const { far } = bus.rig;
      const answer = far.onCommand;
      far.onCommand = (text) => {
        const line = data[text];
        if (line !== undefined) far.say(`${withCrc(line)}\r\n`, 50 + lateMs);
        answer(text);
      };
      bus.rig.clock.advance(60_000);
      for (const said of bus.rig.said()) expect(["a 1", "c 3"], `${lateMs} ms`).toContain(said);
    }
  });

  test("noise, losses and delays end with the values right again", () => {
    const trouble = fc.oneof(
      fc.constant(undefined),
      fc.string({ maxLength: 100, unit: "binary-ascii" }),
      fc.string({ maxLength: 100, unit: "binary-ascii" }).map((text) => `${text}\r\n`),
      fc.nat(20),
    );
    fc.assert(
      fc.property(fc.array(trouble, { maxLength: 30 }), (troubles) => {
        start(many);
        bus.answers = {
          "0MC!": "00014",
          "0D0!": withCrc("0+1+2"),
          "0D1!": withCrc("0+3+4"),
        };
        bus.serviceAfterMs["0MC!"] = 400;
        const left = [...troubles];
        bus.bend = (answer) => {
          if (left.length === 0) return answer;
          const one = left.shift();
          return typeof one === "number" ? answer.slice(0, one) : one;
        };
        bus.rig.clock.advance(30 * 60_000);
        for (const said of bus.rig.said()) expect(["a 1", "c 3"]).toContain(said);
        expect(left).toEqual([]);
        bus.rig.clock.advance(60_000);
        expect(bus.rig.said().length).toBeGreaterThan(8);
        expect(bus.rig.source.status().deadDevices).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
