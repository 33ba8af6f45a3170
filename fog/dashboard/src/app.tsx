import { route } from "@weir/ui/route.ts";
import { Shell } from "@weir/ui/shell.tsx";
import { useEffect } from "preact/hooks";
import { EdgesPage } from "./pages/edges.tsx";
import { EventsPage } from "./pages/events.tsx";
import { HealthPage } from "./pages/health.tsx";
import { IncidentPage } from "./pages/incident.tsx";
import { IncidentsPage } from "./pages/incidents.tsx";
import { LearningPage } from "./pages/learning.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { StagePage } from "./pages/stage.tsx";
import { TrendsPage } from "./pages/trends.tsx";
import { WaveformPage } from "./pages/waveform.tsx";
import { plant, watchPlant } from "./plant.ts";

export function App() {
  useEffect(watchPlant, []);
  const view = plant.value;
  const pages = [
    { path: "", title: "Plant" },
    { path: "incidents", title: "Incidents", count: view?.incidentCount },
    { path: "trends", title: "Trends" },
    { path: "edges", title: "Edges" },
    { path: "events", title: "Events" },
    { path: "learning", title: "Learning" },
    { path: "health", title: "Health", count: view?.health.problems.length },
  ];
  return (
    <Shell
      product={view?.site.name ?? "Weir"}
      pages={pages}
      unaffected="The edges do not need this server to protect; whether they do cannot be seen here now."
    >
      <CurrentPage />
    </Shell>
  );
}

function CurrentPage() {
  const [page, id] = route.value.parts;
  switch (page) {
    case undefined:
      return <OverviewPage />;
    case "stage":
      return <StagePage key={id} stage={id ?? ""} />;
    case "incidents":
      return id === undefined ? <IncidentsPage /> : <IncidentPage key={id} id={id} />;
    case "trends":
      return <TrendsPage />;
    case "edges":
      return <EdgesPage />;
    case "events":
      return <EventsPage />;
    case "learning":
      return <LearningPage />;
    case "health":
      return <HealthPage />;
    case "waveform":
      return <WaveformPage key={id} event={id ?? ""} />;
    default:
      return (
        <p class="empty">
          There is no page “{page}”. <a href="#/">Back to the plant</a>
        </p>
      );
  }
}
