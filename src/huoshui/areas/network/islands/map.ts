/**
 * The map of the network, the first page of the product.
 *
 * `{% island "network/map" props css="nw-map" %}` with the values of `web/props.py: of_map`, and a
 * `<template id="network-map-side">` holding what other areas put into the slot of that name.
 */
import type * as GeoJSON from "geojson";
import type { Map as MapLibre, MapMouseEvent } from "maplibre-gl";
import { getJson } from "@ui/fetch";
import { quantity } from "@ui/format";
import { t } from "@ui/i18n";
import { createMap } from "@ui/map";
import { isDark } from "@ui/page";
import type { Editor } from "./edit/editor";
import type { EditorGiven } from "./edit/panel";
import { card } from "./lib/card";
import { choice } from "./lib/choice";
import { byAge, byDiameter, byMaterial, byMoment, colourOf, strengthOf, type Scheme } from "./lib/classes";
import { h, icon } from "./lib/dom";
import { loadingSign } from "./lib/loading";
import { type Moment, watchMoment } from "./lib/moment";
import { addOverlay, readingAt, type Overlay } from "./lib/overlay";
import { panel, type Panel, type Switch } from "./lib/panel";
import { PastDay } from "./lib/past";
import { searchBox } from "./lib/search";
import { addNetwork, lookNetwork, NETWORK, showZones } from "./lib/style";
import { TraceLayer } from "./lib/trace";
import type { AssetGiven, FoundGiven, LayerGiven, MapProps } from "./lib/types";
import type { Reading } from "./lib/values";
import "./lib/map.css";

const KEPT = "huoshui.map";
const CLOSE_ZOOM = 17;

interface Kept {
  scheme?: string;
  hidden?: string[];
}

function kept(): Kept {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Kept;
  } catch {
    return {};
  }
}

function keep(change: Kept): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...kept(), ...change }));
  } catch {
    // A browser that keeps nothing still shows a map.
  }
}

interface Given extends MapProps {
  /** Null for those who may not change the network. */
  editor: EditorGiven | null;
}

class NetworkMap {
  private readonly map: MapLibre;
  private readonly card;
  private readonly choice;
  private overlays: Overlay[] = [];
  private panel: Panel | undefined;
  private moment: Moment | undefined;
  private scheme: Scheme;
  private only: number | null = null;
  private readonly zones = new Map<string, string>();
  private traces: TraceLayer | undefined;
  private editor: Editor | undefined;
  private shown: { asset: AssetGiven } | { reading: Reading; layer: LayerGiven } | null = null;

  constructor(private readonly el: HTMLElement, private readonly props: Given) {
    const [west, south, east, north] = props.bounds ?? [100, 20, 120, 40];
    const ground = h("div", { class: "nw-ground" });
    el.append(ground);
    this.scheme = this.schemeOf(kept().scheme ?? "diameter");
    this.map = createMap(ground, {
      bounds: [[west, south], [east, north]],
      fitBoundsOptions: { padding: this.padding() },
      minZoom: 8,
      maxZoom: 20,
      onLook: (_map, dark) => this.look(dark),
    });
    loadingSign(this.map, ground);
    this.choice = choice(this.map);
    this.card = card(props, () => this.unchoose(), (code) => void this.open(code, true), (code, direction) => void this.traces?.show(code, direction));
    el.append(this.card.el);
    this.map.once("load", () => this.fill());
  }

  /** What is covered by the search box and the panels must not hide the network. */
  private padding(): { top: number; bottom: number; left: number; right: number } {
    return this.isPhone()
      ? { top: 76, bottom: 84, left: 28, right: 56 }
      : { top: 56, bottom: 48, left: 352, right: 96 };
  }

  private isPhone(): boolean {
    return this.el.clientWidth < 768;
  }

