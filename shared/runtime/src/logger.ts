/** Structured logs: one JSON object a line on stderr, or short text for people at a terminal. */

export type Level = "debug" | "info" | "warn" | "error";
export type Fields = Record<string, unknown>;

export interface Logger {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** The same logger with `fields` on every line. */
  child(fields: Fields): Logger;
}

export interface LoggerOptions {
  level: Level;
  json: boolean;
  /** Real or plant time of a line. */
  nowMs: () => number;
  write: (line: string) => void;
}

const levels: readonly Level[] = ["debug", "info", "warn", "error"];

export function createLogger(options: LoggerOptions, fixed: Fields = {}): Logger {
  const least = levels.indexOf(options.level);
  const log = (level: Level, message: string, fields: Fields = {}) => {
    if (levels.indexOf(level) < least) return;
    const all = { ...fixed, ...fields };
    const at = new Date(options.nowMs()).toISOString();
    options.write(
      options.json
        ? JSON.stringify({ at, level, message, ...all })
        : asText(at, level, message, all),
    );
  };
  return {
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    child: (fields) => createLogger(options, { ...fixed, ...fields }),
  };
}

function asText(at: string, level: Level, message: string, fields: Fields): string {
  const tail = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return [at.slice(11, 23), level.padEnd(5), message, ...tail].join(" ");
}

/** Says nothing: for tests. */
export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
};
