/** What a command tells while it runs: JSON lines for programs, sentences for people. */

export interface Reporter {
  /**
   * With --json the line {"event": name, "text": text, …fields}, else `text`; an event without text is
   * for programs only.
   */
  event(name: string, fields?: Record<string, unknown>, text?: string): void;
}

export function createReporter(options: { json: boolean; out: (line: string) => void }): Reporter {
  return {
    event: (name, fields = {}, text) => {
      if (options.json) options.out(JSON.stringify({ event: name, text, ...fields }));
      else if (text !== undefined) options.out(text);
    },
  };
}
