import { expect, test } from "vitest";
import { StandardOutput, unreadMax } from "./standard-output.ts";

function rig() {
  const stream = {
    writableLength: 0,
    failure: undefined as Error | undefined,
    text: "",
    write(text: string, done: (error?: Error | null) => void) {
      if (!this.failure) this.text += text;
      done(this.failure);
    },
  };
  return { stream, output: new StandardOutput(stream) };
}

test("lines that no disk and no reader takes are counted, and told when one takes them again", () => {
  const { stream, output } = rig();
  output.write("one");
  stream.failure = new Error("ENOSPC");
  output.write("two");
  output.write("three");
  stream.failure = undefined;
  output.write("four");
  output.write("five");
  expect(stream.text).toBe("one\nweir: 2 lines could not be written here\nfour\nfive\n");
});

test("a reader that stands still costs a bounded amount of memory", () => {
  const { stream, output } = rig();
  stream.writableLength = unreadMax + 1;
  for (let i = 0; i < 1_000; i++) output.write("unread");
  stream.writableLength = 0;
  output.write("read again");
  expect(stream.text).toBe("weir: 1000 lines could not be written here\nread again\n");
});
