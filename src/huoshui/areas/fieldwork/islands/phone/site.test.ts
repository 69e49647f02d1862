import { describe, expect, it } from "vitest";
import { lacking } from "./site";

const NOTHING = { person: "", asset_code: "" };

describe("what is written down at a construction site", () => {
  it("may be a look without a word", () => {
    expect(lacking("visited", NOTHING, false)).toBe("");
  });

  it("names whom of the builder was shown the pipes, with the sheet", () => {
    expect(lacking("disclosed", NOTHING, true)).not.toBe("");
    expect(lacking("disclosed", { ...NOTHING, person: "Liu" }, false)).not.toBe("");
    expect(lacking("disclosed", { ...NOTHING, person: "Liu" }, true)).toBe("");
  });

  it("names the pipe that was damaged", () => {
    expect(lacking("damaged", NOTHING, true)).not.toBe("");
    expect(lacking("damaged", { ...NOTHING, asset_code: "p2" }, false)).toBe("");
  });
});
