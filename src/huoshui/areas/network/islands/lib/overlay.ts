/** One layer of another area on the map: points with live values, pulsing markers, or outlines. */
import type * as GeoJSON from "geojson";
import type { FilterSpecification, GeoJSONSource, Map as MapLibre, MapGeoJSONFeature, Marker } from "maplibre-gl";
import { getJson } from "@ui/fetch";
import { subscribe } from "@ui/live";
import { LABEL_FONT, maplibre } from "@ui/map";
import { h } from "./dom";
import type { LayerGiven } from "./types";
import { readingOf, takeOver, type Reading } from "./values";

const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
const DRAW_MS = 250;
const FLASH_MS = 900;
/** From which zoom the dots and the values of each rank are drawn; dots on a device go under its sign. */
const RANKS = [
  { name: "meter", ranks: [2, 3], dots: 13.8, labels: 16, radius: 3.2, away: 0.95 },
  { name: "sensor", ranks: [1], dots: 9, labels: 13.5, radius: 5.2, away: 1.05 },
  { name: "main", ranks: [0], dots: 9, labels: 11.5, radius: 5.6, away: 1.6 },
];
const TICK_MS = 90;

export interface Overlay {
  given: LayerGiven;
  show(shown: boolean): void;
  look(dark: boolean): void;
  /** The colour that stands for the layer in the list of layers; empty while nothing is known. */
  tint(): string;
  /** The readings as they are now, by key. */
  readings: Map<string, Reading>;
  /** Layers whose features a click should find, the topmost first. */
  clickable: string[];
  stop(): void;
}

type Chosen = (reading: Reading, at: [number, number], layer: LayerGiven) => void;

export function addOverlay(map: MapLibre, given: LayerGiven, chosen: Chosen, changed: () => void): Overlay {
  return given.kind === "points" ? points(map, given, changed) : given.kind === "pulses" ? pulses(map, given, chosen, changed) : areas(map, given, changed);
}

/** Load a layer's features now and every `refresh_s`, while the page can be seen. */
function loader(given: LayerGiven, take: (data: GeoJSON.FeatureCollection) => void): { load(): void; stop(): void } {
  let stopped = false;
  const load = async () => {
    if (document.hidden) return;
    try {
      const data = await getJson<GeoJSON.FeatureCollection>(given.url, { quiet: true });
      if (!stopped) take(data);
    } catch (error) {
      console.warn(`map layer ${given.id}`, error);
    }
  };
  void load();
  const timer = given.refresh_s ? window.setInterval(() => void load(), given.refresh_s * 1000) : 0;
  return { load: () => void load(), stop: () => { stopped = true; window.clearInterval(timer); } };
}

const SIGN_COLOURS: Record<string, [light: string, dark: string]> = {
  pressure: ["#0c7bb3", "#4fb7ee"],
  flow: ["#7b3fc4", "#b892ff"],
  level: ["#0d8a86", "#45d0cb"],
  use: ["#3b8f3f", "#7fd184"],
  job: ["#d9730d", "#ffad5c"],
  leak: ["#d6293e", "#ff6b7a"],
};
const ALARM_COLOURS: [string, string] = ["#d6293e", "#ff6b7a"];
const QUALITY_COLOURS: Record<number, [string, string]> = {
  1: ["#6a7f92", "#9fb2c4"],
  2: ["#d08700", "#ffc14d"],
  3: ["#d6293e", "#ff6b7a"],
  4: ["#9aa5b1", "#66737f"],
};

function colourOf(reading: Reading, dark: boolean): string {
  const pair = QUALITY_COLOURS[reading.quality] ?? SIGN_COLOURS[reading.sign] ?? ["#0c7bb3", "#4fb7ee"];
  if (reading.alarm) return ALARM_COLOURS[dark ? 1 : 0];
  return (reading.quality === 0 && reading.colour) || pair[dark ? 1 : 0];
}

