/** The line from one edge to the fog, with the faults of a network. Order is kept, as TCP keeps it. */

import { type Family, topicOf } from "@weir/contracts/topics.ts";
import { EdgeFault } from "@weir/edge/faults.ts";
import {
  createMemoryLink,
  type MemoryLink,
  type MemorySession,
} from "@weir/edge/uplink/mqtt-link.memory.ts";
import type { MemoryDoor } from "@weir/fog/broker/memory-door.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import type { LinkFaults } from "./faults.ts";

export interface EdgeLineOptions {
  site: string;
  edge: string;
  /** Undefined while the fog is down. */
  door: () => MemoryDoor | undefined;
  ioClock: Clock;
  random: Random;
  faults: LinkFaults;
}

export interface EdgeLine {
  /** For one life of the edge process. */
  newLink(): MemoryLink;
  cut(): void;
  heal(): void;
  /** Half open: nothing comes through, and nobody is told. */
  stall(): void;
  /** Ends a stall: the operating system gives the old connection up. */
  unstall(): void;
  /** From now on no message is lost, doubled or late. */
  calm(): void;
  /** The connection ends; the next one may succeed at once: the fog has died. */
  drop(): void;
  /** The edge has died: the fog's side of its connection ends. */
  dropSession(): void;
  readonly isCut: boolean;
}

export function createEdgeLine(options: EdgeLineOptions): EdgeLine {
  const { site, edge, door } = options;
  let isCut = false;
  let isStalled = false;
  let { faults } = options;
  let newest: MemoryLink | undefined;
  return {
    newLink: () => {
      const link: MemoryLink = createMemoryLink({
        topicOf: (family) => topicOf({ site, edge, family }),
        open: (deliver) => {
          const here = door();
          if (isCut || isStalled || !here)
            throw new EdgeFault("EDGE_LINK_CLOSED", { why: "no route to the fog" });
          const session = here.connect(edge, (family, bytes) => {
            if (!isStalled) deliver(family, bytes);
          });
          return withFaults(session, {
            ...options,
            faultsNow: () => faults,
            isStalled: () => isStalled,
            drop: () => link.cut(),
          });
        },
      });
      newest = link;
      return link;
    },
    cut: () => {
      isCut = true;
      newest?.cut();
    },
    heal: () => {
      isCut = false;
    },
    stall: () => {
      isStalled = true;
    },
    unstall: () => {
      isStalled = false;
      newest?.cut();
    },
    calm: () => {
      faults = {};
    },
    drop: () => newest?.cut(),
    dropSession: () => void newest?.close(),
    get isCut() {
      return isCut;
    },
  };
}

/** `drop` ends the connection; whatever was on its way is gone. */
function withFaults(
  session: MemorySession,
  {
    faultsNow,
    isStalled,
    random,
    ioClock,
    drop,
  }: EdgeLineOptions & {
    faultsNow: () => LinkFaults;
    isStalled: () => boolean;
    drop: () => void;
  },
): MemorySession {
  let isOpen = true;
  let busyUntilMs = 0;
  const publish = async (family: Family, bytes: Uint8Array): Promise<void> => {
    const { loss = 0, ackLoss = 0, duplicate = 0, delayMsMean = 0, falseAck = 0 } = faultsNow();
    const chance = random.uniform();
    if (delayMsMean > 0) {
      const arrivesMs = ioClock.monotonicMs() - Math.log(1 - random.uniform()) * delayMsMean;
      busyUntilMs = Math.max(busyUntilMs, arrivesMs);
      await ioClock.sleep(busyUntilMs - ioClock.monotonicMs());
    }
    if (!isOpen || isStalled()) return never;
    if (chance < loss) {
      drop();
      return never;
    }
    if (random.uniform() < falseAck) return;
    const copies = chance < loss + duplicate ? 2 : 1;
    await Promise.all(Array.from({ length: copies }, () => session.publish(family, bytes)));
    if (chance > 1 - ackLoss) {
      drop();
      return never;
    }
  };
  return {
    publish,
    close: () => {
      isOpen = false;
      session.close();
    },
  };
}

/** What waits for the answer of a lost message. The link rejects it when the connection ends. */
const never = new Promise<never>(() => {});
