import { describe, expect, it } from "vitest";
import { boxMoment, boxText } from "./period";

const SHANGHAI_MS = 8 * 3_600_000;

describe("a period of one's own", () => {
  it("is on the city's clock, there and back", () => {
    const at = Date.parse("2026-03-01T16:30:00Z");
    expect(boxText(at, "Asia/Shanghai")).toBe("2026-03-02T00:30");
    expect(boxMoment("2026-03-02T00:30", (ms) => ms - SHANGHAI_MS)).toBe(at);
  });

  it("is nothing while it is half typed", () => {
    expect(boxMoment("2026-03-", (ms) => ms)).toBeNull();
  });
});
