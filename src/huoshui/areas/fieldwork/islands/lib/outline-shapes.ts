/** An outline as corners: read from the form, drawn on the map. */
import type * as GeoJSON from "geojson";

export type Corner = [number, number];

/** What the map shows of corners: the area once there are three, its edge, the corners. */
export function shapes(corners: readonly Corner[]): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = corners.map((at) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }));
  const first = corners[0];
  if (first && corners.length > 2) {
    features.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...corners, first]] } });
  } else if (corners.length === 2) {
    features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [...corners] } });
  }
  return { type: "FeatureCollection", features };
}

export function read(text: string): Corner[] {
  try {
    const found: unknown = JSON.parse(text || "[]");
    return Array.isArray(found) ? (found as Corner[]) : [];
  } catch {
    return [];
  }
}
