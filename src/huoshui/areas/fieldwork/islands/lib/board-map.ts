/** The map of the board: pipes, open jobs by how pressing they are, crews, and the chosen crew's way. */
import type * as GeoJSON from "geojson";
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { createMap, LABEL_FONT } from "@ui/map";
import { isDark, token } from "@ui/page";
import { type Crew, type Job, dayOf } from "./board-model";

export interface Tiles { url: string; zoom_min: number; zoom_max: number }
export type Box = [number, number, number, number];

const NONE: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const NOWHERE = ["==", ["get", "number"], ""];

function point(lon: number, lat: number, properties: Record<string, unknown>): GeoJSON.Feature {
  return { type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties };
}

export class BoardMap {
  private readonly map: MapLibre;
  private ready = false;
  private fitted = false;
  private waiting: (() => void) | undefined;

  constructor(el: HTMLElement, private readonly tiles: Tiles | null, box: Box | null, private readonly choose: (number: string) => void, private readonly drawn: () => void) {
    // The ground has no sources, so its style is there at once: jobs are drawn before any tile of pipes has come.
    this.map = createMap(el, { ...(box ? { bounds: box } : { center: [113.65, 34.76], zoom: 11 }), onLook: () => this.look() });
    this.map.once("style.load", () => {
      this.layers();
      this.ready = true;
      this.look();
      this.waiting?.();
      this.waiting = undefined;
    });
  }

  remove(): void {
    this.map.remove();
  }

