/** The corners of a drawn area: read, written, added, moved, and how they are shown. */
import type * as GeoJSON from "geojson";

export type Corner = [lon: number, lat: number];

/** What a hidden field holds; nothing where it cannot be read. */
export function readCorners(text: string): Corner[] {
  try {
    const found: unknown = JSON.parse(text);
    if (!Array.isArray(found)) return [];
    return found.filter((one): one is Corner => Array.isArray(one) && one.length === 2 && one.every((n) => typeof n === "number"));
  } catch {
    return [];
  }
}

/** What goes into the field; fewer than three corners enclose nothing. */
export function written(corners: readonly Corner[]): string {
  return corners.length >= 3 ? JSON.stringify(corners) : "";
}

/** The corners with one more, put where it makes the outline longer by least, so that edges never cross. */
export function withCorner(corners: readonly Corner[], corner: Corner): Corner[] {
  if (corners.length < 3) return [...corners, corner];
  let best = corners.length;
  let least = Infinity;
  corners.forEach((before, at) => {
    const after = corners[(at + 1) % corners.length] as Corner;
    const longer = away(before, corner) + away(corner, after) - away(before, after);
    if (longer < least) [least, best] = [longer, at + 1];
  });
  return [...corners.slice(0, best), corner, ...corners.slice(best)];
}

/** The corners with one of them elsewhere. */
export function moved(corners: readonly Corner[], at: number, to: Corner): Corner[] {
  return corners.map((corner, index) => (index === at ? to : corner));
}

function away(a: Corner, b: Corner): number {
  const narrow = Math.cos((a[1] * Math.PI) / 180);
  return Math.hypot((a[0] - b[0]) * narrow, a[1] - b[1]);
}

/** The outline, or the line so far, and the corners where they can be taken hold of. */
export function featuresOf(corners: readonly Corner[], withCorners: boolean): GeoJSON.FeatureCollection {
  const features: GeoJSON.Feature[] = [];
  if (corners.length >= 3) {
    features.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...corners, corners[0] as Corner]] } });
  } else if (corners.length === 2) {
    features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [...corners] } });
  }
  if (withCorners) {
    for (const corner of corners) features.push({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: corner } });
  }
  return { type: "FeatureCollection", features };
}
