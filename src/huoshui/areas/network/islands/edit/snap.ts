/** Where a pointer would put something: on an asset of the draft, of the network, or nowhere special. */
import { getJson } from "@ui/fetch";
import type { MapGeoJSONFeature } from "maplibre-gl";
import type { ChangeSet } from "./draft";
import { distance_m, type Place } from "./measure";

/** What a click is anchored to. */
export interface Anchor {
  place: Place;
  /** A node that is there, or will be. */
  node: string | null;
  /** A link hit along its course; a bend of it where `bend` is set. */
  link: string | null;
  bend: boolean;
  kind: string;
}

interface ServerSnap {
  code: string;
  kind: string;
  vertex: "node" | "bend" | "course";
  lon: number;
  lat: number;
}

export const FREE = (place: Place): Anchor => ({ place, node: null, link: null, bend: false, kind: "" });

/** The nearest node of the draft within reach; those of the register are the server's business. */
export function inDraft(change: ChangeSet | null, place: Place, within_m: number): Anchor | null {
  let best: Anchor | null = null;
  let nearest = within_m;
  for (const { code, after } of change?.preview ?? []) {
    if (!after || after.retired_at !== null || after.line?.length || after.lon === null || after.lat === null) continue;
    const at: Place = [after.lon, after.lat];
    const away = distance_m(place, at);
    if (away > nearest) continue;
    nearest = away;
    best = { place: at, node: code, link: null, bend: false, kind: after.kind };
  }
  return best;
}

/** Assets of the register that the draft moved or takes away must not be snapped to where they were. */
export function touched(change: ChangeSet | null): Set<string> {
  return new Set(change?.preview.filter((one) => one.before).map((one) => one.code));
}

export async function anchorAt(url: string, change: ChangeSet | null, place: Place, within_m: number): Promise<Anchor> {
  const own = inDraft(change, place, within_m);
  if (own) return own;
  const query = new URLSearchParams({ lon: String(place[0]), lat: String(place[1]), within_m: String(within_m) });
  const found = await getJson<ServerSnap | null>(`${url}snap?${query}`, { quiet: true });
  if (!found || (found.vertex === "node" && touched(change).has(found.code))) return FREE(place);
  const at: Place = [found.lon, found.lat];
  if (found.vertex === "node") return { place: at, node: found.code, link: null, bend: false, kind: found.kind };
  return { place: at, node: null, link: found.code, bend: found.vertex === "bend", kind: found.kind };
}

/** What the pointer is over, told from what is drawn: quick, and near enough for a mark. */
export function hovered(change: ChangeSet | null, feature: MapGeoJSONFeature | null, place: Place, within_m: number): { place: Place; snapped: boolean } {
  const own = inDraft(change, place, within_m);
  if (own) return { place: own.place, snapped: true };
  if (feature?.geometry.type === "Point") return { place: feature.geometry.coordinates as Place, snapped: true };
  return { place, snapped: feature !== null };
}
