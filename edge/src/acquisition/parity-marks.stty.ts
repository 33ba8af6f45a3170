/**
 * Damaged characters of a line with parity as zeros. The serial library has the kernel leave them out, and
 * "25.53" without its 5 is a number as well; with a zero in it, it is none.
 */
import { execFile } from "node:child_process";
import type { OpenChannel } from "./byte-channel.ts";

/** Parity is looked at, what is damaged is not left out, and becomes a zero. */
const marks = ["inpck", "-ignpar", "-parmrk"];
const withinMs = 2_000;

/** `open` with marks on the terminal at `path`. A system without `stty` reads it as the library has it. */
export const withParityMarks =
  (open: OpenChannel, path: string): OpenChannel =>
  (events) => {
    let isOpen = false;
    let isDone = false;
    const channel = open({
      onOpen: () => {
        execFile("stty", ["-F", path, ...marks], { timeout: withinMs }, () => {
          if (isDone) return;
          isOpen = true;
          events.onOpen();
        });
      },
      onBytes: (chunk) => {
        if (isOpen) events.onBytes(chunk);
      },
      onClose: (reason) => {
        isDone = true;
        events.onClose(reason);
      },
    });
    return {
      ...channel,
      close: () => {
        isDone = true;
        channel.close();
      },
    };
  };
