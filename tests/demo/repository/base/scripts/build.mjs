// Compiles the tide table and copies the service, without its tests, into dist/.
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";

const rows = (await readFile("data/tides.csv", "utf8")).trim().split("\n").slice(1);
const tides = Object.fromEntries(rows.map((row) => row.split(",")).map(([day, lowest]) => [day, Number(lowest)]));

await mkdir("dist", { recursive: true });
await writeFile("dist/tides.json", JSON.stringify(tides));
await cp("data/berths.json", "dist/berths.json");
await cp("src", "dist", { recursive: true, filter: (path) => !path.endsWith(".test.mjs") });
