import { describe, expect, it } from "vitest";
import { createExpression } from "@maplibre/maplibre-gl-style-spec";
import { byAge, byDiameter, byMaterial, byMoment, classOf, colourOf, rangeText, spread, strengthOf } from "./classes";
import type { Count } from "./types";

const BREAKS = [80, 125, 175];
const COUNTS: Count[] = [
  [63, "pe", 2015, 4],
  [80, "pe", 2016, 1],
  [100, "ductile_iron", 1990, 700],
  [300, "", null, 20],
  [null, "pe", 1960, 2],
];

/** What MapLibre itself makes of an expression for a pipe. */
function evaluate(expression: unknown, properties: Record<string, unknown>, state: Record<string, unknown> = {}) {
  const made = createExpression(expression, "value");
  if (made.result === "error") throw new Error(made.value.map((one) => one.message).join("; "));
  const feature = { type: 2, properties } as never;
  return made.value.evaluate({ zoom: 14 } as never, feature, state);
}

describe("classOf", () => {
  it("includes the upper limit and leaves the last class open", () => {
    expect([63, 80, 80.1, 125, 9000].map((mm) => classOf(mm, BREAKS))).toEqual([0, 0, 1, 1, 3]);
  });
});

describe("rangeText", () => {
  it("writes open and closed classes", () => {
    expect([0, 1, 3].map((at) => rangeText(BREAKS, at))).toEqual(["≤ 80", "80–125", "> 175"]);
  });
});

describe("spread", () => {
  it("keeps both ends of the palette", () => {
    expect(spread(["a", "b", "c", "d"], 2)).toEqual(["a", "d"]);
    expect(spread(["a", "b"], 4)).toHaveLength(4);
  });
});

describe("byDiameter", () => {
  const scheme = byDiameter("Diameter", BREAKS, COUNTS, "Not known");

  it("counts every pipe once", () => {
    expect(scheme.classes.map((one) => one.pipes)).toEqual([5, 700, 0, 20, 2]);
  });

  it("colours on the map as it counts in the legend", () => {
    for (const mm of [63, 80, 81, 125, 126, 175, 176]) {
      expect(evaluate(scheme.index, { diameter_mm: mm })).toBe(classOf(mm, BREAKS));
    }
    expect(evaluate(scheme.index, {})).toBe(4);
  });
});

describe("byAge", () => {
  const scheme = byAge("Age", "years", [10, 30], COUNTS, 2026, "Not known");

  it("counts years since the pipe was laid", () => {
    expect(scheme.classes.map((one) => one.pipes)).toEqual([1, 4, 702, 20]);
    expect(evaluate(scheme.index, { laid_year: 2016 })).toBe(0);
    expect(evaluate(scheme.index, { laid_year: 2015 })).toBe(1);
    expect(evaluate(scheme.index, {})).toBe(3);
  });
});

describe("byMaterial", () => {
  const names = { pe: "PE", ductile_iron: "Ductile iron", steel: "Steel" };

  it("lists the materials there are, the most frequent first", () => {
    const scheme = byMaterial("Material", names, COUNTS, "Not known");
    expect(scheme.classes.map((one) => [one.label, one.pipes])).toEqual([
      ["Ductile iron", 700],
      ["PE", 7],
      ["Not known", 20],
    ]);
    expect(evaluate(scheme.index, { material: "pe" })).toBe(1);
    expect(evaluate(scheme.index, {})).toBe(2);
  });

  it("stands a register without any material", () => {
    const scheme = byMaterial("Material", names, [[100, "", null, 3]], "Not known");
    expect(scheme.classes.map((one) => one.pipes)).toEqual([3]);
    expect(evaluate(colourOf(scheme, false), {})).toBeDefined();
  });
});

describe("byMoment", () => {
  const given = { id: "flow", label: "Flow", unit: "m³/h", url: "", breaks: [1, 10], decimals: 1, refresh_s: 5 };
  const scheme = byMoment(given, new Map([[1, -5], [2, 0.4], [3, 50]]), "Not known");

  it("classes by magnitude, whatever the direction", () => {
    expect(scheme.classes.map((one) => one.pipes)).toEqual([1, 1, 1, 0]);
    expect(evaluate(scheme.index, {}, { v: -5 })).toBe(1);
    expect(evaluate(scheme.index, {}, {})).toBe(3);
  });
});

describe("strengthOf", () => {
  it("keeps one class strong and the others faint", () => {
    const scheme = byDiameter("Diameter", BREAKS, COUNTS, "Not known");
    expect(strengthOf(scheme, null)).toBe(1);
    expect(evaluate(strengthOf(scheme, 1), { diameter_mm: 100 })).toBe(1);
    expect(evaluate(strengthOf(scheme, 1), { diameter_mm: 300 })).toBe(0.12);
  });
});
