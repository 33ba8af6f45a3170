import { expect, test } from "vitest";
import { checkLine, checksumOf } from "./checksum.ts";

/** Check values of the catalogue of CRC algorithms for "123456789". */
test.each([
  ["sum8", "DD"],
  ["crc16-modbus", "4B37"],
  ["crc-ccitt", "29B1"],
  ["crc-xmodem", "31C3"],
] as const)("%s of 123456789 is %s", (name, sum) => {
  expect(checksumOf(name, "123456789")).toBe(sum);
  expect(checkLine(name, `123456789${sum}`)).toEqual({ ok: true, payload: "123456789" });
  expect(checkLine(name, `123456789*${sum.toLowerCase()}`)).toEqual({
    ok: true,
    payload: "123456789",
  });
  expect(checkLine(name, `123456788${sum}`)).toMatchObject({ ok: false });
  expect(checkLine(name, "123456789")).toMatchObject({ ok: false });
});

test("a sentence of NMEA 0183", () => {
  const line = "$GPGLL,4916.45,N,12311.12,W,225444,A,*1D";
  expect(checkLine("nmea-xor", line)).toEqual({ ok: true, payload: line.slice(0, -3) });
  expect(checkLine("nmea-xor", line.replace("4916", "4917"))).toEqual({
    ok: false,
    text: "checksum 1D where 1C is due",
  });
  expect(checkLine("nmea-xor", line.slice(1))).toMatchObject({ ok: false });
  expect(checkLine("nmea-xor", `$A*00${line}`)).toMatchObject({ ok: false });
});
