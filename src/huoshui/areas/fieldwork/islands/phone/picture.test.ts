import { describe, expect, it } from "vitest";
import { fitted } from "./picture";

describe("a picture", () => {
  it("keeps its shape when it is made smaller", () => expect(fitted(4000, 3000, 2048)).toEqual([2048, 1536]));
  it("is never made larger", () => expect(fitted(640, 480, 2048)).toEqual([640, 480]));
  it("is never made to nothing", () => expect(fitted(10_000, 1, 160)).toEqual([160, 1]));
});
