/** A trace on the map: what it found is lit, and a card says how much of what. */
import type * as GeoJSON from "geojson";
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { getJson } from "@ui/fetch";
import { number } from "@ui/format";
import { t } from "@ui/i18n";
import { h } from "./dom";

export type Direction = "up" | "down" | "segment";

export interface TraceGiven {
  code: string;
  counts: Record<string, number>;
  pipes_length_m: number;
  connections: number;
  customers: number;
  sources: string[];
  stops: { code: string; is_closed: boolean }[];
  problems: string[];
  features: GeoJSON.FeatureCollection;
}

const SOURCE = "trace";
const COLOUR = "#ae3ec9";

export const DIRECTIONS = (): Record<Direction, string> => ({
  up: t("Way to the source"),
  down: t("What depends on it"),
  segment: t("Valves that shut it"),
});

/** What the card says of a trace: only what there is. */
export function sayTrace(found: TraceGiven, kinds: Record<string, string>): [string, string][] {
  const rows: [string, string][] = Object.entries(found.counts).map(([kind, count]) => [kinds[kind] ?? kind, number(count, 0)]);
  rows.push([t("Length of pipes"), `${number(found.pipes_length_m / 1000, 2)} km`]);
  if (found.connections) rows.push([t("Connections"), number(found.connections, 0)], [t("Customers"), number(found.customers, 0)]);
  if (found.sources.length) rows.push([t("Sources"), found.sources.join(", ")]);
  const closed = found.stops.filter((one) => one.is_closed).map((one) => one.code);
  const open = found.stops.filter((one) => !one.is_closed).map((one) => one.code);
  if (open.length) rows.push([t("Valves to shut"), open.join(", ")]);
  if (closed.length) rows.push([t("Stopped by closed valves"), closed.join(", ")]);
  return rows;
}

export class TraceLayer {
  readonly el = h("section", { class: "nw-card nw-trace", hidden: true, "aria-live": "polite" });

  constructor(
    private readonly map: MapLibre,
    private readonly kinds: Record<string, string>,
    private readonly url: string,
    private readonly page_url: string,
  ) {
    map.addSource(SOURCE, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({ id: "trace-lines", type: "line", source: SOURCE, filter: ["==", ["geometry-type"], "LineString"], layout: { "line-cap": "round" }, paint: { "line-color": COLOUR, "line-width": 6, "line-opacity": 0.75 } });
    map.addLayer({ id: "trace-points", type: "circle", source: SOURCE, minzoom: 13, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": COLOUR, "circle-radius": 3.5, "circle-opacity": 0.8 } });
  }

  async show(code: string, direction: Direction): Promise<void> {
    const found = await getJson<TraceGiven>(`${this.url}?${new URLSearchParams({ code, direction })}`);
    this.map.getSource<GeoJSONSource>(SOURCE)?.setData({ type: "FeatureCollection", features: found.features.features });
    const close = h("button", { type: "button", class: "btn-close", "aria-label": t("Close"), click: () => this.clear() });
    this.el.replaceChildren(
      h("header", {}, h("div", {}, h("small", {}, DIRECTIONS()[direction]), h("h2", {}, code)), close),
      h("dl", {}, ...sayTrace(found, this.kinds).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
      h("footer", {}, h("a", { class: "btn btn-sm", href: `${this.page_url.replace("CODE", encodeURIComponent(code))}trace/?direction=${direction}` }, t("How it was found"))),
    );
    this.el.hidden = false;
    this.fit(found.features);
  }

  clear(): void {
    this.el.hidden = true;
    this.map.getSource<GeoJSONSource>(SOURCE)?.setData({ type: "FeatureCollection", features: [] });
  }

  private fit(found: GeoJSON.FeatureCollection): void {
    let [west, south, east, north] = [180, 90, -180, -90];
    for (const { geometry } of found.features) {
      const places = geometry?.type === "LineString" ? geometry.coordinates : geometry?.type === "Point" ? [geometry.coordinates] : [];
      for (const [lon = 0, lat = 0] of places) [west, south, east, north] = [Math.min(west, lon), Math.min(south, lat), Math.max(east, lon), Math.max(north, lat)];
    }
    if (west <= east) this.map.fitBounds([[west, south], [east, north]], { padding: 90, maxZoom: 17, duration: 800 });
  }
}
