/**
 * The words of the islands. English stands in the code; Chinese comes from the same files as the
 * pages' Chinese, fetched once and kept by the browser until they change.
 */
import { wordsUrl } from "./page";

let words: Record<string, string> = {};
let loading: Promise<void> | undefined;

/** Fetch the page's words; islands start only after this, so `t` never shows English by accident. */
export function loadWords(): Promise<void> {
  loading ??= (async () => {
    const url = wordsUrl();
    if (!url) return;
    const answer = await fetch(url);
    if (answer.ok) words = (await answer.json()) as Record<string, string>;
  })().catch((error: unknown) => console.error(error));
  return loading;
}

/** Give the words directly, for tests. */
export function setWords(given: Record<string, string>): void {
  words = given;
}

function fill(text: string, values: Record<string, unknown>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** Translate: `t("{count} sensors", { count: 33 })`. The first argument must be a plain string. */
export function t(text: string, values: Record<string, unknown> = {}): string {
  return fill(words[text] ?? text, values);
}

/** Translate with one and many: `tn("{n} row", "{n} rows", n)`. */
export function tn(one: string, many: string, n: number, values: Record<string, unknown> = {}): string {
  return fill(words[one] ?? (n === 1 ? one : many), { n, ...values });
}
