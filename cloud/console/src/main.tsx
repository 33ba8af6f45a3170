import "@weir/ui/styles.css";
import "./console.css";
import { SessionGate } from "@weir/ui/session.tsx";
import { render } from "preact";
import { App } from "./app.tsx";

render(
  <SessionGate product="Weir cloud">
    <App />
  </SessionGate>,
  document.getElementById("app") as HTMLElement,
);
