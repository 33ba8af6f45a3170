/** A USB adapter is pulled out and plugged in again, as far as a pair of pseudo-terminals can show it. */

import { existsSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { needs } from "@weir/testing/conditions.ts";
import { tempDir } from "@weir/testing/temp-dir.ts";
import { until } from "@weir/testing/until.ts";
import { afterEach, expect, test } from "vitest";
import { serialChannel } from "../src/acquisition/channel.serialport.ts";
import { askOverRtu } from "./asking.ts";
import { startLibmodbusRtu, startLine, stopSlaves } from "./foreign-slaves.ts";

const isHere = needs("socat").present && needs("libmodbus").present;

afterEach(stopSlaves);

const read = { fc: 4, unit: 5, address: 1, count: 1 } as const;

test.runIf(isHere)(
  "the line is lost at once and read again when it is back, on the same path",
  async () => {
    // As udev does it: a stable name for whatever device is there.
    const stable = join(tempDir(), "usb-adapter");
    const first = await startLine();
    symlinkSync(readlinkSync(first.near), stable);
    await startLibmodbusRtu(first.far, 5);
    const settings = {
      path: stable,
      baud: 115_200,
      dataBits: 8,
      parity: "N",
      stopBits: 1,
    } as const;
    const asking = askOverRtu(serialChannel(settings), { baud: 115_200, isNetworked: false });
    expect(await asking.ask(read, (reply) => reply.ok)).toBe(true);

    rmSync(stable);
    first.cut();
    await until(() => !asking.isUp);
    expect(existsSync(stable)).toBe(false);

    const second = await startLine();
    await startLibmodbusRtu(second.far, 5);
    symlinkSync(readlinkSync(second.near), stable);
    await until(() => asking.isUp);
    expect(await asking.ask(read, (reply) => reply.ok)).toBe(true);
    asking.stop();
  },
);

test.runIf(isHere)(
  "a line that somebody else has opened is refused, and taken when it is free",
  async () => {
    const line = await startLine();
    await startLibmodbusRtu(line.far, 5);
    const settings = {
      path: line.near,
      baud: 115_200,
      dataBits: 8,
      parity: "N",
      stopBits: 1,
    } as const;
    const open = serialChannel(settings);
    const first = askOverRtu(open, { baud: 115_200, isNetworked: false });
    await until(() => first.isUp);
    const refusals: string[] = [];
    const second = askOverRtu(
      (events) =>
        open({
          ...events,
          onClose: (reason) => {
            refusals.push(reason);
            events.onClose(reason);
          },
        }),
      { baud: 115_200, isNetworked: false },
    );
    await until(() => refusals.length > 0);
    expect(refusals[0]).toMatch(/lock/i);
    first.stop();
    await until(() => second.isUp);
    expect(await second.ask(read, (reply) => reply.ok)).toBe(true);
    second.stop();
  },
);
