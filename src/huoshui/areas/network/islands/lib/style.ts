/** Sources and layers of the network itself: zones, pipes, devices, nodes, labels. */
import type * as GeoJSON from "geojson";
import type { ExpressionSpecification, GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { LABEL_FONT } from "@ui/map";
import { drawSigns } from "./icons";
import type { BaseProps } from "./types";

export const NETWORK = "network";
export const LINES = "lines";
export const POINTS = "points";
export const NAMES = "names";
export const SERVICES = "services";
export const CONNECTIONS = "connections";

const ZONE_TINTS = ["#2f7dd1", "#d1772f", "#2f9e6e", "#9a5fc0", "#c7a12a", "#c0507a"];

/** Diameter to width: a trunk main is drawn strong, a service pipe fine. */
const BASE_WIDTH: ExpressionSpecification = [
  "interpolate", ["linear"], ["to-number", ["get", "diameter_mm"], 100],
  50, 1, 100, 1.5, 150, 2.2, 225, 3.1, 400, 4.6, 800, 7, 1600, 11,
];

function width(extra: number, factor = 1): ExpressionSpecification {
  const at = (scale: number): ExpressionSpecification => ["+", extra, ["*", scale * factor, BASE_WIDTH]];
  return ["interpolate", ["exponential", 1.5], ["zoom"], 10, at(0.45), 13, at(0.8), 15, at(1.35), 17, at(2.4), 20, at(5)];
}

const STATE = (name: string): ExpressionSpecification => ["boolean", ["feature-state", name], false];
const MARKED: ExpressionSpecification = ["case", STATE("chosen"), 0.85, STATE("hover"), 0.45, 0];

/** Add everything of the network to a loaded map; colours come with `look`. */
export function addNetwork(map: MapLibre, props: BaseProps, options: { labels: boolean }): void {
  map.addSource(NETWORK, {
    type: "vector",
    // Not `new URL`: it would escape the braces.
    tiles: [`${window.location.origin}${props.tiles.url}`],
    minzoom: props.tiles.zoom_min,
    maxzoom: props.tiles.zoom_max,
  });
  map.addSource("zones", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addSource("zones-top", { type: "geojson", data: { type: "FeatureCollection", features: [] } });

  map.addLayer({
    id: "zones-fill", type: "fill", source: "zones",
    paint: { "fill-color": ["get", "tint"], "fill-opacity": ["case", ["get", "dim"], 0.02, 0.07] },
  });
  map.addLayer({
    id: "zones-edge", type: "line", source: "zones",
    paint: { "line-color": ["get", "tint"], "line-width": 1.6, "line-opacity": ["case", ["get", "dim"], 0.3, 0.75], "line-dasharray": [3, 2.4] },
  });
  const line = { source: NETWORK, "source-layer": LINES, layout: { "line-cap": "round", "line-join": "round" } } as const;
  map.addLayer({ id: "lines-mark", type: "line", ...line, paint: { "line-width": width(7), "line-opacity": MARKED, "line-blur": 1.5 } });
  map.addLayer({ id: "lines-edge", type: "line", ...line, minzoom: 14, paint: { "line-width": width(1.6), "line-opacity": 0.9 } });
  map.addLayer({ id: "lines", type: "line", ...line, filter: ["==", ["get", "kind"], "pipe"], paint: { "line-width": width(0) } });
  map.addLayer({ id: "lines-device", type: "line", ...line, filter: ["!=", ["get", "kind"], "pipe"], paint: { "line-width": width(0, 0.8) } });
  // Wider than what is seen, so that a fingertip finds a thin pipe.
  map.addLayer({ id: "lines-touch", type: "line", ...line, paint: { "line-width": width(14), "line-opacity": 0 } });
  map.addLayer({ id: "services", type: "line", source: NETWORK, "source-layer": SERVICES, minzoom: 16, paint: { "line-width": 1.2, "line-opacity": 0.8 } }, "lines-edge");
  map.addLayer({
    id: "connections", type: "circle", source: NETWORK, "source-layer": CONNECTIONS, minzoom: 16,
    paint: { "circle-radius": ["interpolate", ["linear"], ["zoom"], 16, 2, 19, 5], "circle-stroke-width": 1 },
  });
  addPoints(map);
  if (options.labels) addLabels(map);
}

function addPoints(map: MapLibre): void {
  const point = { source: NETWORK, "source-layer": POINTS } as const;
  const isNode: ExpressionSpecification = ["in", ["get", "kind"], ["literal", ["junction"]]];
  map.addLayer({
    id: "nodes-mark", type: "circle", ...point, filter: isNode,
    paint: { "circle-radius": 10, "circle-opacity": MARKED, "circle-blur": 0.3 },
  });
  map.addLayer({
    id: "nodes", type: "circle", ...point, minzoom: 15, filter: isNode,
    paint: {
      "circle-radius": ["interpolate", ["exponential", 1.5], ["zoom"], 15, 1.4, 17, 3.2, 20, 7],
      "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 15, 0.8, 18, 1.6],
    },
  });
  map.addLayer({
    id: "devices-mark", type: "circle", ...point, filter: ["!", isNode],
    paint: { "circle-radius": 17, "circle-opacity": MARKED, "circle-blur": 0.3 },
  });
  map.addLayer({
    id: "devices", type: "symbol", ...point, minzoom: 11, filter: ["!", isNode],
    layout: {
      "icon-image": ["concat", "sign-", ["get", "kind"]],
      "icon-size": ["interpolate", ["linear"], ["zoom"], 11, 0.5, 14, 0.85, 17, 1.15],
      "icon-allow-overlap": true,
      "icon-ignore-placement": true,
    },
  });
}

function addLabels(map: MapLibre): void {
  const text = { "text-font": LABEL_FONT, "text-size": 11, "text-optional": true } as const;
  map.addLayer({
    id: "devices-label", type: "symbol", source: NETWORK, "source-layer": POINTS, minzoom: 14.6,
    filter: ["!=", ["get", "kind"], "junction"],
    layout: { ...text, "text-field": ["get", "code"], "text-size": 12, "text-anchor": "top", "text-offset": [0, 1.1] },
    paint: { "text-halo-width": 1.6 },
  });
  map.addLayer({
    id: "nodes-label", type: "symbol", source: NETWORK, "source-layer": POINTS, minzoom: 17,
    filter: ["==", ["get", "kind"], "junction"],
    layout: { ...text, "text-field": ["get", "code"], "text-anchor": "left", "text-offset": [0.7, 0] },
    paint: { "text-halo-width": 1.5 },
  });
  map.addLayer({
    // A label along the line itself would come once per tile; a turned point comes once.
    id: "lines-label", type: "symbol", source: NETWORK, "source-layer": NAMES, minzoom: 16.5,
    layout: {
      ...text, "text-field": ["get", "code"], "text-offset": [0, -0.9],
      "text-rotate": ["get", "angle"], "text-rotation-alignment": "map",
    },
    paint: { "text-halo-width": 1.5 },
  });
  map.addLayer({
    id: "zones-label", type: "symbol", source: "zones-top", maxzoom: 17,
    layout: {
      "text-font": LABEL_FONT, "text-size": 15, "text-letter-spacing": 0.06, "text-field": ["get", "name"],
      "text-anchor": "bottom-left", "text-offset": [-0.3, -0.4], "text-allow-overlap": true, "text-ignore-placement": true,
    },
    paint: { "text-color": ["get", "tint"], "text-halo-width": 2, "text-opacity": 0.95 },
  });
}

/** Colours that depend on light and dark, and the signs. */
export function lookNetwork(map: MapLibre, dark: boolean): void {
  if (!map.getSource(NETWORK)) return;
  drawSigns(map, dark);
  const colours = dark
    ? { ground: "#0f1820", ink: "#c7d5e2", soft: "#8ea2b4", mark: "#ffd166", device: "#7f93a6" }
    : { ground: "#f6f9fb", ink: "#26435a", soft: "#5c7488", mark: "#ffab2e", device: "#51697d" };
  const paint = (layer: string, name: string, value: unknown) => {
    if (map.getLayer(layer)) map.setPaintProperty(layer, name as "line-color", value as string);
  };
  paint("lines-mark", "line-color", colours.mark);
  paint("nodes-mark", "circle-color", colours.mark);
  paint("devices-mark", "circle-color", colours.mark);
  paint("lines-edge", "line-color", colours.ground);
  paint("lines-device", "line-color", colours.device);
  paint("services", "line-color", colours.soft);
  paint("connections", "circle-color", colours.device);
  paint("connections", "circle-stroke-color", colours.ground);
  paint("nodes", "circle-color", colours.ground);
  paint("nodes", "circle-stroke-color", colours.soft);
  for (const layer of ["devices-label", "nodes-label", "lines-label", "zones-label"]) {
    if (layer !== "zones-label") paint(layer, "text-color", layer === "devices-label" ? colours.ink : colours.soft);
    paint(layer, "text-halo-color", colours.ground);
  }
}

/** Give the outlines to the map; each zone keeps its tint, whichever others there are. */
export function showZones(map: MapLibre, outlines: GeoJSON.FeatureCollection, only?: string): void {
  const features = outlines.features.map((feature, at) => ({
    ...feature,
    properties: {
      ...feature.properties,
      tint: ZONE_TINTS[at % ZONE_TINTS.length],
      dim: only !== undefined && feature.properties?.code !== only,
    },
  }));
  map.getSource<GeoJSONSource>("zones")?.setData({ type: "FeatureCollection", features });
  const tops = features.flatMap((feature) => {
    const place = topOf(feature.geometry);
    return place ? [{ ...feature, geometry: { type: "Point" as const, coordinates: place } }] : [];
  });
  map.getSource<GeoJSONSource>("zones-top")?.setData({ type: "FeatureCollection", features: tops });
}

/** The northernmost point of an outline: a name above it covers no pipe. */
function topOf(geometry: GeoJSON.Geometry | null): GeoJSON.Position | null {
  const ring = geometry?.type === "Polygon" ? geometry.coordinates[0] : undefined;
  return ring?.reduce((top, place) => ((place[1] ?? 0) > (top[1] ?? 0) ? place : top)) ?? null;
}

/** Where in the tiles an asset is: links are lines; valves and pumps are points too. */
export function targets(kind: string, id: number): { source: string; sourceLayer: string; id: number }[] {
  const line = { source: NETWORK, sourceLayer: LINES, id };
  const point = { source: NETWORK, sourceLayer: POINTS, id };
  if (kind === "pipe") return [line];
  return kind === "valve" || kind === "pump" ? [line, point] : [point];
}
