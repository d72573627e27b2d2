// Servers with one fault each, written apart from the harness and from the reference server.
// usage: node faulty.mjs MODE
import { createServer } from 'node:http';
import net from 'node:net';

const stream = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n';

const http = {
  // Everything right: a stream with a heartbeat each 500 ms.
  good: (request, response) => {
    response.writeHead(200, stream);
    response.write(': hello\n\n');
    const timer = setInterval(() => response.write(': beat\n\n'), 500);
    request.on('close', () => clearInterval(timer));
  },
  500: (request, response) => { response.writeHead(500).end('out of order'); },
  html: (request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>Welcome</p>');
  },
  // Dies two seconds after the first stream was opened.
  dies: (request, response) => {
    response.writeHead(200, stream);
    response.write(': hello\n\n');
    setTimeout(() => process.exit(7), 2000);
  },
};

const raw = {
  silent: () => {},
  'endless-line': (socket) => {
    socket.write(`${head}\r\ndata: `);
    const block = Buffer.alloc(65536, 'x');
    const fill = () => { while (!socket.destroyed && socket.write(block)); };
    socket.on('drain', fill);
    fill();
  },
  'not-http': (socket) => { socket.write('SSH-2.0-OpenSSH_9.2\r\n'); },
  'bad-chunk': (socket) => { socket.write(`${head}transfer-encoding: chunked\r\n\r\nzz\r\ndata: x\r\n`); },
  'closes-at-once': (socket) => { socket.end(); },
  'endless-head': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    const field = `x-filler: ${'y'.repeat(1000)}\r\n`;
    const fill = () => { while (!socket.destroyed && socket.write(field)); };
    socket.on('drain', fill);
    fill();
  },
};

const mode = process.argv[2];
let server;
if (http[mode]) {
  server = createServer(http[mode]);
} else if (raw[mode]) {
  server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => raw[mode](socket));
  });
} else {
  console.error(`no mode '${mode}'; there are: ${[...Object.keys(http), ...Object.keys(raw)].join(' ')}`);
  process.exit(2);
}
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/events`);
});
setTimeout(() => process.exit(0), 300_000).unref();
