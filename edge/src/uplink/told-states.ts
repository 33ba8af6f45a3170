/**
 * What the fog was last told of each tag's quality and of each connection and device, on disk with the events
 * that told it. So each change is told once: a restart neither repeats that a device is silent nor forgets to
 * tell that it answers again.
 */

import { Quality, QualityReason } from "@weir/contracts/generated/weir/v1/tag_pb.ts";
import type { SqlDatabase, SqlStatement } from "@weir/runtime/sql.ts";
import type { ControlStatus, EventFields, Notice } from "../hand-over.ts";

/** Statuses in a row in which something is well before it counts as well again. */
const wellCount = 2;

type Tags = Extract<Notice, { kind: "tags" }>["tags"];

const tagKey = (tag: string): string => `tag ${tag}`;
const linkKey = (connection: string, device: string): string => `link ${connection}/${device}`;
const linkUp = "up";

export class ToldStates {
  readonly #put: SqlStatement;
  readonly #remove: SqlStatement;
  /** By subject; a tag that is good has none. */
  readonly #states: Map<string, string>;
  /** Told by a control loop that has ended, and in how many statuses it was well since. */
  #inherited = new Map<string, number>();
  readonly #unwritten = new Set<string>();
  #deviceOf = new Map<string, string>();

  constructor(db: SqlDatabase) {
    this.#put = db.prepare(
      "INSERT INTO told (subject, state) VALUES (?, ?) ON CONFLICT (subject) DO UPDATE SET state = excluded.state",
    );
    this.#remove = db.prepare("DELETE FROM told WHERE subject = ?");
    const rows = db.prepare("SELECT subject, state FROM told").all() as {
      subject: string;
      state: string;
    }[];
    this.#states = new Map(rows.map(({ subject, state }) => [subject, state]));
    this.#inherit();
  }

  /** Another control loop begins, with these tags; what was told of others is forgotten. */
  setTags(tags: Tags): void {
    this.#deviceOf = new Map(tags.map(({ id = "", device = "" }) => [id, device]));
    for (const subject of this.#states.keys()) {
      if (subject.startsWith("tag ") && !this.#deviceOf.has(subject.slice(4))) this.#drop(subject);
    }
    this.#inherit();
  }

  /** Whether `event` tells something that was not told before; remembers that it is told. */
  isNews({ body }: EventFields): boolean {
    if (body?.case === "quality" && body.value.code !== undefined) {
      const { tag = "", quality, code } = body.value;
      return this.#note(
        tagKey(tag),
        quality === Quality.GOOD && code === QualityReason.NONE ? undefined : `${quality}/${code}`,
      );
    }
    if (body?.case === "deviceLink") {
      const { connection = "", device = "", up = false } = body.value;
      return this.#note(linkKey(connection, device), up ? linkUp : "down");
    }
    return true;
  }

  /** What was told by an earlier control loop, and is well in this one. */
  wellAgain(status: ControlStatus, atMs: number): EventFields[] {
    if (this.#inherited.size === 0) return [];
    const bad = new Set(status.conditions.map(({ tag }) => tag));
    const events: EventFields[] = [];
    for (const [subject, count] of this.#inherited) {
      const event = this.#wellEvent(subject, { status, bad, atMs });
      if (!event) this.#inherited.set(subject, 0);
      else if (count + 1 < wellCount) this.#inherited.set(subject, count + 1);
      else events.push(event);
    }
    return events;
  }

  /** To be called within the transaction that stores the events. */
  write(): void {
    for (const subject of this.#unwritten) {
      const state = this.#states.get(subject);
      if (state === undefined) this.#remove.run(subject);
      else this.#put.run(subject, state);
    }
  }

  /** That transaction is durable. */
  written(): void {
    this.#unwritten.clear();
  }

  #note(subject: string, state: string | undefined): boolean {
    this.#inherited.delete(subject);
    if (this.#states.get(subject) === state) return state === undefined;
    if (state === undefined) this.#states.delete(subject);
    else this.#states.set(subject, state);
    this.#unwritten.add(subject);
    return true;
  }

  #drop(subject: string): void {
    this.#states.delete(subject);
    this.#unwritten.add(subject);
  }

  #inherit(): void {
    const isBad = ([, state]: [string, string]) => state !== linkUp;
    this.#inherited = new Map([...this.#states].filter(isBad).map(([subject]) => [subject, 0]));
  }

  /** The event that `subject` is well, where the status shows that it is. */
  #wellEvent(
    subject: string,
    { status, bad, atMs }: { status: ControlStatus; bad: ReadonlySet<string>; atMs: number },
  ): EventFields | undefined {
    if (subject.startsWith("tag ")) {
      const tag = subject.slice(4);
      if (bad.has(tag)) return undefined;
      const value = { tag, quality: Quality.GOOD, reason: "", code: QualityReason.NONE };
      return { atMs, body: { case: "quality", value } };
    }
    const [connection = "", device = ""] = subject.slice(5).split("/");
    const isRead = [...this.#deviceOf].some(([tag, of]) => of === device && !bad.has(tag));
    const isSilent =
      status.silentConnections.some(({ id }) => id === connection) ||
      status.silentDevices.some(({ id }) => id === device);
    if (!isRead || isSilent) return undefined;
    const value = { connection, device, up: true, text: "answers again" };
    return { atMs, body: { case: "deviceLink", value } };
  }
}
