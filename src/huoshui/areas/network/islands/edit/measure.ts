/** Lengths, bearings and places near one another: what a drawing hand needs, in metres. */

export type Place = [lon: number, lat: number];

const M_PER_DEGREE = 111_320;
const RAD = Math.PI / 180;

/** Metres from one place to another as east and north. Over the length of a pipe the earth is flat. */
function offset(from: Place, to: Place): [east: number, north: number] {
  return [(to[0] - from[0]) * M_PER_DEGREE * Math.cos(from[1] * RAD), (to[1] - from[1]) * M_PER_DEGREE];
}

export function distance_m(from: Place, to: Place): number {
  return Math.hypot(...offset(from, to));
}

export function length_m(line: readonly Place[]): number {
  let sum = 0;
  for (let i = 1; i < line.length; i++) sum += distance_m(line[i - 1] as Place, line[i] as Place);
  return sum;
}

/** Degrees clockwise from north, 0 to 360. */
export function bearing(from: Place, to: Place): number {
  const [east, north] = offset(from, to);
  return (Math.atan2(east, north) / RAD + 360) % 360;
}

/** The place so many metres away in a direction. */
export function towards(from: Place, metres: number, degrees: number): Place {
  const east = metres * Math.sin(degrees * RAD);
  const north = metres * Math.cos(degrees * RAD);
  return [from[0] + east / (M_PER_DEGREE * Math.cos(from[1] * RAD)), from[1] + north / M_PER_DEGREE];
}

export interface Typed {
  metres: number;
  /** Null: towards the pointer. */
  degrees: number | null;
}

/** Read "35.2" (metres) or "35.2<90" (metres and degrees from north); null while it is neither. */
export function typed(text: string): Typed | null {
  const found = /^\s*(\d+(?:[.,]\d+)?)\s*(?:[<@∠]\s*(-?\d+(?:[.,]\d+)?))?\s*$/.exec(text);
  if (!found) return null;
  const metres = Number(found[1]?.replace(",", "."));
  const degrees = found[2] === undefined ? null : (Number(found[2].replace(",", ".")) + 360) % 360;
  return metres > 0 ? { metres, degrees } : null;
}

/** The next code of a row of them: n783 after n782, P007 after P006. */
export function nextCode(code: string): string {
  const found = /^(.*?)(\d+)$/.exec(code);
  if (!found) return `${code}1`;
  const digits = found[2] as string;
  return `${found[1]}${String(Number(digits) + 1).padStart(digits.length, "0")}`;
}
