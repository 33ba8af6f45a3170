/** Any tags of a site under one crosshair: a search over all of them, what is drawn and how far back in the address. */
import type { TagLine } from "@weir/contracts/api/live.ts";
import { useState } from "preact/hooks";
import { FreshMark } from "./freshness.tsx";
import { route, setQuery } from "./route.ts";
import { findTags, tagLabels } from "./tag-labels.ts";
import { dayTime } from "./time-format.ts";
import type { Zoom } from "./trend.tsx";
import { chartEnd, RangePicker, ranges, Trends } from "./trend-range.tsx";
import { counted } from "./words.ts";

/** As many as one answer of the server holds. */
export const pensMax = 8;
const pensAtFirst = 4;
/** Lines of the list; a search makes it shorter. */
const listMax = 60;

export interface TagExplorerProps {
  tags: readonly TagLine[];
  /** Path that answers SeriesView[]. */
  path: string;
  /** Range when the address names none, milliseconds. */
  rangeMs: number;
  /** Drawn when the address names none; the first tags of the site otherwise. */
  initial?: readonly string[];
  tz?: string;
  /** So much later than it is read a value may arrive at the server, milliseconds. */
  lateMs?: number;
}

/** What the address asks for, in order, each once; what the site does not have is told apart. */
export function pensOf(
  asked: string | null,
  { tags, initial = [] }: Pick<TagExplorerProps, "tags" | "initial">,
): { pens: string[]; unknown: string[] } {
  const known = new Set(tags.map(({ id }) => id));
  if (asked === null) {
    const current = tags.filter(({ removedAtMs }) => removedAtMs === undefined);
    const first = [...initial.filter((id) => known.has(id)), ...current.map(({ id }) => id)];
    return { pens: [...new Set(first)].slice(0, pensAtFirst), unknown: [] };
  }
  const wanted = [...new Set(asked.split(",").filter(Boolean))];
  return {
    pens: wanted.filter((id) => known.has(id)).slice(0, pensMax),
    unknown: wanted.filter((id) => !known.has(id)),
  };
}

/** "from" and "to" of the address, ISO times; undefined where they name no span. */
export function zoomOf(query: URLSearchParams): Zoom | undefined {
  const [fromMs, toMs] = ["from", "to"].map((key) => Date.parse(query.get(key) ?? ""));
  if (fromMs === undefined || toMs === undefined || !(fromMs < toMs)) return undefined;
  return { fromMs, toMs };
}

/** For {@link zoomOf}; nulls take a span out of the address. */
export const zoomQuery = (zoom: Zoom | undefined): Record<"from" | "to", string | null> => ({
  from: zoom ? new Date(zoom.fromMs).toISOString() : null,
  to: zoom ? new Date(zoom.toMs).toISOString() : null,
});

const rangeOf = (asked: string | null, otherwise: number): number =>
  ranges.find(({ label }) => label.replace(" ", "") === asked)?.ms ?? otherwise;

export function TagExplorer(props: TagExplorerProps) {
  const { tags, path, tz, lateMs } = props;
  const { query } = route.value;
  const rangeMs = rangeOf(query.get("range"), props.rangeMs);
  const { pens, unknown } = pensOf(query.get("tags"), props);
  const zoom = zoomOf(query);
  const endMs = chartEnd(rangeMs);
  // A part that was chosen stays where it is while time goes on.
  const shown = zoom ?? (endMs === null ? undefined : { fromMs: endMs - rangeMs, toMs: endMs });
  const labels = tagLabels(tags);
  const draw = (next: readonly string[]) => setQuery({ tags: next.join(",") });
  const pickRange = (ms: number) =>
    setQuery({
      ...zoomQuery(undefined),
      range: ranges.find((one) => one.ms === ms)?.label.replace(" ", "") ?? null,
    });
  const toggle = (id: string) =>
    draw(pens.includes(id) ? pens.filter((pen) => pen !== id) : [...pens, id].slice(-pensMax));
  if (tags.length === 0)
    return (
      <p class="empty">
        No tag is known yet: they come with the first edge that reports. <a href="#/">Back</a>
      </p>
    );
  return (
    <div class="explorer">
      <TagList tags={tags} pens={pens} labels={labels} onToggle={toggle} tz={tz} />
      <section class="panel">
        <div class="row">
          <RangePicker rangeMs={rangeMs} onPick={pickRange} />
          <div class="row pens">
            {pens.map((pen) => (
              <button key={pen} type="button" title={`Remove ${pen}`} onClick={() => toggle(pen)}>
                {labels.get(pen)} <span aria-hidden="true">✕</span>
              </button>
            ))}
          </div>
        </div>
        {unknown.length > 0 && (
          <p class="old" role="alert">
            This site has no tag {unknown.map((id) => `“${id}”`).join(", ")}.{" "}
            <button type="button" class="quiet" onClick={() => draw(pens)}>
              Leave {unknown.length === 1 ? "it" : "them"} out
            </button>
          </p>
        )}
        {zoom && (
          <p class="row">
            <span class="soft">
              {dayTime(zoom.fromMs, tz)} to {dayTime(zoom.toMs, tz)}
            </span>
            <button type="button" class="quiet" onClick={() => setQuery(zoomQuery(undefined))}>
              Show all
            </button>
          </p>
        )}
        {shown && (
          <Trends
            path={path}
            tags={pens}
            fromMs={shown.fromMs}
            toMs={shown.toMs}
            onZoom={(next) => setQuery(zoomQuery(next))}
            {...(tz !== undefined && { tz })}
            {...(lateMs !== undefined && { lateMs })}
          />
        )}
      </section>
    </div>
  );
}

interface TagListProps {
  tags: readonly TagLine[];
  pens: readonly string[];
  labels: ReadonlyMap<string, string>;
  onToggle: (id: string) => void;
  tz?: string | undefined;
}

function TagList({ tags, pens, labels, onToggle, tz }: TagListProps) {
  const [text, setText] = useState("");
  const found = findTags(tags, text);
  const shown = found.slice(0, listMax);
  const byStage = Map.groupBy(shown, ({ stage, stageName }) =>
    [stage, stageName].filter(Boolean).join(" "),
  );
  return (
    <section class="panel tag-list" aria-label="Tags">
      <input
        type="search"
        aria-label="Search tags"
        placeholder={`Search ${counted(tags.length, "tag")}`}
        value={text}
        onInput={(event) => setText((event.target as HTMLInputElement).value)}
      />
      {found.length === 0 && (
        <p class="empty">
          No tag has “{text}” in its name, path, stage, kind or unit.{" "}
          <button type="button" class="quiet" onClick={() => setText("")}>
            Show all
          </button>
        </p>
      )}
      <div class="tag-list-scroll">
        {[...byStage].map(([stage, list]) => (
          <fieldset key={stage} class="plain">
            <legend>{stage || "No stage"}</legend>
            {list.map((tag) => (
              <label key={tag.id} class="tag-line" title={tag.id}>
                <input
                  type="checkbox"
                  checked={pens.includes(tag.id)}
                  onChange={() => onToggle(tag.id)}
                />
                <span class="grow">
                  {labels.get(tag.id)} <span class="unit">{tag.unit}</span>
                </span>
                {tag.removedAtMs === undefined ? (
                  <FreshMark fresh={tag.freshness} isShort />
                ) : (
                  <span class="old">removed {dayTime(tag.removedAtMs, tz)}</span>
                )}
              </label>
            ))}
          </fieldset>
        ))}
      </div>
      {found.length > shown.length && (
        <p class="soft">{counted(found.length - shown.length, "more tag")}: search to see them.</p>
      )}
    </section>
  );
}
