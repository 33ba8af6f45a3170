/** The operating errors of the shared runtime. Codes are never reused. */
import { type FaultCatalogue, faultClass } from "./fault.ts";

const faults = {
  RUNTIME_CLOCK_SPEC: {
    retry: false,
    text: (f: { text: string; rateMax: number }) =>
      `clock "${f.text}" is not "rate=<1..${f.rateMax}>,from=<ISO time>,at=<real UTC ms>"`,
  },
  RUNTIME_AUDIT_TOO_LONG: {
    retry: false,
    text: (f: { size: number; max: number }) =>
      `an audit entry of ${f.size} characters is longer than the ${f.max} it may have`,
  },
  RUNTIME_BACKUP_TARGET: {
    retry: false,
    text: (f: { target: string; why: string }) =>
      `the backup cannot be written to ${f.target}: ${f.why}; name a folder that is empty or not there yet`,
  },
  RUNTIME_BACKUP_NO_ROOM: {
    retry: true,
    text: (f: { target: string }) =>
      `the disk of ${f.target} is full, and no half backup was left there; free some space, or name a folder on another disk`,
  },
  RUNTIME_BACKUP_NOTHING: {
    retry: false,
    text: (f: { dataDir: string }) =>
      `${f.dataDir} holds nothing to back up; name the data folder with --data-dir`,
  },
  RUNTIME_BACKUP_UNREST: {
    retry: true,
    text: (f: { dataDir: string; tries: number }) =>
      `the files of ${f.dataDir} changed during each of ${f.tries} attempts; try again when less is going on`,
  },
  RUNTIME_DATA_DIR_IS_FILE: {
    retry: false,
    text: (f: { path: string }) =>
      `the data folder ${f.path} is, or lies in, a file; name a folder, or move the file away`,
  },
  RUNTIME_DATA_DIR_NOT_WRITABLE: {
    retry: false,
    text: (f: { path: string; code: string }) =>
      `the data folder ${f.path} cannot be written (${f.code}); give this user the right to write there, or choose another with --data-dir`,
  },
  RUNTIME_DATA_DIR_LOCKED: {
    retry: false,
    text: (f: { path: string; pid: number }) =>
      `the data folder ${f.path} is in use by the running process ${f.pid}; stop that one, or choose another with --data-dir`,
  },
  RUNTIME_DATA_DIR_FULL: {
    retry: true,
    text: (f: { path: string }) =>
      `the disk of the data folder ${f.path} is full; free some space, or choose another with --data-dir`,
  },
  RUNTIME_CERTIFICATE_UNREADABLE: {
    retry: false,
    text: (f: { why: string }) => `the certificate or key cannot be read as PEM (${f.why})`,
  },
  RUNTIME_BACKUP_UNUSABLE: {
    retry: false,
    text: (f: { folder: string; faults: readonly string[] }) =>
      `${f.folder} is no usable backup, nothing was changed:\n${f.faults.map((fault) => `  ${fault}`).join("\n")}`,
  },
  RUNTIME_RESTORE_INTERRUPTED: {
    retry: false,
    text: (f: { dataDir: string; from: string }) =>
      `a restore of ${f.from} into ${f.dataDir} was interrupted and its files are half exchanged; run the restore again`,
  },
  RUNTIME_DATABASE_CORRUPT: {
    retry: false,
    text: (f: { file: string; why: string }) =>
      `${f.file} is not a readable Weir database (${f.why}); move it aside to start empty, or restore a copy`,
  },
  RUNTIME_DATABASE_NO_ROOM: {
    retry: true,
    text: (f: { file: string }) =>
      `${f.file} cannot be written: its disk is full; free some space, nothing in it is lost`,
  },
  RUNTIME_DATABASE_UNREADABLE: {
    retry: true,
    text: (f: { file: string; why: string }) =>
      `${f.file} cannot be used (${f.why}), which says nothing against what is in it; leave it where it is, and look at its folder, its rights and its disk`,
  },
  RUNTIME_NO_DATA: {
    retry: false,
    text: (f: { dataDir: string; file: string; program: string }) =>
      `${f.dataDir} holds no ${f.file}; name the data folder of ${f.program} with --data-dir`,
  },
  RUNTIME_LOGIN_REFUSED: {
    retry: false,
    text: () => "the user name or the password is wrong",
  },
  RUNTIME_LOGIN_THROTTLED: {
    retry: true,
    text: (f: { waitMs: number }) =>
      `too many failed logins; try again in ${Math.ceil(f.waitMs / 1_000)} seconds`,
  },
  RUNTIME_PASSWORD_REFUSED: { retry: false, text: (f: { why: string }) => f.why },
  RUNTIME_USER_TAKEN: {
    retry: false,
    text: (f: { user: string }) => `there is already a user ${f.user}; choose another name`,
  },
  RUNTIME_PEOPLE_NONE: {
    retry: false,
    text: (f: { file: string; program: string }) =>
      `there is no ${f.file}; name the data folder with --data-dir, and start "${f.program} run" once: its first sign-in link is for the first person`,
  },
  RUNTIME_PEOPLE_UNKNOWN: {
    retry: false,
    text: (f: { user: string; known: string }) =>
      `nobody here is called "${f.user}"; known: ${f.known || "nobody yet"}`,
  },
  RUNTIME_WEB_NEEDS_TLS: {
    retry: false,
    text: (f: { host: string }) =>
      `${f.host} can be reached by others, so the web server needs a certificate there; give it one, or use 127.0.0.1`,
  },
  RUNTIME_PORT_TAKEN: {
    retry: true,
    text: (f: { host: string; port: number; code: string }) =>
      f.code === "EADDRINUSE"
        ? `port ${f.port} of ${f.host} is in use by another program; stop it, or choose another port (0 takes a free one)`
        : `cannot listen on ${f.host} port ${f.port} (${f.code}); check the address, or choose a port above 1023`,
  },
} satisfies FaultCatalogue;

export type RuntimeFaultCode = keyof typeof faults;

export const RuntimeFault = faultClass(faults);
