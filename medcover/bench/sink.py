"""Mail server for measuring that takes everything and keeps nothing; `python -m medcover.bench.sink PORT`."""

from __future__ import annotations

import asyncio
import sys

_ANSWERS = {b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
_END = b"\r\n.\r\n"


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be the server of one connection."""
    writer.write(b"220 sink\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        writer.write(_ANSWERS.get(verb, b"250 ok\r\n"))
        if verb == b"DATA":
            await writer.drain()
            await reader.readuntil(_END)
            writer.write(b"250 taken\r\n")
        if verb == b"QUIT":
            break
        await writer.drain()
    writer.close()


async def _serve(port: int) -> None:
    server = await asyncio.start_server(converse, "127.0.0.1", port, limit=16 * 1024 * 1024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
