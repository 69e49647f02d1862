import { describe, expect, it } from "vitest";
import { PhoneClock } from "./clock";
import { freshest, Passed, pieces, secondsSince, type Fix } from "./walkmodel";

const LIMITS = { accuracy_m: 40, jump_m: 120, jump_s: 90, speed_ms: 12 };
// On the equator a degree is 111,195 m both ways: a hundred metres are this much.
const HUNDRED = 100 / 111_195;
const PIPE = { code: "p", line: [[0, 0], [3 * HUNDRED, 0]] as [number, number][] };

const at = (east_m: number, s: number, accuracy_m: number | null = 5, north_m = 0): Fix => ({
  lon: (east_m / 100) * HUNDRED, lat: (north_m / 100) * HUNDRED, s, accuracy_m,
});

function walked(...fixes: Fix[]): Passed {
  const found = new Passed([PIPE], 10, LIMITS);
  fixes.forEach((fix) => found.add(fix));
  return found;
}

describe("what a walk has passed", () => {
  it("is the pipe beside the track and ten metres on", () => {
    // 110 of 300 m are 22 of 60 samples.
    expect(walked(at(0, 0), at(100, 60)).passed).toBe(22);
  });

  it("is not what lies in a gap of the signal", () => {
    const found = walked(at(0, 0), at(100, 60), at(200, 500), at(300, 560));

    // From 110 to 190 m nothing is known: 16 samples of 5 m.
    expect(found.count - found.passed).toBe(16);
    expect(found.lines().map((one) => one.passed)).toEqual([true, false, true]);
  });

  it("is nothing where the receiver is not sure, or the street is another", () => {
    expect(walked(at(0, 0, 41), at(100, 60, 41)).passed).toBe(0);
    expect(walked(at(0, 0, 5, 30), at(100, 60, 5, 30)).passed).toBe(0);
  });

  it("is found again quickly after a phone that died, on the largest round", () => {
    // 300 km of pipe in 100 streets side by side, and a track of 7,000 places along the first ones.
    const pipes = Array.from({ length: 100 }, (_one, n) => ({ code: `p${n}`, line: [[0, n * HUNDRED], [30 * HUNDRED, n * HUNDRED]] as [number, number][] }));
    const found = new Passed(pipes, 10, LIMITS);
    const began = performance.now();
    for (let n = 0; n < 7000; n++) found.add(at((n * 8) % 3000, n * 4, 5, Math.floor((n * 8) / 3000) * 100));

    expect(found.count).toBe(60_000);
    expect(found.passed).toBeGreaterThan(10_000);
    // Each place against each piece takes more than a minute.
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it("cuts the pipe into lines that meet", () => {
    const lines = walked(at(0, 0), at(100, 60)).lines();

    expect(lines).toHaveLength(2);
    expect(lines[0]?.line.at(-1)).toEqual(lines[1]?.line[0]);
  });
});

describe("a track in pieces", () => {
  it("is written as steps, the first from zero", () => {
    expect(pieces([{ lon: 113.6, lat: 34.75, s: 0, accuracy_m: 5 }, { lon: 113.60001, lat: 34.74999, s: 4, accuracy_m: null }])).toEqual(["113600000,34750000,0,5;10,-10,4,"]);
  });

  it("can be read piece by piece and loses nothing", () => {
    const fixes = Array.from({ length: 500 }, (_one, n) => ({ lon: 113.6 + n * 1e-5, lat: 34.75 - n * 2e-5, s: n * 5, accuracy_m: n % 7 }));
    const found = pieces(fixes, 900);

    expect(found.length).toBeGreaterThan(5);
    expect(found.every((one) => one.length <= 900)).toBe(true);
    const read = found.flatMap((text) => {
      let [lon, lat, s] = [0, 0, 0];
      return text.split(";").map((one) => {
        const [east, north, later] = one.split(",").map(Number) as [number, number, number];
        [lon, lat, s] = [lon + east, lat + north, s + later];
        return [lon, lat, s];
      });
    });
    expect(read).toEqual(fixes.map((fix) => [Math.round(fix.lon * 1e6), Math.round(fix.lat * 1e6), fix.s]));
  });

  it("of nothing are none", () => {
    expect(pieces([])).toEqual([]);
  });
});

describe("the place of a finding", () => {
  const place = (at_ms: number) => ({ lon: at_ms, lat: 0, at_ms });

  it("is the latest one", () => {
    expect(freshest([place(1000), place(3000), null], 4000)?.at_ms).toBe(3000);
  });

  it("is not one of long ago", () => {
    expect(freshest([place(0), null], 120_001)).toBeNull();
  });
});

describe("the seconds of a walk", () => {
  it("go on where somebody sets the phone's clock back", () => {
    let [wall, steady] = [1_000_000, 0];
    const clock = new PhoneClock(() => wall, () => steady);
    clock.measure(1_000_000, 0);
    const began_ms = clock.true_ms();
    steady += 60_000;
    wall += 60_000 - 3_600_000;

    expect(secondsSince(began_ms, clock.true_ms(), 0)).toBe(60);
  });

  it("do not run backwards", () => {
    expect(secondsSince(10_000, 5_000, 42)).toBe(42);
  });
});
