/** How a draft is drawn over the network: new and changed assets, what goes, and the running line. */
import type * as GeoJSON from "geojson";
import type { GeoJSONSource, Map as MapLibre } from "maplibre-gl";
import type { ChangeSet, Drawn } from "./draft";
import type { Place } from "./measure";

const SOURCE = "draft";
const STROKE = "draft-stroke";
const NEW = "#e8590c";
const GONE = "#868e96";

function featureOf(code: string, drawn: Drawn, gone: boolean): GeoJSON.Feature | null {
  const properties = { code, kind: drawn.kind, gone };
  if (drawn.line?.length) return { type: "Feature", properties, geometry: { type: "LineString", coordinates: drawn.line } };
  if (drawn.lon === null || drawn.lat === null) return null;
  return { type: "Feature", properties, geometry: { type: "Point", coordinates: [drawn.lon, drawn.lat] } };
}

/** What of a set is drawn: each asset as it will be, retired ones as they were. */
export function featuresOf(change: ChangeSet | null): GeoJSON.Feature[] {
  return (change?.preview ?? []).flatMap(({ code, before, after }) => {
    const gone = after === null || after.retired_at !== null;
    const drawn = gone ? (before ?? after) : after;
    const feature = drawn && featureOf(code, drawn, gone);
    return feature ? [feature] : [];
  });
}

export class DraftLayer {
  constructor(private readonly map: MapLibre) {
    const data: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
    map.addSource(SOURCE, { type: "geojson", data });
    map.addSource(STROKE, { type: "geojson", data });
    const colour = ["case", ["get", "gone"], GONE, NEW] as unknown as string;
    const round = { "line-cap": "round", "line-join": "round" } as const;
    map.addLayer({ id: "draft-lines", type: "line", source: SOURCE, filter: ["all", ["==", ["geometry-type"], "LineString"], ["!", ["get", "gone"]]], layout: round, paint: { "line-color": colour, "line-width": 4 } });
    map.addLayer({ id: "draft-gone", type: "line", source: SOURCE, filter: ["all", ["==", ["geometry-type"], "LineString"], ["get", "gone"]], paint: { "line-color": colour, "line-width": 5, "line-dasharray": [1, 1.2] } });
    map.addLayer({ id: "draft-points", type: "circle", source: SOURCE, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": colour, "circle-radius": 6, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } });
    map.addLayer({ id: "draft-stroke-line", type: "line", source: STROKE, filter: ["==", ["geometry-type"], "LineString"], layout: round, paint: { "line-color": NEW, "line-width": 3, "line-dasharray": [2, 1.5] } });
    map.addLayer({ id: "draft-stroke-point", type: "circle", source: STROKE, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": ["case", ["get", "snapped"], 9, 5], "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": NEW, "circle-stroke-width": 2.5 } });
  }

  show(change: ChangeSet | null): void {
    this.map.getSource<GeoJSONSource>(SOURCE)?.setData({ type: "FeatureCollection", features: featuresOf(change) });
  }

  /** The line being drawn, and where the pointer would put its next corner. */
  stroke(line: readonly Place[], pointer: { place: Place; snapped: boolean } | null): void {
    const features: GeoJSON.Feature[] = [];
    const course = pointer ? [...line, pointer.place] : [...line];
    if (course.length > 1) features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: course } });
    if (pointer) features.push({ type: "Feature", properties: { snapped: pointer.snapped }, geometry: { type: "Point", coordinates: pointer.place } });
    this.map.getSource<GeoJSONSource>(STROKE)?.setData({ type: "FeatureCollection", features });
  }

  visible(on: boolean): void {
    for (const id of ["draft-lines", "draft-gone", "draft-points", "draft-stroke-line", "draft-stroke-point"]) this.map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
  }
}
