/** The map of the day on the phone: which tiles are fetched before there is no signal, and where they lie. */
import * as base from "./base";
import type { Day } from "./types";

const AROUND = 1;
const DETAIL_FROM = 14;
const TILES_MAX = 900;
const AT_ONCE = 4;

export interface Kept {
  revision: string;
  bytes: ArrayBuffer;
}

export type Address = [zoom: number, x: number, y: number];

/** The tile in which a place lies (the usual web projection). */
export function tileOf(lon: number, lat: number, zoom: number): [number, number] {
  const n = 2 ** zoom;
  const turned = Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI;
  const at = (value: number) => Math.min(n - 1, Math.max(0, Math.floor(value * n)));
  return [at((lon + 180) / 360), at((1 - turned) / 2)];
}

/** The tiles of a day: the whole area coarsely, the places of the jobs finely, at most so many. */
export function wanted(spots: readonly [number, number][], zoom_min: number, zoom_max: number): Address[] {
  const found = new Map<string, Address>();
  for (let zoom = zoom_min; zoom <= zoom_max; zoom++) {
    const around = zoom >= DETAIL_FROM ? AROUND : 0;
    const tiles = spots.map(([lon, lat]) => tileOf(lon, lat, zoom));
    if (!tiles.length) break;
    const boxes: [number, number, number, number][] = around
      ? tiles.map(([x, y]) => [x - around, y - around, x + around, y + around])
      : [[Math.min(...tiles.map((t) => t[0])), Math.min(...tiles.map((t) => t[1])), Math.max(...tiles.map((t) => t[0])), Math.max(...tiles.map((t) => t[1]))]];
    for (const [west, north, east, south] of boxes)
      for (let x = Math.max(0, west); x <= Math.min(east, 2 ** zoom - 1); x++)
        for (let y = Math.max(0, north); y <= Math.min(south, 2 ** zoom - 1); y++) {
          if (found.size >= TILES_MAX) return [...found.values()];
          found.set(`${zoom}/${x}/${y}`, [zoom, x, y]);
        }
  }
  return [...found.values()];
}

function urlOf(template: string, [zoom, x, y]: Address): string {
  return template.replace("{z}", String(zoom)).replace("{x}", String(x)).replace("{y}", String(y));
}

async function fetched(day: Day, address: Address): Promise<ArrayBuffer> {
  const answer = await fetch(urlOf(day.tiles?.url ?? "", address), { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`tile ${answer.status}`);
  return await answer.arrayBuffer();
}

/** Fetch what is not there yet or has changed; stops quietly where the line breaks or the phone is full. */
export async function keepTiles(db: IDBDatabase, day: Day, spots: readonly [number, number][]): Promise<void> {
  const tiles = day.tiles;
  if (!tiles) return;
  const open: Address[] = [];
  for (const address of wanted(spots, tiles.zoom_min, tiles.zoom_max)) {
    const kept = await base.get<Kept>(db, "tiles", address.join("/"));
    if (kept?.revision !== tiles.revision) open.push(address);
  }
  const one = async (): Promise<void> => {
    for (let address = open.shift(); address; address = open.shift()) {
      const key = address.join("/");
      const bytes = await fetched(day, address);
      await base.write(db, ["tiles"], (store) => store("tiles").put({ revision: tiles.revision, bytes } satisfies Kept, key));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one)).catch(() => undefined);
}

/** A tile for the map: the phone's own, else the server's, else an empty one. */
export async function tileFor(db: IDBDatabase, day: Day, address: Address): Promise<ArrayBuffer> {
  const kept = await base.get<Kept>(db, "tiles", address.join("/"));
  if (kept) return kept.bytes;
  return await fetched(day, address).catch(() => new ArrayBuffer(0));
}
