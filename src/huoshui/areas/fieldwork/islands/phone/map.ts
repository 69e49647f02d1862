/** The map of the shift: the network from the phone's own store, the jobs on it, and where I stand. */
import { createMap, LABEL_FONT, maplibre } from "@ui/map";
import { h } from "@ui/dom";
import { t } from "@ui/i18n";
import type { Spot } from "./outbox";
import { tileFor } from "./tiles";
import type { Day, Job } from "./types";

const PROTOCOL = "phone-tile";
const ZOOM_NEAR = 16;
const BLUE = { light: "#1976b8", dark: "#5fc3e4" };
const INK = { light: "#26435a", dark: "#c7d5e2" };
const PAPER = { light: "#ffffff", dark: "#0f1820" };

let source: { db: IDBDatabase; day: Day } | null = null;

async function load(asked: { url: string }): Promise<{ data: ArrayBuffer }> {
  const [zoom, x, y] = asked.url.replace(`${PROTOCOL}://`, "").split("/").map(Number) as [number, number, number];
  const data = source ? await tileFor(source.db, source.day, [zoom, x, y]) : new ArrayBuffer(0);
  // The map takes the bytes away; the store's own must stay.
  return { data: data.slice(0) };
}

type Map = ReturnType<typeof createMap>;

function addLayers(map: Map, day: Day): void {
  if (!day.tiles) return;
  const { zoom_min, zoom_max } = day.tiles;
  map.addSource("network", { type: "vector", tiles: [`${PROTOCOL}://{z}/{x}/{y}`], minzoom: zoom_min, maxzoom: zoom_max });
  map.addLayer({
    id: "lines", type: "line", source: "network", "source-layer": "lines",
    layout: { "line-cap": "round", "line-join": "round" },
    paint: {
      "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 10, 1, 14, 2.5, 17, ["+", 3, ["/", ["to-number", ["get", "diameter_mm"], 100], 120]]],
    },
  });
  map.addLayer({
    id: "points", type: "circle", source: "network", "source-layer": "points", minzoom: 13,
    filter: ["!=", ["get", "kind"], "junction"],
    paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 13, 2.5, 17, 7], "circle-stroke-width": 2 },
  });
  map.addLayer({
    id: "names", type: "symbol", source: "network", "source-layer": "points", minzoom: 15,
    filter: ["!=", ["get", "kind"], "junction"],
    layout: { "text-font": LABEL_FONT, "text-size": 13, "text-field": ["get", "code"], "text-anchor": "top", "text-offset": [0, 0.8], "text-optional": true },
    paint: { "text-halo-width": 2 },
  });
  map.addLayer({
    id: "pipe-names", type: "symbol", source: "network", "source-layer": "names", minzoom: 15.5,
    layout: { "text-font": LABEL_FONT, "text-size": 12, "text-field": ["get", "code"], "text-offset": [0, -0.9], "text-rotate": ["get", "angle"], "text-rotation-alignment": "map", "text-optional": true },
    paint: { "text-halo-width": 2 },
  });
}

function look(map: Map, dark: boolean): void {
  const of = (pair: { light: string; dark: string }) => (dark ? pair.dark : pair.light);
  const paint = (layer: string, name: string, colour: string) => {
    if (map.getLayer(layer)) map.setPaintProperty(layer, name as "line-color", colour);
  };
  paint("lines", "line-color", of(BLUE));
  paint("points", "circle-color", of(PAPER));
  paint("points", "circle-stroke-color", of(INK));
  for (const layer of ["names", "pipe-names"]) {
    paint(layer, "text-color", of(INK));
    paint(layer, "text-halo-color", of(PAPER));
  }
}

function boundsOf(spots: [number, number][]): [[number, number], [number, number]] {
  const lons = spots.map((spot) => spot[0]);
  const lats = spots.map((spot) => spot[1]);
  return [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]];
}

export interface ShiftMap {
  el: HTMLElement;
  map: Map;
  show(spot: Spot | null): void;
  stop(): void;
}

/** Draw the map; `near` is a job to stand at, `open` is called for a job that is tapped. */
export function shiftMap(
  db: IDBDatabase,
  day: Day,
  choices: { near?: Job | null; plain?: boolean; worker: string; open: (job: string) => void },
): ShiftMap {
  source = { db, day };
  // Under the app's own address, so that the service worker may answer for it.
  maplibre.setWorkerUrl(choices.worker);
  maplibre.addProtocol(PROTOCOL, load);
  const el = h("div", { class: "ph-map" });
  const placed = day.jobs.filter((job): job is Job & { lon: number; lat: number } => job.lon !== null && job.lat !== null);
  const spots = placed.map((job): [number, number] => [job.lon, job.lat]);
  const near = choices.near && choices.near.lon !== null && choices.near.lat !== null ? choices.near : null;
  const view = near
    ? { center: [near.lon, near.lat] as [number, number], zoom: ZOOM_NEAR }
    : { bounds: spots.length ? boundsOf(spots) : ([[100, 20], [120, 40]] as [[number, number], [number, number]]), fitBoundsOptions: { padding: 60, maxZoom: ZOOM_NEAR } };
  const map = createMap(el, { ...view, plain: Boolean(choices.plain), onLook: look });
  map.once("load", () => {
    addLayers(map, day);
    look(map, document.documentElement.dataset.bsTheme === "dark");
    map.once("idle", () => (el.dataset.ready = String(map.queryRenderedFeatures({ layers: day.tiles ? ["lines"] : [] }).length)));
  });
  for (const job of placed) {
    const mark = h("button", { type: "button", class: "ph-pin", "data-priority": job.priority, "data-here": job === near, "aria-label": job.title }, job.number.slice(-3));
    mark.addEventListener("click", () => choices.open(job.number));
    new maplibre.Marker({ element: mark, anchor: "bottom" }).setLngLat([job.lon, job.lat]).addTo(map);
  }
  const me = new maplibre.Marker({ element: h("div", { class: "ph-me", role: "img", "aria-label": t("Where I am") }) });
  let found: Spot | null = null;
  const show = (spot: Spot | null) => {
    found = spot;
    if (spot) me.setLngLat([spot.lon, spot.lat]).addTo(map);
  };
  if (!choices.plain) {
    const button = h("button", { type: "button", class: "ph-locate", click: () => found && map.flyTo({ center: [found.lon, found.lat], zoom: ZOOM_NEAR }) }, t("Where I am"));
    el.append(button);
  }
  const box = new ResizeObserver(() => map.resize());
  box.observe(el);
  return { el, map, show, stop: () => (box.disconnect(), map.remove()) };
}

