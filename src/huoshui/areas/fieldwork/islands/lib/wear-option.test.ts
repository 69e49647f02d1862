import { describe, expect, it } from "vitest";
import { dayMs, daysAhead, ends, fan, lastKnown, line, type Wear } from "./wear-option";

const DAY_MS = 86_400_000;
const WEAR: Wear = {
  first: "2026-03-01", values: [40, 41, null, 43, null], limit: 53, level: 43, slopes: [1, 0.5, 2],
  is_clear: true, middle: 1, unit: "°C", decimals: 1, due: null, ahead_days: 60,
};

describe("the chart of a sign of wear", () => {
  it("goes on from the last day that is known", () => {
    expect(lastKnown(WEAR)).toBe(3);
    expect(line(WEAR)[0]).toEqual([dayMs("2026-03-01"), 40]);
  });

  it("reaches a little beyond the limit, and not for ever", () => {
    // Ten degrees at one a day: ten days, a quarter more and three.
    expect(daysAhead(WEAR)).toBe(16);
    expect(daysAhead({ ...WEAR, slopes: [0.001, 0, 0.002] })).toBe(60);
    expect(daysAhead({ ...WEAR, slopes: null })).toBe(3);
  });

  it("opens the fan to both sides of the day in which the lines meet", () => {
    const { base, width } = fan(WEAR);
    // They meet at 41 on the second day; a day before 41 - 2 to 41 - 0.5, eighteen days later 50 to 77.
    expect(base.map((one) => one[1])).toEqual([39, 41, 50]);
    expect(width.map((one) => one[1])).toEqual([1.5, 0, 27]);
    expect(base[2]?.[0]).toBe(dayMs("2026-03-04") + 16 * DAY_MS);
  });

  it("ends its axis at round numbers beyond the days, the fan and the limit", () => {
    // From 39 to 77 in steps of five.
    expect(ends(WEAR)).toEqual([35, 80]);
    expect(ends({ ...WEAR, values: [0.281, 0.2811], slopes: null, limit: 0.34 })).toEqual([0.28, 0.34]);
  });
});
