/** What a control thread says that has nothing to say: tests fill in what they are about. */
import type { ControlStatus } from "../src/hand-over.ts";

export const idleControl: ControlStatus = {
  acquired: 0,
  buses: [],
  latchedTrips: [],
  trips: [],
  resettableTrips: [],
  bypassedRules: [],
  suppressedRules: [],
  conditions: [],
  silentConnections: [],
  silentDevices: [],
  outputs: [],
  troubles: [],
  unarmedConnections: [],
  thresholdsVersion: 0,
  safety: {
    ruleCount: 0,
    approved: false,
    documentSha256: "",
    approvedBy: "",
    approvedAtMs: 0,
    blindRules: [],
    proofTests: [],
  },
  fastTags: [],
  loopLagMsP99: 0,
};
