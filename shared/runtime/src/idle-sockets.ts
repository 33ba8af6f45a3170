/** Which of an HTTP server's connections are only kept for a next request. */
import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";

/** True while no request of `socket` waits for the end of its answer; a stream is one that has no end. */
export function idleSockets(server: HttpServer | HttpsServer): (socket: Socket) => boolean {
  const answering = new WeakMap<Socket, number>();
  const count = (socket: Socket, by: number) =>
    answering.set(socket, (answering.get(socket) ?? 0) + by);
  server.on("request", ({ socket }, response) => {
    count(socket, 1);
    response.once("close", () => count(socket, -1));
  });
  return (socket) => (answering.get(socket) ?? 0) === 0;
}
