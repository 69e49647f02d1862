/** Points of a list on the map; pure, so that it is tested without one. */
import type * as GeoJSON from "geojson";

/** West, south, east and north of some points; null without any. */
export function boundsOf(features: readonly GeoJSON.Feature[]): [number, number, number, number] | null {
  const places = features.flatMap((one) => (one.geometry?.type === "Point" ? [one.geometry.coordinates] : []));
  if (!places.length) return null;
  const lons = places.map((one) => one[0] as number);
  const lats = places.map((one) => one[1] as number);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
