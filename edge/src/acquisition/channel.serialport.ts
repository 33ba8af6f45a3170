/**
 * A serial line as a byte channel. The line is opened exclusively: two masters on one RS-485 bus answer
 * each other's questions.
 *
 * serialport's own stream watches its lines from the process's main event loop, whichever thread opened
 * them, and so ends the process when a worker thread reads one. Only its half that belongs to no loop is used
 * here: to open, lock and set up the line. The bytes come and go through a terminal of Node, on the loop of this
 * thread. That half ends the process as well when its thread is terminated before it has answered, so such a
 * thread is asked to stop and ends by itself.
 */
import { ReadStream } from "node:tty";
import {
  asyncClose,
  asyncFlush,
  asyncOpen,
  asyncSet,
} from "@serialport/bindings-cpp/dist/load-bindings.js";
import type { SerialSettings } from "../configuration/configuration.ts";
import type { ByteChannelEvents, OpenChannel } from "./byte-channel.ts";

const parityOf = { N: "none", E: "even", O: "odd" } as const;
/**
 * Lines beside the data: ready to talk. An FTDI adapter keeps what it received for 16 ms unless it is asked for low
 * latency, 1 ms; drivers and terminals that know no such thing refuse, and that is all.
 */
const signals = { brk: false, cts: false, dsr: false, dtr: true, rts: true, lowLatency: true };

interface OpenLine {
  /** Holds the lock and the settings. */
  fd: number;
  stream: ReadStream;
}

export function serialChannel(settings: SerialSettings): OpenChannel {
  return (events) => {
    let line: OpenLine | undefined;
    let isDone = false;
    const release = () => {
      line?.stream.destroy();
      if (line !== undefined) asyncClose(line.fd).catch(() => {});
      line = undefined;
    };
    const finish = (reason: string) => {
      if (isDone) return;
      isDone = true;
      release();
      events.onClose(reason);
    };
    openLine(settings, { ...events, onClose: finish }).then(
      (opened) => {
        line = opened;
        // Closed while it was opening: nobody else can open it until it is let go.
        if (isDone) release();
        else events.onOpen();
      },
      (error: Error) => finish(error.message),
    );
    return {
      write: (bytes) => {
        if (!isDone) line?.stream.write(Buffer.from(bytes));
      },
      close: () => {
        isDone = true;
        release();
      },
      setBreak: (isOn) => {
        if (line !== undefined) asyncSet(line.fd, { ...signals, brk: isOn }).catch(() => {});
      },
    };
  };
}

async function openLine(settings: SerialSettings, events: ByteChannelEvents): Promise<OpenLine> {
  const { path, baud, dataBits, parity, stopBits } = settings;
  const terminal = {
    baudRate: baud,
    dataBits,
    parity: parityOf[parity],
    stopBits,
    rtscts: false,
    xon: false,
    xoff: false,
    xany: false,
    hupcl: false,
    // The kernel hands over what it has as soon as it has one byte.
    vmin: 1,
    vtime: 0,
  };
  const fd: number = await asyncOpen(path, { ...terminal, lock: true });
  try {
    await asyncSet(fd, signals).catch(() => {});
    // What the driver kept from before we came answers no question of ours.
    await asyncFlush(fd);
    // The stream closes what it is given, so it gets a descriptor of its own.
    const stream = new ReadStream(await asyncOpen(path, { ...terminal, lock: false }));
    let reason = "the serial line was lost";
    stream.on("data", (chunk: Buffer) => events.onBytes(chunk));
    stream.on("error", (error) => {
      reason = error.message;
    });
    // An adapter that is pulled out ends the line here.
    stream.on("end", () => stream.destroy());
    stream.on("close", () => events.onClose(reason));
    return { fd, stream };
  } catch (error) {
    await asyncClose(fd);
    throw error;
  }
}
