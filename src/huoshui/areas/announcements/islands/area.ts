/**
 * A map on which an area is drawn, or only shown.
 *
 * `{% island "announcements/area" props height="380px" %}` with the values of `compose.py: area_props`.
 * With `field` the corners go into the hidden field of that id as JSON, `[[lon, lat], ...]`; without it
 * the area is only shown. A click adds a corner, a corner is dragged to move it; Backspace takes the
 * latest one back.
 */
import type * as GeoJSON from "geojson";
import type { GeoJSONSource, Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { t } from "@ui/i18n";
import { createMap } from "@ui/map";
import { token } from "@ui/page";
import { type Corner, featuresOf, moved, readCorners, withCorner, written } from "./lib/corners";
import "./lib/announcements.css";

interface Props {
  tiles: { url: string; zoom_min: number; zoom_max: number } | null;
  bounds: [west: number, south: number, east: number, north: number];
  polygon: Corner[];
  field: string;
}

const AREA = "area";
const TOUCH_PX = 14;

class AreaMap {
  private readonly map: MapLibre;
  private readonly field: HTMLInputElement | null;
  private corners: Corner[];
  private drawing = false;
  private dragged: number | null = null;
  private readonly draw = document.createElement("button");
  private readonly hint = document.createElement("span");

  constructor(private readonly el: HTMLElement, private readonly props: Props) {
    this.field = props.field ? (document.getElementById(props.field) as HTMLInputElement | null) : null;
    this.corners = this.field?.value ? readCorners(this.field.value) : props.polygon;
    el.classList.add("an-area");
    const ground = document.createElement("div");
    ground.style.height = "100%";
    el.append(ground);
    const [west, south, east, north] = props.bounds;
    this.map = createMap(ground, {
      bounds: [[west, south], [east, north]],
      fitBoundsOptions: { padding: 40, maxZoom: 16 },
      cooperativeGestures: true,
      doubleClickZoom: false,
      onLook: () => this.look(),
    });
    if (this.field) this.addBar();
    this.map.once("load", () => this.fill());
  }

  stop(): void {
    this.map.remove();
  }

  private addBar(): void {
    const bar = document.createElement("div");
    bar.className = "an-area-bar";
    const clear = document.createElement("button");
    this.draw.className = clear.className = "btn btn-sm";
    this.draw.type = clear.type = "button";
    this.draw.textContent = t("Draw an area");
    clear.textContent = t("Clear");
    this.hint.className = "an-area-hint";
    this.draw.addEventListener("click", () => this.setDrawing(!this.drawing));
    clear.addEventListener("click", () => this.take([]));
    bar.append(this.draw, clear, this.hint);
    this.el.append(bar);
    this.el.addEventListener("keydown", (event) => {
      if (!this.drawing) return;
      if (event.key === "Backspace") this.take(this.corners.slice(0, -1));
      else if (event.key === "Enter" || event.key === "Escape") this.setDrawing(false);
      else return;
      event.preventDefault();
    });
    this.setDrawing(false);
  }

  private setDrawing(on: boolean): void {
    this.drawing = on;
    this.draw.setAttribute("aria-pressed", String(on));
    this.map.getCanvas().style.cursor = on ? "crosshair" : "";
    this.say();
  }

  private say(): void {
    const enough = this.corners.length >= 3;
    this.hint.textContent = this.drawing
      ? enough ? t("Click for more corners, drag one to move it, Enter ends") : t("Click at least three corners")
      : enough ? t("The area is drawn") : "";
    this.hint.hidden = this.hint.textContent === "";
  }

  private fill(): void {
    const { map, props } = this;
    if (props.tiles) {
      // Not `new URL`: it would escape the braces.
      map.addSource("network", { type: "vector", tiles: [`${window.location.origin}${props.tiles.url}`], minzoom: props.tiles.zoom_min, maxzoom: props.tiles.zoom_max });
      map.addLayer({ id: "pipes", type: "line", source: "network", "source-layer": "lines", layout: { "line-cap": "round" }, paint: { "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.8, 17, 3] } });
    }
    map.addSource(AREA, { type: "geojson", data: this.features() });
    map.addLayer({ id: "area-fill", type: "fill", source: AREA, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-opacity": 0.18 } });
    map.addLayer({ id: "area-edge", type: "line", source: AREA, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-width": 2.5 } });
    if (this.field) map.addLayer({ id: "area-corners", type: "circle", source: AREA, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 6, "circle-stroke-width": 2, "circle-stroke-color": "#ffffff" } });
    this.look();
    if (this.field) this.listen();
    map.once("idle", () => (this.el.dataset.ready = "true"));
  }

  private listen(): void {
    const { map } = this;
    map.on("click", (event) => {
      if (this.drawing && this.cornerAt(event) === null) this.take(withCorner(this.corners, this.placeOf(event)));
    });
    const begin = (event: MapMouseEvent) => {
      this.dragged = this.cornerAt(event);
      if (this.dragged !== null) event.preventDefault();
    };
    map.on("mousedown", begin);
    map.on("mousemove", (event) => {
      if (this.dragged !== null) this.take(moved(this.corners, this.dragged, this.placeOf(event)));
    });
    map.on("mouseup", () => (this.dragged = null));
  }

  private placeOf(event: MapMouseEvent): Corner {
    return [Number(event.lngLat.lng.toFixed(6)), Number(event.lngLat.lat.toFixed(6))];
  }

  private cornerAt(event: MapMouseEvent): number | null {
    const found = this.corners.findIndex((corner) => {
      const { x, y } = this.map.project(corner);
      return Math.hypot(x - event.point.x, y - event.point.y) <= TOUCH_PX;
    });
    return found < 0 ? null : found;
  }

  private take(corners: Corner[]): void {
    this.corners = corners;
    if (this.field) this.field.value = written(corners);
    this.map.getSource<GeoJSONSource>(AREA)?.setData(this.features());
    this.say();
  }

  private features(): GeoJSON.FeatureCollection {
    return featuresOf(this.corners, this.field !== null);
  }

  private look(): void {
    if (!this.map.getLayer("area-fill")) return;
    this.map.setPaintProperty("area-fill", "fill-color", token("bad"));
    this.map.setPaintProperty("area-edge", "line-color", token("bad"));
    if (this.map.getLayer("area-corners")) this.map.setPaintProperty("area-corners", "circle-color", token("bad"));
    if (this.map.getLayer("pipes")) this.map.setPaintProperty("pipes", "line-color", token("series-1"));
  }
}

export function start(el: HTMLElement, given: unknown): () => void {
  const map = new AreaMap(el, given as Props);
  return () => map.stop();
}
