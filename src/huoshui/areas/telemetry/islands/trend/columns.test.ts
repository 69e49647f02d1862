import { describe, expect, it } from "vitest";
import { append, bandAt, byDay, gapMs, lineOf, pairs, qualityAt, readingsIn, type SentLine } from "./columns";

const MINUTE = 60_000;

function sent(changes: Partial<SentLine> = {}): SentLine {
  return {
    code: "p227.flow",
    name: "Inlet",
    kind: "flow",
    unit: "m³/h",
    decimals: 2,
    expected_every_s: 300,
    limits: { low_low: null, low: null, high: null, high_high: null },
    resolution: "raw",
    readings_total: 4,
    start_ms: 1000,
    step_ms: [5 * MINUTE, 5 * MINUTE, 60 * MINUTE],
    value: [1, null, 3, 4],
    runs: [[1000 + 5 * MINUTE, 1000 + 10 * MINUTE, 2]],
    ...changes,
  };
}

describe("a line", () => {
  it("adds its steps up to moments", () => {
    expect(lineOf(sent()).at_ms).toEqual([1000, 301_000, 601_000, 4_201_000]);
    expect(lineOf(sent({ start_ms: null, step_ms: [], value: [] })).at_ms).toEqual([]);
  });

  it("counts what lies in the view, not what was fetched around it, and nothing when thinned", () => {
    expect(readingsIn(lineOf(sent()), 301_000, 4_201_000)).toBe(2);
    expect(readingsIn(lineOf(sent({ readings_total: 40 })), 0, 5_000_000)).toBeNull();
  });

  it("is broken where readings are missing, and at every null", () => {
    const line = lineOf(sent());
    const found = pairs(line.at_ms, line.value, gapMs(line), (ms) => ms);
    expect(found.map(([, value]) => value)).toEqual([1, null, 3, null, 4]);
  });

  it("is not broken by the usual step", () => {
    const line = lineOf(sent({ step_ms: [300_000, 300_000, 300_000] }));
    expect(pairs(line.at_ms, line.value, gapMs(line), (ms) => ms)).toHaveLength(4);
  });

  it("shows hours apart by more than one and a half as a gap", () => {
    const hour = 60 * MINUTE;
    expect(gapMs(lineOf(sent({ resolution: "hourly", step_ms: [hour, hour, hour] })))).toBe(1.5 * hour);
    expect(gapMs(lineOf(sent({ resolution: "hourly", step_ms: [6 * hour, 6 * hour, hour] })))).toBe(9 * hour);
  });

  it("merges hours into the city's days, with their extremes", () => {
    const hour = 60 * MINUTE;
    const hours = sent({ resolution: "hourly", start_ms: 0, step_ms: Array(47).fill(hour), value: Array.from({ length: 48 }, (_, i) => i), low: Array.from({ length: 48 }, (_, i) => i - 1), high: Array.from({ length: 48 }, (_, i) => i + 1) });
    const days = byDay(lineOf(hours), (ms) => ms + 8 * hour);
    expect(days.value).toEqual([7.5, 27.5, 43.5]);
    expect(days.low).toEqual([-1, 15, 39]);
    expect(days.high).toEqual([16, 40, 48]);
  });

  it("knows the quality of a moment", () => {
    const line = lineOf(sent());
    expect(qualityAt(line, 1000)).toBe(0);
    expect(qualityAt(line, 301_000)).toBe(2);
  });

  it("takes newer readings only, and carries a run of bad ones on", () => {
    const line = lineOf(sent());
    expect(append(line, 4_201_000, 5, 0)).toBe(false);
    expect(append(line, 4_501_000, 5, 3)).toBe(true);
    expect(append(line, 4_801_000, 6, 3)).toBe(true);
    expect(line.runs.at(-1)).toEqual([4_501_000, 4_801_000, 3]);
    expect(append(lineOf(sent({ resolution: "hourly" })), 9_000_000, 5, 0)).toBe(false);
  });
});

describe("the band", () => {
  const band = { start_ms: 0, step_ms: 100, low: [1, null], middle: [2, null], high: [3, null], weeks: 8, weeks_min: 4, width: 3 };
  it("is known at the nearest hour, if at all", () => {
    expect(bandAt(band, 20)).toEqual([1, 2, 3]);
    expect(bandAt(band, 100)).toBeNull();
    expect(bandAt(band, 900)).toBeNull();
    expect(bandAt(null, 20)).toBeNull();
  });
});
