/** The plant's and a stage's state, and the sentence that says what it rests on. Pure. */
import type { PlantEvidence, PlantView, StageLine } from "@weir/contracts/api/fog.ts";
import type { Undecided } from "@weir/detectors/hysteresis.ts";
import { ageWords } from "../freshness/freshness.ts";

/** What a stage shows: what is open in it, else what can be seen of it. */
export function stageState(of: {
  tripped: boolean;
  worst: "advisory" | "low" | "medium" | "high" | undefined;
  sight: StageLine["sight"];
  /** Its newest window is over the decision line. */
  isUnusual: boolean;
}): StageLine["state"] {
  if (of.tripped) return "tripped";
  if (of.worst) return of.worst;
  if (of.sight !== "judged") return of.sight;
  return of.isUnusual ? "unusual" : "normal";
}

/** Why a stage that is over its line is no incident yet. */
export const undecidedWords = ({ over, needed, of }: Undecided): string =>
  `over its decision line in ${over} of the last ${of} windows; ${needed} open an incident`;

export function evidenceOf(
  stages: readonly Pick<StageLine, "sight" | "state">[],
  edges: Pick<PlantEvidence, "edges" | "edgesHeard" | "judgedWithinMs" | "heardWithinMs">,
): PlantEvidence {
  const count = (sight: StageLine["sight"]): number =>
    stages.filter((stage) => stage.sight === sight).length;
  return {
    stages: stages.length,
    judged: count("judged"),
    learning: count("learning"),
    blind: count("blind"),
    withoutTags: count("no-data"),
    unusual: stages.filter(({ state }) => state === "unusual").length,
    ...edges,
  };
}

export interface Open {
  latched: number;
  incidents: number;
}

export function plantState(
  { judged, learning, blind }: PlantEvidence,
  { latched, incidents }: Open,
): PlantView["state"] {
  if (latched > 0) return "tripped";
  if (judged + learning === 0) return "blind";
  if (incidents > 0 || blind > 0) return "attention";
  return judged > 0 ? "normal" : "learning";
}

/**
 * Since when: of what stands, not of when it was first looked at. `tripped`: the oldest latched trip; what
 * incidents make it: the oldest of them; anything else: when it was noted.
 */
export function stateSince(
  state: PlantView["state"] | StageLine["state"],
  of: {
    latched: readonly { atMs: number }[];
    /** That make the state what it is. */
    incidents: readonly { openedAtMs: number }[];
    notedMs: number;
  },
): number {
  const bySight = ["normal", "unusual", "learning", "blind", "no-data"].includes(state);
  if (bySight) return of.notedMs;
  const since =
    state === "tripped"
      ? of.latched.map(({ atMs }) => atMs)
      : of.incidents.map(({ openedAtMs }) => openedAtMs);
  return since.reduce((oldest, atMs) => Math.min(oldest, atMs), since[0] ?? of.notedMs);
}

export interface HeadlineFacts {
  state: PlantView["state"];
  evidence: PlantEvidence;
  /** "Tank 2 T2-HIGH" */
  latched: readonly string[];
  incidents: readonly { severity: string }[];
  /** Since the newest live reading of any edge arrived; null: none since the fog started. */
  lastDataAgeMs: number | null;
  /** Of the edges that are not heard. */
  silentEdges: readonly { reason: string }[];
}

export function headlineOf(facts: HeadlineFacts): string {
  const { state, evidence, latched, incidents } = facts;
  if (evidence.edges === 0) return "No edge has reported yet: nothing is known of the plant.";
  const parts: string[] = [];
  if (latched.length > 0) parts.push(`${latched.join(", ")} latched`);
  const advisories = incidents.filter(({ severity }) => severity === "advisory").length;
  const others = incidents.length - advisories;
  if (others > 0) parts.push(`${others} open incident${others > 1 ? "s" : ""}`);
  if (advisories > 0) parts.push(`${advisories} advisor${advisories > 1 ? "ies" : "y"}`);
  if (state === "blind") parts.push(blindWords(facts));
  else parts.push(evidenceWords(evidence));
  parts.push(edgeWords(facts));
  const text = parts.filter(Boolean).join("; ");
  const normal = evidence.unusual > 0 ? "Normal so far: " : "Normal: ";
  const named = { normal, learning: "Learning: ", blind: "Blind: " };
  const lead = state in named ? named[state as keyof typeof named] : "";
  return `${lead}${text}.`;
}

function blindWords({ lastDataAgeMs, evidence }: HeadlineFacts): string {
  if (evidence.edgesHeard > 0 && lastDataAgeMs !== null)
    return `readings of no stage can be used; the newest came ${ageWords(lastDataAgeMs)} ago`;
  if (lastDataAgeMs === null) return "no reading has come since this fog started";
  return `no stage has been seen for ${ageWords(lastDataAgeMs)}`;
}

/** What is told as of a minute; a longer allowance is named. */
const minuteWordsMaxMs = 120_000;

function evidenceWords(evidence: PlantEvidence): string {
  const { stages, judged, learning, blind, withoutTags, unusual, judgedWithinMs } = evidence;
  const within = judgedWithinMs <= minuteWordsMaxMs ? "minute" : ageWords(judgedWithinMs);
  const rest = [
    unusual > 0 ? `${unusual} of them over the decision line and not decided yet` : "",
    learning > 0 ? `${learning} learning` : "",
    blind > 0 ? `${blind} blind` : "",
    withoutTags > 0 ? `${withoutTags} without data` : "",
  ].filter(Boolean);
  return [`${judged} of ${stages} stages judged in the last ${within}`, ...rest].join(", ");
}

function edgeWords({ evidence, silentEdges }: HeadlineFacts): string {
  const { edges, edgesHeard } = evidence;
  if (edgesHeard === edges) return edges === 1 ? "its edge is heard" : `all ${edges} edges heard`;
  const first = silentEdges[0];
  if (first && silentEdges.length === 1) return first.reason;
  return `${edges - edgesHeard} of ${edges} edges not heard`;
}
