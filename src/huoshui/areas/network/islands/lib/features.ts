/** Assets that a page wants to stand out: what a trace found, what a set of changes does. */
import type * as GeoJSON from "geojson";
import type { Map as BaseMap } from "maplibre-gl";

const COLOUR = ["match", ["get", "role"], "stop", "#d63939", "before", "#929dab", "after", "#2fb344", "#f76707"];

/** Draw features over the network, coloured by their role. */
export function addFeatures(map: BaseMap, features: GeoJSON.Feature[]): void {
  map.addSource("features", { type: "geojson", data: { type: "FeatureCollection", features } });
  map.addLayer({
    id: "features-lines",
    type: "line",
    source: "features",
    layout: { "line-cap": "round" },
    paint: { "line-color": COLOUR as never, "line-width": 5, "line-opacity": 0.75 },
  });
  map.addLayer({
    id: "features-points",
    type: "circle",
    source: "features",
    filter: ["==", ["geometry-type"], "Point"],
    paint: { "circle-color": COLOUR as never, "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 1.5, 16, 5], "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 13, 0, 16, 1], "circle-stroke-color": "#ffffff" },
  });
}
