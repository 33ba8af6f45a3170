/** Every connection of a server, those included that have not said a word or not finished their handshake. */
import type { Server, Socket } from "node:net";

export interface OpenSockets {
  /** Cuts them all. `server.close` waits for each one, however silent it is. */
  destroy(): void;
}

/** Call it before the server listens. Works on node:net, http, https, http2 and tls servers alike. */
export function openSocketsOf(server: Pick<Server, "on">): OpenSockets {
  const sockets = new Set<Socket>();
  // The bare connection, which a TLS server tells of before the handshake.
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return {
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
