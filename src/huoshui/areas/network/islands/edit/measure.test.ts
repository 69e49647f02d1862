import { describe, expect, it } from "vitest";
import { bearing, distance_m, length_m, nextCode, type Place, towards, typed } from "./measure";

const HERE: Place = [113.6, 34.75];

describe("measuring on the map", () => {
  it("takes a degree of latitude for 111.32 km, and less of longitude", () => {
    expect(distance_m(HERE, [113.6, 34.76])).toBeCloseTo(1113.2, 1);
    // cos 34.75° = 0.82165
    expect(distance_m(HERE, [113.61, 34.75])).toBeCloseTo(1113.2 * 0.82165, 1);
  });

  it("goes as far and where one says", () => {
    for (const degrees of [0, 45, 90, 200, 359]) {
      const there = towards(HERE, 35.2, degrees);
      expect(distance_m(HERE, there)).toBeCloseTo(35.2, 6);
      expect(bearing(HERE, there)).toBeCloseTo(degrees, 3);
    }
  });

  it("adds up a line", () => {
    const line = [HERE, towards(HERE, 30, 90)];
    expect(length_m([...line, towards(line[1] as Place, 12, 0)])).toBeCloseTo(42, 4);
    expect(length_m([HERE])).toBe(0);
  });
});

describe("a typed length", () => {
  it.each([
    ["35.2", { metres: 35.2, degrees: null }],
    ["35,2", { metres: 35.2, degrees: null }],
    ["100<90", { metres: 100, degrees: 90 }],
    ["12 @ -90", { metres: 12, degrees: 270 }],
    ["0", null],
    ["12<", null],
    ["far", null],
  ])("%s", (text, wanted) => {
    expect(typed(text)).toEqual(wanted);
  });
});

describe("the next code", () => {
  it.each([["n782", "n783"], ["P009", "P010"], ["P-99", "P-100"], ["valve", "valve1"]])("after %s is %s", (code, wanted) => {
    expect(nextCode(code)).toBe(wanted);
  });
});
