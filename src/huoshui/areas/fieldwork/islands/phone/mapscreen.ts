/** The screen with the map of the shift. */
import { h } from "@ui/dom";
import type { App, Screen } from "./app";
import type { ShiftMap } from "./map";
import type { Day } from "./types";

export function openJob(number: string): void {
  window.location.hash = `#/job/${encodeURIComponent(number)}`;
}

export function mapScreen(app: App, day: Day): Screen {
  const el = h("div", { class: "ph-mapscreen" });
  let map: ShiftMap | null = null;
  let stopped = false;
  // The map's engine is large; the other screens do not wait for it.
  void import("./map").then(({ shiftMap }) => {
    if (stopped) return;
    map = shiftMap(app.db, day, { worker: app.props.map_worker_url, open: openJob });
    el.append(map.el);
    map.show(app.spot);
  });
  return {
    el,
    refresh: () => map?.show(app.spot),
    stop: () => {
      stopped = true;
      map?.stop();
    },
  };
}