  private layers(): void {
    const map = this.map;
    for (const id of ["way", "jobs", "crews"]) map.addSource(id, { type: "geojson", data: NONE });
    map.addLayer({ id: "way", type: "line", source: "way", paint: { "line-width": 2.5, "line-dasharray": [2, 1.4] } });
    const zoomed = (far: number, near: number) => ["interpolate", ["linear"], ["zoom"], 10, far, 15, near] as never;
    map.addLayer({ id: "jobs", type: "circle", source: "jobs", layout: { "circle-sort-key": ["get", "sort"] }, paint: { "circle-radius": zoomed(4, 8), "circle-stroke-width": 1.2 } });
    map.addLayer({ id: "chosen", type: "circle", source: "jobs", filter: NOWHERE as never, paint: { "circle-radius": zoomed(9, 13), "circle-stroke-width": 3 } });
    map.addLayer({ id: "crews", type: "circle", source: "crews", paint: { "circle-radius": 10, "circle-stroke-width": 2 } });
    map.addLayer({ id: "crews-count", type: "symbol", source: "crews", filter: [">", ["get", "count"], 1], layout: { "text-field": ["to-string", ["get", "count"]], "text-font": LABEL_FONT, "text-size": 12, "text-allow-overlap": true } });
    map.addLayer({ id: "crews-name", type: "symbol", source: "crews", layout: { "text-field": ["get", "name"], "text-font": LABEL_FONT, "text-size": 12, "text-offset": [0, 1.4], "text-anchor": "top", "text-optional": true } });
    map.on("click", "jobs", (event) => {
      const number = event.features?.[0]?.properties?.number as string | undefined;
      if (number) this.choose(number);
    });
    map.on("mouseenter", "jobs", () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", "jobs", () => { map.getCanvas().style.cursor = ""; });
  }

  /** The pipes come last: they are the ground, not what the dispatcher waits for. */
  private pipes(): void {
    const { map, tiles } = this;
    if (!tiles || map.getSource("network")) return;
    map.addSource("network", { type: "vector", tiles: [`${window.location.origin}${tiles.url}`], minzoom: tiles.zoom_min, maxzoom: tiles.zoom_max });
    map.addLayer({ id: "pipes", type: "line", source: "network", "source-layer": "lines", paint: { "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.6, 16, 2.4], "line-opacity": 0.6 } }, "way");
    this.look();
  }

  private look(): void {
    if (!this.ready) return;
    const map = this.map;
    if (map.getLayer("pipes")) map.setPaintProperty("pipes", "line-color", isDark() ? "#3d5468" : "#a9bccb");
    map.setPaintProperty("way", "line-color", token("accent"));
    const tone = ["match", ["get", "tone"], "urgent", token("bad"), "high", token("warning"), "given", token("accent"), token("muted")] as never;
    for (const id of ["jobs", "chosen"]) {
      map.setPaintProperty(id, "circle-color", tone);
      map.setPaintProperty(id, "circle-stroke-color", token(id === "chosen" ? "text" : "surface"));
    }
    map.setPaintProperty("crews", "circle-color", token("good"));
    map.setPaintProperty("crews", "circle-stroke-color", token("surface"));
    map.setPaintProperty("crews-count", "text-color", token("surface"));
    map.setPaintProperty("crews-name", "text-color", token("text"));
    map.setPaintProperty("crews-name", "text-halo-color", token("surface"));
    map.setPaintProperty("crews-name", "text-halo-width", 1.5);
  }

  private set(id: string, features: GeoJSON.Feature[]): void {
    this.map.getSource<GeoJSONSource>(id)?.setData({ type: "FeatureCollection", features });
  }

  /** Show the jobs and the crews that have a place. */
  show(jobs: ReadonlyMap<string, Job>, crews: readonly Crew[], chosen: string): void {
    if (!this.ready) {
      this.waiting = () => this.show(jobs, crews, chosen);
      return;
    }
    const spots: GeoJSON.Feature[] = [];
    for (const job of jobs.values()) {
      if (job.lon === null || job.lat === null) continue;
      spots.push(point(job.lon, job.lat, { number: job.number, sort: job.crew ? 0 : 1, tone: job.crew ? "given" : job.priority }));
    }
    if (!this.fitted) {
      this.fit(spots);
      this.map.once("render", () => this.map.once("render", () => { this.drawn(); this.pipes(); }));
    }
    this.set("jobs", spots);
    this.set("crews", this.standing(crews));
    this.mark(jobs, crews, chosen);
  }

  /** Crews at one depot are one mark with their number, not a heap of which only the topmost is seen. */
  private standing(crews: readonly Crew[]): GeoJSON.Feature[] {
    const at = new Map<string, Crew[]>();
    for (const crew of crews) {
      if (crew.lon === null || crew.lat === null) continue;
      const key = `${crew.lon.toFixed(4)} ${crew.lat.toFixed(4)}`;
      const there = at.get(key);
      if (there) there.push(crew);
      else at.set(key, [crew]);
    }
    return [...at.values()].map((some) => point(some[0]?.lon ?? 0, some[0]?.lat ?? 0, { name: some.length > 1 ? "" : some[0]?.name, count: some.length }));
  }

  /** Mark the chosen job and the way of its crew. */
  mark(jobs: ReadonlyMap<string, Job>, crews: readonly Crew[], chosen: string): void {
    if (!this.ready) return;
    this.map.setFilter("chosen", chosen ? ["==", ["get", "number"], chosen] : NOWHERE as never);
    this.set("way", this.way(jobs, crews, jobs.get(chosen)?.crew ?? ""));
  }

  private way(jobs: ReadonlyMap<string, Job>, crews: readonly Crew[], code: string): GeoJSON.Feature[] {
    const crew = code ? crews.find((one) => one.code === code) : undefined;
    if (!crew) return [];
    const places = [crew, ...dayOf(jobs.values(), code)].flatMap((one) => one.lon === null || one.lat === null ? [] : [[one.lon, one.lat]]);
    return places.length < 2 ? [] : [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: places } }];
  }

  private fit(spots: GeoJSON.Feature[]): void {
    this.fitted = true;
    if (!spots.length) return;
    const at = spots.map((one) => (one.geometry as GeoJSON.Point).coordinates as [number, number]);
    const lons = at.map((one) => one[0]);
    const lats = at.map((one) => one[1]);
    this.map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 40, maxZoom: 15, animate: false });
  }
}
