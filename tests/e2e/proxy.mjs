// node proxy.mjs COMMAND...: drives `streamgauge proxy` as an operator would. Exits 1 with a
// sentence at the first thing that is not as it should be.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";

const command = process.argv.slice(2);
const gib = 2 ** 30;
const patience_ms = 60_000;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
async function eventually(what, condition) {
  for (const end = Date.now() + patience_ms; Date.now() < end; await wait(20)) {
    const value = await condition();
    if (value) return value;
  }
  assert.fail(`not within ${patience_ms} ms: ${what}`);
}

// --- the server behind it: a ticking stream, a GiB, and a head that tells what it was asked ---

const ticking = new Set();
const server = http.createServer((request, response) => {
  if (request.url === "/gib") return gigabyte(response);
  response.writeHead(200, { "Content-Type": "text/event-stream", "X-Seen": request.headers["x-asked"] ?? "" });
  response.write(": hello\n\n");
  const timer = setInterval(() => response.write("data: tick\n\n"), 20);
  ticking.add(response);
  response.on("close", () => (clearInterval(timer), ticking.delete(response)));
});
function gigabyte(response) {
  const block = Buffer.alloc(1 << 20, "x");
  let left = gib / block.length;
  response.writeHead(200, { "Content-Type": "text/plain" });
  const more = () => {
    while (left-- > 0) if (!response.write(block)) return response.once("drain", more);
    response.end();
  };
  more();
}
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `127.0.0.1:${server.address().port}`;

// --- the proxy ---

const proxy = spawn(command[0], [...command.slice(1), "--to", origin, "--admin", "127.0.0.1:0", "--seed", "7"]);
let said = "";
proxy.stdout.on("data", (text) => (said += text));
proxy.stderr.pipe(process.stderr);
const ended = new Promise((resolve) => proxy.on("exit", (code) => resolve(code)));
process.on("exit", () => proxy.kill("SIGKILL"));
const [, admin] = await eventually("the proxy says where its admin is", () => /admin on http:\/\/(\S+)/.exec(said));
const [, via] = await eventually("the proxy says where it is", () => /proxy on http:\/\/(\S+)/.exec(said));

