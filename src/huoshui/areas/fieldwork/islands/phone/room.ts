/** How much room the phone still has for pictures, as the browser estimates it. */
import { t } from "@ui/i18n";

const MEGA = 1_000_000;
/** A picture of 2,048 pixels takes about this much. */
export const PICTURE_BYTES = 600_000;

export function roomText(usage: number, quota: number): string {
  const left = Math.max(0, quota - usage);
  return t("{used} MB used, room for about {pictures} more pictures", {
    used: Math.round(usage / MEGA),
    pictures: Math.floor(left / PICTURE_BYTES).toLocaleString("en-US"),
  });
}

export async function roomWords(): Promise<string> {
  const found = await navigator.storage?.estimate?.().catch(() => undefined);
  return found?.quota ? roomText(found.usage ?? 0, found.quota) : "";
}
