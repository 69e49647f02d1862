/** Find a topic by what an agent types: Chinese, pinyin, its initials, or English. */

export interface Topic {
  code: string;
  name: string;
  group: string;
  kind: string;
  keys: string;
}

/** How well a topic fits, 0 best; undefined when it does not. */
function fit(topic: Topic, wanted: string): number | undefined {
  const keys = topic.keys.toLowerCase().split(" ");
  if (keys.includes(wanted)) return 0;
  // The Chinese name, its pinyin and its initials come first; the English words follow.
  if (keys.slice(0, 3).some((key) => key.startsWith(wanted))) return 1;
  if (keys.some((key) => key.startsWith(wanted))) return 2;
  return topic.keys.toLowerCase().includes(wanted) ? 3 : undefined;
}

/** The topics that fit, the best first; among equals the order of the table. */
export function matching(topics: readonly Topic[], typed: string): Topic[] {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return [];
  return topics
    .map((topic, place) => ({ topic, place, how: fit(topic, wanted) }))
    .filter((one): one is { topic: Topic; place: number; how: number } => one.how !== undefined)
    .sort((a, b) => a.how - b.how || a.place - b.place)
    .map((one) => one.topic);
}
