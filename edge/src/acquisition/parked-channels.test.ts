import { SimulatedClock } from "@weir/runtime/simulated-clock.ts";
import { expect, test } from "vitest";
import type { ConnectionSettings } from "../configuration/configuration.ts";
import type { ByteChannelEvents } from "./byte-channel.ts";
import { ParkedChannels } from "./parked-channels.ts";

const serial = (baud: number): ConnectionSettings =>
  ({
    port: { kind: "serial", path: "/dev/ttyUSB0", baud, dataBits: 8, parity: "N", stopBits: 1 },
  }) as ConnectionSettings;
const tcp = { port: { kind: "tcp", host: "plc", port: 502 } } as ConnectionSettings;

function rig() {
  const clock = new SimulatedClock(0);
  const opened: { events: ByteChannelEvents; written: number[]; isClosed: boolean }[] = [];
  const channels = new ParkedChannels(() => {
    return (events) => {
      const one = { events, written: [] as number[], isClosed: false };
      opened.push(one);
      return {
        write: (bytes) => void one.written.push(...bytes),
        close: () => {
          one.isClosed = true;
        },
      };
    };
  }, clock);
  const user = (connection: ConnectionSettings) => {
    const heard: string[] = [];
    const channel = channels.channelFor(connection)({
      onOpen: () => heard.push("open"),
      onBytes: (chunk) => heard.push(`bytes ${chunk.join()}`),
      onClose: (reason) => heard.push(reason),
    });
    return { channel, heard };
  };
  return { clock, opened, channels, user };
}

test("a serial line passes from one user to the next without being closed", async () => {
  const { clock, opened, channels, user } = rig();
  const before = user(serial(19_200));
  opened[0]?.events.onOpen();
  let after = before;
  channels.exchange(() => {
    before.channel.close();
    after = user(serial(19_200));
  });
  expect(after.heard).toEqual([]);
  await clock.advance(1);
  opened[0]?.events.onBytes(Uint8Array.of(7));
  before.channel.write(Uint8Array.of(1));
  after.channel.write(Uint8Array.of(2));
  expect(opened).toMatchObject([{ written: [2], isClosed: false }]);
  expect(after.heard).toEqual(["open", "bytes 7"]);
  expect(before.heard).toEqual(["open"]);
  after.channel.close();
  expect(opened[0]?.isClosed).toBe(true);
});

test("other settings, other kinds, lines that never opened and those nobody wants are closed", () => {
  const { opened, channels, user } = rig();
  const users = [user(serial(19_200)), user(tcp), user(serial(9_600))];
  opened[0]?.events.onOpen();
  opened[1]?.events.onOpen();
  channels.exchange(() => {
    for (const { channel } of users) channel.close();
    user(serial(9_600));
    user(tcp);
  });
  expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, true, true, false, false]);
});
