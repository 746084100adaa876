"""A fast app and its paced clients, as two processes of their own, for measures under load.

Neither uses a framework: what they take of the processor is not there for the proxy and the
viewer. Both speak lines with their parent, and end when it does.
"""

from __future__ import annotations

APP = r"""
import asyncio, json, os, sys, time

class App(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.rest = transport, b""

    def data_received(self, data):
        *heads, self.rest = (self.rest + data).split(b"\r\n\r\n")
        for head in heads:
            name = head[5:head.index(b" ", 5)]
            sets = b""
            if name.endswith(b"0"):
                sets = b"Set-Cookie: n=value-%b; Path=/\r\n" % name
            body = b"body-%b-\n" % name + b"<p>hello cookie</p>\n" * 20
            responded[name] = time.monotonic()
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n%bContent-Length: %d\r\n\r\n%b"
                % (sets, len(body), body)
            )

async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(App, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print(json.dumps({name.decode(): at for name, at in responded.items()}), flush=True)

responded = {}
asyncio.run(main())
"""
"""Prints its port; after a line, when it began each response, by the name in the path."""

CLIENTS = r"""
import asyncio, json, sys, time

class Client(asyncio.Protocol):
    def __init__(self, number):
        self.number, self.rest, self.sent, self.value = number, b"", 0, b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        self.send_when_due()

    def connection_lost(self, error):
        if not self.done.done():
            self.done.set_result(None)

    def send_when_due(self):
        due = first + (self.sent * clients + self.number) / rate if rate else 0.0
        now = time.monotonic()
        if max(due, now) >= end:
            return self.transport.close()
        if due > now:
            asyncio.get_running_loop().call_at(due, self.send)
        else:
            self.send()

    def send(self):
        # Ten requests of one client in turn, so that each of them gets a cookie now and then.
        turn, place = divmod(self.sent, 10)
        self.name = b"%06d" % ((turn * clients + self.number) * 10 + place)
        self.sent += 1
        cookie = b"Cookie: n=%b\r\n" % self.value if self.value else b""
        requested[self.name] = self.number
        self.transport.write(
            b"GET /%b HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: client-%d\r\n"
            b"Accept: */*\r\n%b\r\n" % (self.name, self.number, cookie)
        )

    def data_received(self, data):
        self.rest += data
        head, found, body = self.rest.partition(b"\r\n\r\n")
        if not found:
            return
        fields = head.lower()
        at = fields.index(b"content-length: ") + 16
        if len(body) < int(fields[at:at + 6].split(b"\r\n")[0]):
            return
        self.rest = b""
        at, sets = head.lower().find(b"\r\nset-cookie: n="), None
        if at >= 0:
            self.value = sets = head[at + 16:].split(b";")[0]
        received[self.name] = (time.monotonic(), sets and sets.decode())
        self.send_when_due()

async def main():
    global first, end
    first = time.monotonic() + 0.2
    end = first + seconds
    loop = asyncio.get_running_loop()
    made = [loop.create_task(loop.create_connection(lambda n=n: Client(n), "127.0.0.1", port))
            for n in range(clients)]
    await asyncio.gather(*[(await each)[1].done for each in made])
    print(json.dumps({
        "took": time.monotonic() - first,
        "requested": {name.decode(): number for name, number in requested.items()},
        "received": {name.decode(): it for name, it in received.items()},
    }), flush=True)

line = sys.stdin.readline().split()
port, rate, seconds, clients = int(line[0]), float(line[1]), float(line[2]), int(line[3])
requested, received = {}, {}
asyncio.run(main())
"""
"""Reads ``port rate seconds clients``, sends that load, and prints what came of it.

A rate of 0 is as fast as responses come. Nothing is sent after the seconds, so the load ends.
"""
