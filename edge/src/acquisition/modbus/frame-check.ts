/** What the bytes received so far are worth as an answer. */
export type FrameCheck =
  /** More bytes are needed; those so far are right. */
  | { at: "partial" }
  /** `dataAt` is where the values of a read begin; `size` is the whole frame's. */
  | { at: "answer"; dataAt: number; size: number }
  | { at: "exception"; code: number; size: number }
  | { at: "flaw"; text: string };

export const partial: FrameCheck = { at: "partial" };

export const flaw = (text: string): FrameCheck => ({ at: "flaw", text });
