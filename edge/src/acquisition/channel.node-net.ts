/** A TCP connection as a byte channel. */
import { connect } from "node:net";
import type { OpenChannel } from "./byte-channel.ts";

/** Larger than any Modbus frame: what is longer arrives in pieces. */
const readSize = 4_096;

export function tcpChannel(address: { host: string; port: number }): OpenChannel {
  return (events) => {
    let isDone = false;
    const socket = connect({
      ...address,
      noDelay: true,
      // One buffer for every read: by default Node allocates 64 KiB for each.
      onread: {
        buffer: new Uint8Array(readSize),
        callback: (size, buffer) => {
          if (!isDone) events.onBytes(buffer.subarray(0, size));
          return true;
        },
      },
    });
    let reason = "closed by the other side";
    const finish = () => {
      if (isDone) return;
      isDone = true;
      socket.destroy();
      events.onClose(reason);
    };
    socket.on("connect", () => {
      if (!isDone) events.onOpen();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
    });
    // A half-closed Modbus server answers nothing more: end is the end.
    socket.on("end", finish);
    socket.on("close", finish);
    return {
      write: (bytes) => {
        // The caller reuses its buffer; a socket that is behind keeps a reference to what it is given.
        if (!isDone) socket.write(socket.writableLength > 0 ? Uint8Array.from(bytes) : bytes);
      },
      close: () => {
        isDone = true;
        socket.destroy();
      },
    };
  };
}
