/** The map of a walk: what was passed, what is left, what to be wary of, and where I stand. */
import type * as GeoJSON from "geojson";
import type { GeoJSONSource } from "maplibre-gl";
import type { App } from "./app";
import { openJob } from "./mapscreen";
import { shiftMap, type ShiftMap } from "./map";
import type { Day } from "./types";
import type { Given, Round } from "./walkbase";
import type { Fix, Passed } from "./walkmodel";

const PASSED = "#2fb344";
const LEFT = "#d63939";
const WARY = "#f08c00";

function lines(round: Round, passed: Passed | null): GeoJSON.Feature[] {
  const drawn = passed?.lines() ?? round.pipes.map((pipe) => ({ passed: false, line: pipe.line }));
  return drawn.map((one) => ({ type: "Feature", properties: { passed: one.passed }, geometry: { type: "LineString", coordinates: one.line } }));
}

export class WalkMap {
  readonly el: HTMLElement;
  private readonly shift: ShiftMap;
  private ready = false;
  private shown = "";
  private wanted: (() => void) | null = null;

  constructor(app: App, day: Day) {
    this.shift = shiftMap(app.db, { ...day, jobs: [] }, { worker: app.props.map_worker_url, open: openJob });
    this.el = this.shift.el;
    const { map } = this.shift;
    map.once("load", () => {
      map.addSource("walk", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
      map.addLayer({ id: "walk", type: "line", source: "walk", layout: { "line-cap": "round" }, paint: { "line-width": 6, "line-opacity": 0.8, "line-color": ["case", ["get", "passed"], PASSED, LEFT] } });
      map.addSource("wary", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
      map.addLayer({ id: "wary", type: "circle", source: "wary", paint: { "circle-radius": 9, "circle-color": WARY, "circle-stroke-width": 2, "circle-stroke-color": "#ffffff" } });
      this.ready = true;
      this.wanted?.();
    });
  }

  show(round: Round, passed: Passed | null, here: Fix | null, given: Given | null): void {
    if (!this.ready) {
      this.wanted = () => this.show(round, passed, here, given);
      return;
    }
    const { map } = this.shift;
    const state = `${round.code} ${passed?.passed ?? "-"}`;
    if (state !== this.shown) {
      if (!this.shown.startsWith(`${round.code} `)) this.fit(round);
      this.shown = state;
      map.getSource<GeoJSONSource>("walk")?.setData({ type: "FeatureCollection", features: lines(round, passed) });
      if (given) map.getSource<GeoJSONSource>("wary")?.setData(given.spots);
    }
    this.shift.show(here ? { lon: here.lon, lat: here.lat, accuracy_m: here.accuracy_m ?? 0 } : null);
  }

  private fit(round: Round): void {
    const places = round.pipes.flatMap((pipe) => pipe.line);
    if (!places.length) return;
    const lons = places.map((one) => one[0]);
    const lats = places.map((one) => one[1]);
    this.shift.map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 30, maxZoom: 17, animate: false });
  }

  stop(): void {
    this.shift.stop();
  }
}