  private fill(): void {
    const { map, props } = this;
    addNetwork(map, props, { labels: true });
    void getJson<GeoJSON.FeatureCollection>(props.zones_url).then((found) => {
      showZones(map, found);
      for (const { properties } of found.features) this.zones.set(String(properties?.code), String(properties?.name));
    });
    const counts = () => this.panel?.counts();
    this.overlays = props.layers.map((given) =>
      addOverlay(map, given, (reading, at, layer) => this.showReading(reading, layer, at), () => { counts(); this.refreshCard(); }));
    this.traces = new TraceLayer(map, props.kinds, props.trace_url, props.page_url);
    this.el.append(this.traces.el);
    this.addPanel();
    this.panel?.el.querySelector(".nw-panel-body")?.append(new PastDay(map, props.past_url).el);
    this.addDrawing();
    this.el.append(searchBox(props.search_url, { ...props.kinds, zone: t("Zone"), connection: t("Service connection") }, (found) => this.find(found)));
    map.addControl({ onAdd: () => this.wholeButton(), onRemove: () => undefined }, "top-right");
    map.on("mousemove", (event) => this.hover(event));
    map.on("mouseout", () => this.choice.hover(null));
    map.on("click", (event) => this.click(event));
    map.on("dblclick", () => this.editor?.doubleClick());
    this.el.addEventListener("keydown", (event) => event.key === "Escape" && this.unchoose());
    this.look(isDark());
    this.paint();
    const asked = new URLSearchParams(window.location.search).get("asset");
    if (asked) void this.open(asked, true);
    map.on("render", this.drawn);
  }

  /** Say once that the network is drawn. Not "idle": on a slow computer live values never let it rest. */
  private readonly drawn = (): void => {
    if (!this.map.isSourceLoaded(NETWORK)) return;
    this.map.off("render", this.drawn);
    this.el.dataset.ready = "true";
  };

  private addPanel(): void {
    const hidden = new Set(kept().hidden ?? []);
    const native = (id: string, label: string, layers: string[]): Switch => ({
      id, label, shown: !hidden.has(id),
      set: (on) => this.set(id, on, () => layers.forEach((one) => this.map.setLayoutProperty(one, "visibility", on ? "visible" : "none"))),
    });
    const switches: Switch[] = [
      ...this.overlays.map((overlay) => ({
        id: overlay.given.id, label: overlay.given.label, overlay, count: () => overlay.readings.size,
        shown: overlay.given.shown !== hidden.has(overlay.given.id),
        set: (on: boolean) => this.set(overlay.given.id, on === overlay.given.shown, () => overlay.show(on)),
      })),
      native("zones", t("Zones"), ["zones-fill", "zones-edge", "zones-label"]),
      native("devices", t("Devices and sources"), ["devices", "devices-mark", "devices-label"]),
      native("connections", t("Service connections"), ["services", "connections"]),
      native("codes", t("Codes of pipes and nodes"), ["nodes-label", "lines-label"]),
    ];
    const side = document.querySelector<HTMLTemplateElement>("#network-map-side");
    this.panel = panel({
      schemes: [
        { id: "diameter", label: t("Diameter") }, { id: "material", label: t("Material") }, { id: "age", label: t("Age") },
        ...this.props.colorings.map((one) => ({ id: one.id, label: one.label })),
      ],
      chosen: this.scheme.id,
      choose: (id) => this.choose(id),
      isolate: (at) => { this.only = at; this.paint(); },
      switches,
      side: side ? (side.content.cloneNode(true) as DocumentFragment) : null,
    });
    this.el.append(this.panel.el);
    for (const one of switches) if (!one.shown) one.set(false);
    this.choose(this.scheme.id);
  }

  private set(id: string, normal: boolean, act: () => void): void {
    act();
    const hidden = new Set(kept().hidden ?? []);
    if (normal) hidden.delete(id);
    else hidden.add(id);
    keep({ hidden: [...hidden] });
  }