function points(map: MapLibre, given: LayerGiven, changed: () => void): Overlay {
  const source = `overlay-${given.id}`;
  const readings = new Map<string, Reading>();
  let features: GeoJSON.Feature[] = [];
  let dark = false;
  let drawing = 0;
  const flashes = new Map<string, number>();
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  map.addSource(source, { type: "geojson", data: EMPTY, promoteId: "key" });
  const ids = addPointLayers(map, source);

  const draw = () => {
    drawing = 0;
    const shown = features.map((feature) => {
      const reading = readings.get(String(feature.properties?.key));
      return reading ? { ...feature, properties: { ...reading, fill: colourOf(reading, dark), layer: given.id } } : feature;
    });
    map.getSource<GeoJSONSource>(source)?.setData({ type: "FeatureCollection", features: shown });
    changed();
  };
  const drawSoon = () => { drawing ||= window.setTimeout(draw, DRAW_MS); };
  const fade = window.setInterval(() => {
    for (const [key, since] of flashes) {
      const rest = 1 - (performance.now() - since) / FLASH_MS;
      map.setFeatureState({ source, id: key }, { flash: Math.max(0, rest) });
      if (rest <= 0) flashes.delete(key);
    }
  }, TICK_MS);
  const loading = loader(given, (data) => {
    readings.clear();
    features = data.features.filter((feature) => feature.geometry).map((feature, at) => {
      const reading = readingOf(feature.properties, at);
      readings.set(reading.key, reading);
      return { ...feature, properties: { key: reading.key } };
    });
    draw();
  });
  const unsubscribe = given.stream
    ? subscribe(given.stream, null, (items) => {
        for (const item of items) {
          const reading = readings.get(item.key);
          if (!reading || !takeOver(reading, item)) continue;
          if (!still) flashes.set(item.key, performance.now());
          drawSoon();
        }
      })
    : undefined;
  return {
    given,
    readings,
    clickable: ids.filter((id) => id.includes("-dot")),
    show: (shown) => ids.forEach((id) => map.setLayoutProperty(id, "visibility", shown ? "visible" : "none")),
    look: (now) => { dark = now; lookPoints(map, ids, now); draw(); },
    tint: () => SIGN_COLOURS[[...readings.values()][0]?.sign ?? ""]?.[dark ? 1 : 0] ?? "",
    stop: () => { unsubscribe?.(); loading.stop(); window.clearInterval(fade); window.clearTimeout(drawing); },
  };
}

function addPointLayers(map: MapLibre, source: string): string[] {
  const ids: string[] = [];
  const parts = RANKS.map(({ name, ranks, ...rest }) => ({
    name, ...rest, filter: ["in", ["get", "rank"], ["literal", ranks]] as FilterSpecification,
  }));
  for (const part of parts) {
    const base = { source, filter: part.filter } as const;
    const grow = (factor: number) => ["interpolate", ["linear"], ["zoom"], 12, part.radius * 0.62 * factor, 16, part.radius * factor, 19, part.radius * 1.5 * factor] as unknown as number;
    map.addLayer({
      id: `${source}-flash-${part.name}`, type: "circle", ...base, minzoom: part.dots,
      paint: { "circle-color": ["get", "fill"], "circle-radius": grow(2.5), "circle-blur": 0.5,
               "circle-opacity": ["*", 0.55, ["number", ["feature-state", "flash"], 0]] },
    });
    map.addLayer({
      id: `${source}-dot-${part.name}`, type: "circle", ...base, minzoom: part.dots,
      paint: { "circle-color": ["get", "fill"], "circle-radius": grow(1), "circle-stroke-width": 1.6 },
    }, "devices-mark");
    map.addLayer({
      id: `${source}-text-${part.name}`, type: "symbol", ...base, minzoom: part.labels,
      layout: {
        "text-field": ["get", "text"], "text-font": LABEL_FONT, "text-size": 12,
        "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": part.away, "text-padding": 1,
        "icon-image": "chip", "icon-text-fit": "both", "icon-text-fit-padding": [1, 3, 1, 3],
        "symbol-sort-key": ["get", "rank"],
      },
    });
    ids.push(`${source}-flash-${part.name}`, `${source}-dot-${part.name}`, `${source}-text-${part.name}`);
  }
  return ids;
}

