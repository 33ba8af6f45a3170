/** What is not shown as an alarm of its own: explained by another, bypassed by a person, or unable to act. */

import type { EdgeView, SuppressedView } from "@weir/contracts/api/fog.ts";
import { siteNow } from "@weir/ui/site-clock.ts";
import { dayTime, sinceAndAge } from "@weir/ui/time-format.ts";
import { Waiting } from "@weir/ui/waiting.tsx";
import { span } from "@weir/ui/words.ts";
import { edges, plant } from "./plant.ts";

export function SuppressedList() {
  const view = plant.value;
  const list = edges.value;
  if (!view || !list) return <Waiting>Waiting for the first picture of the plant…</Waiting>;
  return (
    <div class="columns wide">
      <section class="panel">
        <h2>
          Suppressed <span class="soft">ends with its cause</span>
        </h2>
        {view.suppressed.length === 0 && (
          <p class="empty">Nothing is: every open incident is listed under “open”.</p>
        )}
        <ul class="problems">
          {view.suppressed.map((one) => (
            <Suppressed key={one.id} one={one} nowMs={siteNow.value ?? view.atMs} />
          ))}
        </ul>
      </section>
      <section class="panel">
        <h2>
          Out of service <span class="soft">bypassed by a person, blind, or not seen</span>
        </h2>
        <OutOfService list={list} />
      </section>
    </div>
  );
}

function Suppressed({ one, nowMs }: { one: SuppressedView; nowMs: number }) {
  const isIncident = one.kind === "incident";
  return (
    <li>
      <span class="grow">
        {isIncident ? (
          <a href={`#/incidents/${encodeURIComponent(one.id)}`}>{one.what}</a>
        ) : (
          <strong>{one.what}</strong>
        )}{" "}
        <span class="soft">
          by {one.byText || one.by}
          {one.reason && `: ${one.reason}`}
        </span>
      </span>
      <span class="soft since">since {sinceAndAge(one.sinceMs, nowMs)}</span>
    </li>
  );
}

function OutOfService({ list }: { list: readonly EdgeView[] }) {
  const rows = list.flatMap((edge) => [
    ...(edge.freshness.state === "live"
      ? []
      : [{ key: edge.id, what: `${edge.id}: all its rules`, why: edge.protection, when: "" }]),
    ...edge.bypasses.map(({ rule, by, reason, untilMs }) => ({
      key: `${edge.id}/${rule}`,
      what: `${rule} at ${edge.id}`,
      why: `bypassed by ${by || "somebody unnamed"}${reason ? `: ${reason}` : ""}`,
      when: untilMs === null ? "" : untilWords(untilMs, edge.nowMs),
    })),
    ...(edge.safety?.blindRules ?? []).map((rule) => ({
      key: `${edge.id}/${rule}/blind`,
      what: `${rule} at ${edge.id}`,
      why: "blind: it cannot see its cause, so it cannot act on it",
      when: "",
    })),
  ]);
  if (rows.length === 0)
    return (
      <p class="empty">
        {list.length === 0
          ? "No edge has reported yet: nothing is known of rules."
          : "No rule is, as all edges say now."}
      </p>
    );
  return (
    <ul class="problems">
      {rows.map(({ key, what, why, when }) => (
        <li key={key}>
          <span class="grow">
            <strong>{what}</strong> <span class="soft">{why}</span>
          </span>
          {when && <span class="soft since">{when}</span>}
        </li>
      ))}
    </ul>
  );
}

const untilWords = (untilMs: number, nowMs: number): string =>
  untilMs > nowMs
    ? `until ${dayTime(untilMs)} (${span(untilMs - nowMs)} left)`
    : "about to protect again";
