/** A proof test from here: trip a rule on order, watch the machine, record what was seen. */
import type { ProofTestBody } from "@weir/contracts/api/fog.ts";
import { Ask } from "@weir/ui/ask.tsx";
import { orderEdge } from "@weir/ui/order.tsx";
import { plant } from "./plant.ts";

export interface RuleDialogProps {
  edge: string;
  /** Empty: the person names it. */
  rule: string;
  /** What to say on the page after the edge has answered. */
  onSaid: (text: string) => void;
  onClose: () => void;
}

const path = (...parts: string[]): string => `/api/${parts.map(encodeURIComponent).join("/")}`;

export function SimulateTrip({ edge, rule, onSaid, onClose }: RuleDialogProps) {
  const last = plant.value?.trips.find((trip) => trip.edge === edge && trip.rule === rule);
  const outputs = last?.outputs.map(({ output, state }) => `${output} → ${state}`).join(", ");
  const send = async (form: FormData) => {
    const named = rule || String(form.get("rule")).trim();
    await orderEdge(path("trips", edge, named, "simulate"), { reason: form.get("reason") });
    onSaid(`${named} is tripped as a test. Watch the machine, then record what you saw.`);
  };
  return (
    <Ask
      title={rule ? `Trip ${rule} as a test` : `Trip a rule of ${edge} as a test`}
      action={rule ? `Trip ${rule} now` : "Trip it now"}
      isDangerous
      onSend={send}
      onClose={onClose}
    >
      <p>This is no drill on paper. {edge} acts as if the limit had been passed:</p>
      <ul>
        <li>
          Every output of this rule goes to its safe state: machines may stop, valves may move.
          {outputs && ` The last trip drove ${outputs}.`}
        </li>
        <li>It stays there until a supervisor resets the trip. Nothing starts by itself.</li>
        <li>All other rules keep protecting.</li>
      </ul>
      <p>Somebody stands at the machine and watches; the control room knows.</p>
      {!rule && (
        <div class="field">
          <label for="test-rule">Rule</label>
          <input
            id="test-rule"
            name="rule"
            placeholder="Its name, as in the cause-and-effect table"
            required
          />
        </div>
      )}
      <div class="field">
        <label for="test-reason">Why, and who watches?</label>
        <input id="test-reason" name="reason" required minLength={3} autocomplete="off" />
      </div>
    </Ask>
  );
}

export function RecordProofTest({ edge, rule, onSaid, onClose }: RuleDialogProps) {
  const send = async (form: FormData) => {
    const named = rule || String(form.get("rule")).trim();
    const body: ProofTestBody = {
      passed: form.get("verdict") === "passed",
      note: String(form.get("note")),
    };
    const reason = await orderEdge(path("rules", edge, named, "proof-test"), body);
    onSaid(reason ? `Recorded: ${reason}.` : `The proof test of ${named} is recorded.`);
  };
  return (
    <Ask
      title={rule ? `Proof test of ${rule}` : `Proof test of a rule of ${edge}`}
      action="Record"
      onSend={send}
      onClose={onClose}
    >
      <ul>
        <li>Passed: the interval to the next test starts now.</li>
        <li>Failed: the test stays due until one passes. The rule keeps protecting as it can.</li>
        <li>
          The edge takes a verdict after a test trip only, and no “passed” for an output whose
          feedback did not follow. Your name and words go into the record for good.
        </li>
      </ul>
      {!rule && (
        <div class="field">
          <label for="proof-rule">Rule</label>
          <input id="proof-rule" name="rule" required />
        </div>
      )}
      <div>
        <label class="choice">
          <input type="radio" name="verdict" value="passed" required /> Passed: the machine did what
          it must
        </label>
        <label class="choice">
          <input type="radio" name="verdict" value="failed" required /> Failed: it did not
        </label>
      </div>
      <div class="field">
        <label for="proof-note">What was seen at the machine?</label>
        <input id="proof-note" name="note" required minLength={3} autocomplete="off" />
      </div>
    </Ask>
  );
}
