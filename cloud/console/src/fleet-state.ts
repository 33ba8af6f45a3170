/** The newest picture of the fleet, pushed by the server at most once a second. */
import { computed, signal } from "@preact/signals";
import type {
  CloudLiveMessage,
  FleetView,
  ModelView,
  TicketView,
  TrainingRunView,
} from "@weir/contracts/api/cloud.ts";
import { isZone } from "@weir/contracts/site-time.ts";
import { listen } from "@weir/ui/live.ts";
import { setSiteZone, siteZone } from "@weir/ui/site-clock.ts";
import { dayTime } from "@weir/ui/time-format.ts";
import { zoneAbbreviation } from "@weir/ui/zone.ts";

/** Null until the server has sent them. */
export const fleet = signal<FleetView | null>(null);
export const runs = signal<TrainingRunView[] | null>(null);
export const models = signal<ModelView[] | null>(null);
export const tickets = signal<TicketView[] | null>(null);

/** Keeps everything fresh until the returned function is called; the server sends all of it at once. */
export function watchFleet(): () => void {
  return listen<CloudLiveMessage>(
    "/api/live",
    ["fleet", "training", "models", "tickets"],
    (message) => {
      if (message.kind === "fleet") {
        fleet.value = message.fleet;
        setSiteZone(commonZone(message.fleet.sites.map(({ tz }) => tz)));
      } else if (message.kind === "training") runs.value = message.runs;
      else if (message.kind === "models") models.value = message.models;
      else if (message.kind === "tickets") tickets.value = message.tickets;
    },
  );
}

/** The zone of the console's own clock: that of all sites, or UTC where they differ. */
export function commonZone(zones: readonly string[]): string {
  const [first = "UTC", ...others] = new Set(zones);
  return others.length === 0 ? first : "UTC";
}

const zones = computed(() => new Map(fleet.value?.sites.map(({ id, tz }) => [id, tz]) ?? []));

/** In which a site's times are shown. */
export function zoneOf(site: string): string {
  const tz = zones.value.get(site) ?? siteZone.value;
  return isZone(tz) ? tz : "UTC";
}

/** "2 Jun 14:05" by the site's clocks; with the zone's name where it is not that of the console's clock. */
export function siteTime(site: string, ms: number): string {
  const tz = zoneOf(site);
  const time = dayTime(ms, tz);
  return tz === siteZone.value ? time : `${time} ${zoneAbbreviation(ms, tz)}`;
}

export const siteName = (id: string): string =>
  fleet.value?.sites.find((site) => site.id === id)?.name ?? id;

export const isOpen = (ticket: TicketView): boolean =>
  !["resolved", "closed", "cancelled"].includes(ticket.status);
