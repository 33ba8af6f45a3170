/** The line from the fog to the cloud, with the faults of a network. */

import type { CloudDoorHandler } from "@weir/cloud/ingest/cloud-door.ts";
import type { PullRequest, PushRequest } from "@weir/contracts/generated/weir/v1/cloud_pb.ts";
import type { CloudLink } from "@weir/fog/uplink/cloud-link.ts";
import type { Clock } from "@weir/runtime/clock.ts";
import type { Random } from "@weir/runtime/random.ts";
import { HilFault } from "../faults.ts";
import type { LinkFaults } from "./faults.ts";

export interface CloudLineOptions {
  site: string;
  /** Undefined while the cloud is down. */
  door: () => CloudDoorHandler | undefined;
  ioClock: Clock;
  random: Random;
  faults: LinkFaults;
}

export class CloudLine {
  readonly #options: CloudLineOptions;
  #breaks = new AbortController();
  #isCut = false;
  #faults: LinkFaults;

  constructor(options: CloudLineOptions) {
    this.#options = options;
    this.#faults = options.faults;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Ends what is under way; nothing gets through until `heal`. */
  cut(): void {
    this.#isCut = true;
    this.drop();
  }

  heal(): void {
    this.#isCut = false;
  }

  /** From now on no message is lost, doubled or late. */
  calm(): void {
    this.#faults = {};
  }

  /** Ends what is under way: the other side has died. */
  drop(): void {
    const was = this.#breaks;
    this.#breaks = new AbortController();
    was.abort();
  }

  /** For one life of the fog process. */
  newLink(): CloudLink {
    return {
      push: (request, signal) => this.#guarded(signal, (ended) => this.#push(request, ended)),
      pull: (request, signal) => this.#guarded(signal, (ended) => this.#pull(request, ended)),
      close: () => {},
    };
  }

  async #push(request: PushRequest, ended: AbortSignal) {
    const { site, random } = this.#options;
    const chance = random.uniform();
    const { loss = 0, ackLoss = 0, duplicate = 0 } = this.#faults;
    await this.#delay(ended);
    if (chance < loss) throw new HilFault("SIM_LINE_CUT", { where: "on the way up" });
    const door = this.#door();
    if (chance < loss + duplicate) await door.push(request, site);
    const answer = await door.push(request, site);
    if (chance > 1 - ackLoss) throw new HilFault("SIM_LINE_CUT", { where: "on the way back" });
    return answer;
  }

  async #pull(request: PullRequest, ended: AbortSignal) {
    await this.#delay(ended);
    return this.#door().pull(request, this.#options.site, ended);
  }

  async #delay(signal: AbortSignal): Promise<void> {
    const { ioClock, random } = this.#options;
    const meanMs = this.#faults.delayMsMean ?? 0;
    if (meanMs > 0) await ioClock.sleep(-Math.log(1 - random.uniform()) * meanMs, signal);
  }

  #door(): CloudDoorHandler {
    const door = this.#isCut ? undefined : this.#options.door();
    if (!door) throw new HilFault("SIM_LINE_CUT", { where: "before the cloud was reached" });
    return door;
  }

  /** Rejects at once when the line breaks or the caller gives up. */
  async #guarded<T>(signal: AbortSignal, work: (ended: AbortSignal) => Promise<T>): Promise<T> {
    const ended = AbortSignal.any([signal, this.#breaks.signal]);
    const broken = new Promise<never>((_, reject) => {
      const fail = () => reject(new HilFault("SIM_LINE_CUT", { where: "in the middle" }));
      if (ended.aborted) fail();
      else ended.addEventListener("abort", fail, { once: true });
    });
    return Promise.race([work(ended), broken]);
  }
}
