/** When a tier was last backed up, a button that makes a backup, and how it is put back. */
import type { BackupView } from "@weir/contracts/api/backup.ts";
import { post } from "./api.ts";
import { type Loading, useLoading } from "./load.ts";
import { OrderOutcome, order } from "./order.tsx";
import { may } from "./session-state.ts";
import { Show } from "./show.tsx";
import { date, minuteTime } from "./time-format.ts";
import { bytes, counted, span } from "./words.ts";

const subject = "backup";

/** `tz`: whose clocks are shown; the site's where there is one. */
export interface BackupPanelProps {
  program: "weir-fog" | "weir-cloud";
  tz?: string;
}

export function BackupPanel({ program, tz }: BackupPanelProps) {
  const loading = useLoading<BackupView>("/api/backup");
  return (
    <section class="panel stack" id="backup">
      <h2>Backup</h2>
      <Show loading={loading} what="the last backup">
        {(view) => <Backup view={view} loading={loading} program={program} {...(tz && { tz })} />}
      </Show>
    </section>
  );
}

function Backup(props: BackupPanelProps & { view: BackupView; loading: Loading<BackupView> }) {
  const { view, loading, program, tz } = props;
  const { runningSinceMs, failed, nowMs } = view;
  const begin = () =>
    order(subject, async () => {
      loading.replace(await post<BackupView>("/api/backup"));
      return "Begun. When it is whole, it is told above.";
    });
  return (
    <>
      <LastBackup view={view} {...(tz && { tz })} />
      {runningSinceMs !== null && (
        <p role="status">One is being made, for {span(nowMs - runningSinceMs)} so far.</p>
      )}
      {failed !== null && (
        <p class="problem" role="alert">
          The last attempt from here failed: {failed}
        </p>
      )}
      {may("engineer") && (
        <div class="row">
          <button type="button" disabled={runningSinceMs !== null} onClick={() => void begin()}>
            Back up now
          </button>
          <span class="soft">
            Into <span class="mono">{view.dataDir}/backups</span>, the newest five are kept, without
            private keys. Copy it to another machine.
          </span>
        </div>
      )}
      <OrderOutcome subject={subject} />
      <p class="soft">Put back, while {program} does not run, with</p>
      <pre class="mono">{restoreCommand(view, program)}</pre>
      <p class="soft">
        It checks every file first and deletes nothing. A backup with private keys, for a new
        machine: <span class="mono">{program} backup FOLDER --with-secrets</span>.
      </p>
    </>
  );
}

function LastBackup({ view: { last, nowMs }, tz }: { view: BackupView; tz?: string }) {
  if (!last) return <p class="old">No backup was ever made of this folder.</p>;
  const { atMs, target, hasSecrets, isThere } = last;
  return (
    <p>
      Last made{" "}
      <strong>
        {date(atMs, tz)} {minuteTime(atMs, tz)}
      </strong>{" "}
      ({span(nowMs - atMs)} ago): {counted(last.files, "file")}, {bytes(last.bytes)},{" "}
      {hasSecrets ? "with private keys" : "without private keys"}, in{" "}
      <span class="mono">{target}</span>
      {!isThere && (
        <strong class="old"> It is not there any more, or cannot be seen from here.</strong>
      )}
    </p>
  );
}

/** As a shell takes it. */
export function restoreCommand({ last, dataDir }: BackupView, program: string): string {
  return `${program} restore ${word(last?.target ?? "FOLDER")} --data-dir ${word(dataDir)}`;
}

const word = (text: string): string =>
  /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