  private schemeOf(id: string): Scheme {
    const { counts, diameter_breaks_mm, age_breaks_years, this_year, materials, colorings } = this.props;
    const unknown = t("Not known");
    if (id === "material") return byMaterial(t("Material"), materials, counts, unknown);
    if (id === "age") return byAge(t("Age"), t("years"), age_breaks_years, counts, this_year, unknown);
    const coloring = colorings.find((one) => one.id === id);
    if (coloring) return byMoment(coloring, this.moment?.values ?? new Map(), unknown);
    return byDiameter(t("Diameter"), diameter_breaks_mm, counts, unknown);
  }

  private choose(id: string): void {
    keep({ scheme: id });
    this.moment?.stop();
    this.moment = undefined;
    this.only = null;
    const coloring = this.props.colorings.find((one) => one.id === id);
    if (coloring) {
      this.moment = watchMoment(this.map, coloring, () => {
        this.scheme = this.schemeOf(id);
        this.rechoose();
        this.paint();
        this.refreshCard();
      });
    }
    this.scheme = this.schemeOf(id);
    this.paint();
  }

  private paint(): void {
    if (!this.map.getLayer("lines")) return;
    const dark = isDark();
    this.map.setPaintProperty("lines", "line-color", colourOf(this.scheme, dark));
    this.map.setPaintProperty("lines", "line-opacity", strengthOf(this.scheme, this.only));
    this.panel?.legend(this.scheme, dark, this.only, this.moment?.at() ?? null);
  }

  private look(dark: boolean): void {
    lookNetwork(this.map, dark);
    for (const overlay of this.overlays) overlay.look(dark);
    this.paint();
  }

  private wholeButton(): HTMLElement {
    const show = () => {
      const [west, south, east, north] = this.props.bounds ?? [100, 20, 120, 40];
      this.map.fitBounds([[west, south], [east, north]], { padding: this.padding(), duration: 700 });
    };
    const label = t("Show the whole network");
    return h("div", { class: "maplibregl-ctrl maplibregl-ctrl-group" },
      h("button", { type: "button", class: "nw-whole", title: label, "aria-label": label, click: show }, icon("whole")));
  }

  private readingUnder(event: MapMouseEvent): { reading: Reading; overlay: Overlay } | null {
    const layers = this.overlays.flatMap((one) => one.clickable).filter((id) => this.map.getLayer(id));
    if (!layers.length) return null;
    const { x, y } = event.point;
    const found = this.map.queryRenderedFeatures([[x - 4, y - 4], [x + 4, y + 4]], { layers });
    return found[0] ? readingAt(this.overlays, found[0]) : null;
  }

  /** Offer to draw changes; the tools are loaded only when somebody does. */
  private addDrawing(): void {
    const given = this.props.editor;
    if (!given) return;
    const begin = async (id: number | null) => {
      const { Editor } = await import("./edit/editor");
      this.unchoose();
      this.el.dataset.drawing = "true";
      this.editor = new Editor({
        map: this.map, place: this.el, given, kinds: this.props.kinds, asset_url: this.props.asset_url,
        at: (point) => this.choice.at(point),
        closed: () => {
          this.editor = undefined;
          delete this.el.dataset.drawing;
        },
      });
      await this.editor.open(id);
    };
    this.el.append(h("button", { type: "button", class: "btn nw-draw", click: () => void begin(null) }, t("Draw changes")));
    const asked = Number(new URLSearchParams(window.location.search).get("change"));
    if (asked) void begin(asked);
  }

  private hover(event: MapMouseEvent): void {
    if (this.editor) return this.editor.hover(event);
    const asset = this.choice.at(event.point);
    const reading = asset?.layer.id === "devices" ? null : this.readingUnder(event)?.reading;
    this.choice.hover(reading ? null : asset);
    const canvas = this.map.getCanvas();
    canvas.style.cursor = reading || asset ? "pointer" : "";
    const { kind, code } = asset?.properties ?? {};
    canvas.title = reading ? reading.label : asset ? `${this.props.kinds[String(kind)] ?? ""} ${String(code)}` : "";
  }

