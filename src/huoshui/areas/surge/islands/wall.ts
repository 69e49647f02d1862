/**
 * The wall of a wave: keeps its parts fresh while things happen, and shows the estates on a map.
 *
 *     {% island "surge/wall" props css="sg-wall-island" %}
 *
 * The parts are HTML that the server draws; each element with `data-part` is replaced by its newer
 * self. The stream only says that something changed, so that the wall asks when there is news.
 */
import type * as GeoJSON from "geojson";
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import { createMap, LABEL_FONT } from "@ui/map";
import { subscribe } from "@ui/live";
import { token } from "@ui/page";
import { type Spot, circles, frameOf } from "./lib/spots";
import "./lib/surge.css";

interface Props {
  url: string;
  tiles: { url: string; zoom_min: number; zoom_max: number } | null;
  middle: [number | null, number | null];
}

const NEXT_MS = 1500;
// Waiting times grow and parts run out while nobody does anything.
const ANYWAY_MS = 20_000;

class Wall {
  private readonly map: MapLibre;
  private readonly stops: (() => void)[] = [];
  private ready = false;
  private framed = 0;
  private asking = false;
  private again = false;
  private waiting = 0;
  private readonly theme = document.documentElement.dataset.bsTheme;

  constructor(private readonly el: HTMLElement, private readonly props: Props) {
    // A wall hangs in a dim room: dark, whatever the reader's own pages look like.
    document.documentElement.dataset.bsTheme = "dark";
    const [lon, lat] = props.middle;
    this.map = createMap(el, { center: [lon ?? 113.65, lat ?? 34.76], zoom: 12, plain: true, interactive: false });
    this.map.once("load", () => this.layers());
    this.stops.push(subscribe("surge.wall", null, () => this.soon()));
    const tick = window.setInterval(() => void this.load(), ANYWAY_MS);
    this.stops.push(() => window.clearInterval(tick));
  }

  end(): void {
    this.stops.forEach((stop) => stop());
    window.clearTimeout(this.waiting);
    this.map.remove();
    if (this.theme) document.documentElement.dataset.bsTheme = this.theme;
    else delete document.documentElement.dataset.bsTheme;
  }

  private layers(): void {
    const { map, props } = this;
    if (props.tiles) {
      map.addSource("network", { type: "vector", tiles: [`${window.location.origin}${props.tiles.url}`], minzoom: props.tiles.zoom_min, maxzoom: props.tiles.zoom_max });
      map.addLayer({ id: "pipes", type: "line", source: "network", "source-layer": "lines", paint: { "line-color": "#3d5468", "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.8, 16, 2.6], "line-opacity": 0.7 } });
    }
    map.addSource("spots", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    map.addLayer({ id: "spots", type: "circle", source: "spots", paint: {
      "circle-radius": ["get", "radius"], "circle-opacity": 0.55, "circle-stroke-width": 2,
      "circle-color": ["case", [">", ["get", "open"], 0], token("warning"), token("good")],
      "circle-stroke-color": ["case", [">", ["get", "open"], 0], token("warning"), token("good")] } });
    map.addLayer({ id: "names", type: "symbol", source: "spots", layout: {
      "text-field": ["concat", ["get", "name"], "\n", ["to-string", ["get", "calls"]]], "text-font": LABEL_FONT, "text-size": 15,
      "symbol-sort-key": ["-", 0, ["get", "calls"]], "text-optional": true },
      paint: { "text-color": "#ffffff", "text-halo-color": "#0d141b", "text-halo-width": 1.6 } });
    this.ready = true;
    this.draw();
  }

  private soon(): void {
    if (this.waiting) return;
    this.waiting = window.setTimeout(() => {
      this.waiting = 0;
      void this.load();
    }, NEXT_MS);
  }

  private async load(): Promise<void> {
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    try {
      const answer = await fetch(this.props.url, { headers: { accept: "text/html" }, credentials: "same-origin" });
      if (answer.status === 401 || answer.status === 403) return window.location.reload();
      if (answer.ok && this.el.isConnected) this.show(await answer.text());
    } catch {
      // The line is down: the page says so by itself, and the next news asks again.
    } finally {
      this.asking = false;
      if (this.again) {
        this.again = false;
        this.soon();
      }
    }
  }

  private show(html: string): void {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    for (const part of fresh.querySelectorAll<HTMLElement>("[data-part]"))
      document.querySelector(`[data-part="${part.dataset.part ?? ""}"]`)?.replaceWith(document.adoptNode(part));
    const spots = fresh.getElementById("sg-spots");
    if (spots) document.getElementById("sg-spots")?.replaceWith(document.adoptNode(spots));
    this.el.dataset.shown = String(Number(this.el.dataset.shown ?? 0) + 1);
    this.draw();
  }

  private draw(): void {
    if (!this.ready) return;
    const spots = JSON.parse(document.getElementById("sg-spots")?.textContent ?? "[]") as Spot[];
    this.map.getSource<GeoJSONSource>("spots")?.setData({ type: "FeatureCollection", features: circles(spots) as GeoJSON.Feature[] });
    const frame = frameOf(spots);
    if (frame && spots.length !== this.framed) {
      this.framed = spots.length;
      this.map.fitBounds(frame, { padding: 60, maxZoom: 15, animate: false });
    }
  }
}

export function start(el: HTMLElement, given: unknown): () => void {
  const wall = new Wall(el, given as Props);
  return () => wall.end();
}
