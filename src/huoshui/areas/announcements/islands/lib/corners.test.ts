import { describe, expect, it } from "vitest";
import { type Corner, featuresOf, readCorners, withCorner, written } from "./corners";

const SQUARE: Corner[] = [[0, 0], [1, 0], [1, 1], [0, 1]];

describe("corners", () => {
  it("come back from the field as they were written", () => {
    expect(readCorners(written(SQUARE))).toEqual(SQUARE);
  });

  it("of a field that holds rubbish are none", () => {
    expect(readCorners("{")).toEqual([]);
    expect(readCorners('[["a", 1], [2, 3]]')).toEqual([[2, 3]]);
  });

  it("are written only where they enclose something", () => {
    expect(written([[0, 0], [1, 0]])).toBe("");
  });

  it("go into the edge they are nearest to, so that no edges cross", () => {
    expect(withCorner(SQUARE, [0.5, -0.2])).toEqual([[0, 0], [0.5, -0.2], [1, 0], [1, 1], [0, 1]]);
  });

  it("are drawn as a closed outline", () => {
    const outline = featuresOf(SQUARE, false).features[0]?.geometry;
    expect(outline).toEqual({ type: "Polygon", coordinates: [[...SQUARE, [0, 0]]] });
  });
});
