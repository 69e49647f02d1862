/** The map of the board: pipes, open jobs by how pressing they are, crews, and the chosen crew's way. */
import type * as GeoJSON from "geojson";
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { createMap, LABEL_FONT } from "@ui/map";
import { isDark, token } from "@ui/page";
import { type Crew, type Job, dayOf } from "./board-model";

export interface Tiles { url: string; zoom_min: number; zoom_max: number }

const NONE: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

function point(lon: number, lat: number, properties: Record<string, unknown>): GeoJSON.Feature {
  return { type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties };
}

export class BoardMap {
  private readonly map: MapLibre;
  private ready = false;
  private fitted = false;
  private waiting: (() => void) | undefined;

  constructor(el: HTMLElement, tiles: Tiles | null, private readonly choose: (number: string) => void) {
    this.map = createMap(el, { center: [113.65, 34.76], zoom: 11, onLook: () => this.look() });
    this.map.once("load", () => {
      this.layers(tiles);
      this.ready = true;
      this.look();
      this.waiting?.();
    });
  }

  remove(): void {
    this.map.remove();
  }

  private layers(tiles: Tiles | null): void {
    const map = this.map;
    if (tiles) {
      map.addSource("network", { type: "vector", tiles: [`${window.location.origin}${tiles.url}`], minzoom: tiles.zoom_min, maxzoom: tiles.zoom_max });
      map.addLayer({ id: "pipes", type: "line", source: "network", "source-layer": "lines", paint: { "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.6, 16, 2.4], "line-opacity": 0.6 } });
    }
    for (const id of ["way", "jobs", "crews"]) map.addSource(id, { type: "geojson", data: NONE });
    map.addLayer({ id: "way", type: "line", source: "way", paint: { "line-width": 2.5, "line-dasharray": [2, 1.4] } });
    map.addLayer({ id: "jobs", type: "circle", source: "jobs", layout: { "circle-sort-key": ["get", "sort"] },
      paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, ["case", ["get", "chosen"], 9, 4], 15, ["case", ["get", "chosen"], 13, 8]], "circle-stroke-width": ["case", ["get", "chosen"], 3, 1.2] } });
    map.addLayer({ id: "crews", type: "circle", source: "crews", paint: { "circle-radius": 10, "circle-stroke-width": 2 } });
    map.addLayer({ id: "crews-name", type: "symbol", source: "crews", layout: { "text-field": ["get", "code"], "text-font": LABEL_FONT, "text-size": 12, "text-offset": [0, 1.4], "text-anchor": "top", "text-optional": true } });
    map.on("click", "jobs", (event) => {
      const number = event.features?.[0]?.properties?.number as string | undefined;
      if (number) this.choose(number);
    });
    for (const id of ["jobs"]) {
      map.on("mouseenter", id, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", id, () => { map.getCanvas().style.cursor = ""; });
    }
  }

  private look(): void {
    if (!this.ready) return;
    const map = this.map;
    if (map.getLayer("pipes")) map.setPaintProperty("pipes", "line-color", isDark() ? "#3d5468" : "#a9bccb");
    map.setPaintProperty("way", "line-color", token("accent"));
    map.setPaintProperty("jobs", "circle-color", ["match", ["get", "tone"], "urgent", token("bad"), "high", token("warning"), "given", token("accent"), token("muted")] as never);
    map.setPaintProperty("jobs", "circle-stroke-color", token("surface"));
    map.setPaintProperty("crews", "circle-color", token("good"));
    map.setPaintProperty("crews", "circle-stroke-color", token("surface"));
    map.setPaintProperty("crews-name", "text-color", token("text"));
    map.setPaintProperty("crews-name", "text-halo-color", token("surface"));
    map.setPaintProperty("crews-name", "text-halo-width", 1.5);
  }

  /** Show the jobs, the crews that have a place, and the way of the chosen crew. */
  show(jobs: ReadonlyMap<string, Job>, crews: readonly Crew[], chosen: string): void {
    if (!this.ready) {
      this.waiting = () => this.show(jobs, crews, chosen);
      return;
    }
    const set = (id: string, features: GeoJSON.Feature[]) =>
      this.map.getSource<GeoJSONSource>(id)?.setData({ type: "FeatureCollection", features });
    const spots = [...jobs.values()].flatMap((job) => job.lon === null || job.lat === null ? [] : [point(job.lon, job.lat, {
      number: job.number, chosen: job.number === chosen, sort: job.number === chosen ? 2 : job.crew ? 0 : 1,
      tone: job.crew ? "given" : job.priority,
    })]);
    set("jobs", spots);
    set("crews", crews.flatMap((crew) => crew.lon === null || crew.lat === null ? [] : [point(crew.lon, crew.lat, { code: crew.code })]));
    set("way", this.way(jobs, crews, jobs.get(chosen)?.crew ?? ""));
    this.fit(spots);
  }

  private way(jobs: ReadonlyMap<string, Job>, crews: readonly Crew[], code: string): GeoJSON.Feature[] {
    const crew = crews.find((one) => one.code === code);
    if (!crew) return [];
    const places = [crew, ...dayOf(jobs.values(), code)].flatMap((one) => one.lon === null || one.lat === null ? [] : [[one.lon, one.lat]]);
    return places.length < 2 ? [] : [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: places } }];
  }

  private fit(spots: GeoJSON.Feature[]): void {
    if (this.fitted || !spots.length) return;
    this.fitted = true;
    const at = spots.map((one) => (one.geometry as GeoJSON.Point).coordinates as [number, number]);
    const lons = at.map((one) => one[0]);
    const lats = at.map((one) => one[1]);
    this.map.fitBounds([[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]], { padding: 40, maxZoom: 15, animate: false });
  }
}
