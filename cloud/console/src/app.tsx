import { route } from "@weir/ui/route.ts";
import { Shell } from "@weir/ui/shell.tsx";
import { useEffect } from "preact/hooks";
import { fleet, isOpen, tickets, watchFleet } from "./fleet-state.ts";
import { FleetPage } from "./pages/fleet.tsx";
import { HealthPage } from "./pages/health.tsx";
import { HistoryPage } from "./pages/history.tsx";
import { LearningPage } from "./pages/learning.tsx";
import { ModelsPage } from "./pages/models.tsx";
import { TicketPage } from "./pages/ticket.tsx";
import { TicketsPage } from "./pages/tickets.tsx";
import { TrainingPage } from "./pages/training.tsx";

export function App() {
  useEffect(watchFleet, []);
  const pages = [
    { path: "", title: "Fleet" },
    { path: "tickets", title: "Tickets", count: tickets.value?.filter(isOpen).length },
    { path: "history", title: "History" },
    { path: "learning", title: "Learning" },
    { path: "training", title: "Training" },
    { path: "models", title: "Models" },
    { path: "health", title: "Health", count: fleet.value?.health?.problems.length },
  ];
  return (
    <Shell
      product="Weir cloud"
      pages={pages}
      unaffected="The sites do not need this server to watch and protect; how they are cannot be seen here now."
    >
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
    case "learning":
      return <LearningPage />;
    case "training":
      return <TrainingPage />;
    case "models":
      return <ModelsPage />;
    case "health":
      return <HealthPage />;
    default:
      return (
        <p class="empty">
          There is no page “{page}”. <a href="#/">Back to the fleet</a>
        </p>
      );
  }
}
