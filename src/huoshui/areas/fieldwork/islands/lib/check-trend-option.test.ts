import { expect, test } from "vitest";
import { bounds, type CheckTrend, ends } from "./check-trend-option";

const TREND: CheckTrend = { unit: "°C", low: null, high: 75, points: [["2026-03-01T00:00:00Z", 60, false], ["2026-03-02T00:00:00Z", 82, true]] };

test("only limits that there are become lines", () => {
  expect(bounds(TREND).map((one) => one[0])).toEqual([75]);
  expect(bounds({ ...TREND, low: 10 }).map((one) => one[0])).toEqual([10, 75]);
});

test("the axis holds every value and limit with room", () => {
  const [bottom, top] = ends(TREND);
  expect(bottom).toBeLessThan(60);
  expect(top).toBeGreaterThan(82);
});

test("one value alone has an axis", () => {
  const [bottom, top] = ends({ unit: "", low: null, high: null, points: [["2026-03-01T00:00:00Z", 0, false]] });
  expect(bottom).toBeLessThan(0);
  expect(top).toBeGreaterThan(0);
});
