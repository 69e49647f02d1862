/**
 * Many spots over the network, each with a page of its own: the map view of a list.
 *
 * `{% island "network/spots-map" props height="60vh" %}` with the values of `small_map.py: of_spots`;
 * `spots_url` answers GeoJSON points with `label`, `text`, `note`, `href` and `tone` (good, warning, bad, muted).
 */
import type * as GeoJSON from "geojson";
import type { ExpressionSpecification, GeoJSONSource, Map as MapLibre, MapGeoJSONFeature } from "maplibre-gl";
import { getJson } from "@ui/fetch";
import { t, tn } from "@ui/i18n";
import { createMap, LABEL_FONT, maplibre } from "@ui/map";
import { isDark, token } from "@ui/page";
import { byDiameter, colourOf } from "./lib/classes";
import { h } from "./lib/dom";
import { boundsOf } from "./lib/spots";
import { addNetwork, lookNetwork, showZones } from "./lib/style";
import type { BaseProps } from "./lib/types";
import "./lib/map.css";

interface Props extends BaseProps {
  spots_url: string;
  refresh_s: number;
}

const MAX_ZOOM = 16;
const TONES = ["good", "warning", "bad", "muted"] as const;

function addSpots(map: MapLibre): void {
  map.addSource("spots", { type: "geojson", data: { type: "FeatureCollection", features: [] }, cluster: true, clusterRadius: 34, clusterMaxZoom: 15 });
  const isCluster: ExpressionSpecification = ["has", "point_count"];
  map.addLayer({ id: "spots-cluster", type: "circle", source: "spots", filter: isCluster,
    paint: { "circle-radius": ["step", ["get", "point_count"], 13, 10, 17, 100, 22], "circle-stroke-width": 2 } });
  map.addLayer({ id: "spots-count", type: "symbol", source: "spots", filter: isCluster,
    layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": LABEL_FONT, "text-size": 12, "text-allow-overlap": true } });
  map.addLayer({ id: "spots", type: "circle", source: "spots", filter: ["!", isCluster], paint: { "circle-radius": 8, "circle-stroke-width": 2 } });
  map.addLayer({ id: "spots-label", type: "symbol", source: "spots", filter: ["!", isCluster], minzoom: 14.5,
    layout: { "text-field": ["get", "label"], "text-font": LABEL_FONT, "text-size": 12, "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 1 } });
}

function lookSpots(map: MapLibre): void {
  const tones = TONES.flatMap((tone) => [tone, token(tone)]);
  map.setPaintProperty("spots", "circle-color", ["match", ["get", "tone"], ...tones, token("accent")] as never);
  map.setPaintProperty("spots", "circle-stroke-color", token("surface"));
  map.setPaintProperty("spots-cluster", "circle-color", token("accent"));
  map.setPaintProperty("spots-cluster", "circle-stroke-color", token("surface"));
  map.setPaintProperty("spots-count", "text-color", token("surface"));
  map.setPaintProperty("spots-label", "text-color", token("text"));
  map.setPaintProperty("spots-label", "text-halo-color", token("surface"));
  map.setPaintProperty("spots-label", "text-halo-width", 1.5);
}

function popup(feature: MapGeoJSONFeature): HTMLElement {
  const { label, text, note, href } = feature.properties as Record<string, string>;
  return h("div", {}, h("a", { href: href ?? "" }, h("strong", {}, label ?? "")), h("div", {}, text ?? ""), h("small", {}, note ?? ""));
}

export function start(el: HTMLElement, given: unknown): () => void {
  const props = given as Props;
  const [west, south, east, north] = props.bounds ?? [100, 20, 120, 40];
  const scheme = byDiameter("", props.diameter_breaks_mm, [], t("Not known"));
  const look = (dark: boolean) => {
    if (!map.getLayer("spots")) return;
    lookNetwork(map, dark);
    map.setPaintProperty("lines", "line-color", colourOf(scheme, dark));
    lookSpots(map);
  };
  const map = createMap(el, { bounds: [[west, south], [east, north]], onLook: (_map, dark) => look(dark) });
  const said = h("p", { class: "nw-spots-said", role: "status" });
  el.append(said);

  const load = async (fit: boolean) => {
    const found = await getJson<GeoJSON.FeatureCollection>(props.spots_url, { quiet: !fit });
    map.getSource<GeoJSONSource>("spots")?.setData(found);
    const count = found.features.length;
    said.textContent = count ? tn("{n} place", "{n} places", count) : t("Nothing of this list has a place on the map.");
    const box = fit ? boundsOf(found.features) : null;
    if (box) map.fitBounds([[box[0], box[1]], [box[2], box[3]]], { padding: 60, maxZoom: MAX_ZOOM, animate: false });
    el.dataset.spots = String(count);
  };
  let timer = 0;
  map.once("load", () => {
    addNetwork(map, props, { labels: false });
    void getJson<GeoJSON.FeatureCollection>(props.zones_url).then((found) => showZones(map, found));
    addSpots(map);
    look(isDark());
    void load(true);
    timer = window.setInterval(() => { if (!document.hidden) void load(false).catch(() => undefined); }, props.refresh_s * 1000);
    map.on("click", "spots", (event) => {
      const feature = event.features?.[0];
      if (feature) new maplibre.Popup({ closeButton: true, maxWidth: "280px" }).setLngLat(event.lngLat).setDOMContent(popup(feature)).addTo(map);
    });
    map.on("click", "spots-cluster", (event) => map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 2 }));
    for (const id of ["spots", "spots-cluster"]) {
      map.on("mouseenter", id, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", id, () => { map.getCanvas().style.cursor = ""; });
    }
    map.once("idle", () => (el.dataset.ready = "true"));
  });
  return () => { window.clearInterval(timer); map.remove(); };
}
