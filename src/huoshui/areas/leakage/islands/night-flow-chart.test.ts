import { describe, expect, it } from "vitest";
import type { Look } from "@ui/chart";
import { setWords } from "@ui/i18n";
import {
  band,
  dayText,
  excessBars,
  leakMarks,
  leakSpan,
  tooltipLines,
  type LeakMark,
  type Nights,
} from "./night-flow/option";

const NIGHTS: Nights = {
  date: ["2026-03-01", "2026-03-02", "2026-03-03"],
  flow_m3h: [10, null, 16],
  expected_m3h: [10, 10, 10],
  low_m3h: [9, 9, null],
  high_m3h: [11, 11, null],
  excess_m3h: [0, null, 6],
  state: ["inside", "no_data", "leaking"],
  quality: ["good", "insufficient", "doubtful"],
};

const LEAK: LeakMark = {
  id: 1,
  state: "open",
  since: "2026-03-03",
  called: "2026-03-03",
  repaired: null,
  ended: null,
  size_m3h: 6,
  url: "/leakage/leaks/1/",
};

const LOOK = { bad: "red", good: "green", text: "black" } as Look;

describe("the night-flow chart", () => {
  it("draws the band as a base with a thickness, and a gap where none is known", () => {
    const { base, thickness } = band(NIGHTS);
    expect(base.map(([, y]) => y)).toEqual([9, 9, null]);
    expect(thickness.map(([, y]) => y)).toEqual([2, 2, null]);
  });

  it("marks the excess of leaking nights only", () => {
    expect(excessBars(NIGHTS)).toEqual([[Date.parse("2026-03-03T00:00:00Z"), 10, 16]]);
  });

  it("shades a standing leak until the latest night", () => {
    const [from, until] = leakSpan(LEAK, "2026-03-09");
    expect([from, until]).toEqual([Date.parse("2026-03-03"), Date.parse("2026-03-09")]);
  });

  it("does not shade what was dismissed, but still marks when it was suspected", () => {
    const marks = leakMarks([{ ...LEAK, state: "dismissed" }], "2026-03-09", LOOK, true);
    expect(marks.markArea.data).toHaveLength(0);
    expect(marks.markLine.data).toHaveLength(1);
  });

  it("says what a night was, in the reader's language", () => {
    setWords({ "Night flow": "夜间流量", "Too few readings": "数据不足" });
    expect(tooltipLines(NIGHTS, 1, true)).toEqual([
      "2026-03-02 · 数据不足",
      "夜间流量: –",
      "Expected: 9.0 – 11.0 m³/h",
    ]);
    setWords({});
    expect(tooltipLines(NIGHTS, 2, false)).toContain("Readings with gaps");
  });

  it("writes a local day without passing through a time zone", () => {
    expect([dayText("2026-03-01", false), dayText("2026-03-01", true)]).toEqual([
      "1 Mar 2026",
      "2026-03-01",
    ]);
  });
});
