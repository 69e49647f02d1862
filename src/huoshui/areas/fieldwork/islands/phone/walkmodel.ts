/** A walk as numbers: how it is written for the server, and how much of the pipes it has passed. */

export interface Fix {
  lon: number;
  lat: number;
  /** Seconds since the walk began. */
  s: number;
  accuracy_m: number | null;
}

export interface Limits {
  accuracy_m: number;
  jump_m: number;
  jump_s: number;
  speed_ms: number;
}

export interface Pipe {
  code: string;
  line: [number, number][];
}

const PIECE_CHARS = 12_000;
const MICRO = 1e6;
const M_PER_DEGREE = 111_195;
const SAMPLE_M = 5;

/** Fixes as text in pieces, each readable by itself: `lon,lat,seconds,metres` as steps from the fix before. */
export function pieces(fixes: readonly Fix[], most = PIECE_CHARS): string[] {
  const found: string[] = [];
  let text = "";
  let before = [0, 0, 0];
  for (const fix of fixes) {
    const now = [Math.round(fix.lon * MICRO), Math.round(fix.lat * MICRO), Math.round(fix.s)];
    const written = (from: readonly number[]) => `${now.map((one, at) => one - (from[at] ?? 0)).join(",")},${fix.accuracy_m === null ? "" : Math.round(fix.accuracy_m)}`;
    const step = written(before);
    if (text && text.length + step.length + 1 > most) {
      found.push(text);
      text = written([0, 0, 0]);
    } else {
      text += (text ? ";" : "") + step;
    }
    before = now;
  }
  return text ? [...found, text] : found;
}

interface Sample {
  x: number;
  y: number;
  passed: boolean;
}

/** How old the place of a finding may be. */
const PLACE_FRESH_MS = 120_000;

export interface Placed {
  lon: number;
  lat: number;
  at_ms: number;
}

/** The latest of these places, or null where none is of the last two minutes. */
export function freshest(places: readonly (Placed | null)[], now_ms: number): Placed | null {
  const fresh = places.filter((one) => one !== null).filter((one) => now_ms - one.at_ms < PLACE_FRESH_MS);
  return fresh.sort((one, two) => two.at_ms - one.at_ms)[0] ?? null;
}

/** Seconds since a walk began; they never run backwards, also where somebody sets the clock back. */
export function secondsSince(began_ms: number, true_ms: number, latest_s: number): number {
  return Math.round(Math.max(latest_s, (true_ms - began_ms) / 1000) * 10) / 10;
}

interface Course {
  code: string;
  samples: Sample[];
  ends: [number, number][];
}

/**
 * What the walk has passed so far, every five metres of pipe: for the eye on the way.
 *
 * The server computes the metres that count; it joins fixes by the same limits.
 */
export class Passed {
  private readonly courses: Course[];
  /** What is not passed yet, by squares as wide as a walker sees. */
  private readonly cells = new Map<string, Sample[]>();
  private readonly east: number;
  private readonly west_lon: number;
  private readonly south_lat: number;
  private before: { x: number; y: number; s: number } | null = null;
  count = 0;
  passed = 0;

  constructor(pipes: readonly Pipe[], private readonly near_m: number, private readonly limits: Limits) {
    [this.west_lon, this.south_lat] = pipes[0]?.line[0] ?? [0, 0];
    this.east = M_PER_DEGREE * Math.cos((this.south_lat * Math.PI) / 180);
    this.courses = pipes.map((pipe) => this.course(pipe));
    this.count = this.courses.reduce((sum, one) => sum + one.samples.length, 0);
    for (const { samples } of this.courses) for (const one of samples) this.file(one);
  }

  private cell(metres: number): number {
    return Math.floor(metres / this.near_m);
  }

  private file(one: Sample): void {
    const key = `${this.cell(one.x)},${this.cell(one.y)}`;
    const there = this.cells.get(key);
    if (there) there.push(one);
    else this.cells.set(key, [one]);
  }

  private flat(lon: number, lat: number): [number, number] {
    return [(lon - this.west_lon) * this.east, (lat - this.south_lat) * M_PER_DEGREE];
  }

  private course(pipe: Pipe): Course {
    const samples: Sample[] = [];
    const ends: [number, number][] = pipe.line.slice(0, 1);
    for (let at = 1; at < pipe.line.length; at++) {
      const one = pipe.line[at - 1] as [number, number];
      const two = pipe.line[at] as [number, number];
      const [x, y] = this.flat(...one);
      const [to_x, to_y] = this.flat(...two);
      const parts = Math.max(1, Math.ceil(Math.hypot(to_x - x, to_y - y) / SAMPLE_M));
      for (let part = 0; part < parts; part++) {
        const middle = (part + 0.5) / parts;
        const end = (part + 1) / parts;
        samples.push({ x: x + (to_x - x) * middle, y: y + (to_y - y) * middle, passed: false });
        ends.push([one[0] + (two[0] - one[0]) * end, one[1] + (two[1] - one[1]) * end]);
      }
    }
    return { code: pipe.code, samples, ends };
  }

  /** Take one more fix; says whether more was passed. */
  add(fix: Fix): boolean {
    if (fix.accuracy_m !== null && fix.accuracy_m > this.limits.accuracy_m) return false;
    const [x, y] = this.flat(fix.lon, fix.lat);
    const last = this.before;
    this.before = { x, y, s: fix.s };
    const away = last ? Math.hypot(x - last.x, y - last.y) : Infinity;
    const later = last ? fix.s - last.s : Infinity;
    const joined = away <= this.limits.jump_m && later <= this.limits.jump_s && away <= this.limits.speed_ms * later;
    const from = last && joined ? last : { x, y };
    const was = this.passed;
    for (let east = this.cell(Math.min(from.x, x) - this.near_m); east <= this.cell(Math.max(from.x, x) + this.near_m); east++)
      for (let north = this.cell(Math.min(from.y, y) - this.near_m); north <= this.cell(Math.max(from.y, y) + this.near_m); north++) this.pass(`${east},${north}`, from, { x, y });
    return this.passed > was;
  }

  private pass(key: string, from: { x: number; y: number }, to: { x: number; y: number }): void {
    const there = this.cells.get(key);
    if (!there) return;
    const left: Sample[] = [];
    for (const one of there) {
      one.passed = distance(one, from, to) <= this.near_m;
      if (one.passed) this.passed += 1;
      else left.push(one);
    }
    if (left.length) this.cells.set(key, left);
    else this.cells.delete(key);
  }

  get share(): number {
    return this.count ? this.passed / this.count : 0;
  }

  /** The pipes as lines, cut where what was passed changes to what was not. */
  lines(): { passed: boolean; line: [number, number][] }[] {
    return this.courses.flatMap(({ samples, ends }) => {
      const found: { passed: boolean; line: [number, number][] }[] = [];
      samples.forEach((one, at) => {
        const last = found[found.length - 1];
        const end = ends[at + 1] as [number, number];
        if (last?.passed === one.passed) last.line.push(end);
        else found.push({ passed: one.passed, line: [ends[at] as [number, number], end] });
      });
      return found;
    });
  }
}

function distance(at: { x: number; y: number }, from: { x: number; y: number }, to: { x: number; y: number }): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const square = dx * dx + dy * dy;
  const part = square ? Math.min(1, Math.max(0, ((at.x - from.x) * dx + (at.y - from.y) * dy) / square)) : 0;
  return Math.hypot(at.x - from.x - part * dx, at.y - from.y - part * dy);
}
