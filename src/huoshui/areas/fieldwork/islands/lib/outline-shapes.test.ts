import { describe, expect, it } from "vitest";
import { read, shapes } from "./outline-shapes";

describe("an outline", () => {
  it("is an area only with three corners", () => {
    const kinds = (n: number) => shapes([[0, 0], [1, 0], [1, 1]].slice(0, n) as [number, number][]).features.map((one) => one.geometry.type);

    expect(kinds(1)).toEqual(["Point"]);
    expect(kinds(2)).toEqual(["Point", "Point", "LineString"]);
    expect(kinds(3)).toEqual(["Point", "Point", "Point", "Polygon"]);
  });

  it("closes with its first corner", () => {
    const area = shapes([[0, 0], [1, 0], [1, 1]]).features[3];

    expect(area?.geometry).toEqual({ type: "Polygon", coordinates: [[[0, 0], [1, 0], [1, 1], [0, 0]]] });
  });

  it("that cannot be read begins anew", () => {
    expect(read("rubbish")).toEqual([]);
    expect(read("[[1,2]]")).toEqual([[1, 2]]);
  });
});
