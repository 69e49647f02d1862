import { describe, expect, it } from "vitest";
import { type Line, lineOf } from "./columns";
import { axisGroups, heightFor, panes } from "./panes";
import type { Scale } from "./state";

function line(code: string, unit: string): Line {
  return lineOf({
    code, name: code, kind: "flow", unit, decimals: 1, expected_every_s: 60, resolution: "raw", readings_total: 0, start_ms: null, step_ms: [], value: [], runs: [],
    limits: { low_low: null, low: null, high: null, high_high: null },
  });
}

const LINES = [line("a", "m"), line("b", "m³/h"), line("c", "m"), line("d", "m")];
const sharing = (more = {}) => ({
  lines: LINES, layout: "together" as const, own: new Set<string>(), hidden: new Set<string>(), scales: new Map<string, Scale>(), ...more,
});
const codes = (more = {}) => axisGroups(sharing(more)).map((group) => group.lines.map((one) => one.code).join(""));

describe("axes", () => {
  it("are shared by lines of one unit", () => {
    expect(codes()).toEqual(["acd", "b"]);
  });

  it("are a line's own where it wants that, and no hidden line's", () => {
    expect(codes({ own: new Set(["c"]), hidden: new Set(["b"]) })).toEqual(["ad", "c"]);
  });

  it("take the scale that somebody set for any of their lines", () => {
    const [group] = axisGroups(sharing({ scales: new Map<string, Scale>([["c", [0, null]], ["a", [null, 80]]]) }));
    expect(group?.scale).toEqual([0, 80]);
  });
});

describe("panes", () => {
  it("never lie on one another", () => {
    const placed = panes(3) as { top: number; height: number }[];
    for (let i = 1; i < placed.length; i++) {
      const before = placed[i - 1]!;
      expect(placed[i]!.top).toBeGreaterThan(before.top + before.height);
    }
    expect(heightFor(3)).toBeGreaterThan(placed[2]!.top + placed[2]!.height);
    expect(heightFor(1)).toBeNull();
  });
});
