import { describe, expect, it } from "vitest";
import type { Draft } from "./draft";
import { distance_m, nextCode, type Place, towards } from "./measure";
import type { Anchor } from "./snap";
import { after, along, Codes, device, node, pipe, segmentAt, withBend } from "./strokes";

//   A ---- 100 m ---- B
//                     |  50 m
//                     C
const A: Place = [113.6, 34.75];
const B = towards(A, 100, 90);
const C = towards(B, 50, 180);
const LINE = [A, B, C];

const START: Record<string, string> = { junction: "n10", pipe: "p10", valve: "v1", hydrant: "h1" };
const codes = () =>
  new Codes({
    freeCode: async (kind: string, next: typeof nextCode, taken: ReadonlySet<string>) => {
      let code = START[kind] as string;
      while (taken.has(code)) code = next(code);
      return code;
    },
  } as unknown as Draft);
const anchor = (place: Place, more: Partial<Anchor> = {}): Anchor => ({ place, node: null, link: null, bend: false, kind: "", ...more });

describe("a drawn pipe", () => {
  it("joins nodes that are there", async () => {
    const steps = await pipe(anchor(A, { node: "n1" }), [B], anchor(C, { node: "n2" }), { diameter_mm: 200 }, codes());
    expect(steps).toEqual([{ deed: "create", asset_code: "p10", wanted: { kind: "pipe", start: "n1", end: "n2", line: LINE, attributes: { diameter_mm: 200 } } }]);
  });

  it("cuts the pipe it begins on and makes a junction where it ends", async () => {
    const steps = await pipe(anchor(A, { link: "p1", kind: "pipe" }), [], anchor(B), {}, codes());
    expect(steps.map((one) => [one.deed, one.asset_code])).toEqual([["split", "p1"], ["create", "n11"], ["create", "p11"]]);
    expect(steps[0]?.wanted).toMatchObject({ node_code: "n10", new_code: "p10" });
    expect(steps[2]?.wanted).toMatchObject({ start: "n10", end: "n11" });
  });
});

describe("a device", () => {
  it("takes the place of a short piece of its pipe", async () => {
    const steps = await device("valve", anchor(along(LINE, 40), { link: "p1", kind: "pipe" }), LINE, codes());
    expect(steps.map((one) => [one.deed, one.asset_code])).toEqual([["split", "p1"], ["split", "p10"], ["retire", "p10"], ["create", "v1"]]);
    const line = steps[3]?.wanted.line as Place[];
    expect(distance_m(line[0] as Place, line[1] as Place)).toBeCloseTo(0.6, 3);
    expect(steps[3]?.wanted).toMatchObject({ start: "n10", end: "n11" });
  });

  it("of a node's kind stands where one clicked", async () => {
    expect(await node("hydrant", anchor(A), codes())).toEqual([{ deed: "create", asset_code: "h1", wanted: { kind: "hydrant", lon: A[0], lat: A[1] } }]);
  });
});

describe("a course", () => {
  it("is found, followed and cut where one points", () => {
    const place = along(LINE, 120);
    expect(segmentAt(LINE, place)).toBe(1);
    expect(distance_m(place, towards(B, 20, 180))).toBeLessThan(0.01);
    expect(after(LINE, place)).toEqual([place, C]);
  });

  it("gets a new corner on its way, or moves the one it has", () => {
    const [there, to] = [along(LINE, 40), towards(A, 40, 0)];
    expect(withBend(LINE, anchor(there, { link: "p1" }), to)).toEqual([A, to, B, C]);
    expect(withBend(LINE, anchor(B, { link: "p1", bend: true }), to)).toEqual([A, to, C]);
  });
});
