import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as format from "./format";
import { setWords } from "./i18n";

// 18:05 on the city's clock; the tests' own computer may be anywhere.
const AT = "2026-03-01T10:05:00Z";

describe("formats", () => {
  beforeEach(() => (document.documentElement.lang = "en"));
  afterEach(() => setWords({}));

  it.each([
    [1234.5, 1, "1,234.5"],
    [-3, 0, "−3"],
    [null, 1, "–"],
    [Number.NaN, 1, "–"],
    [0.1 + 0.2, undefined, "0.3"],
  ])("show %s with %s decimals as %s", (value, decimals, shown) => {
    expect(format.number(value, decimals)).toBe(shown);
  });

  it("show moments by the city's clock, in the page's way", () => {
    expect(format.moment(AT)).toBe("1 Mar 2026 18:05");
    document.documentElement.lang = "zh-hans";
    expect(format.moment(AT)).toBe("2026-03-01 18:05");
  });

  it("leave the year out of a day of these weeks", () => {
    expect(format.shortDay(AT)).toBe("1 Mar");
    document.documentElement.lang = "zh-hans";
    expect(format.shortDay(AT)).toBe("03-01");
  });

  it("name the two largest units of a length of time", () => {
    expect(format.duration(90061)).toBe("1 d 1 h");
    expect(format.duration(0)).toBe("0 s");
    setWords({ "{n} h": "{n} 小时", "{n} min": "{n} 分钟" });
    expect(format.duration(3660)).toBe("1 小时 1 分钟");
  });

  it("shift moments so that a chart's axis shows the city's clock, and back", () => {
    const at = Date.parse(AT);
    expect(new Date(format.zoneShifter()(at)).toISOString()).toBe("2026-03-01T18:05:00.000Z");
    expect(format.zoneUnshifter()(format.zoneShifter()(at))).toBe(at);
  });

  it("follow a zone whose clock changes", () => {
    const shift = format.zoneShifter("Europe/Berlin");
    expect(shift(Date.parse("2026-03-29T00:30:00Z")) - Date.parse("2026-03-29T00:30:00Z")).toBe(3_600_000);
    expect(shift(Date.parse("2026-03-29T01:30:00Z")) - Date.parse("2026-03-29T01:30:00Z")).toBe(7_200_000);
  });
});
