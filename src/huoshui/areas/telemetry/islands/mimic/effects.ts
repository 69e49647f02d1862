/** What a bound part of a drawing does when its point has a new value. */
import { number } from "@ui/format";

export interface PointFacts {
  name: string;
  unit: string;
  decimals: number;
}

export interface Fresh {
  value: number | null;
  quality: number;
  alarm: boolean;
}

/** A value of this quality and worse is shown as not to be trusted. */
export const DOUBTFUL = 2;
const STILL = 1e-9;

/** Return the share of a vessel that is filled, 0 to 1; empty where the value is not known. */
export function filled(value: number | null, min: number, max: number): number {
  if (value === null || !(max > min)) return 0;
  return Math.min(1, Math.max(0, (value - min) / (max - min)));
}

/** Return the colour of the highest step that the value has reached: "0:#e00;20:#0a0". */
export function stepColour(value: number | null, steps: string): string | null {
  if (value === null) return null;
  let found: string | null = null;
  for (const step of steps.split(";")) {
    const at = step.indexOf(":");
    if (at > 0 && value >= Number(step.slice(0, at))) found = step.slice(at + 1);
  }
  return found;
}

/** Return what a text says: the value with its unit, a question mark where it is not trusted. */
export function words(fresh: Fresh, facts: PointFacts, decimals: number): string {
  if (fresh.value === null) return "–";
  return `${number(fresh.value, decimals)} ${facts.unit}${fresh.quality >= DOUBTFUL ? " ?" : ""}`;
}

function numberOf(part: SVGElement, name: string, otherwise: number): number {
  const given = part.dataset[name];
  return given === undefined ? otherwise : Number(given);
}

/** Change one part after its point. */
export function apply(part: SVGElement, fresh: Fresh, facts: PointFacts): void {
  const { value } = fresh;
  part.classList.toggle("mm-doubtful", value === null || fresh.quality >= DOUBTFUL);
  switch (part.dataset.show ?? "value") {
    case "value": {
      const text = words(fresh, facts, numberOf(part, "decimals", facts.decimals));
      if (part.textContent !== text) part.textContent = text;
      break;
    }
    case "level": {
      const share = filled(value, numberOf(part, "min", 0), numberOf(part, "max", 1));
      part.style.clipPath = `inset(${((1 - share) * 100).toFixed(1)}% 0 0 0)`;
      break;
    }
    case "turn":
      part.classList.toggle("mm-turns", value !== null && value > numberOf(part, "above", 0));
      break;
    case "flow": {
      const way = (value ?? 0) * numberOf(part, "direction", 1);
      part.classList.toggle("mm-flows", way > STILL);
      part.classList.toggle("mm-flows-back", way < -STILL);
      break;
    }
    case "colour": {
      const colour = stepColour(value, part.dataset.steps ?? "");
      const paint = part.getAttribute("fill") === "none" ? "stroke" : "fill";
      part.style.setProperty(paint, colour ?? "#868e96");
      break;
    }
    case "appear":
      part.classList.toggle("mm-hidden", value === null || value <= numberOf(part, "above", 0));
      break;
    case "alarm":
      part.classList.toggle("mm-hidden", !fresh.alarm);
      break;
  }
}
