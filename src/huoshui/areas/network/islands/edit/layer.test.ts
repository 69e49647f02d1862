import { describe, expect, it } from "vitest";
import type { ChangeSet, Drawn } from "./draft";
import { featuresOf } from "./layer";

const pipe = (more: Partial<Drawn> = {}): Drawn => ({ kind: "pipe", lon: 1, lat: 2, line: [[0, 0], [2, 4]], start: "a", end: "b", length_m: 5, retired_at: null, ...more });

function set(preview: ChangeSet["preview"]): ChangeSet {
  return { id: 1, title: "", why: "", state: "draft", url: "", steps: [], problems: [], warnings: [], preview, can_undo: false, can_redo: false };
}

describe("a draft on the map", () => {
  it("shows what comes as it will be, and what goes as it was", () => {
    const moved = pipe({ line: [[0, 0], [9, 9]] });
    const found = featuresOf(set([
      { code: "p1", before: pipe(), after: moved },
      { code: "p2", before: pipe(), after: pipe({ retired_at: "at approval" }) },
      { code: "n9", before: null, after: pipe({ kind: "junction", line: null }) },
      { code: "n0", before: null, after: pipe({ kind: "junction", line: null, lon: null }) },
    ]));
    expect(found.map((one) => [one.properties?.code, one.properties?.gone, one.geometry.type])).toEqual([
      ["p1", false, "LineString"], ["p2", true, "LineString"], ["n9", false, "Point"],
    ]);
    expect(found[0]?.geometry).toEqual({ type: "LineString", coordinates: moved.line });
  });

  it("is empty without a set", () => {
    expect(featuresOf(null)).toEqual([]);
  });
});
