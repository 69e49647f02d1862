import { describe, expect, it } from "vitest";
import { type AttributeGiven, attributeForm, valueOf } from "./panel";

describe("what a box says", () => {
  it.each([
    ["number", "12.5", 12.5], ["integer", "2001", 2001], ["flag", "false", false], ["text", "12", "12"], ["choice", "pe", "pe"], ["number", "", null], ["number", "wide", "wide"],
  ] as const)("%s %s", (type, text, wanted) => {
    expect(valueOf(type, text)).toBe(wanted);
  });
});

describe("a form of attributes", () => {
  const GIVEN: AttributeGiven[] = [
    { code: "diameter_mm", label: "Diameter", unit: "mm", type: "number", choices: null },
    { code: "material", label: "Material", unit: "", type: "choice", choices: [["pe", "PE"], ["steel", "Steel"]] },
  ];

  it("gives back only what was changed", () => {
    const { el, read } = attributeForm(GIVEN, { diameter_mm: 200, material: "pe" }, null);
    expect(read()).toEqual({});
    const [box, select] = [el.querySelector("input"), el.querySelector("select")];
    box!.value = "300";
    select!.value = "";
    expect(read()).toEqual({ diameter_mm: 300, material: null });
  });
});
