/**
 * Draw around pipes on the map: each tap sets a corner, the form's hidden field holds them.
 *
 *     {% island "fieldwork/outline" props css="fw-outline" %}
 *
 * `field` is the id of the hidden input; it holds `[[lon, lat], …]`, or nothing below three corners.
 */
import type { GeoJSONSource } from "maplibre-gl";
import { h } from "@ui/dom";
import { t, tn } from "@ui/i18n";
import { createMap } from "@ui/map";
import { isDark, token } from "@ui/page";
import { type Corner, read, shapes } from "./lib/outline-shapes";
import "./lib/outline.css";

interface Props {
  tiles: { url: string; zoom_min: number; zoom_max: number } | null;
  bounds: [number, number, number, number] | null;
  field: string;
}

const DIGITS = 1e6;

export function start(el: HTMLElement, given: unknown): () => void {
  const props = given as Props;
  const field = document.getElementById(props.field) as HTMLInputElement | null;
  let corners = read(field?.value ?? "");
  const place = h("div", { class: "fw-outline-map" });
  const said = h("span", { role: "status" });
  const back = h("button", { type: "button", class: "btn", click: () => set(corners.slice(0, -1)) }, t("Take the last corner back"));
  const none = h("button", { type: "button", class: "btn", click: () => set([]) }, t("Begin again"));
  el.append(place, h("div", { class: "fw-outline-bar" }, said, back, none));
  const [west, south, east, north] = props.bounds ?? [100, 20, 120, 40];
  const look = () => {
    if (!map.getLayer("area")) return;
    if (map.getLayer("pipes")) map.setPaintProperty("pipes", "line-color", isDark() ? "#4f6d86" : "#5c86a6");
    map.setPaintProperty("area", "fill-color", token("accent"));
    map.setPaintProperty("edge", "line-color", token("accent"));
    map.setPaintProperty("corners", "circle-color", token("accent"));
    map.setPaintProperty("corners", "circle-stroke-color", token("surface"));
  };
  const map = createMap(place, { bounds: [[west, south], [east, north]], fitBoundsOptions: { padding: 30 }, cooperativeGestures: true, onLook: look });
  const set = (next: Corner[]) => {
    corners = next;
    if (field) field.value = corners.length > 2 ? JSON.stringify(corners) : "";
    back.disabled = none.disabled = !corners.length;
    const missing = 3 - corners.length;
    said.textContent = !corners.length ? t("Tap the map to set the first corner.") : missing > 0 ? tn("{n} more corner is needed.", "{n} more corners are needed.", missing) : tn("{n} corner", "{n} corners", corners.length);
    el.dataset.corners = String(corners.length);
    map.getSource<GeoJSONSource>("outline")?.setData(shapes(corners));
  };
  map.once("load", () => {
    if (props.tiles) {
      map.addSource("network", { type: "vector", tiles: [`${window.location.origin}${props.tiles.url}`], minzoom: props.tiles.zoom_min, maxzoom: props.tiles.zoom_max });
      map.addLayer({ id: "pipes", type: "line", source: "network", "source-layer": "lines", paint: { "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.8, 16, 3] } });
    }
    map.addSource("outline", { type: "geojson", data: shapes([]) });
    map.addLayer({ id: "area", type: "fill", source: "outline", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-opacity": 0.18 } });
    map.addLayer({ id: "edge", type: "line", source: "outline", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-width": 2.5 } });
    map.addLayer({ id: "corners", type: "circle", source: "outline", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 6, "circle-stroke-width": 2 } });
    look();
    set(corners);
    map.on("click", ({ lngLat }) => set([...corners, [Math.round(lngLat.lng * DIGITS) / DIGITS, Math.round(lngLat.lat * DIGITS) / DIGITS]]));
    map.getCanvas().style.cursor = "crosshair";
    map.once("idle", () => (el.dataset.ready = "true"));
  });
  set(corners);
  return () => map.remove();
}
