/** A connection that carries bytes: a socket, a serial line, or an array in a test. */

export interface ByteChannelEvents {
  onOpen(): void;
  /** Bytes as the network cut them; valid during the call only. */
  onBytes(chunk: Uint8Array): void;
  /** Once, whether the channel was open or never came up; nothing follows it. */
  onClose(reason: string): void;
}

export interface ByteChannel {
  /** Hands `bytes` to the network within this call when it can. The bytes are copied or sent before it returns. */
  write(bytes: Uint8Array): void;
  /** Drops the connection at once; `onClose` is not called for it. */
  close(): void;
  /** Holds a serial line in the break state, or lets it go; absent where there is none. */
  setBreak?(isOn: boolean): void;
}

/** Starts a connection. Events never fire within this call. */
export type OpenChannel = (events: ByteChannelEvents) => ByteChannel;
