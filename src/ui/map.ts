/**
 * Maps: MapLibre set up for a strict content policy, no outside servers, our look and language.
 *
 *     const map = createMap(el, { bounds: [[west, south], [east, north]] });
 *     map.on("load", () => { map.addSource(...); map.addLayer(...); });
 *     return () => map.remove();
 *
 * Labels need no glyph server: give `text-font: LABEL_FONT` and the browser draws them itself.
 */
import "maplibre-gl/dist/maplibre-gl.css";
import {
  Map as MapLibre,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type LngLatBoundsLike,
  type MapOptions,
  type StyleSpecification,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { t } from "./i18n";
import { isDark, onTheme, token } from "./page";

setWorkerUrl(workerUrl);

export * as maplibre from "maplibre-gl";

/** Families that systems with Chinese have; the first that is there is used. */
export const LABEL_FONT = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", "sans-serif"];

/** The plain ground under our own layers. */
export function ground(): StyleSpecification {
  const paint = { "background-color": token("map-ground") };
  return { version: 8, sources: {}, layers: [{ id: "ground", type: "background", paint }] };
}

function words(): Record<string, string> {
  return {
    "NavigationControl.ZoomIn": t("Zoom in"),
    "NavigationControl.ZoomOut": t("Zoom out"),
    "NavigationControl.ResetBearing": t("Turn north up"),
    "ScaleControl.Meters": t("m"),
    "ScaleControl.Kilometers": t("km"),
    "ScaleControl.Feet": t("ft"),
    "ScaleControl.Miles": t("mi"),
    "Map.Title": t("Map"),
    "Popup.Close": t("Close"),
    "Marker.Title": t("Marker"),
    "CooperativeGesturesHandler.WindowsHelpText": t("Hold Ctrl and scroll to zoom the map"),
    "CooperativeGesturesHandler.MacHelpText": t("Hold ⌘ and scroll to zoom the map"),
    "CooperativeGesturesHandler.MobileHelpText": t("Use two fingers to move the map"),
  };
}

export interface MapChoices extends Partial<Omit<MapOptions, "container" | "bounds">> {
  bounds?: LngLatBoundsLike;
  /** Leave the zoom buttons and the scale out, for a small map inside a page. */
  plain?: boolean;
  /** Called at the start and whenever light and dark change, to colour one's own layers. */
  onLook?: (map: MapLibre, dark: boolean) => void;
}

/** Draw a map that follows the theme; remove it with `map.remove()`. */
export function createMap(el: HTMLElement, choices: MapChoices = {}): MapLibre {
  const { plain, onLook, ...options } = choices;
  const map = new MapLibre({
    container: el,
    style: ground(),
    attributionControl: false,
    fadeDuration: 0,
    pitchWithRotate: false,
    dragRotate: false,
    localIdeographFontFamily: LABEL_FONT.map((name) => (name.includes(" ") ? `"${name}"` : name)).join(", "),
    locale: words(),
    fitBoundsOptions: { padding: 32 },
    ...options,
  });
  map.touchZoomRotate.disableRotation();
  if (!plain) {
    map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new ScaleControl({ maxWidth: 120 }), "bottom-left");
  }
  const look = () => {
    if (map.getLayer("ground")) map.setPaintProperty("ground", "background-color", token("map-ground"));
    onLook?.(map, isDark());
  };
  map.once("load", look);
  const stop = onTheme(look);
  map.once("remove", stop);
  return map;
}
