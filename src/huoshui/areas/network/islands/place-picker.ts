/**
 * A map in a form, to say where something is: a click or a dragged pin fills the fields `lon` and `lat`.
 *
 * `{% island "network/place-picker" props height="320px" %}` inside the form, with the values of
 * `small_map.py: of_picker`. The fields are hidden ones of the same form; what they hold at first is shown.
 */
import type * as GeoJSON from "geojson";
import type { Marker } from "maplibre-gl";
import { getJson } from "@ui/fetch";
import { t } from "@ui/i18n";
import { createMap, maplibre } from "@ui/map";
import { isDark } from "@ui/page";
import { byDiameter, colourOf } from "./lib/classes";
import { h } from "./lib/dom";
import { loadingSign } from "./lib/loading";
import { addNetwork, lookNetwork, showZones } from "./lib/style";
import type { BaseProps } from "./lib/types";
import "./lib/map.css";

const CLOSE_ZOOM = 16;
const DIGITS = 6;

/** The two fields of the form around the map. */
function fieldsOf(el: HTMLElement): [HTMLInputElement, HTMLInputElement] {
  const form = el.closest("form");
  const [lon, lat] = ["lon", "lat"].map((name) => form?.querySelector<HTMLInputElement>(`input[name="${name}"]`));
  if (!lon || !lat) throw new Error("the form has no fields lon and lat");
  return [lon, lat];
}

export function start(el: HTMLElement, given: unknown): () => void {
  const props = given as BaseProps;
  const [lon, lat] = fieldsOf(el);
  const [west, south, east, north] = props.bounds ?? [100, 20, 120, 40];
  const scheme = byDiameter("", props.diameter_breaks_mm, [], t("Not known"));
  const look = (dark: boolean) => {
    if (!map.getLayer("lines")) return;
    lookNetwork(map, dark);
    map.setPaintProperty("lines", "line-color", colourOf(scheme, dark));
  };
  const map = createMap(el, { bounds: [[west, south], [east, north]], onLook: (_map, dark) => look(dark) });
  loadingSign(map, el);
  const said = h("p", { class: "nw-spots-said", role: "status" });
  el.append(said);

  let pin: Marker | null = null;
  const show = (place: [number, number]) => {
    if (!pin) {
      pin = new maplibre.Marker({ draggable: true }).setLngLat(place).addTo(map);
      pin.on("dragend", () => { const at = pin!.getLngLat(); take(at.lng, at.lat); });
    }
    pin.setLngLat(place);
    said.textContent = `${place[0].toFixed(5)}, ${place[1].toFixed(5)}`;
  };
  const take = (x: number, y: number) => {
    lon.value = x.toFixed(DIGITS);
    lat.value = y.toFixed(DIGITS);
    show([x, y]);
    el.dataset.picked = "true";
  };
  said.textContent = t("Click where it is.");
  if (lon.value && lat.value) {
    const place: [number, number] = [Number(lon.value), Number(lat.value)];
    show(place);
    map.jumpTo({ center: place, zoom: CLOSE_ZOOM });
  }
  map.on("click", (event) => take(event.lngLat.lng, event.lngLat.lat));
  map.getCanvas().style.cursor = "crosshair";
  map.once("load", () => {
    addNetwork(map, props, { labels: true });
    void getJson<GeoJSON.FeatureCollection>(props.zones_url).then((found) => showZones(map, found));
    look(isDark());
    map.once("idle", () => (el.dataset.ready = "true"));
  });
  return () => map.remove();
}
