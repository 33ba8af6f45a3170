/** Text lines, SDI-12 and the scan over real terminals, unplugged and plugged in again. */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { elementAt } from "@weir/contracts/elements.ts";
import { present as given } from "@weir/contracts/present.ts";
import { systemClock } from "@weir/runtime/clock.ts";
import { seeded } from "@weir/runtime/random.ts";
import { startProgram } from "@weir/testing/child-process.ts";
import { needs } from "@weir/testing/conditions.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { until } from "@weir/testing/until.ts";
import { expect, onTestFinished, test } from "vitest";
import { channelOf, createSource } from "../src/acquisition/connection-types.ts";
import { checksumOf } from "../src/acquisition/line/checksum.ts";
import { crc16 } from "../src/acquisition/modbus/rtu-frame.ts";
import { configurationOf } from "./control-rig.ts";
import { Pty } from "./pty.ts";

const { present } = needs("socat");

interface Heard {
  values: number[];
  links: string[];
}

function read(yaml: string): Heard {
  const configuration = configurationOf(yaml);
  const connection = elementAt(configuration.connections, 0);
  const heard: Heard = { values: [], links: [] };
  const source = createSource({
    configuration,
    connection,
    open: channelOf(connection),
    clock: systemClock(),
    ioClock: systemClock(),
    random: seeded(1, "real-lines"),
    sink: {
      begin: () => {},
      deviceStatus: () => {},
      take: (_tag, raw) => heard.values.push(raw),
      miss: () => heard.values.push(Number.NaN),
      end: () => {},
    },
    analysis: undefined as never,
    goodValueOf: () => Number.NaN,
    report: () => {},
    onLink: (isUp) => heard.links.push(isUp ? "up" : "down"),
    onDevice: () => {},
  });
  source.start();
  onTestFinished(() => source.stop());
  return heard;
}

const yaml = (path: string, connection: string, device: string) => `
version: 1
site: {id: riverside}
edge: edge-d
connections: {line: {port: ${path}, ${connection}}}
devices:
  - {id: D11, connection: line, ${device}}
`;

const sentence = (body: string) => `$${body}*${checksumOf("nmea-xor", body)}\r\n`;

test.runIf(present)("a printing instrument is read, unplugged and plugged in again", async () => {
  const pty = new Pty();
  await pty.plug();
  const heard = read(
    yaml(
      pty.path,
      "type: line, checksum: nmea-xor",
      `match: '^.WQ,D11,CL,(?<cl>[^,]*)', tags: {CL: {read: field cl, every: 10ms}}`,
    ),
  );
  await until(() => heard.links.includes("up"), "the line");
  pty.say(`torn,1.99\r\n${sentence("WQ,D11,CL,1.23,mg/L,OK")}`);
  await until(() => heard.values.length > 0, "a value");
  pty.say("$WQ,D11,CL,4.");
  await pty.unplug();
  await until(() => heard.links.at(-1) === "down", "the loss");
  await pty.plug();
  await until(() => heard.links.at(-1) === "up", "the return");
  pty.say(`56,mg/L,OK*00\r\n${sentence("WQ,D11,CL,1.25,mg/L,OK")}`);
  await until(() => heard.values.length > 1, "a value after the return");
  expect(heard.values).toEqual([1.23, 1.25]);
});

/** A sensor that answers what SDI-12 asks it. */
function sensorOn(pty: Pty): void {
  const answers: Record<string, string> = {
    "?!": "3",
    "3!": "3",
    "3I!": "314SOMMER  RQ30  123SN42",
    "3M!": "30012",
    "3D0!": "3+1.23-4.5",
  };
  let command = "";
  pty.onBytes = (text) => {
    for (const character of text) {
      command = character === "\0" ? "" : command + character;
      if (character !== "!") continue;
      const answer = answers[command];
      command = "";
      if (answer !== undefined) pty.say(`${answer}\r\n`);
      // The service request: the measurement is done before its second is over.
      if (answer === answers["3M!"]) pty.say("3\r\n");
    }
  };
}

test.runIf(present)("an SDI-12 sensor is read, unplugged and plugged in again", async () => {
  const pty = new Pty();
  sensorOn(pty);
  await pty.plug();
  const heard = read(
    // The sensor is this process, which a busy machine lets wait: no time-out is what is tried here.
    yaml(
      pty.path,
      "type: sdi12, timeout: 30s",
      "unit: 3, tags: {depth: {read: value 2, every: 500ms}}",
    ),
  );
  await until(() => heard.values.length > 0, "a value");
  // A character with a wrong parity is shown as a zero, not left out.
  const terminal = spawnSync("stty", ["-F", pty.path, "-a"], { encoding: "utf8" }).stdout;
  expect(terminal).toMatch(/[^-]inpck/);
  expect(terminal).toMatch(/-ignpar/);
  await pty.unplug();
  await until(() => heard.links.at(-1) === "down", "the loss");
  const before = heard.values.length;
  await pty.plug();
  await until(() => heard.values.length > before, "a value after the return");
  expect(new Set(heard.values)).toEqual(new Set([-4.5]));
});

