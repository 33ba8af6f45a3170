/** How many costly requests one user may have under way at once; more are told to come again. */
import { HttpFault } from "./http-fault.ts";

export interface RequestQuota {
  /**
   * Runs `work` for `user` if there is room.
   * @throws HttpFault 429 with the seconds to wait
   */
  run<T>(user: string, work: () => Promise<T>): Promise<T>;
}

const retryAfterS = 2;

export function createRequestQuota({ ofUserMax }: { ofUserMax: number }): RequestQuota {
  const underWay = new Map<string, number>();
  return {
    async run(user, work) {
      const count = underWay.get(user) ?? 0;
      if (count >= ofUserMax) {
        throw new HttpFault(
          429,
          "TOO_MANY_REQUESTS",
          `${count} of your questions are still being answered; ${ofUserMax} at once are`,
          { "retry-after": `${retryAfterS}` },
        );
      }
      underWay.set(user, count + 1);
      try {
        return await work();
      } finally {
        const left = (underWay.get(user) ?? 1) - 1;
        if (left > 0) underWay.set(user, left);
        else underWay.delete(user);
      }
    },
  };
}
