/** Listens to a channel for a while. */
import type { Clock } from "@weir/runtime/clock.ts";
import type { OpenChannel } from "../acquisition/byte-channel.ts";

/** Bytes kept of what is heard: the beginning tells as much as the rest. */
const heardMax = 64 * 1_024;

export function listen(
  forMs: number,
  ports: { open: OpenChannel; ioClock: Clock },
): Promise<{ ok: true; bytes: Uint8Array } | { ok: false; text: string }> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    let cancel = () => {};
    const channel = ports.open({
      onOpen: () => {
        cancel = ports.ioClock.after(forMs, () => {
          channel.close();
          const bytes = new Uint8Array(size);
          let at = 0;
          for (const chunk of chunks) {
            bytes.set(chunk, at);
            at += chunk.length;
          }
          resolve({ ok: true, bytes });
        });
      },
      onBytes: (chunk) => {
        if (size + chunk.length > heardMax) return;
        chunks.push(Uint8Array.from(chunk));
        size += chunk.length;
      },
      onClose: (text) => {
        cancel();
        resolve({ ok: false, text });
      },
    });
  });
}
