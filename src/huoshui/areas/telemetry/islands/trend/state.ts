/** What one looks at on the page of trends, kept in its address, so that it can be sent and saved. */

export interface Formula {
  text: string;
  /** What the line is called; empty means the formula itself. */
  label: string;
  unit: string;
}

export type Layout = "together" | "stacked";

/** Smallest and largest value of an axis; null is left to the lines. */
export type Scale = [number | null, number | null];

export interface State {
  codes: string[];
  formulas: Formula[];
  layout: Layout;
  /** Lines with an axis of their own instead of one for their unit. */
  own: Set<string>;
  hidden: Set<string>;
  scales: Map<string, Scale>;
  /** A fixed period; without it the page follows the present. */
  from_ms: number | null;
  until_ms: number | null;
  span: string | null;
}

export const LINES_MAX = 16;
const FORMULA_MARK = "=";

/** How a formula's line is known among the lines. */
export function codeOf(formula: Formula): string {
  return FORMULA_MARK + formula.text;
}

export function isFormula(code: string): boolean {
  return code.startsWith(FORMULA_MARK);
}

export function emptyState(codes: string[]): State {
  return { codes, formulas: [], layout: "together", own: new Set(), hidden: new Set(), scales: new Map(), from_ms: null, until_ms: null, span: null };
}

function momentOf(text: string | null): number | null {
  const at = text ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) ? at : null;
}

function bound(text: string | undefined): number | null {
  return text === undefined || text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text);
}

/** Read the state out of an address; what cannot be read is left out. */
export function readState(search: string, codes: string[]): State {
  const query = new URLSearchParams(search);
  const state = emptyState(codes);
  for (const given of query.getAll("formula").slice(0, LINES_MAX)) {
    const [text = "", label = "", unit = ""] = given.split("|");
    if (text.trim()) state.formulas.push({ text: text.trim(), label: label.trim(), unit: unit.trim() });
  }
  if (query.get("layout") === "stacked") state.layout = "stacked";
  state.own = new Set(query.getAll("own"));
  state.hidden = new Set(query.getAll("hide"));
  for (const given of query.getAll("scale")) {
    const [code = "", low, high] = given.split("|");
    const scale: Scale = [bound(low), bound(high)];
    if (code && scale.some((one) => one !== null)) state.scales.set(code, scale);
  }
  const [from, until] = [momentOf(query.get("from")), momentOf(query.get("until"))];
  if (from !== null && until !== null && until > from) [state.from_ms, state.until_ms] = [from, until];
  state.span = query.get("span");
  return state;
}

/** Write the state as the part of an address behind the question mark. */
export function writeState(state: State): string {
  const query = new URLSearchParams();
  if (state.codes.length) query.set("points", state.codes.join(","));
  for (const one of state.formulas) query.append("formula", [one.text, one.label, one.unit].join("|").replace(/\|+$/, ""));
  if (state.layout === "stacked") query.set("layout", "stacked");
  for (const code of state.own) query.append("own", code);
  for (const code of state.hidden) query.append("hide", code);
  for (const [code, [low, high]] of state.scales) query.append("scale", `${code}|${low ?? ""}|${high ?? ""}`);
  if (state.from_ms !== null && state.until_ms !== null) {
    query.set("from", new Date(state.from_ms).toISOString());
    query.set("until", new Date(state.until_ms).toISOString());
  } else if (state.span) query.set("span", state.span);
  return query.toString();
}
