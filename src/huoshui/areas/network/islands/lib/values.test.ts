import { describe, expect, it } from "vitest";
import { MISSING, readingOf, takeOver } from "./values";

describe("readingOf", () => {
  it("writes a value with its unit and decimals", () => {
    const reading = readingOf({ key: "n1.pressure", value: 42.345, unit: "m", decimals: 1, sign: "pressure" }, 0);
    expect([reading.text, reading.quality, reading.rank]).toEqual(["42.3 m", 0, 1]);
  });

  it("shows a point without a reading as missing, not as zero", () => {
    const reading = readingOf({ key: "n1.pressure", value: null, unit: "m" }, 0);
    expect([reading.text, reading.quality]).toEqual(["–", MISSING]);
  });

  it("keeps a zero, which is a measurement", () => {
    expect(readingOf({ value: 0, unit: "m³/h", decimals: 1 }, 3).text).toBe("0.0 m³/h");
  });

  it("stands anything", () => {
    expect(readingOf(null, 7).key).toBe("7");
    expect(readingOf({ size: 9, value: "x" }, 0).size).toBe(1);
  });
});

describe("takeOver", () => {
  it("tells whether the shown text changes", () => {
    const reading = readingOf({ key: "a", value: 1, unit: "m", decimals: 1 }, 0);
    expect(takeOver(reading, { key: "a", value: 1.01, quality: 0 })).toBe(false);
    expect(takeOver(reading, { key: "a", value: 1.2, quality: 0 })).toBe(true);
    expect(reading.text).toBe("1.2 m");
    expect(takeOver(reading, { key: "a", value: 1.2, quality: 0, alarm: true })).toBe(true);
    expect(takeOver(reading, { key: "a", value: null })).toBe(true);
    expect([reading.text, reading.quality]).toEqual(["–", MISSING]);
  });
});