function lookPoints(map: MapLibre, ids: string[], dark: boolean): void {
  for (const id of ids) {
    if (id.includes("-dot")) map.setPaintProperty(id, "circle-stroke-color", dark ? "#10181f" : "#ffffff");
    if (id.includes("-text")) map.setPaintProperty(id, "text-color", dark ? "#e4edf5" : "#17304a");
  }
}

function middleOf(geometry: GeoJSON.Geometry | null): [number, number] | null {
  if (geometry?.type !== "Point") return null;
  const [lon, lat] = geometry.coordinates;
  return lon === undefined || lat === undefined ? null : [lon, lat];
}

function pulses(map: MapLibre, given: LayerGiven, chosen: Chosen, changed: () => void): Overlay {
  const readings = new Map<string, Reading>();
  const markers = new Map<string, Marker>();
  let shown = true;

  const draw = (data: GeoJSON.FeatureCollection) => {
    const present = new Set<string>();
    data.features.forEach((feature, index) => {
      const at = middleOf(feature.geometry);
      if (!at) return;
      const reading = readingOf(feature.properties, index);
      present.add(reading.key);
      readings.set(reading.key, reading);
      markers.get(reading.key)?.remove();
      const el = h("button", { type: "button", class: "nw-pulse", "aria-label": `${reading.label} ${reading.text}`,
        click: (event: MouseEvent) => { event.stopPropagation(); chosen(reading, at, given); } },
        h("i", {}), h("b", {}), reading.text || reading.label ? h("span", {}, reading.text || reading.label) : null);
      el.style.setProperty("--nw-size", `${14 + 16 * reading.size}px`);
      if (reading.colour) el.style.setProperty("--nw-pulse", reading.colour);
      el.hidden = !shown;
      markers.set(reading.key, new maplibre.Marker({ element: el }).setLngLat(at).addTo(map));
    });
    for (const [key, marker] of markers) {
      if (present.has(key)) continue;
      marker.remove();
      markers.delete(key);
      readings.delete(key);
    }
    changed();
  };
  const loading = loader(given, draw);
  const unsubscribe = given.stream ? subscribe(given.stream, null, () => loading.load()) : undefined;
  return {
    given, readings, clickable: [],
    show: (now) => { shown = now; for (const marker of markers.values()) marker.getElement().hidden = !now; },
    look: () => undefined,
    tint: () => ALARM_COLOURS[0],
    stop: () => { unsubscribe?.(); loading.stop(); for (const marker of markers.values()) marker.remove(); },
  };
}

function areas(map: MapLibre, given: LayerGiven, changed: () => void): Overlay {
  const source = `overlay-${given.id}`;
  const readings = new Map<string, Reading>();
  map.addSource(source, { type: "geojson", data: EMPTY });
  const colour = ["coalesce", ["get", "colour"], "#d6293e"] as unknown as string;
  const ids = [`${source}-dot-fill`, `${source}-edge`];
  map.addLayer({ id: ids[0] as string, type: "fill", source, paint: { "fill-color": colour, "fill-opacity": 0.14 } }, "lines-mark");
  map.addLayer({ id: ids[1] as string, type: "line", source, paint: { "line-color": colour, "line-width": 2 } }, "lines-mark");
  const loading = loader(given, (data) => {
    readings.clear();
    data.features.forEach((feature, at) => {
      const reading = readingOf(feature.properties, at);
      readings.set(reading.key, reading);
      feature.properties = { ...feature.properties, key: reading.key };
    });
    map.getSource<GeoJSONSource>(source)?.setData(data);
    changed();
  });
  return {
    given, readings, clickable: ids.slice(0, 1),
    show: (shown) => ids.forEach((id) => map.setLayoutProperty(id, "visibility", shown ? "visible" : "none")),
    look: () => undefined,
    tint: () => "",
    stop: () => loading.stop(),
  };
}

/** Which reading a clicked feature stands for. */
export function readingAt(overlays: Overlay[], feature: MapGeoJSONFeature): { reading: Reading; overlay: Overlay } | null {
  const overlay = overlays.find((one) => one.clickable.includes(feature.layer.id));
  const reading = overlay?.readings.get(String(feature.properties.key));
  return overlay && reading ? { reading, overlay } : null;
}
