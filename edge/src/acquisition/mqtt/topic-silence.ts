/** Why a tag behind a broker has no reading: what has come on its topic, and what has not. */
import { formatDuration } from "@weir/runtime/duration.ts";
import type { Missing } from "../../conditioning/missing.ts";
import type { Configuration } from "../../configuration/configuration.ts";
import type { Order } from "../../hand-over.ts";

/** What came last that was no reading of the tag. */
type Instead = "kept" | "lacking";

export class TopicSilence {
  readonly #configuration: Configuration;
  readonly #instead = new Map<number, Instead>();
  #damaged = 0;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  note({ tags, lacking, kept, damaged }: Extract<Order, { kind: "inbound" }>): void {
    this.#damaged += damaged;
    for (const tag of tags) this.#instead.delete(tag);
    for (const tag of lacking) this.#instead.set(tag, "lacking");
    for (const tag of kept) if (!this.#instead.has(tag)) this.#instead.set(tag, "kept");
  }

  of(tag: number): Missing {
    const { tags, devices } = this.#configuration;
    const { device = -1, field = "", periodMs = 0, staleAfterMs = 0 } = tags[tag] ?? {};
    const topic = devices[device]?.topic ?? "";
    const every = formatDuration(periodMs);
    switch (this.#instead.get(tag)) {
      case "lacking":
        return {
          text: `what comes on ${topic} has no field ${field}`,
          remedy: "check `read` against what the device publishes",
        };
      case "kept":
        return {
          text: `on ${topic} came only a message that the broker had kept, and nobody knows how old that is`,
          remedy: `check that the device publishes at least every ${every}, as its \`every\` says`,
        };
      default: {
        const damaged = this.#damaged > 0 ? `; ${this.#damaged} messages were no JSON` : "";
        return {
          text: `nothing came on ${topic} within ${formatDuration(staleAfterMs)}${damaged}`,
          remedy: `check that the device publishes there at least every ${every}, or give the tag a longer \`every\``,
        };
      }
    }
  }

  farewell(tag: number): Missing {
    const { tags, devices } = this.#configuration;
    const topic = devices[tags[tag]?.device ?? -1]?.topic ?? "";
    return { text: `${topic} has said farewell, or its broker has lost it`, remedy: "" };
  }
}
