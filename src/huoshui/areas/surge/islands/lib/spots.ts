/** Estates on the wall's map: a circle for each, its area as large as its calls. */

export interface Spot { lon: number; lat: number; name: string; calls: number; open: number }

const LARGEST = 46;
const SMALLEST = 9;

/** Circles whose areas are to each other as the calls are; the one with most is the largest. */
export function circles(spots: readonly Spot[]): { type: "Feature"; geometry: { type: "Point"; coordinates: [number, number] }; properties: Record<string, unknown> }[] {
  const most = Math.max(1, ...spots.map((one) => one.calls));
  return spots.map(({ lon, lat, ...rest }) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [lon, lat] },
    properties: { ...rest, radius: Math.max(SMALLEST, LARGEST * Math.sqrt(rest.calls / most)) },
  }));
}

/** The corners that hold all spots, or nothing without any. */
export function frameOf(spots: readonly Spot[]): [[number, number], [number, number]] | null {
  if (!spots.length) return null;
  const lons = spots.map((one) => one.lon);
  const lats = spots.map((one) => one.lat);
  return [[Math.min(...lons), Math.min(...lats)], [Math.max(...lons), Math.max(...lats)]];
}
