/** The newest picture of the fleet, pushed by the server at most once a second. */
import { signal } from "@preact/signals";
import type {
  CloudLiveMessage,
  FleetView,
  ModelView,
  TicketView,
  TrainingRunView,
} from "@weir/contracts/api/cloud.ts";
import { get } from "@weir/ui/api.ts";
import { listen } from "@weir/ui/live.ts";

export const fleet = signal<FleetView | null>(null);
export const runs = signal<TrainingRunView[]>([]);
export const models = signal<ModelView[]>([]);
export const tickets = signal<TicketView[]>([]);

/** Loads everything once and keeps it fresh until the returned function is called. */
export function watchFleet(): () => void {
  void get<FleetView>("/api/fleet").then((view) => {
    fleet.value ??= view;
  });
  void get<TrainingRunView[]>("/api/training").then((view) => {
    runs.value = view;
  });
  void get<ModelView[]>("/api/models").then((view) => {
    models.value = view;
  });
  void get<TicketView[]>("/api/tickets?status=all").then((view) => {
    tickets.value = view;
  });
  return listen<CloudLiveMessage>(
    "/api/live",
    ["fleet", "training", "models", "tickets"],
    (message) => {
      if (message.kind === "fleet") fleet.value = message.fleet;
      else if (message.kind === "training") runs.value = message.runs;
      else if (message.kind === "models") models.value = message.models;
      else tickets.value = message.tickets;
    },
  );
}

export const isOpen = (ticket: TicketView): boolean =>
  !["resolved", "closed", "cancelled"].includes(ticket.status);
