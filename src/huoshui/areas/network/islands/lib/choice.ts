/** What is under the pointer and what is chosen, shown on the map through feature state. */
import type { Map as MapLibre, MapGeoJSONFeature, PointLike } from "maplibre-gl";
import { NETWORK, targets } from "./style";

const TOUCH = ["devices", "nodes", "lines-touch"];
const FINGER_PX = 5;

export interface Choice {
  /** The asset under a point of the screen: signs before nodes before lines. */
  at(point: { x: number; y: number }): MapGeoJSONFeature | null;
  hover(feature: MapGeoJSONFeature | null): void;
  choose(kind: string, id: number): void;
  clear(): void;
}

export function choice(map: MapLibre): Choice {
  let hovered: { kind: string; id: number } | null = null;
  let chosen: { kind: string; id: number } | null = null;

  const mark = (what: { kind: string; id: number } | null, name: string, on: boolean) => {
    for (const target of what ? targets(what.kind, what.id) : []) map.setFeatureState(target, { [name]: on });
  };
  return {
    at(point) {
      const box: [PointLike, PointLike] = [[point.x - FINGER_PX, point.y - FINGER_PX], [point.x + FINGER_PX, point.y + FINGER_PX]];
      const found = map.queryRenderedFeatures(box, { layers: TOUCH.filter((id) => map.getLayer(id)) });
      return TOUCH.map((id) => found.find((one) => one.layer.id === id && one.source === NETWORK)).find(Boolean) ?? null;
    },
    hover(feature) {
      const next = feature ? { kind: String(feature.properties.kind), id: Number(feature.id) } : null;
      if (next?.id === hovered?.id) return;
      mark(hovered, "hover", false);
      hovered = next;
      mark(hovered, "hover", true);
    },
    choose(kind, id) {
      mark(chosen, "chosen", false);
      chosen = { kind, id };
      mark(chosen, "chosen", true);
    },
    clear() {
      mark(chosen, "chosen", false);
      chosen = null;
    },
  };
}
