import { describe, expect, it } from "vitest";
import { circles, frameOf, type Spot } from "./spots";

const spot = (calls: number, lon = 0, lat = 0): Spot => ({ lon, lat, name: "", calls, open: 0 });
const radius = (one: { properties: Record<string, unknown> } | undefined) => one?.properties.radius as number;

describe("circles", () => {
  it("draws areas as calls: four times the calls, twice the radius", () => {
    const [large, small] = circles([spot(40), spot(10)]);
    expect(radius(large) / radius(small)).toBeCloseTo(2);
  });

  it("keeps the smallest to be seen", () => {
    expect(radius(circles([spot(900), spot(1)])[1])).toBe(9);
  });
});

describe("frameOf", () => {
  it("holds all spots", () => {
    expect(frameOf([spot(1, 3, 5), spot(1, 1, 9)])).toEqual([[1, 5], [3, 9]]);
  });

  it("is nothing without spots", () => {
    expect(frameOf([])).toBeNull();
  });
});
