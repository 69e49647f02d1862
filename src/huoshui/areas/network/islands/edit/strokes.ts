/** What a stroke means in steps: a drawn pipe, a device on a pipe, a bend moved. */
import type { Draft, Drawn, Step } from "./draft";
import { bearing, distance_m, length_m, nextCode, type Place, towards } from "./measure";
import type { Anchor } from "./snap";

/** How long the link of a valve or pump is drawn. */
const DEVICE_M = 0.6;

/** Hands out codes that nobody has, the same kind counting on within one stroke. */
export class Codes {
  private readonly taken = new Set<string>();

  constructor(private readonly draft: Draft) {}

  async next(kind: string): Promise<string> {
    const code = await this.draft.freeCode(kind, nextCode, this.taken);
    this.taken.add(code);
    return code;
  }
}

const create = (asset_code: string, wanted: Record<string, unknown>): Step => ({ deed: "create", asset_code, wanted });

/** The steps that make a node of an anchor, and its code. */
async function nodeAt(anchor: Anchor, codes: Codes): Promise<[steps: Step[], code: string]> {
  if (anchor.node) return [[], anchor.node];
  const code = await codes.next("junction");
  const [lon, lat] = anchor.place;
  if (!anchor.link || anchor.kind !== "pipe") return [[create(code, { kind: "junction", lon, lat })], code];
  const new_code = await codes.next("pipe");
  return [[{ deed: "split", asset_code: anchor.link, wanted: { lon, lat, node_code: code, new_code } }], code];
}

/** A pipe from one anchor to another along a line; ends that are nowhere become junctions. */
export async function pipe(start: Anchor, bends: readonly Place[], end: Anchor, attributes: Record<string, unknown>, codes: Codes): Promise<Step[]> {
  const [first, from] = await nodeAt(start, codes);
  const [second, to] = await nodeAt(end, codes);
  const code = await codes.next("pipe");
  const line = [start.place, ...bends, end.place];
  return [...first, ...second, create(code, { kind: "pipe", start: from, end: to, line, attributes })];
}

/** A node where one clicked; a junction on a pipe cuts it. */
export async function node(kind: string, anchor: Anchor, codes: Codes): Promise<Step[]> {
  if (kind === "junction") return (await nodeAt({ ...anchor, node: null }, codes))[0];
  const [lon, lat] = anchor.place;
  return [create(await codes.next(kind), { kind, lon, lat })];
}

/** A valve or pump in a pipe: the pipe is cut twice and the piece between gives way to the device. */
export async function device(kind: string, anchor: Anchor, line: readonly Place[], codes: Codes): Promise<Step[]> {
  if (!anchor.link) return [];
  const rest = after(line, anchor.place);
  const far = along(rest, Math.min(DEVICE_M, length_m(rest) / 2));
  const [one, two] = [await codes.next("junction"), await codes.next("junction")];
  const [middle, tail] = [await codes.next("pipe"), await codes.next("pipe")];
  const [lon, lat] = anchor.place;
  return [
    { deed: "split", asset_code: anchor.link, wanted: { lon, lat, node_code: one, new_code: middle } },
    { deed: "split", asset_code: middle, wanted: { lon: far[0], lat: far[1], node_code: two, new_code: tail } },
    { deed: "retire", asset_code: middle, wanted: {} },
    create(await codes.next(kind), { kind, start: one, end: two, line: [anchor.place, far] }),
  ];
}

/** The nearest segment of a line to a place: the index of its first corner. */
export function segmentAt(line: readonly Place[], place: Place): number {
  let best = 0;
  let least = Infinity;
  for (let i = 0; i + 1 < line.length; i++) {
    const [a, b] = [line[i] as Place, line[i + 1] as Place];
    // A place on a segment adds nothing to its length.
    const detour = distance_m(a, place) + distance_m(place, b) - distance_m(a, b);
    if (detour < least) [best, least] = [i, detour];
  }
  return best;
}

/** The rest of a line behind a place on it, beginning there. */
export function after(line: readonly Place[], place: Place): Place[] {
  return [place, ...line.slice(segmentAt(line, place) + 1)];
}

/** The place so far along a line. */
export function along(line: readonly Place[], metres: number): Place {
  let left = metres;
  for (let i = 0; i + 1 < line.length; i++) {
    const [a, b] = [line[i] as Place, line[i + 1] as Place];
    const step = distance_m(a, b);
    if (left <= step) return towards(a, left, bearing(a, b));
    left -= step;
  }
  return line.at(-1) as Place;
}

/** The line with the corner at `place` (or a new one where there is none) put somewhere else. */
export function withBend(line: readonly Place[], anchor: Anchor, to: Place): Place[] {
  const i = segmentAt(line, anchor.place);
  if (!anchor.bend) return [...line.slice(0, i + 1), to, ...line.slice(i + 1)];
  let bend = 1;
  for (let at = 1; at + 1 < line.length; at++) if (distance_m(line[at] as Place, anchor.place) < distance_m(line[bend] as Place, anchor.place)) bend = at;
  return line.map((place, at) => (at === bend ? to : place));
}

/** Whether an asset has a course that can be bent. */
export function hasCourse(drawn: Pick<Drawn, "line"> | null): boolean {
  return (drawn?.line?.length ?? 0) > 1;
}
