/** What the server says about this page: language, the city's time zone, where the words are. */

function meta(): DOMStringMap {
  return document.querySelector<HTMLElement>('meta[name="huoshui"]')?.dataset ?? {};
}

/** The page's language, `zh` or `en`. */
export function language(): "zh" | "en" {
  return document.documentElement.lang.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** The time zone of the city, whatever the browser's. */
export function timeZone(): string {
  return meta().zone ?? "Asia/Shanghai";
}

/** Where the words of this language are; empty when the page gives none. */
export function wordsUrl(): string {
  return meta().words ?? "";
}

/** The token that every request which changes something must carry. */
export function csrfToken(): string {
  const given = document.body.getAttribute("hx-headers:inherited") ?? "{}";
  return (JSON.parse(given) as Record<string, string>)["X-CSRFToken"] ?? "";
}

/** Tells when light and dark change; returns the way to stop. */
export function onTheme(listen: (dark: boolean) => void): () => void {
  const observer = new MutationObserver(() => listen(isDark()));
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
  return () => observer.disconnect();
}

export function isDark(): boolean {
  return document.documentElement.dataset.bsTheme === "dark";
}

/** A colour or size of tokens.css, as the page computes it now. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--hs-${name}`).trim();
}
