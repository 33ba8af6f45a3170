/** Every model and threshold set: version, signature, and what each place answered. */

import type { ModelView } from "@weir/contracts/api/cloud.ts";
import { post } from "@weir/ui/api.ts";
import { may } from "@weir/ui/session.tsx";
import { bytes, dayTime, number } from "@weir/ui/words.ts";
import { useState } from "preact/hooks";
import { models } from "../fleet-state.ts";

export function ModelsPage() {
  return (
    <div class="stack">
      <h1>Models and thresholds</h1>
      <p class="soft">
        Signed here, verified where they run: signature, hash, target, version, expiry. None of them
        can change a hard limit.
      </p>
      {models.value.length === 0 && <p class="empty">None yet; the first are being trained.</p>}
      <div class="columns wide">
        {models.value.map((model) => (
          <Model key={`${model.name}@${model.version}`} model={model} />
        ))}
      </div>
    </div>
  );
}

function Model({ model }: { model: ModelView }) {
  const [said, setSaid] = useState("");
  const send = async (action: "publish" | "tamper") => {
    try {
      await post(`/api/models/${encodeURIComponent(model.name)}/${model.version}/${action}`);
      setSaid(
        action === "tamper"
          ? "A damaged copy is on its way; watch it being refused."
          : "On its way.",
      );
    } catch (error) {
      setSaid((error as Error).message);
    }
  };
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
          {dayTime(model.createdAtMs)} to {dayTime(model.expiresAtMs)}
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
          {place.reason && `: ${place.reason}`} <span class="soft">{dayTime(place.atMs)}</span>
        </p>
      ))}
      {may("engineer") && (
        <div class="row">
          <button type="button" onClick={() => send("publish")}>
            Send again
          </button>
          <button
            type="button"
            onClick={() => send("tamper")}
            title="Flips one bit and sends it, to show that it is refused"
          >
            Send a damaged copy
          </button>
          {said && <span role="status">{said}</span>}
        </div>
      )}
    </section>
  );
}
