import { describe, expect, it } from "vitest";
import { sayTrace, type TraceGiven } from "./trace";

const FOUND: TraceGiven = {
  code: "p1", counts: { pipe: 3, valve: 2 }, pipes_length_m: 1234, connections: 0, customers: 0, sources: [],
  stops: [{ code: "v1", is_closed: false }, { code: "v2", is_closed: true }], problems: [], features: { type: "FeatureCollection", features: [] },
};

describe("a trace in words", () => {
  it("tells valves to shut from those that are shut already", () => {
    expect(sayTrace(FOUND, { pipe: "Pipe", valve: "Valve" })).toEqual([
      ["Pipe", "3"], ["Valve", "2"], ["Length of pipes", "1.23 km"], ["Valves to shut", "v1"], ["Stopped by closed valves", "v2"],
    ]);
  });

  it("names customers and sources where there are some", () => {
    const names = sayTrace({ ...FOUND, connections: 5, customers: 4, sources: ["R1", "R2"], stops: [] }, {}).map(([name]) => name);
    expect(names).toEqual(["pipe", "valve", "Length of pipes", "Connections", "Customers", "Sources"]);
  });
});
