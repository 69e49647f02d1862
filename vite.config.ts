/**
 * Builds every page's script and all islands into one folder that Django serves.
 *
 * The base is relative, so that an installation may live under any path of a host.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "./",
  publicDir: false,
  resolve: { alias: { "@ui": fileURLToPath(new URL("./src/ui", import.meta.url)) } },
  build: {
    outDir: process.env.HUOSHUI_UI_OUT ?? "src/huoshui/kernel/pages/static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    // The map engine is one large module, loaded only by pages with a map.
    chunkSizeWarningLimit: 1200,
    license: { fileName: "LICENSES.md" },
    rolldownOptions: {
      input: {
        app: "src/ui/app.ts",
        // A service worker is a file of its own; the server puts the list of the app's files before it.
        "phone-worker": "src/huoshui/areas/fieldwork/islands/phone/worker.ts",
      },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/ui/**/*.test.ts", "src/huoshui/**/islands/**/*.test.ts"],
  },
});
