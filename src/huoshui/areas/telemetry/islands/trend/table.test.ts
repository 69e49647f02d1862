import { describe, expect, it } from "vitest";
import { lineOf } from "./columns";
import { figures, valueAt } from "./table";

const LINE = lineOf({
  code: "a", name: "A", kind: "flow", unit: "m³/h", decimals: 1, expected_every_s: 60, resolution: "raw", readings_total: 4, start_ms: 0,
  step_ms: [60_000, 60_000, 3_600_000], value: [1, 5, null, 100], runs: [[60_000, 60_000, 2]],
  limits: { low_low: null, low: null, high: null, high_high: null },
});

describe("the figures of a view", () => {
  it("are of what lies in it, end excluded", () => {
    expect(figures(LINE, 0, 3_720_000)).toEqual({ min: 1, mean: 3, max: 5 });
  });

  it("are nothing where nothing is known", () => {
    expect(figures(LINE, 100_000, 200_000)).toEqual({ min: null, mean: null, max: null });
  });
});

describe("the value at the cursor", () => {
  it("is that of the nearest reading, with its quality", () => {
    expect(valueAt(LINE, 70_000)).toEqual({ value: 5, quality: 2 });
  });

  it("is nothing in the middle of a gap", () => {
    expect(valueAt(LINE, 1_800_000)).toBeNull();
  });
});
