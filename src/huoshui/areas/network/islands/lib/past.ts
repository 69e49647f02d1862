/** The network of a past day, drawn over a pale present. */
import type * as GeoJSON from "geojson";
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { getJson } from "@ui/fetch";
import { zoneUnshifter } from "@ui/format";
import { t } from "@ui/i18n";
import { h } from "./dom";

const SOURCE = "past";
const MOST = 20_000;
const COLOUR = "#b08900";

export class PastDay {
  readonly el: HTMLElement;
  private day = "";
  private readonly note = h("small", { role: "status" });
  private readonly unshift = zoneUnshifter();
  private running: AbortController | undefined;

  constructor(private readonly map: MapLibre, private readonly url: string) {
    map.addSource(SOURCE, { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({ id: "past-lines", type: "line", source: SOURCE, filter: ["==", ["geometry-type"], "LineString"], layout: { "line-cap": "round" }, paint: { "line-color": COLOUR, "line-width": ["interpolate", ["linear"], ["zoom"], 11, 1, 17, 4] } });
    map.addLayer({ id: "past-points", type: "circle", source: SOURCE, minzoom: 14, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": COLOUR, "circle-radius": 3.5 } });
    const box = h("input", { type: "date", class: "form-control form-control-sm", "aria-label": t("Network of the day") });
    box.addEventListener("change", () => this.choose(box.value));
    const today = h("button", { type: "button", class: "btn btn-sm", click: () => { box.value = ""; this.choose(""); } }, t("Today"));
    this.el = h("div", { class: "nw-past" }, h("h2", {}, t("Network of the day")), h("div", { class: "nw-past-row" }, box, today), this.note);
    map.on("moveend", () => this.day && void this.load());
  }

  private choose(day: string): void {
    this.day = day;
    this.map.setPaintProperty("lines", "line-opacity", day ? 0.15 : 1);
    if (day) return void this.load();
    this.running?.abort();
    this.note.textContent = "";
    this.draw([]);
  }

  private async load(): Promise<void> {
    this.running?.abort();
    this.running = new AbortController();
    const view = this.map.getBounds();
    const query = new URLSearchParams({
      west: String(view.getWest()), south: String(view.getSouth()), east: String(view.getEast()), north: String(view.getNorth()),
      at: new Date(this.unshift(Date.parse(`${this.day}T23:59:59Z`))).toISOString(), limit: String(MOST),
    });
    try {
      const found = await getJson<GeoJSON.FeatureCollection>(`${this.url}?${query}`, { signal: this.running.signal });
      this.draw(found.features);
      this.note.textContent = found.features.length < MOST ? t("As it stood in the evening of that day; what is there today is pale.") : t("Too much for one look: zoom in to see all of it.");
    } catch {
      // A later look has taken over, or the corner of the page says what went wrong.
    }
  }

  private draw(features: GeoJSON.Feature[]): void {
    this.map.getSource<GeoJSONSource>(SOURCE)?.setData({ type: "FeatureCollection", features });
  }
}
