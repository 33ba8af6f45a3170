/**
 * The port of a simulated serial device: a stream of bytes to whoever holds the other end. The devices
 * are pure apart from it; a socket and a pseudo terminal are its adapters.
 */

export interface BytePort {
  /** Where the other end is found: "tcp://127.0.0.1:4001", "/tmp/rs485-1". */
  readonly place: string;
  /** Bytes to the other end; lost when nobody holds it. */
  send(bytes: Uint8Array): void;
  /** Pulls the cable, or puts it back: what holds the other end sees the device vanish. */
  plug(isIn: boolean): void;
  close(): Promise<void>;
}

/** Opens the port; `receive` gets bytes as the transport cut them. @throws Fault SIM_SERIAL */
export type OpenBytePort = (receive: (bytes: Uint8Array) => void) => Promise<BytePort>;
