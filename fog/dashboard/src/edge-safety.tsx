/** The protective functions of an edge: approved or not, blind, bypassed, unarmed, tested. */
import type { BypassView, EdgeView, ProofTestView, SafetyView } from "@weir/contracts/api/fog.ts";
import { OrderOutcome, tellDone } from "@weir/ui/order.tsx";
import { may } from "@weir/ui/session-state.ts";
import { date } from "@weir/ui/time-format.ts";
import { span } from "@weir/ui/words.ts";
import { useState } from "preact/hooks";
import { RecordProofTest, SimulateTrip } from "./rule-test.tsx";

export function EdgeSafety({ edge }: { edge: EdgeView }) {
  const { safety, bypasses, nowMs } = edge;
  return (
    <div class="stack">
      <h3>Protection</h3>
      {safety ? (
        <Approval safety={safety} />
      ) : (
        <p class="soft">
          {edge.statusAtMs > 0
            ? "This agent says nothing of it."
            : "It has not said how it is yet: nothing is known of its protection."}
        </p>
      )}
      {safety && safety.blindRules.length > 0 && (
        <p class="notice">
          <strong>Blind</strong> {safety.blindRules.join(", ")}: cannot see the cause, so cannot act
          on it.
        </p>
      )}
      {bypasses.map((bypass) => (
        <Bypass key={bypass.rule} bypass={bypass} nowMs={nowMs} />
      ))}
      {safety && safety.unarmedConnections.length > 0 && (
        <p class="notice">
          <strong>Watchdog not armed</strong> {safety.unarmedConnections.join(", ")}: should the
          edge stop, these outputs stay as they are.
        </p>
      )}
      <ProofTests edge={edge} tests={safety?.proofTests ?? []} />
    </div>
  );
}

function Approval({ safety }: { safety: SafetyView }) {
  const table = (
    <span class="mono" title={`cause-and-effect table, SHA-256 ${safety.documentSha256}`}>
      {safety.documentSha256.slice(0, 8)}
    </span>
  );
  if (!safety.approved) {
    return (
      <p class="notice">
        <strong>Not approved</strong> Nobody has signed the cause-and-effect table {table}: for
        trials only. An engineer approves it at the edge with{" "}
        <span class="mono">weir-edge approve</span>.
      </p>
    );
  }
  return (
    <p>
      Cause-and-effect table {table} approved by {safety.approvedBy || "an unnamed person"},{" "}
      {date(safety.approvedAtMs)} ✓
    </p>
  );
}

function Bypass({ bypass, nowMs }: { bypass: BypassView; nowMs: number }) {
  const { rule, by, reason, untilMs } = bypass;
  return (
    <p class="notice">
      <strong>Bypassed</strong> {rule} does not act
      {untilMs !== null &&
        (untilMs > nowMs ? `, ${span(untilMs - nowMs)} left` : ", about to protect again")}
      {(by || reason) && (
        <span class="soft">
          {" "}
          by {by || "unknown"}: {reason}
        </span>
      )}
    </p>
  );
}

const stateWords: Record<ProofTestView["state"], string> = {
  never: "never tested",
  failed: "failed, due now",
  overdue: "overdue",
  soon: "due soon",
  current: "tested",
};

type Open = { what: "simulate" | "record"; rule: string } | null;

/** Rules that something is known of; others can be named. */
function rulesOf({ bypasses, latchedTrips, safety }: EdgeView): string[] {
  const tested = safety?.proofTests.map(({ rule }) => rule) ?? [];
  const known = [...latchedTrips, ...(safety?.blindRules ?? []), ...bypasses.map((b) => b.rule)];
  return [...new Set([...tested, ...known])];
}

function ProofTests({ edge, tests }: { edge: EdgeView; tests: readonly ProofTestView[] }) {
  const [open, setOpen] = useState<Open>(null);
  const mayTest = may("supervisor") && edge.freshness.state === "live";
  const rules = rulesOf(edge);
  const isLatched = (rule: string) => edge.latchedTrips.includes(rule);
  const isBypassed = (rule: string) => edge.bypasses.some((bypass) => bypass.rule === rule);
  const dialog = open && {
    edge: edge.id,
    rule: open.rule,
    onSaid: (text: string) => tellDone(`rules/${edge.id}`, text),
    onClose: () => setOpen(null),
  };
  return (
    <>
      {rules.length > 0 && (
        <ul class="rules" aria-label={`Rules of ${edge.id}`}>
          {rules.map((rule) => (
            <li key={rule} class="row wrap-early">
              <strong>{rule}</strong>
              {isLatched(rule) && <span class="problem">latched</span>}
              <ProofState test={tests.find((one) => one.rule === rule)} nowMs={edge.nowMs} />
              {mayTest && (
                <span class="row">
                  <button
                    type="button"
                    disabled={isLatched(rule) || isBypassed(rule)}
                    title={
                      isLatched(rule)
                        ? "It has tripped: reset it first"
                        : isBypassed(rule)
                          ? "It is bypassed: it would not act"
                          : ""
                    }
                    onClick={() => setOpen({ what: "simulate", rule })}
                  >
                    Test trip…
                  </button>
                  <button type="button" onClick={() => setOpen({ what: "record", rule })}>
                    Record…
                  </button>
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayTest && (
        <div class="row">
          <button
            type="button"
            class="quiet"
            onClick={() => setOpen({ what: "simulate", rule: "" })}
          >
            Test another rule…
          </button>
          <button type="button" class="quiet" onClick={() => setOpen({ what: "record", rule: "" })}>
            Record another test…
          </button>
        </div>
      )}
      <OrderOutcome subject={`rules/${edge.id}`} />
      {dialog && open?.what === "simulate" && <SimulateTrip {...dialog} />}
      {dialog && open?.what === "record" && <RecordProofTest {...dialog} />}
    </>
  );
}

function ProofState({ test, nowMs }: { test: ProofTestView | undefined; nowMs: number }) {
  if (!test) return <span class="soft grow">no test interval</span>;
  const { state, lastAtMs, dueAtMs } = test;
  const isCalm = state === "current" || state === "soon";
  return (
    <span class="grow">
      <span class={isCalm ? "soft" : "amber"}>
        {isCalm ? "" : "▲ "}
        {stateWords[state]}
        {state === "overdue" && dueAtMs !== null && ` by ${span(nowMs - dueAtMs)}`}
      </span>
      <span class="soft">
        {isCalm && dueAtMs !== null && `, next ${date(dueAtMs)} (in ${span(dueAtMs - nowMs)})`}
        {lastAtMs !== null && ` · last ${date(lastAtMs)}`}
      </span>
    </span>
  );
}
