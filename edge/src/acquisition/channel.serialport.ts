/**
 * A serial line as a byte channel. The line is opened exclusively: two masters on one RS-485 bus answer
 * each other's questions.
 */
import { SerialPort } from "serialport";
import type { SerialSettings } from "../configuration/configuration.ts";
import type { OpenChannel } from "./byte-channel.ts";

const parityOf = { N: "none", E: "even", O: "odd" } as const;

export function serialChannel(settings: SerialSettings): OpenChannel {
  return (events) => {
    const { path, baud, dataBits, parity, stopBits } = settings;
    let isDone = false;
    let reason = "the serial line was lost";
    const port = new SerialPort({
      path,
      baudRate: baud,
      dataBits,
      parity: parityOf[parity],
      stopBits,
      lock: true,
      autoOpen: false,
      // The kernel hands over what it has as soon as it has one byte.
      vmin: 1,
      vtime: 0,
    });
    const finish = () => {
      if (isDone) return;
      isDone = true;
      if (port.isOpen) port.close(() => {});
      events.onClose(reason);
    };
    port.on("data", (chunk: Buffer) => {
      if (!isDone) events.onBytes(chunk);
    });
    port.on("error", (error: Error) => {
      reason = error.message;
      finish();
    });
    // An adapter that is pulled out ends the line here.
    port.on("close", finish);
    port.open((error) => {
      if (error) {
        reason = error.message;
        finish();
        return;
      }
      // Closed while it was opening: nobody else can open it until it is let go.
      if (isDone) {
        port.close(() => {});
        return;
      }
      // What the driver kept from before we came answers no question of ours.
      port.flush(() => {
        if (!isDone) events.onOpen();
      });
    });
    return {
      write: (bytes) => {
        if (!isDone) port.write(Buffer.from(bytes));
      },
      close: () => {
        isDone = true;
        if (port.isOpen) port.close(() => {});
      },
      setBreak: (isOn) => {
        if (!isDone && port.isOpen) port.set({ brk: isOn }, () => {});
      },
    };
  };
}