/** Milliseconds that a device has for its answer in a scan: far more than this process ever takes for one. */
const answerWithinMs = "1000";

const scan = (...args: string[]) => {
  const program = startProgram({ program: "weir-edge", args: ["scan", ...args, "--json"] });
  return { program, ended: program.exited };
};

test.runIf(present)("the scan finds an SDI-12 sensor and what it measures", async () => {
  const pty = new Pty();
  sensorOn(pty);
  await pty.plug();
  const { program, ended } = scan(
    "sdi12",
    "--port",
    pty.path,
    "--addresses",
    "2",
    "--timeout",
    answerWithinMs,
  );
  expect(await ended).toBe(0);
  expect(program.events.find(({ event }) => event === "sensor")).toMatchObject({
    address: "3",
    identity: { vendor: "SOMMER", model: "RQ30", serial: "SN42", version: "1.4" },
    measured: { ok: true, values: [1.23, -4.5] },
  });
});

/** Unit 7 with registers from 0 on: function 3 only, anything else is refused. */
function slaveOn(pty: Pty): void {
  pty.onBytes = (text) => {
    const request = Uint8Array.from(text, (c) => c.charCodeAt(0));
    const [unit, fc, , , , count] = request;
    if (unit !== 7 || (fc === 3 && request.length !== 8)) return;
    const body =
      fc === 3
        ? [
            7,
            3,
            2 * given(count),
            ...Array.from({ length: given(count) }, (_, i) => [0, 10 + i]).flat(),
          ]
        : [7, given(fc) | 0x80, 1];
    const crc = crc16(Uint8Array.from(body), 0, body.length);
    pty.say(String.fromCharCode(...body, crc & 0xff, crc >> 8));
  };
}

test.runIf(present)("the scan finds a Modbus unit and its first registers", async () => {
  const pty = new Pty();
  slaveOn(pty);
  await pty.plug();
  const { program, ended } = scan(
    ..."modbus-rtu --units 6-7 --baud 19200 --parity N --port".split(" "),
    pty.path,
    "--timeout",
    answerWithinMs,
  );
  expect(await ended).toBe(0);
  expect(program.events.map(({ event }) => event)).toEqual(["plan", "progress", "unit", "scanned"]);
  expect(program.events[2]).toMatchObject({
    unit: 7,
    at: "19200 8N1",
    registers: [{ table: "holding", address: 0, words: [10, 11, 12, 13, 14, 15, 16, 17] }],
  });
});

test.runIf(present)("the scan shows what is printed and how to read it", async () => {
  const pty = new Pty();
  await pty.plug();
  const printing = setInterval(() => pty.say(sentence("WQ,D11,CL,1.23,mg/L,OK")), 100);
  onTestFinished(() => clearInterval(printing));
  const { program, ended } = scan(..."line --seconds 3 --baud 9600 --port".split(" "), pty.path);
  expect(await ended).toBe(0);
  expect(program.events.find(({ event }) => event === "line")).toMatchObject({
    at: "9600 8N1",
    checksum: "nmea-xor",
    layouts: [{ keys: String.raw`match: '^\$WQ,D11,CL,(?<cl>[^,]*)'`, fields: ["cl"] }],
  });
});

test.runIf(present)("a port that another program reads is not scanned", async () => {
  const pty = new Pty();
  await pty.plug();
  const heard = read(yaml(pty.path, "type: line", "columns: 1, tags: {CL: {read: field 1}}"));
  await until(() => heard.links.includes("up"), "the line");
  const { program, ended } = scan("line", "--port", pty.path);
  expect(await ended).toBe(1);
  expect(program.stderr()).toMatch(
    /usb-line is in use by another program; close that first, or scan another port/,
  );
});

test.runIf(present)("a line that the running agent reads is not scanned", async () => {
  const pty = new Pty();
  await pty.plug();
  const folder = tempDir();
  const file = join(folder, "edge.yaml");
  writeFileSync(file, yaml(pty.path, "type: line", "columns: 1, tags: {CL: {read: field 1}}"));
  const args = ["run", "--config", file, "--data-dir", join(folder, "data"), "--json"];
  const agent = startProgram({ program: "weir-edge", args: [...args, "--status-port", "0"] });
  const printing = setInterval(() => pty.say("1.23\r\n"), 100);
  onTestFinished(() => clearInterval(printing));
  await agent.waitFor("device", ({ up }) => up === true);
  const { program, ended } = scan("line", "--port", pty.path);
  expect(await ended).toBe(1);
  expect(program.stderr()).toMatch(
    /usb-line is read by the running agent \(pid \d+\), and two masters on one line disturb each other; stop it first/,
  );
  await agent.stop();
});
