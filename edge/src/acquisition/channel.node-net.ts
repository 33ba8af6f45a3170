/** A TCP connection as a byte channel. */
import { connect } from "node:net";
import type { OpenChannel } from "./byte-channel.ts";

export function tcpChannel(address: { host: string; port: number }): OpenChannel {
  return (events) => {
    const socket = connect({ ...address, noDelay: true });
    let isDone = false;
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
    socket.on("data", (chunk: Uint8Array) => {
      if (!isDone) events.onBytes(chunk);
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