function ask(where, method, path, { body, headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(`http://${where}${path}`, { method, headers, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, json: text ? JSON.parse(text) : null }));
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
/** A stream through the proxy: what came, and how it ended. */
function stream(headers = {}) {
  const it = { text: "", status: 0, ended: "" };
  const request = http.get(`http://${via}/events`, { headers, agent: false }, (response) => {
    it.status = response.statusCode;
    it.headers = response.headers;
    response.on("data", (chunk) => (it.text += chunk));
    response.on("end", () => (it.ended ||= "fin"));
    response.on("error", (error) => (it.ended ||= error.code));
  });
  request.on("error", (error) => (it.ended ||= error.code));
  it.close = () => request.destroy();
  it.ticks = () => it.text.split("data: tick\n\n").length - 1;
  return it;
}

// --- without a fault all passes; a fault comes, changes and goes while a stream runs ---

const running = stream({ "X-Asked": "yes" });
await eventually("ticks come through", () => running.ticks() >= 3);
assert.equal(running.headers["x-seen"], "yes");
assert.deepEqual((await ask(admin, "GET", "/faults")).json, []);

assert.deepEqual(await ask(admin, "POST", "/faults", { body: { fault: "stall-after:events=1", id: "mine" } }),
                 { status: 201, json: { ids: ["mine"] } });
await eventually("the stall fires", async () => (await ask(admin, "GET", "/faults")).json[0].fired >= 1);
await wait(300);
const held_at = running.ticks();
await wait(500);
assert.ok(running.ticks() <= held_at + 1, "ticks passed a stalled proxy");
assert.equal(running.ended, "", "a stall is without FIN and RST");

assert.equal((await ask(admin, "PUT", "/faults/mine", { body: { fault: "latency=1ms" } })).status, 204);
assert.match((await ask(admin, "GET", "/faults")).json[0].fault, /^latency/);
await eventually("ticks come again", () => running.ticks() > held_at + 3);
assert.equal((await ask(admin, "DELETE", "/faults/mine")).status, 204);
assert.deepEqual((await ask(admin, "GET", "/faults")).json, []);

// --- what the admin refuses, it refuses with a sentence ---

const refused = async (status, words, method, path, rest) => {
  const answer = await ask(admin, method, path, rest);
  assert.equal(answer.status, status, `${method} ${path}`);
  assert.match(answer.json.error, words);
};
await refused(400, /latency/, "POST", "/faults", { body: { fault: "latencyy=5ms" } });
await refused(400, /JSON object/, "POST", "/faults", { body: { what: 1 } });
await refused(404, /nosuch/, "PUT", "/faults/nosuch", { body: { fault: "latency=1ms" } });
await refused(404, /nosuch/, "DELETE", "/faults/nosuch");
await refused(404, /GET \/stats/, "GET", "/nosuch");
await refused(403, /browser/, "GET", "/stats", { headers: { Origin: "http://example.org" } });
const ids = (await ask(admin, "POST", "/faults", { body: { fault: "latency=1ms+idle-cut=9s", id: "" } })).json.ids;
assert.equal(ids.length, 2);
await refused(409, new RegExp(ids[0]), "POST", "/faults", { body: { fault: "latency=1ms", id: ids[0] } });
assert.equal((await ask(admin, "DELETE", "/faults")).status, 204);

// --- cut: an RST for all, and both sides are let go ---

assert.equal((await ask(admin, "POST", "/cut", { body: { reset: true } })).status, 204);
await eventually("the stream is reset", () => running.ended);
assert.equal(running.ended, "ECONNRESET");
await eventually("the server's side is let go", () => ticking.size === 0);

// --- a client that leaves is told upstream ---

const leaves = stream();
await eventually("it is served", () => leaves.ticks() >= 1);
leaves.close();
await eventually("the server sees that it left", () => ticking.size === 0);

// --- a GiB through one connection; a reader that stops makes the proxy hold no more than it says ---

const resident = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${proxy.pid}/status`, "utf8"))[1]) * 1024;
const before = resident();
let most = before;
const sampler = setInterval(() => (most = Math.max(most, resident())), 10);
const took = await new Promise((resolve, reject) => {
  const begin = process.hrtime.bigint();
  let bytes = 0;
  http.get(`http://${via}/gib`, { agent: false }, (response) => {
    response.on("data", (chunk) => (bytes += chunk.length));
    response.on("end", () => (bytes === gib ? resolve(Number(process.hrtime.bigint() - begin) / 1e9)
                                            : reject(new Error(`${bytes} bytes came of ${gib}`))));
    response.on("error", reject);
  });
});
const [host, port] = via.split(":");
const stopped = net.connect(Number(port), host);
stopped.write("GET /gib HTTP/1.1\r\nHost: x\r\n\r\n");
stopped.pause();
await wait(1000);
const stats = (await ask(admin, "GET", "/stats")).json;
clearInterval(sampler);
assert.ok(most - before < 16 * 2 ** 20, `memory grew by ${most - before} bytes`);
assert.ok(stats.bytes_waiting_max < 2 * 2 ** 20, `${stats.bytes_waiting_max} bytes waited in the proxy`);
assert.ok(stats.bytes_down >= gib);
stopped.destroy();

// --- the end: in order, with what it saw ---

proxy.kill("SIGINT");
assert.equal(await ended, 0);
assert.match(said, /\d+ connections, .* down; the proxy itself added p50 .*, p99 /);
console.log(`1 GiB in ${took.toFixed(2)} s, memory grew by ${((most - before) / 1024).toFixed(0)} KiB, ` +
            `at most ${stats.bytes_waiting_max} bytes waited`);
server.closeAllConnections();
server.close();
