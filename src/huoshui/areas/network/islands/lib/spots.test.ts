import { describe, expect, it } from "vitest";
import { boundsOf } from "./spots";

const point = (lon: number, lat: number) => ({ type: "Feature" as const, properties: {}, geometry: { type: "Point" as const, coordinates: [lon, lat] } });

describe("the bounds of spots", () => {
  it("hold every point", () => {
    expect(boundsOf([point(113.6, 34.7), point(113.5, 34.8)])).toEqual([113.5, 34.7, 113.6, 34.8]);
  });

  it("are nothing without points", () => {
    expect(boundsOf([])).toBeNull();
  });
});
