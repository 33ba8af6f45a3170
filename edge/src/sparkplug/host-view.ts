/**
 * Edge nodes as a Sparkplug host sees them: which metric an alias stands for, who is alive, and whether
 * a message was missed. No I/O. Sparkplug 3.0, chapters 5 and 6.
 */
import { present } from "@weir/contracts/present.ts";
import { decodePayload, numberOf } from "./payload.ts";

export type NodeNews =
  /** `device` "group/node" or "group/node/device". */
  | { what: "values"; device: string; values: Map<string, number> }
  /** It, and with a node all its devices, say nothing until they are born again. */
  | { what: "dead"; device: string }
  /** A birth is needed to understand what comes: publish a rebirth order on `topic`. */
  | { what: "ask-birth"; topic: string };

interface NodeState {
  seq: number;
  bdSeq: number;
  /** Names by alias. */
  names: Map<bigint, string>;
}

/** Nodes remembered; a broker with more is not one edge's to watch. */
const nodesMax = 1_000;

export class HostView {
  readonly #nodes = new Map<string, NodeState>();

  take(topic: string, bytes: Uint8Array): NodeNews[] {
    const [version, group, kind, node, device] = topic.split("/");
    if (version !== "spBv1.0" || !group || !kind || !node) return [];
    const id = `${group}/${node}`;
    const payload = decodePayload(bytes);
    if (!payload) return [];
    const askBirth: NodeNews = { what: "ask-birth", topic: `spBv1.0/${group}/NCMD/${node}` };
    const bdSeq = payload.metrics.find(({ name }) => name === "bdSeq");
    if (kind === "NDEATH") return this.#end(id, bdSeq && numberOf(bdSeq));
    if (kind === "NBIRTH") {
      if (this.#nodes.size >= nodesMax && !this.#nodes.has(id)) return [];
      this.#nodes.set(id, {
        seq: Number(payload.seq),
        bdSeq: bdSeq ? numberOf(bdSeq) : Number.NaN,
        names: new Map(),
      });
    } else {
      const state = this.#nodes.get(id);
      if (!state) return kind.startsWith("D") || kind === "NDATA" ? [askBirth] : [];
      const expected = (state.seq + 1) % 256;
      if (Number(payload.seq) !== expected) {
        // What was missed may have been a death or other aliases: nothing of it is believed.
        this.#nodes.delete(id);
        return [{ what: "dead", device: id }, askBirth];
      }
      state.seq = expected;
    }
    const who = device === undefined ? id : `${id}/${device}`;
    if (kind === "DDEATH") return [{ what: "dead", device: who }];
    if (!/^[ND](BIRTH|DATA)$/.test(kind)) return [];
    return this.#values(id, who, payload.metrics) ?? [askBirth];
  }

  /** undefined: an alias that no birth has named. */
  #values(
    id: string,
    who: string,
    metrics: NonNullable<ReturnType<typeof decodePayload>>["metrics"],
  ): NodeNews[] | undefined {
    const { names } = present(this.#nodes.get(id));
    const values = new Map<string, number>();
    for (const metric of metrics) {
      if (metric.name && metric.alias) names.set(metric.alias, metric.name);
      const name = metric.name || names.get(metric.alias);
      if (name === undefined) return undefined;
      // What happened while nobody listened must not be judged as if it happened now.
      if (metric.isHistorical) continue;
      values.set(name, isUsable(metric) ? numberOf(metric) : Number.NaN);
    }
    return [{ what: "values", device: who, values }];
  }

  /** A certificate of an earlier session says nothing of this one. */
  #end(id: string, bdSeq: number | undefined): NodeNews[] {
    const state = this.#nodes.get(id);
    if (state && bdSeq !== undefined && bdSeq !== state.bdSeq) return [];
    this.#nodes.delete(id);
    return [{ what: "dead", device: id }];
  }
}

const goodCode = 192;

/** A metric may say of itself that it is bad or stale. */
function isUsable({
  properties,
}: NonNullable<ReturnType<typeof decodePayload>>["metrics"][number]): boolean {
  const at = properties?.keys.indexOf("Quality") ?? -1;
  const quality = at < 0 ? undefined : properties?.values[at]?.value;
  return quality?.case !== "intValue" || quality.value === goodCode;
}