  private click(event: MapMouseEvent): void {
    if (this.editor) return this.editor.click(event);
    const asset = this.choice.at(event.point);
    // A point on a device lies under its sign; the device's card lists its readings.
    const found = asset?.layer.id === "devices" ? null : this.readingUnder(event);
    if (found) return this.showReading(found.reading, found.overlay.given);
    const home = asset ? undefined : this.map.queryRenderedFeatures(event.point, { layers: ["connections"] })[0];
    if (home) return this.card.other(t("Service connection"), String(home.properties.code), "", this.props.connection_url.replace("CODE", encodeURIComponent(String(home.properties.code))));
    if (!asset) return this.unchoose();
    this.choice.choose(String(asset.properties.kind), Number(asset.id));
    void this.open(String(asset.properties.code), false);
  }

  /** Go to what was found; of what is no asset the card only names it and leads to its page. */
  private find(found: FoundGiven): void {
    if (found.kind in this.props.kinds) return void this.open(found.code, true);
    this.unchoose();
    this.map.flyTo({ center: [found.lon, found.lat], zoom: found.kind === "zone" ? 14 : CLOSE_ZOOM, duration: 1200 });
    this.card.other(found.kind === "zone" ? t("Zone") : t("Service connection"), found.code, found.name, found.url);
  }

  private showReading(reading: Reading, layer: LayerGiven, at?: [number, number]): void {
    this.choice.clear();
    this.shown = { reading, layer };
    this.card.reading(reading, layer);
    if (at) this.map.easeTo({ center: at, duration: 400 });
  }

  /** Show an asset's card; with `fly`, go there too. */
  private async open(code: string, fly: boolean): Promise<void> {
    const asset = await getJson<AssetGiven>(this.props.asset_url.replace("CODE", encodeURIComponent(code)));
    this.choice.choose(asset.kind, asset.id);
    this.shown = { asset };
    this.refreshCard();
    const url = new URL(window.location.href);
    url.searchParams.set("asset", code);
    window.history.replaceState(null, "", url);
    if (fly && asset.lon !== null && asset.lat !== null) {
      const zoom = Math.max(CLOSE_ZOOM, this.map.getZoom());
      // Where the panels leave room: right of the legend, on a phone above the card.
      const offset: [number, number] = this.isPhone() ? [0, -this.el.clientHeight / 5] : [60, 0];
      this.map.flyTo({ center: [asset.lon, asset.lat], zoom, offset, duration: 1200 });
    }
  }

  /** Feature state was cleared with the figures of the moment: mark the chosen asset again. */
  private rechoose(): void {
    if (this.shown && "asset" in this.shown) this.choice.choose(this.shown.asset.kind, this.shown.asset.id);
  }

  private refreshCard(): void {
    if (!this.shown) return;
    if ("reading" in this.shown) return this.card.reading(this.shown.reading, this.shown.layer);
    const { asset } = this.shown;
    const value = this.moment?.values.get(asset.id);
    const coloring = this.props.colorings.find((one) => one.id === this.scheme.id);
    const extra: [string, string][] = coloring && value !== undefined ? [[coloring.label, quantity(value, coloring.unit, coloring.decimals)]] : [];
    const readings = this.overlays.flatMap((one) => [...one.readings.values()]).filter((one) => one.key.startsWith(`${asset.code}.`));
    const zone = asset.zone && (this.zones.get(asset.zone) ?? asset.zone);
    this.card.asset({ ...asset, zone }, extra, readings);
  }

  private unchoose(): void {
    this.choice.clear();
    this.shown = null;
    this.card.close();
    const url = new URL(window.location.href);
    url.searchParams.delete("asset");
    window.history.replaceState(null, "", url);
  }

  stop(): void {
    this.moment?.stop();
    for (const overlay of this.overlays) overlay.stop();
    this.map.remove();
  }
}

export function start(el: HTMLElement, props: unknown): () => void {
  const map = new NetworkMap(el, props as Given);
  return () => map.stop();
}
