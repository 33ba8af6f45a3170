import "@weir/ui/styles.css";
import "./dashboard.css";
import { SessionGate } from "@weir/ui/session.tsx";
import { render } from "preact";
import { App } from "./app.tsx";

render(
  <SessionGate product="Weir">
    <App />
  </SessionGate>,
  document.getElementById("app") as HTMLElement,
);
