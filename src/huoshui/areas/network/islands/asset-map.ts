/**
 * A small map on a page about one asset, one zone or one spot.
 *
 * `{% island "network/asset-map" props height="300px" %}` with the values of `small_map.py: of_asset`
 * (the asset is marked, others can be clicked), `of_zone` (the zone stands out) or `of_spot`.
 */
import type * as GeoJSON from "geojson";
import { getJson } from "@ui/fetch";
import { t } from "@ui/i18n";
import { createMap, maplibre } from "@ui/map";
import { isDark } from "@ui/page";
import { addFeatures } from "./lib/features";
import { choice } from "./lib/choice";
import { byDiameter, colourOf } from "./lib/classes";
import { loadingSign } from "./lib/loading";
import { addNetwork, lookNetwork, showZones } from "./lib/style";
import type { SmallMapProps } from "./lib/types";
import "./lib/map.css";

const MAX_ZOOM = 17;

export function start(el: HTMLElement, given: unknown): () => void {
  const props = given as SmallMapProps;
  const [west, south, east, north] = props.bounds ?? [100, 20, 120, 40];
  const scheme = byDiameter("", props.diameter_breaks_mm, [], t("Not known"));
  const map = createMap(el, {
    bounds: [[west, south], [east, north]],
    fitBoundsOptions: { padding: props.focus ? 60 : { top: 48, bottom: 40, left: 24, right: 48 }, maxZoom: MAX_ZOOM },
    cooperativeGestures: true,
    onLook: (_map, dark) => look(dark),
  });
  loadingSign(map, el);
  const look = (dark: boolean) => {
    if (!map.getLayer("lines")) return;
    lookNetwork(map, dark);
    map.setPaintProperty("lines", "line-color", colourOf(scheme, dark));
  };
  map.once("load", () => {
    addNetwork(map, props, { labels: true });
    void getJson<GeoJSON.FeatureCollection>(props.zones_url).then((found) => showZones(map, found, props.zone));
    look(isDark());
    const chosen = choice(map);
    if (props.features) addFeatures(map, props.features);
    if (props.spot) new maplibre.Marker().setLngLat(props.spot).addTo(map);
    if (props.focus) chosen.choose(props.focus.kind, props.focus.id);
    map.on("mousemove", (event) => {
      const found = chosen.at(event.point);
      chosen.hover(found);
      map.getCanvas().style.cursor = found ? "pointer" : "";
    });
    map.on("click", (event) => {
      const found = chosen.at(event.point);
      if (found) window.location.assign(props.page_url.replace("CODE", encodeURIComponent(String(found.properties.code))));
    });
    map.once("idle", () => (el.dataset.ready = "true"));
  });
  return () => map.remove();
}
