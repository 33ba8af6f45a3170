/** Backups of a fog or a cloud, as `GET /api/backup` tells them. One from the page holds no keys. */
export interface BackupView {
  /** The newest that was made, also by command; null: none has been. `isThere`: its folder still holds it. */
  last: {
    atMs: number;
    target: string;
    files: number;
    bytes: number;
    hasSecrets: boolean;
    isThere: boolean;
  } | null;
  /** One is being made, since then. */
  runningSinceMs: number | null;
  /** Why the last attempt from here failed; null when it did not. */
  failed: string | null;
  /** Where the running tier keeps its state. */
  dataDir: string;
  /** Real time of the server, as the times above; its plant clock may be another. */
  nowMs: number;
}
