/**
 * The wall clock of a site: what an instant is called where the plant stands. Everything is stored in UTC;
 * only people and daily habits go by the site's clock, through both changes of summer time.
 * Zone names and their rules are those of the IANA time zone database, as Intl has them.
 */

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Days beyond this from 1970 have no date; a day less than Date has, for offsets. */
const calendarMaxMs = 8.64e15 - 2 * dayMs;

/** Question marks where there is no such date: one impossible time must not hide everything listed beside it. */
const isoText = (localMs: number): string =>
  Math.abs(localMs) < calendarMaxMs ? new Date(localMs).toISOString() : "????-??-??T??:??:??.???Z";

/** The zone of a site that names none. */
export const defaultZone = "UTC";

/** True for a name of the IANA database ("Europe/Vienna", "UTC"); an offset such as "+01:00" knows no summer and is none. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The sentence for a name that is no zone, with the ones it may have meant. */
export function zoneRemedy(name: string): string {
  const wanted = name.toLowerCase().replaceAll(/[\s_]+/g, "_");
  const city = wanted.split("/").at(-1) ?? wanted;
  const near = Intl.supportedValuesOf("timeZone").filter((zone) => {
    const known = zone.toLowerCase();
    return known === wanted || (city.length > 2 && known.split("/").at(-1) === city);
  });
  const known = near.length > 0 ? near.slice(0, 3).join(" or ") : "Europe/Vienna or UTC";
  return `"${name}" is no time zone of the IANA database; write one as ${known}`;
}

/**
 * The clock on the wall of one zone. Cheap to ask again and again for near instants: the offset is looked up
 * once for each stretch between two changes of it.
 */
export class SiteTime {
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;
  /** The stretch of constant offset that was asked for last. */
  #fromMs = 0;
  #toMs = 0;
  #offsetMs = 0;

  /** Throws a RangeError for a name that {@link isZone} refuses. */
  constructor(zone: string) {
    this.zone = zone;
    this.#format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      calendar: "gregory",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      era: "short",
    });
  }

  /** What to add to UTC at this instant, milliseconds. */
  offsetMs(atMs: number): number {
    if (atMs >= this.#fromMs && atMs < this.#toMs) return this.#offsetMs;
    if (!(Math.abs(atMs) < calendarMaxMs)) return 0;
    return this.#findStretch(atMs);
  }

  /** Milliseconds of the wall clock since its own 1 January 1970, 0:00: what daily habits are counted by. */
  localMs(atMs: number): number {
    return atMs + this.offsetMs(atMs);
  }

  /** "2026-10-25": the day of the site in which the instant lies. */
  day(atMs: number): string {
    return isoText(this.localMs(atMs)).slice(0, 10);
  }

  /** "02:30" */
  clock(atMs: number): string {
    return isoText(this.localMs(atMs)).slice(11, 16);
  }

  /** "2026-10-25 02:30 +01:00": for messages that leave the site and must not be mistaken. */
  stamp(atMs: number): string {
    return `${this.day(atMs)} ${this.clock(atMs)} ${offsetText(this.offsetMs(atMs))}`;
  }

  /** "2026-10-25 02:30:05 +01:00", and "… UTC" where the clock is that of UTC: as exact as anybody needs. */
  secondStamp(atMs: number): string {
    const wall = isoText(this.localMs(atMs)).slice(0, 19).replace("T", " ");
    return `${wall} ${this.zone === defaultZone ? defaultZone : offsetText(this.offsetMs(atMs))}`;
  }

  /** "2026-10-25T023005+0100": the same for names of files, which sort by it within a day of one offset. */
  fileStamp(atMs: number): string {
    const wall = isoText(this.localMs(atMs)).slice(0, 19);
    return `${wall}${offsetText(this.offsetMs(atMs))}`.replaceAll(":", "");
  }

  /** First instant of the site's day in which `atMs` lies; such a day has 23, 24 or 25 hours. */
  startOfDayMs(atMs: number): number {
    const local = this.localMs(atMs);
    return this.instantOf(local - (((local % dayMs) + dayMs) % dayMs));
  }

  /** The instant at which the wall clock shows `localMs`; of two the first, of none the first after the gap. */
  instantOf(localMs: number): number {
    const early = localMs - this.offsetMs(localMs - dayMs);
    const late = localMs - this.offsetMs(localMs + dayMs);
    const fits = [early, late].filter((atMs) => this.localMs(atMs) === localMs);
    return fits.length > 0 ? Math.min(...fits) : this.#firstAfterGap(localMs);
  }

  #firstAfterGap(localMs: number): number {
    let low = localMs - this.offsetMs(localMs + dayMs) - dayMs / 4;
    let high = low + dayMs / 2;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.localMs(middle) >= localMs) high = middle;
      else low = middle;
    }
    return high;
  }

  /** Days without a change of offset are one look-up; in the others the change is searched, to the minute. */
  #findStretch(atMs: number): number {
    const dayStartMs = Math.floor(atMs / dayMs) * dayMs;
    const dayEndMs = dayStartMs + dayMs;
    const first = this.#lookUp(dayStartMs);
    const last = this.#lookUp(dayEndMs);
    let [fromMs, toMs, offsetMs] = [dayStartMs, dayEndMs, first];
    if (first !== last) {
      let [low, high] = [dayStartMs, dayEndMs];
      while (high - low > minuteMs) {
        const middle = Math.floor((low + high) / 2 / minuteMs) * minuteMs;
        if (this.#lookUp(middle) === first) low = middle;
        else high = middle;
      }
      if (atMs < high) toMs = high;
      else [fromMs, offsetMs] = [high, last];
    }
    [this.#fromMs, this.#toMs, this.#offsetMs] = [fromMs, toMs, offsetMs];
    return offsetMs;
  }

  #lookUp(atMs: number): number {
    const wholeMs = Math.floor(atMs / 1_000) * 1_000;
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(wholeMs)) parts[type] = value;
    const part = (name: string) => Number(parts[name]);
    const year = parts["era"]?.startsWith("B") ? 1 - part("year") : part("year");
    const shown = new Date(0);
    shown.setUTCFullYear(year, part("month") - 1, part("day"));
    shown.setUTCHours(part("hour"), part("minute"), part("second"));
    return shown.getTime() - wholeMs;
  }
}

const byZone = new Map<string, SiteTime>();

/** The clock of a zone, made once: making one costs a hundred look-ups. */
export function siteTimeOf(zone: string): SiteTime {
  const known = byZone.get(zone);
  if (known) return known;
  const made = new SiteTime(zone);
  byZone.set(zone, made);
  return made;
}

/** "+01:00", "-03:30" */
function offsetText(offsetMs: number): string {
  const minutes = Math.round(Math.abs(offsetMs) / minuteMs);
  const two = (n: number) => `${n}`.padStart(2, "0");
  return `${offsetMs < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
