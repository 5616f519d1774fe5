import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fitting } from "./berths.mjs";

const read = async (name) => JSON.parse(await readFile(new URL(name, import.meta.url), "utf8"));
const berths = await read("berths.json");
const tides = await read("tides.json");

function answer(url) {
  if (url.pathname === "/healthz") return [200, { status: "ok" }];
  if (url.pathname !== "/berths") return [404, { error: "no such page" }];
  const draught = Number(url.searchParams.get("draught"));
  const lowest = tides[url.searchParams.get("day")];
  if (!(draught > 0) || lowest === undefined) return [400, { error: "expected draught in metres and a day we know" }];
  return [200, fitting(berths, lowest, draught)];
}

const server = createServer((request, response) => {
  const [status, body] = answer(new URL(request.url, "http://localhost"));
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
});

server.listen(Number(process.env.PORT ?? 8080));
process.on("SIGTERM", () => server.close());
