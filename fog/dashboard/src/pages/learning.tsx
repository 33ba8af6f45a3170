/** How far the fog has learned this site by itself: which stages, which is next, why not and when. */
import { LearningList, LearningProgress } from "@weir/ui/learning-list.tsx";
import { plant } from "../plant.ts";

export function LearningPage() {
  const view = plant.value;
  const learning = view?.learning;
  return (
    <div class="stack">
      <h1>Learning</h1>
      {!learning && (
        <p class="empty">
          {view
            ? "This fog does not say how far it has learned the site."
            : "Waiting for the first picture of the plant…"}{" "}
          <a href="#/">To the plant</a>
        </p>
      )}
      {learning && (
        <>
          <section class="panel stack">
            <LearningProgress learning={learning} />
          </section>
          <section class="panel">
            <LearningList
              learning={learning}
              hrefOf={(stage) => `#/stage/${encodeURIComponent(stage)}`}
            />
          </section>
        </>
      )}
    </div>
  );
}
