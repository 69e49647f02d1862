import { describe, expect, it } from "vitest";
import { apply, filled, stepColour, words } from "./effects";

const FLOW = { name: "Flow", unit: "m³/h", decimals: 1 };

function part(attributes: Record<string, string>, tag = "rect"): SVGElement {
  const found = document.createElementNS("http://www.w3.org/2000/svg", tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
  return found;
}

const at = (value: number | null, more = {}) => ({ value, quality: 0, alarm: false, ...more });

describe("filled", () => {
  it("is the share between the two ends, and never beyond them", () => {
    expect([filled(2.5, 0, 5), filled(7, 0, 5), filled(-1, 0, 5), filled(null, 0, 5), filled(1, 5, 5)]).toEqual([0.5, 1, 0, 0, 0]);
  });
});

describe("stepColour", () => {
  it("is the colour of the highest step reached", () => {
    const steps = "0:#e00;20:#0a0;60:#fa0";
    expect([stepColour(-1, steps), stepColour(0, steps), stepColour(59.9, steps), stepColour(60, steps), stepColour(null, steps)]).toEqual([null, "#e00", "#0a0", "#fa0", null]);
  });
});

describe("words", () => {
  it("doubts what is doubtful and says nothing of what is not known", () => {
    expect(words(at(12.34), FLOW, 1)).toBe("12.3 m³/h");
    expect(words(at(12.34, { quality: 3 }), FLOW, 1)).toBe("12.3 m³/h ?");
    expect(words(at(null), FLOW, 1)).toBe("–");
  });
});

describe("apply", () => {
  it("moves dashes the way the water goes", () => {
    const pipe = part({ "data-show": "flow" }, "path");
    apply(pipe, at(3), FLOW);
    expect(pipe.classList.contains("mm-flows")).toBe(true);
    apply(pipe, at(-3), FLOW);
    expect([...pipe.classList]).toEqual(["mm-flows-back"]);
    apply(pipe, at(0), FLOW);
    expect([...pipe.classList]).toEqual([]);
  });

  it("stops a pump that is not known to run", () => {
    const wheel = part({ "data-show": "turn", "data-above": "0.1" });
    apply(wheel, at(5), FLOW);
    expect(wheel.classList.contains("mm-turns")).toBe(true);
    apply(wheel, at(null), FLOW);
    expect([...wheel.classList]).toEqual(["mm-doubtful"]);
  });

  it("shows an alarm's outline only while one stands", () => {
    const ring = part({ "data-show": "alarm" });
    apply(ring, at(1), FLOW);
    expect(ring.classList.contains("mm-hidden")).toBe(true);
    apply(ring, at(1, { alarm: true }), FLOW);
    expect(ring.classList.contains("mm-hidden")).toBe(false);
  });

  it("paints the line where there is no filling", () => {
    const ring = part({ "data-show": "colour", "data-steps": "0:#ff0000", fill: "none" });
    apply(ring, at(1), FLOW);
    expect(ring.style.getPropertyValue("stroke")).toBe("#ff0000");
  });
});
