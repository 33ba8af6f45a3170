import { route } from "@weir/ui/route.ts";
import { Shell } from "@weir/ui/shell.tsx";
import { useEffect } from "preact/hooks";
import { isOpen, tickets, watchFleet } from "./fleet-state.ts";
import { FleetPage } from "./pages/fleet.tsx";
import { HistoryPage } from "./pages/history.tsx";
import { ModelsPage } from "./pages/models.tsx";
import { TicketPage } from "./pages/ticket.tsx";
import { TicketsPage } from "./pages/tickets.tsx";
import { TrainingPage } from "./pages/training.tsx";

export function App() {
  useEffect(watchFleet, []);
  const pages = [
    { path: "", title: "Fleet" },
    { path: "tickets", title: "Tickets", count: tickets.value.filter(isOpen).length },
    { path: "history", title: "History" },
    { path: "training", title: "Training" },
    { path: "models", title: "Models" },
  ];
  return (
    <Shell product="Weir cloud" pages={pages}>
      <CurrentPage />
    </Shell>
  );
}

function CurrentPage() {
  const [page, id] = route.value.parts;
  switch (page) {
    case undefined:
      return <FleetPage />;
    case "tickets":
      return id === undefined ? <TicketsPage /> : <TicketPage key={id} id={id} />;
    case "history":
      return <HistoryPage />;
    case "training":
      return <TrainingPage />;
    case "models":
      return <ModelsPage />;
    default:
      return (
        <p class="empty">
          There is no page “{page}”. <a href="#/">Back to the fleet</a>
        </p>
      );
  }
}
