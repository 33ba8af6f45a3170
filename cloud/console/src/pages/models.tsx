/** Every model and threshold set: version, signature, and what each place answered. */

import type { ModelView } from "@weir/contracts/api/cloud.ts";
import { post } from "@weir/ui/api.ts";
import { OrderOutcome, order } from "@weir/ui/order.tsx";
import { may, session } from "@weir/ui/session-state.ts";
import { Waiting } from "@weir/ui/waiting.tsx";
import { bytes, number } from "@weir/ui/words.ts";
import { models, siteTime } from "../fleet-state.ts";

export function ModelsPage() {
  const list = models.value;
  return (
    <div class="stack">
      <h1>Models and thresholds</h1>
      <p class="soft">
        Signed here, verified where they run: signature, hash, target, version, expiry. None of them
        can change a hard limit.
      </p>
      {list === null && <Waiting>Waiting for the server's models…</Waiting>}
      {list?.length === 0 && (
        <p class="empty">
          None yet. <a href="#/learning">What is learned, what is next, and why not</a>
        </p>
      )}
      <div class="columns wide">
        {list?.map((model) => (
          <Model key={`${model.name}@${model.version}@${model.site}`} model={model} />
        ))}
      </div>
    </div>
  );
}

const said = {
  publish: "On its way. What each place answers is told above.",
  tamper: "A damaged copy is on its way; watch it being refused.",
} as const;

function Model({ model }: { model: ModelView }) {
  const subject = `model/${model.site}/${model.name}@${model.version}`;
  const time = (ms: number) => siteTime(model.site, ms);
  const send = (action: keyof typeof said) =>
    order(subject, async () => {
      const site = `site=${encodeURIComponent(model.site)}`;
      await post(
        `/api/models/${encodeURIComponent(model.name)}/${model.version}/${action}?${site}`,
      );
      return said[action];
    });
  return (
    <section class="panel stack">
      <h2>
        <span class="mono">
          {model.name} v{model.version}
        </span>
        <span class="soft">{model.state}</span>
      </h2>
      <dl class="facts">
        <dt>Runs at</dt>
        <dd>
          {model.target}, {model.site}
        </dd>
        <dt>Trained on</dt>
        <dd>{model.trainedOn || "–"}</dd>
        <dt>Valid</dt>
        <dd>
          {time(model.createdAtMs)} to {time(model.expiresAtMs)}
        </dd>
        <dt>Signed</dt>
        <dd class="mono">
          key {model.keyId}, sha256 {model.sha256.slice(0, 12)}…, {bytes(model.sizeBytes)}
        </dd>
        {Object.entries(model.metrics).map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{number(value)}</dd>
          </>
        ))}
      </dl>
      {model.places.map((place) => (
        <p
          key={`${place.where}${place.outcome}${place.atMs}`}
          class={place.outcome === "refused" ? "problem" : "soft"}
        >
          {place.where}: <strong>{place.outcome}</strong>
          {place.reason && `: ${place.reason}`} <span class="soft">{time(place.atMs)}</span>
        </p>
      ))}
      {may("engineer") && (
        <div class="row">
          <button type="button" onClick={() => void send("publish")}>
            Send again
          </button>
          {session.value?.demo && (
            <button
              type="button"
              onClick={() => void send("tamper")}
              title="Flips one bit and sends it, to show that it is refused"
            >
              Send a damaged copy
            </button>
          )}
        </div>
      )}
      <OrderOutcome subject={subject} />
    </section>
  );
}
