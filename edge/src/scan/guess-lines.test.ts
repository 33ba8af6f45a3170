import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatProblems } from "@weir/runtime/problem.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checksumOf } from "../acquisition/line/checksum.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import { guessLines } from "./guess-lines.ts";

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const heard = (lines: readonly string[], end = "\r\n") =>
  guessLines(bytesOf(`n${end}${lines.join(end)}${end}ha`));

const withXor = (body: string) => `$${body}*${checksumOf("nmea-xor", body)}`;
const withCrc = (body: string) => `${body}*${checksumOf("crc16-modbus", body)}`;

test.each([
  [
    [withXor("WQ,D11,CL,1.23,mg/L,OK"), withXor("WQ,D11,CL,1.24,mg/L,OK")],
    {
      checksum: "nmea-xor",
      layouts: [{ keys: String.raw`match: '^\$WQ,D11,CL,(?<cl>[^,]*)'`, fields: ["cl"] }],
    },
  ],
  [
    ["1.23,7.21,18.4", "1.24,7.20,18.5"],
    { checksum: "none", layouts: [{ keys: "columns: 3", fields: ["1", "2", "3"] }] },
  ],
  [
    ["OK;1.23;7.21", "OK;1.24;7.22"],
    { checksum: "none", layouts: [{ keys: 'columns: 3, separator: ";"', fields: ["2", "3"] }] },
  ],
  [
    [withCrc("cl=1.23 ph=7.21"), withCrc("cl=1.3 ph=7.2")],
    { checksum: "crc16-modbus", layouts: [{ keys: "pairs: true", fields: ["cl", "ph"] }] },
  ],
  [
    ["12.5 mg", "13.5 mg"],
    { checksum: "none", layouts: [{ keys: 'columns: 2, separator: " "', fields: ["1"] }] },
  ],
  [["12.5", "9.1"], { checksum: "none", layouts: [{ keys: "columns: 1", fields: ["1"] }] }],
  [["CL12.5mg", "CL13.5mg"], { layouts: [{ keys: "width: 8", fields: ["3-6"] }] }],
  [["hello", "world!"], { layouts: [] }],
])("%j", (lines, guess) => {
  const result = heard(lines);
  expect(result).toMatchObject({ lines, printable: 1, delimiter: "\r\n", ...guess });
  const [layout] = result.layouts;
  if (!layout) return;
  // What is shown can be put into a configuration as it is.
  const file = join(tempDir(), "edge.yaml");
  const tags = layout.fields.map((field, i) => `V${i}: {read: field ${field}}`).join(", ");
  writeFileSync(
    file,
    `version: 1
site: {id: riverside}
edge: edge-d
connections: {an: {type: line, port: /dev/ttyUSB0, delimiter: "\\r\\n", checksum: ${result.checksum}}}
devices: [{id: A, connection: an, ${layout.keys}, tags: {${tags}}}]
`,
  );
  const loaded = loadConfiguration(file);
  expect(loaded.ok ? "" : formatProblems(loaded.problems)).toBe("");
});

test("several sentences of one instrument are several devices, each told by its head", () => {
  const lines = ["WQ,D11,CL,1.23,mg/L", "WQ,D11,PH,7.21,pH"].map(withXor);
  expect(heard([...lines, ...lines]).layouts.map(({ fields }) => fields[0])).toEqual(["cl", "ph"]);
});

test("other line ends; a wrong baud rate is no text", () => {
  expect(heard(["1.5", "2.5"], "\r").delimiter).toBe("\r");
  expect(heard(["1.5", "2.5"], "\n").delimiter).toBe("\n");
  const noise = Uint8Array.from({ length: 500 }, (_, i) => (i * 151 + 97) & 0xff);
  expect(guessLines(noise).printable).toBeLessThan(0.9);
  expect(guessLines(new Uint8Array(0))).toMatchObject({ printable: 0, lines: [] });
});

test("whatever is heard, there is an answer", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void guessLines(bytes)));
});
