/** Names by content: the same on the phone and on the server (`phone/queries.py: list_hash`). */

export async function sha256(content: ArrayBuffer | string): Promise<string> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The text of a list on which both sides agree. */
export function listText(entries: Record<string, string>, photos: readonly string[]): string {
  const lines = Object.keys(entries)
    .sort()
    .map((key) => `${key} ${entries[key]}\n`);
  return [...lines, ...[...new Set(photos)].sort().map((hash) => `photo ${hash}\n`)].join("");
}
