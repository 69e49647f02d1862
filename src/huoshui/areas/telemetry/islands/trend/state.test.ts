import { describe, expect, it } from "vitest";
import { codeOf, readState, writeState } from "./state";

const ADDRESS =
  "points=p1.flow%2Cp2.flow&formula=%7Bp1.flow%7D+-+%7Bp2.flow%7D%7CNet%7Cm%C2%B3%2Fh&layout=stacked&own=p2.flow&hide=p1.flow" +
  "&scale=p1.flow%7C0%7C&from=2026-03-01T00%3A00%3A00.000Z&until=2026-03-02T00%3A00%3A00.000Z";

describe("the state of a page of trends", () => {
  it("comes back from its address as it was", () => {
    const state = readState(ADDRESS, ["p1.flow", "p2.flow"]);
    expect(state.formulas).toEqual([{ text: "{p1.flow} - {p2.flow}", label: "Net", unit: "m³/h" }]);
    expect([...state.own, ...state.hidden]).toEqual(["p2.flow", "p1.flow"]);
    expect(state.scales.get("p1.flow")).toEqual([0, null]);
    expect(writeState(state)).toBe(ADDRESS);
  });

  it("leaves out what nobody could have meant", () => {
    const state = readState("formula=+&scale=p1.flow|x|&from=2026-03-02&until=2026-03-01&layout=heap", ["p1.flow"]);
    expect(state.formulas).toEqual([]);
    expect(state.scales.size).toBe(0);
    expect([state.from_ms, state.until_ms, state.layout]).toEqual([null, null, "together"]);
    expect(writeState(state)).toBe("points=p1.flow");
  });

  it("tells a formula's line from a point's", () => {
    expect(codeOf({ text: "a + b", label: "", unit: "" })).toBe("=a + b");
  });
});
